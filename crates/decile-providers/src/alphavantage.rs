//! Alpha Vantage (<https://www.alphavantage.co/documentation/>).
//!
//! A free key buys 25 calls a day, one a second. What a call of each source costs:
//!
//! | Source | Calls |
//! |---|---|
//! | bars | 1; on a free key 2 or 3 beyond the last 100 sessions |
//! | actions | 2: splits and dividends; more if a spin-off has to be valued |
//! | filings | 3: income, balance, announcements; 4 [with cash flows](AlphaVantage::with_cash_flows) |
//! | estimates | 1; 2 while a fiscal year is over and perhaps not reported |
//! | quotes | 1 a stock |
//! | stats, security | 1 each, the same one |
//! | rates | 1 |
//!
//! Prices are as traded; so are dividends and share counts. Errors come with status 200 and are told
//! by their body.

mod actions;
mod call;
mod earnings;
mod estimates;
mod filings;
mod message;
mod overview;
mod quote;
mod reply;
mod row;
mod series;
mod sources;
mod spinoff;
mod statements;

pub use earnings::{AnnualEarnings, Earnings, QuarterlyEarnings};

use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::{ConsensusRow, DailyBar, QuoteRow, SecurityRow};
use crate::spelling::dashed;
use crate::{Secret, Transport};
use call::{Query, is_passing};
use chrono::{DateTime, Utc};
use decile_core::source::{Fetched, SourceError, Stats};
use decile_core::{Calendar, Currency, DateRange, Symbol};
use estimates::Period;
use quote::GlobalQuote;
use reply::Body;
use std::sync::atomic::AtomicBool;

/// How errors name the provider.
const PROVIDER: &str = "Alpha Vantage";
/// How filings name it.
const SOURCE: &str = "alphavantage";

/// Alpha Vantage as a source of everything but indices.
///
/// ```
/// use decile_providers::alphavantage::AlphaVantage;
/// use decile_providers::{Secret, Transport};
///
/// let transport = Transport::builder().base_url("http://127.0.0.1:8080").build()?;
/// let source = AlphaVantage::new(transport, Secret::new("ABCDEFGH12345678"));
/// assert!(!format!("{source:?}").contains("ABCDEFGH"));
/// # Ok::<(), decile_providers::Error>(())
/// ```
#[derive(Debug)]
pub struct AlphaVantage {
    transport: Transport,
    key: Secret,
    premium: bool,
    cash_flows: bool,
    /// Whether the key was refused a whole history. The other stocks of a universe need not pay a
    /// call each to hear it again.
    refused_full: AtomicBool,
}

impl AlphaVantage {
    /// Makes the source with a key.
    #[must_use]
    pub fn new(transport: Transport, key: Secret) -> Self {
        let refused_full = AtomicBool::new(false);
        Self { transport, key, premium: false, cash_flows: false, refused_full }
    }

    /// Says that the key is a premium one: bars come with the provider's adjusted closes.
    #[must_use]
    pub fn premium(self) -> Self {
        Self { premium: true, ..self }
    }

    /// Fetches cash flows and dividends paid with the filings, for one more call a stock.
    #[must_use]
    pub fn with_cash_flows(self) -> Self {
        Self { cash_flows: true, ..self }
    }

    /// Fetches daily bars as the provider gives them, oldest first.
    ///
    /// Prices are as traded. A free key gets the last 100 sessions and, before them, the last
    /// session of each month with close and adjusted close alone; a warning says until when.
    ///
    /// # Errors
    /// [`SourceError::NoDataInRange`] if no bar lies in the span, and those of every call. A stock
    /// that is not known is a [`SourceError::InvalidRequest`]: the provider has one message for both.
    pub async fn daily_bars(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<DailyBar>, SourceError> {
        let asked = asked(symbol).within(range);
        let name = dashed(symbol);
        let mut notes = Notes::default();
        let daily = if self.premium { "TIME_SERIES_DAILY_ADJUSTED" } else { "TIME_SERIES_DAILY" };
        let query = |function| Query { function, parameters: vec![("symbol", name.as_str())] };
        let history = self.history(query(daily), range, &asked, &mut notes).await?;
        let mut bars = history.series.bars(&mut notes);
        if history.is_cut {
            let monthly = query("TIME_SERIES_MONTHLY_ADJUSTED");
            match self.series(&monthly, &asked, &mut notes).await {
                Ok(months) => put_before(&mut bars, &months.month_ends(&mut notes), &mut notes),
                Err(error) if is_passing(&error) => return Err(error),
                Err(error) => notes.warn(format!("there are no months before them: {error}")),
            }
        }
        bars.retain(|bar| range.contains(bar.date));
        if bars.is_empty() {
            return Err(asked.no_data());
        }
        let mut fetched = Fetched::new(bars);
        fetched.timezone = history.series.timezone;
        fetched.retrieved_at = Some(history.series.retrieved_at);
        notes.append_to(&mut fetched);
        Ok(fetched)
    }

    /// Fetches the consensus on each fiscal period, oldest first, as of now.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] if there is none, and those of every call.
    pub async fn consensus(&self, symbol: &Symbol) -> Result<Fetched<ConsensusRow>, SourceError> {
        let mut fetched = self.periods(symbol).await?;
        let rows = std::mem::take(&mut fetched.rows);
        Ok(fetched.with_rows(rows.into_iter().map(|period| period.row).collect()))
    }

    async fn periods(&self, symbol: &Symbol) -> Result<Fetched<Period>, SourceError> {
        let asked = asked(symbol);
        let mut notes = Notes::default();
        let read = |body: Body<'_>, retrieved_at| {
            let as_of = Calendar::nyse().local_date(retrieved_at);
            let periods = estimates::read(body, as_of, &asked, &mut notes)?;
            if periods.is_empty() { Err(asked.not_found()) } else { Ok((periods, retrieved_at)) }
        };
        let (periods, retrieved_at) = self.ask_about("EARNINGS_ESTIMATES", symbol, read).await?;
        Ok(fetched(periods, retrieved_at, notes))
    }

