//! Transport and providers against a local server.

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
