//! What every trial trades: ten shares of each of twenty stocks at fixed prices.

use chrono::{DateTime, NaiveDate, Utc};
use decile::core::{Currency, Decimal, ManualClock, Price, Quote, Shares, Symbol, Targets};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

/// How many orders a plan has.
pub(super) const ORDERS: usize = 20;
/// How many shares each of them buys.
pub(super) const SHARES: i64 = 10;
pub(crate) const ACCOUNT: &str = "DU1234567";
const PRICE: &str = "50";

pub(super) fn symbols() -> Result<Vec<Symbol>, Box<dyn Error>> {
    let parsed = (0..ORDERS).map(|number| format!("S{number:02}").parse());
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

pub(super) fn targets() -> Result<Targets, Box<dyn Error>> {
    let as_of = session()?.pred_opt().ok_or("a day before")?;
    Ok(Targets::equal_shares(as_of, &symbols()?, Shares::new(SHARES))?)
}

pub(super) fn quotes() -> Result<BTreeMap<Symbol, Quote>, Box<dyn Error>> {
    let (price, time) = (price()?, now()?);
    let quote = |symbol| Quote::centred(symbol, price, Decimal::ZERO, Currency::USD, time);
    Ok(symbols()?.into_iter().map(|symbol| (symbol.clone(), quote(symbol))).collect())
}