    /// Fetches announced earnings per share, by year and by quarter.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] if there are none, and those of every call.
    pub async fn earnings(&self, symbol: &Symbol) -> Result<Earnings, SourceError> {
        let mut notes = Notes::default();
        let mut earnings = self.announced(symbol, &mut notes).await?;
        earnings.drop_the_year_so_far(&mut notes);
        (earnings.dropped, earnings.warnings) = notes.into_lines();
        Ok(earnings)
    }

    async fn announced(&self, symbol: &Symbol, notes: &mut Notes) -> Result<Earnings, SourceError> {
        let asked = asked(symbol);
        let read = |body: Body<'_>, _| {
            let earnings = Earnings::read(body, &asked, notes)?;
            let is_empty = earnings.annual.is_empty() && earnings.quarterly.is_empty();
            if is_empty { Err(asked.not_found()) } else { Ok(earnings) }
        };
        self.ask_about("EARNINGS", symbol, read).await
    }

    /// Fetches the last price, one row.
    ///
    /// The provider gives its day, not its time. The time in the row is the close of that day, or
    /// the open while the session lasts, so that the price never passes for newer than it is.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and those of every call.
    pub async fn quote(&self, symbol: &Symbol) -> Result<Fetched<QuoteRow>, SourceError> {
        let asked = asked(symbol);
        let mut notes = Notes::default();
        let read = |body: Body<'_>, retrieved_at| {
            let quote: GlobalQuote = body.json(&asked)?;
            let currency = market_currency(symbol);
            Ok((quote.read(currency, retrieved_at, &asked, &mut notes)?, retrieved_at))
        };
        let (quote, retrieved_at) = self.ask_about("GLOBAL_QUOTE", symbol, read).await?;
        let mut fetched = fetched(vec![quote], retrieved_at, notes);
        fetched.currency = quote.currency;
        Ok(fetched)
    }

    /// Fetches the provider's own ratios, one row. Those that contradict each other are missing, and
    /// a warning says so.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and those of every call.
    pub async fn statistics(&self, symbol: &Symbol) -> Result<Fetched<Stats>, SourceError> {
        let asked = asked(symbol);
        let mut notes = Notes::default();
        let read = |body: Body<'_>, retrieved_at| {
            Ok((overview::stats(&body.json(&asked)?, &asked, &mut notes)?, retrieved_at))
        };
        let (stats, retrieved_at) = self.ask_about("OVERVIEW", symbol, read).await?;
        let mut fetched = fetched(vec![stats], retrieved_at, notes);
        fetched.currency = stats.currency;
        Ok(fetched)
    }

    /// Fetches name, kind, sector and currencies, one row.
    ///
    /// Sectors are the provider's own, as `TECHNOLOGY`. It says neither in which currency a company
    /// reports nor what a depositary receipt stands for: both are filled in for companies of the USA
    /// whose name is not that of a receipt, and else missing.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and those of every call.
    pub async fn profile(&self, symbol: &Symbol) -> Result<Fetched<SecurityRow>, SourceError> {
        let asked = asked(symbol);
        let read = |body: Body<'_>, retrieved_at| {
            Ok((overview::profile(&body.json(&asked)?, symbol, &asked)?, retrieved_at))
        };
        let (profile, retrieved_at) = self.ask_about("OVERVIEW", symbol, read).await?;
        let currency = profile.trade_currency;
        let mut fetched = fetched(vec![profile], retrieved_at, Notes::default());
        fetched.currency = currency;
        Ok(fetched)
    }
}

fn fetched<T>(rows: Vec<T>, retrieved_at: DateTime<Utc>, notes: Notes) -> Fetched<T> {
    let mut fetched = Fetched::new(rows);
    fetched.retrieved_at = Some(retrieved_at);
    notes.append_to(&mut fetched);
    fetched
}

/// Puts the months that ended before the first daily bar before it.
fn put_before(bars: &mut Vec<DailyBar>, month_ends: &[DailyBar], notes: &mut Notes) {
    let first = bars.first().map(|bar| bar.date);
    let earlier = month_ends.iter().filter(|end| first.is_none_or(|first| end.date < first));
    let earlier: Vec<DailyBar> = earlier.copied().collect();
    if let Some(last) = earlier.last() {
        notes.warn(format!("rows up to {} are the last sessions of months", last.date));
    }
    bars.splice(0..0, earlier);
}

fn asked(symbol: &Symbol) -> Asked {
    Asked::new(PROVIDER, symbol)
}

/// Returns the currency in which a stock trades, which quotes do not say: US listings, alone, have
/// no suffix, other than a share class.
fn market_currency(symbol: &Symbol) -> Option<Currency> {
    (!dashed(symbol).contains('.')).then_some(Currency::USD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stocks_without_a_suffix_are_american() {
        let currency = |text: &str| market_currency(&text.parse().unwrap());
        assert_eq!(currency("BRK.B"), Some(Currency::USD));
        assert_eq!(currency("TSCO.LON"), None);
    }
}
