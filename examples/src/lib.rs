//! What the examples share: tables for people, the summary for programs, progress and timings.

pub mod arguments;
pub mod console;
#[cfg(feature = "providers")]
pub mod fetch;
pub mod paper;
#[cfg(feature = "providers")]
pub mod source;
pub mod summary;
pub mod tables;
