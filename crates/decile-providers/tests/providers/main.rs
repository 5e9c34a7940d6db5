//! Transport and providers against a local server.

#[cfg(any(feature = "alphavantage", feature = "sec"))]
#[path = "../support/mutation.rs"]
mod mutation;
#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "alphavantage")]
mod alphavantage;
#[cfg(feature = "sec")]
mod sec;
mod secrets;
mod transport;
#[cfg(feature = "yahoo")]
mod yahoo;
