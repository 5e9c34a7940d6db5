//! Transport and providers against a local server.

#[path = "../support/mod.rs"]
mod support;

mod secrets;
mod transport;
#[cfg(feature = "yahoo")]
mod yahoo;
