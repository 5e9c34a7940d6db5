//! **decile** ranks a list of stocks by a multi-factor score and trades the best of them.
//!
//! This crate joins the parts, each of which is a crate of its own:
//!
//! | Module | What it does |
//! |---|---|
//! | [`core`] | values (symbols, prices, calendars, markets) and the traits of data sources |
//! | [`data`] | market folders, the synthetic market, live sources made into a market |
//! | `providers` | Yahoo, Alpha Vantage and SEC filings (features `yahoo`, `alphavantage`, `sec`) |
//! | `store` | the SQLite file of raw replies and budgets (feature `store`) |
//! | [`factor`] | panels, the factor library, the engine, a factor of your own |
//! | [`rank`] | models, scores, rankings with reasons, targets |
//! | [`trade`] | plans, hard limits, brokers, the executor and its journal |
//! | `ib` | Interactive Brokers as a broker and a source of quotes and bars (feature `ib`) |
//! | `gateway` | a simulated Interactive Brokers gateway (feature `gateway`) |
//! | [`strategy`] | all settings of a strategy in one file |
//!
//! [`prelude`] has what most programs need. From data to targets:
//!
//! ```
//! use decile::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let market = SyntheticMarket::default().generate()?;
//! let as_of = market.calendar().last();
//!
//! let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
//! let panel = Panel::new(&market, &model.fields());
//! let ranking = model.score(&panel, as_of)?.rank();
//!
//! let best = ranking.iter().next().expect("thirty stocks");
//! assert_eq!(best.q_score, Some(100.0));
//! let targets = construct::equal_weight(&ranking, 10)?;
//! assert_eq!(targets.len(), 10);
//! # Ok(())
//! # }
//! ```
//!
//! [`trade`] shows the way on from targets to fills, and the example `top10` goes all of it.

pub use decile_core as core;
pub use decile_data as data;
pub use decile_factor as factor;
#[cfg(feature = "gateway")]
pub use decile_gateway as gateway;
#[cfg(feature = "ib")]
pub use decile_ib as ib;
#[cfg(any(feature = "alphavantage", feature = "sec", feature = "yahoo"))]
pub use decile_providers as providers;
pub use decile_rank as rank;
#[cfg(feature = "store")]
pub use decile_store as store;
pub use decile_trade as trade;

pub mod prelude;
pub mod strategy;

/// The code blocks of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
