//! Rows that say more than the source traits carry, in one shape for all providers.
//!
//! They serialise under the names of their fields; what a provider does not give is `None`, in JSON
//! `null`, never 0.

#[cfg(any(feature = "alphavantage", feature = "yahoo"))]
use crate::asked::Asked;
use chrono::{DateTime, NaiveDate, Utc};
#[cfg(any(feature = "alphavantage", feature = "yahoo"))]
use decile_core::{Bar, Security, source::SourceError};
use decile_core::{Currency, Symbol};
use serde::Serialize;
use smol_str::SmolStr;

/// One session of one stock as a provider gives it.
///
/// ```
/// use decile_providers::rows::DailyBar;
///
/// let bar = DailyBar::new("2024-01-02".parse()?);
/// assert_eq!((bar.close, bar.partial), (None, false));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DailyBar {
    /// Session, in the time zone of the exchange.
    pub date: NaiveDate,
    /// First price.
    pub open: Option<f64>,
    /// Highest price.
    pub high: Option<f64>,
    /// Lowest price.
    pub low: Option<f64>,
    /// Last price.
    pub close: Option<f64>,
    /// Close that the provider adjusted for splits and dividends, by its own lights and as of the
    /// day of the call.
    pub adj_close: Option<f64>,
    /// Shares traded.
    pub volume: Option<f64>,
    /// Whether the session was still going on when the provider answered.
    pub partial: bool,
}

impl DailyBar {
    /// Makes a bar in which everything but the date is missing.
    #[must_use]
    pub fn new(date: NaiveDate) -> Self {
        Self {
            date,
            open: None,
            high: None,
            low: None,
            close: None,
            adj_close: None,
            volume: None,
            partial: false,
        }
    }

    /// Returns the bar of the traits; one without a close is none.
    #[cfg(any(feature = "alphavantage", feature = "yahoo"))]
    pub(crate) fn bar(&self) -> Option<Bar> {
        let Self { date, open, high, low, volume, .. } = *self;
        Some(Bar { date, open, high, low, close: self.close?, volume })
    }
}

/// The analysts' consensus on one fiscal period as a provider gives it.
///
/// Earnings are per share, in the currency that comes with the rows.
///
/// ```
/// use decile_providers::rows::ConsensusRow;
///
/// let mut row = ConsensusRow::new("2025-02-20".parse()?, "0y");
/// row.eps_average = Some(7.33);
/// assert_eq!(row.analysts, None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConsensusRow {
    /// Day on which the provider showed these numbers.
    pub as_of: NaiveDate,
    /// The provider's name of the period, as in `0y` or `fiscal year`.
    pub period: SmolStr,
    /// Last day of the period.
    pub end_date: Option<NaiveDate>,
    /// Mean estimate.
    pub eps_average: Option<f64>,
    /// Lowest estimate.
    pub eps_low: Option<f64>,
    /// Highest estimate.
    pub eps_high: Option<f64>,
    /// What the mean was 7 days earlier.
    pub eps_7_days_ago: Option<f64>,
    /// What the mean was 30 days earlier.
    pub eps_30_days_ago: Option<f64>,
    /// What the mean was 60 days earlier.
    pub eps_60_days_ago: Option<f64>,
    /// What the mean was 90 days earlier.
    pub eps_90_days_ago: Option<f64>,
    /// Analysts in the mean.
    pub analysts: Option<u32>,
    /// Analysts who raised their estimate in the last 30 days.
    pub up_30: Option<u32>,
    /// Analysts who cut their estimate in the last 30 days.
    pub down_30: Option<u32>,
}

impl ConsensusRow {
    /// Makes a row in which everything but its day and period is missing.
    #[must_use]
    pub fn new(as_of: NaiveDate, period: &str) -> Self {
        Self {
            as_of,
            period: SmolStr::new(period),
            end_date: None,
            eps_average: None,
            eps_low: None,
            eps_high: None,
            eps_7_days_ago: None,
            eps_30_days_ago: None,
            eps_60_days_ago: None,
            eps_90_days_ago: None,
            analysts: None,
            up_30: None,
            down_30: None,
        }
    }
}

/// What a stock trades at as a provider gives it, with its market value.
///
/// ```
/// use decile_providers::rows::QuoteRow;
///
/// let mut row = QuoteRow::default();
/// row.price = Some(61.4);
/// assert_eq!(row.market_cap, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QuoteRow {
    /// Price of the last trade in regular hours.
    pub price: Option<f64>,
    /// Close of the session before.
    pub previous_close: Option<f64>,
    /// Market value of the company.
    pub market_cap: Option<f64>,
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// When the price was true.
    pub time: Option<DateTime<Utc>>,
}

/// What a symbol is as a provider gives it.
///
/// ```
/// use decile_providers::rows::SecurityRow;
///
/// let mut row = SecurityRow::new("KO".parse()?);
/// row.sector = Some("Consumer Defensive".into());
/// assert_eq!(row.adr_ratio, None);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SecurityRow {
    /// Canonical ticker.
    pub symbol: Symbol,
    /// The company.
    pub issuer: Option<SmolStr>,
    /// The provider's word for what it is, as in `EQUITY` or `ETF`.
    pub kind: Option<SmolStr>,
    /// Sector by the provider's classification.
    pub sector: Option<SmolStr>,
    /// Currency of its prices.
    pub trade_currency: Option<Currency>,
    /// Currency of its filings.
    pub report_currency: Option<Currency>,
    /// Ordinary shares per listed share.
    pub adr_ratio: Option<f64>,
}

impl SecurityRow {
    /// Makes a row in which everything but the symbol is missing.
    #[must_use]
    pub fn new(symbol: Symbol) -> Self {
        Self {
            symbol,
            issuer: None,
            kind: None,
            sector: None,
            trade_currency: None,
            report_currency: None,
            adr_ratio: None,
        }
    }

    /// Makes a security of the row; what is missing in it is an error that names it.
    #[cfg(any(feature = "alphavantage", feature = "yahoo"))]
    pub(crate) fn into_security(self, asked: &Asked) -> Result<Security, SourceError> {
        Ok(Security {
            symbol: self.symbol,
            issuer: self.issuer.ok_or_else(|| asked.lacks("the name"))?,
            sector: self.sector.ok_or_else(|| asked.lacks("the sector"))?,
            trade_currency: self.trade_currency.ok_or_else(|| asked.lacks("the currency"))?,
            report_currency: self
                .report_currency
                .ok_or_else(|| asked.lacks("the reporting currency"))?,
            adr_ratio: self.adr_ratio.ok_or_else(|| asked.lacks("the depositary ratio"))?,
        })
    }
}
