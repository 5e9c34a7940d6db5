//! What the examples share: tables for people, the summary for programs, progress and timings.

pub mod arguments;
pub mod console;
pub mod general;
pub mod paper;
pub mod score_tables;
pub mod strategy;
pub mod summary;
pub mod tables;
