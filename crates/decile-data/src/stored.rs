//! Answers the source traits from a stored market.

mod quotes;
#[cfg(test)]
mod tests;

pub use quotes::SessionQuotes;

use crate::Error;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, SecuritySource,
    SourceError,
};
use decile_core::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Market, Security,
    Stock, Symbol,
};
use std::fmt;
use std::sync::Arc;

/// How the errors of these sources name them.
const PROVIDER: &str = "the stored market";

/// A market as it was known after the close of a session: a source of everything in it up to then.
///
/// Bars, actions and rates end at `as_of`; a filing is given once it is
/// [known](Filing::known_on), a snapshot of estimates from the session after its own date. What a
/// security is has no date and is given as it stands.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(3), 60.06)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// use decile_core::{DateRange, source::BarSource};
/// use decile_data::StoredMarket;
///
/// let stored = StoredMarket::new(market.into(), day(2))?;
/// let range = DateRange::new(day(1), day(31))?;
/// let bars = futures::executor::block_on(stored.bars(&"KO".parse()?, range))?;
/// assert_eq!(bars.rows, [Bar::close_only(day(2), 59.82)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct StoredMarket {
    market: Arc<Market>,
    as_of: NaiveDate,
}

/// Not the rows: there are a hundred thousand.
impl fmt::Debug for StoredMarket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMarket")
            .field("stocks", &self.market.stocks().len())
            .field("as_of", &self.as_of)
            .finish_non_exhaustive()
    }
}

impl StoredMarket {
    /// Looks at the market from the close of a session.
    ///
    /// # Errors
    /// [`Error::NotASession`] if the date is not one of the market's sessions.
    pub fn new(market: Arc<Market>, as_of: NaiveDate) -> Result<Self, Error> {
        let calendar = market.calendar();
        if !calendar.is_session(as_of) {
            return Err(Error::NotASession {
                as_of,
                before: calendar.session_before(as_of),
                first: calendar.first(),
                last: calendar.last(),
            });
        }
        Ok(Self { market, as_of })
    }

    /// Returns the session after whose close nothing is known.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the whole market, its future included.
    #[must_use]
    pub fn market(&self) -> &Arc<Market> {
        &self.market
    }

    /// Simulates the quotes of the next session at an instant in it.
    #[must_use]
    pub fn session_quotes(&self, time: DateTime<Utc>) -> SessionQuotes {
        SessionQuotes::new(self.clone(), time)
    }

    fn stock(&self, symbol: &Symbol) -> Result<&Stock, SourceError> {
        self.market.stock(symbol).ok_or_else(|| not_found(symbol))
    }

    fn is_visible(&self, range: DateRange, date: NaiveDate) -> bool {
        date <= self.as_of && range.contains(date)
    }
}

fn not_found(subject: impl fmt::Display) -> SourceError {
    SourceError::NotFound { provider: PROVIDER, subject: subject.to_string() }
}

#[async_trait]
impl BarSource for StoredMarket {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let bars = self.stock(symbol)?.bars().iter();
        let bars: Vec<Bar> = bars.filter(|bar| self.is_visible(range, bar.date)).copied().collect();
        if bars.is_empty() {
            let subject = symbol.to_string();
            return Err(SourceError::NoDataInRange { provider: PROVIDER, subject, range });
        }
        let mut fetched = Fetched::new(bars);
        fetched.currency = Some(self.stock(symbol)?.security().trade_currency);
        Ok(fetched)
    }
}

#[async_trait]
impl ActionSource for StoredMarket {
    async fn actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        let actions = self.stock(symbol)?.actions().iter();
        let visible = actions.filter(|action| self.is_visible(range, action.ex_date));
        Ok(Fetched::new(visible.cloned().collect()))
    }
}

#[async_trait]
impl FilingSource for StoredMarket {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let calendar = self.market.calendar();
        let is_known = |filing: &&Filing| {
            filing.known_on(calendar).is_some_and(|session| session <= self.as_of)
        };
        let known = self.stock(symbol)?.filings().iter().filter(is_known);
        Ok(Fetched::new(known.cloned().collect()))
    }
}

#[async_trait]
impl EstimateSource for StoredMarket {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        let estimates = self.stock(symbol)?.estimates().iter();
        let usable = estimates.filter(|snapshot| snapshot.as_of < self.as_of);
        Ok(Fetched::new(usable.cloned().collect()))
    }
}

#[async_trait]
impl SecuritySource for StoredMarket {
    async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError> {
        Ok(self.stock(symbol)?.security().clone())
    }
}

/// The US dollar has no rows, since it is always worth 1: its rates are an empty list. A currency
/// without a rate up to `as_of` is not found.
#[async_trait]
impl FxSource for StoredMarket {
    async fn rates(
        &self,
        currency: Currency,
        range: DateRange,
    ) -> Result<Fetched<FxRate>, SourceError> {
        let known = self.market.fx_rates().filter(|rate| rate.currency == currency);
        let known: Vec<FxRate> = known.filter(|rate| rate.date <= self.as_of).copied().collect();
        if known.is_empty() && currency != Currency::USD {
            return Err(not_found(currency));
        }
        let within = known.into_iter().filter(|rate| range.contains(rate.date));
        Ok(Fetched::new(within.collect()))
    }
}
