//! What the examples share: tables for people, the summary for programs, progress and timings.

pub mod arguments;
pub mod console;
pub mod paper;
pub mod source;
pub mod summary;
pub mod tables;
