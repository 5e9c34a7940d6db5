//! Transport and providers against a local server.

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "alphavantage")]
mod alphavantage;
#[cfg(any(feature = "alphavantage", feature = "yahoo"))]
mod gate;
mod quirks;
#[cfg(feature = "sec")]
mod sec;
mod secrets;
mod transport;
#[cfg(feature = "yahoo")]
mod yahoo;

use chrono::NaiveDate;
use decile_core::{DateRange, Symbol};

fn symbol(text: &str) -> Symbol {
    text.parse().expect("a symbol")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn range(from: &str, to: &str) -> DateRange {
    DateRange::new(day(from), day(to)).expect("a span")
}
