//! A simulated TWS / IB Gateway.
//!
//! [`Gateway`] listens on a TCP port and speaks the socket protocol of Interactive Brokers'
//! gateways to any client of it, so that programs which trade through one can be tested without
//! an account, offline, and to the cent. What it does, and in which order it says so, follows
//! recordings of real gateways; it was never compared with one here, and where it differs is
//! written down in the project's `docs/gateway.md`.
//!
//! ```
//! use decile_gateway::{Gateway, GatewayConfig, Venue};
//!
//! let venue = Venue::prices([("AAPL".parse()?, "185".parse()?)]);
//! let gateway = Gateway::start(GatewayConfig::new(venue).cash("100000".parse()?))?;
//! println!("connect to {}", gateway.address());
//! # Ok::<(), decile_gateway::Error>(())
//! ```

mod clock;
mod config;
mod engine;
mod error;
mod faults;
#[cfg(test)]
mod fuzz;
mod gateway;
mod halts;
mod rules;
#[cfg(feature = "scenario")]
mod scenario;
mod server;
mod span;
mod state;
mod ticks;
mod venue;
mod wire;

pub use clock::RunningClock;
pub use config::GatewayConfig;
pub use error::Error;
pub use faults::{Fault, Faults, Message, Trouble};
pub use gateway::Gateway;
pub use halts::HaltKind;
pub use rules::MarketRules;
#[cfg(feature = "scenario")]
pub use scenario::Scenario;
pub use ticks::{Tick, Ticks};
pub use venue::Venue;
pub use wire::handshake::offered_versions;

/// What [`Gateway::since`] tells of.
pub use decile_core::AppliedAction;

/// The code blocks of the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/gateway.md")]
mod guide {}
