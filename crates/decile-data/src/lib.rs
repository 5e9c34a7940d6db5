//! Markets: the market folder, the synthetic market, sources over a stored market.
//!
//! [`read_folder`] turns a folder of CSV files (with the feature `parquet` also Parquet files) into
//! a checked [`Market`](decile_core::Market), and [`write_folder`] turns a market into such a
//! folder. [`StoredMarket`] answers the source traits of `decile-core` from a market as it was
//! known on a date, and [`SessionQuotes`] simulates quotes for the session after it.
//!
//! The format is described in `docs/data-formats.md`.
//!
//! ```
//! use chrono::NaiveDate;
//! use decile_core::{Bar, Calendar, Market, Security, Tables};
//!
//! let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
//! let mut tables = Tables::default();
//! tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
//! tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
//! let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
//!
//! # let scratch = tempfile::tempdir()?;
//! let folder = scratch.path().join("market");
//! decile_data::write_folder(&market, &folder)?;
//! assert_eq!(decile_data::read_folder(&folder)?, market);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod folder;
mod simulated_time;
mod stored;
mod synthetic;
mod volume;

pub use error::{Error, Location};
pub use folder::{read_filings, read_folder, write_folder};
pub use simulated_time::SimulatedTime;
pub use stored::{SessionQuotes, StoredMarket};
pub use synthetic::SyntheticMarket;
pub use volume::average_daily_volume;
