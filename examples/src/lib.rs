//! What the examples share: brokers, tables for people, the summary for programs, progress and timings.

pub mod arguments;
pub mod console;
pub mod general;
pub mod score_tables;
pub mod strategy;
pub mod summary;
pub mod tables;
pub mod trading;
