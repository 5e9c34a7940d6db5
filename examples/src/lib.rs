//! What the examples share: brokers, tables for people, the summary for programs, progress and timings.

pub mod arguments;
#[cfg(feature = "providers")]
mod budget;
pub mod console;
pub mod crash;
pub mod desk;
#[cfg(feature = "providers")]
pub mod fetch;
pub mod finish;
pub mod general;
pub mod ranked;
pub mod score_tables;
pub mod soak;
#[cfg(feature = "providers")]
pub mod source;
pub mod story;
pub mod strategy;
pub mod summary;
pub mod tables;
pub mod trading;
