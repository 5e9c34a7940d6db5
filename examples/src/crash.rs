//! Kills a client, a gateway or both, anywhere in a run, starts them again, and looks for orders that
//! were sent twice or lost.

pub mod client;
pub mod gateway;
pub(crate) mod market;
mod point;
mod process;
mod proxy;
mod tally;
mod trial;

pub use point::{Points, Scene};
pub use tally::Tally;
pub use trial::{Lengths, Trial};
