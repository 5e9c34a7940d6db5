//! Kills a client, a gateway or both, anywhere in a run, starts them again, and looks for orders that
//! were sent twice or lost.

pub mod client;
pub mod gateway;
mod judge;
pub(crate) mod market;
mod point;
mod prepared;
mod process;
mod proxy;
mod schedule;
mod tally;
mod trial;
mod truth;

pub use judge::Verdict;
pub use market::{Depth, Wave};
pub use point::{Points, Scene};
pub use prepared::Prepared;
pub use schedule::{Done, Schedule};
pub use tally::Tally;
pub use trial::{Lengths, Trial};
