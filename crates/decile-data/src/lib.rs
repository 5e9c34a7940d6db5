//! Markets: the market folder, the synthetic market, sources over a stored market.

mod error;
mod synthetic;

pub use error::Error;
pub use synthetic::SyntheticMarket;
