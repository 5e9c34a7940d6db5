//! What every trial trades: ten shares of each of ten stocks are exchanged for ten of each of ten others,
//! at fixed prices.

use chrono::{DateTime, NaiveDate, Utc};
use clap::ValueEnum;
use decile::core::{Currency, Decimal, ManualClock, Price, Quote, Shares, Symbol, Targets};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

/// How many stocks there are: half of them are held before, the others after.
pub(super) const STOCKS: usize = 20;
/// How many shares of each.
pub(super) const SHARES: i64 = 10;
pub(crate) const ACCOUNT: &str = "DU1234567";
const PRICE: &str = "50";

pub(super) fn symbols() -> Result<Vec<Symbol>, Box<dyn Error>> {
    let parsed = (0..STOCKS).map(|number| format!("S{number:02}").parse());
    Ok(parsed.collect::<Result<_, _>>()?)
}

pub(super) fn price() -> Result<Price, Box<dyn Error>> {
    Ok(PRICE.parse()?)
}

pub(crate) fn session() -> Result<NaiveDate, Box<dyn Error>> {
    Ok("2025-12-01".parse()?)
}

/// Ten o'clock in New York; time stands still.
pub(crate) fn now() -> Result<DateTime<Utc>, Box<dyn Error>> {
    Ok("2025-12-01T15:00:00Z".parse()?)
}

pub(crate) fn clock() -> Result<Arc<ManualClock>, Box<dyn Error>> {
    Ok(Arc::new(ManualClock::new(now()?)))
}

/// What a run wants to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wave {
    /// The first half of the stocks.
    First,
    /// The second half, and none of the first: half of the orders sell.
    Second,
}

impl Wave {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

pub(super) fn targets(wave: Wave) -> Result<Targets, Box<dyn Error>> {
    let as_of = session()?.pred_opt().ok_or("a day before")?;
    let symbols = symbols()?;
    let (first, second) = symbols.split_at(STOCKS / 2);
    let wanted = match wave {
        Wave::First => first,
        Wave::Second => second,
    };
    Ok(Targets::equal_shares(as_of, wanted, Shares::new(SHARES))?)
}

pub(super) fn quotes() -> Result<BTreeMap<Symbol, Quote>, Box<dyn Error>> {
    let (price, time) = (price()?, now()?);
    let quote = |symbol| Quote::centred(symbol, price, Decimal::ZERO, Currency::USD, time);
    Ok(symbols()?.into_iter().map(|symbol| (symbol.clone(), quote(symbol))).collect())
}
