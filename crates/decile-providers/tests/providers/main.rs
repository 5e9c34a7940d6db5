//! Transport and providers against a local server.

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "alphavantage")]
mod alphavantage;
#[cfg(any(feature = "alphavantage", feature = "yahoo"))]
mod gate;
#[cfg(feature = "sec")]
mod sec;
mod secrets;
mod transport;
#[cfg(feature = "yahoo")]
mod yahoo;
