//! Values and source traits of **decile**.
//!
//! Everything the other crates exchange is defined here, and nothing else is: no network, no
//! runtime, no data frames. Orders are exact ([`Price`], [`Money`], [`Shares`], [`Weight`] hold
//! decimals or whole numbers); research is `f64` ([`Bar`], [`Filing`], [`EstimateSnapshot`]).
//! The door between them is one-way: [`Price::from_f64`] and [`Weight::from_f64`].
//!
//! | Module | What it holds |
//! |---|---|
//! | values | [`Symbol`], [`Currency`], [`Price`], [`Money`], [`Shares`], [`Weight`] |
//! | time | [`Calendar`], [`DateRange`], [`Clock`] |
//! | rows | [`Security`], [`Bar`], [`CorporateAction`], [`Filing`], [`EstimateSnapshot`], [`FxRate`], [`Membership`], [`BenchmarkClose`] |
//! | the market | [`Market`], made of [`Tables`] by validation; [`Stock`] |
//! | trading | [`Quote`], [`Targets`], [`Holding`], [`AppliedAction`], [`FixedCommission`] |
//! | [`source`] | the traits that providers implement |
//! | files | `Document`, a TOML file whose faults name line and key (feature `document`) |
//!
//! ```
//! use decile_core::{Price, Shares};
//!
//! let price: Price = "82.39".parse()?;
//! assert_eq!(price.notional(Shares::new(100))?.to_string(), "8239.00");
//! # Ok::<(), decile_core::Error>(())
//! ```

mod action;
mod bar;
mod calendar;
mod clock;
mod commission;
mod currency;
#[cfg(feature = "document")]
mod document;
mod error;
mod estimate;
mod filing;
mod fx;
mod holding;
mod market;
mod membership;
mod money;
mod price;
mod quote;
mod range;
mod security;
mod shares;
pub mod source;
mod symbol;
mod targets;
mod weight;

pub use action::{ActionKind, CorporateAction};
pub use bar::{Bar, BenchmarkClose};
pub use calendar::Calendar;
pub use clock::{Clock, ManualClock, SystemClock};
pub use commission::FixedCommission;
pub use currency::Currency;
#[cfg(feature = "document")]
pub use document::{Document, DocumentError};
pub use error::Error;
pub use estimate::EstimateSnapshot;
pub use filing::{Filing, Form, FormKind, ReportTime};
pub use fx::FxRate;
pub use holding::{AppliedAction, Holding};
pub use market::{Market, Stock, Table, Tables};
pub use membership::Membership;
pub use money::Money;
pub use price::Price;
pub use quote::Quote;
pub use range::DateRange;
pub use security::Security;
pub use shares::Shares;
pub use symbol::Symbol;
pub use targets::{Target, TargetSize, Targets};
pub use weight::Weight;

/// The exact decimal that prices, money and weights are made of (`rust_decimal`).
pub use rust_decimal::Decimal;
