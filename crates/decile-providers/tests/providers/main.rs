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

/// Everything an error says, its causes included.
fn all_of(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(" {inner} {inner:?}"));
        cause = inner.source();
    }
    text
}
