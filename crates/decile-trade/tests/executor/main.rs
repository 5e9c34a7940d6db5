//! The executor against a broker that misbehaves in every scripted way.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod bad_line;
mod batches;
mod cleared;
mod desk;
mod journals;
mod late;
#[path = "../support/line.rs"]
mod line;
mod lines;
#[path = "../support/live.rs"]
mod live;
mod margin;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod outcomes;
mod overruled;
mod proceeds;
mod repeats;
mod settlement;
mod shows;
mod shuffled;
mod uncleared;
mod windows;
