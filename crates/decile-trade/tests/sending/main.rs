//! What is looked at again when orders go out, at a broker that does as it is told.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod age;
mod cash;
mod fake;
mod line;
mod looks;
mod lost;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod stops;
mod working;
