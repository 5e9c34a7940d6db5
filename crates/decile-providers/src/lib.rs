//! Data providers of **decile**: Yahoo Finance, Alpha Vantage and SEC filings.
//!
//! Each provider is a feature and a module, and implements the source traits of `decile-core`. All
//! of them go over one [`Transport`], which bounds time, size and redirects, keeps keys and cookies
//! out of everything that is shown, and can record what came back and replay it offline.
//!
//! A provider sends one request for what it is asked, and never the same one twice, with one
//! exception: Yahoo's crumb is renewed once. Repeating, limiting and caching are wrappers in
//! `decile-data`.
//!
//! | Feature | Module | Gives |
//! |---|---|---|
//! | `alphavantage` | [`alphavantage`] | bars, actions, statements, estimates, quotes, ratios, securities, exchange rates |
//! | `sec` | [`sec`] | statements with the day they were filed |
//! | `yahoo` | [`yahoo`] | bars, actions, statements, estimates, quotes, ratios, securities, exchange rates |

#[cfg(feature = "alphavantage")]
pub mod alphavantage;
#[cfg_attr(
    not(feature = "alphavantage"),
    expect(dead_code, reason = "not every provider has everything to say")
)]
mod asked;
mod bulk;
mod error;
mod notes;
pub mod rows;
#[cfg(any(feature = "alphavantage", feature = "sec"))]
mod scalar;
#[cfg(feature = "sec")]
pub mod sec;
mod secret;
#[cfg(any(feature = "alphavantage", feature = "sec"))]
mod spelling;
mod transport;
#[cfg(feature = "yahoo")]
pub mod yahoo;

pub use error::Error;
pub use secret::Secret;
pub use transport::{Cassette, Reply, Request, Transport, TransportBuilder};

/// An address as the transport takes it (`url`, by way of `reqwest`).
pub use reqwest::Url;
