use crate::Currency;
use chrono::{DateTime, Utc};
use smol_str::SmolStr;
use std::fmt;

/// On which share basis a provider's prices and share counts are.
///
/// ```
/// use decile_core::source::Basis;
///
/// assert_eq!(Basis::default(), Basis::AsTraded);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// As traded on the day, and counted at the end of the period: what a
    /// [`Market`](crate::Market) needs.
    #[default]
    AsTraded,
    /// Share counts as a filing gives them: on the split basis of the day it was filed, which
    /// [`Filing::on_period_basis`](crate::Filing::on_period_basis) takes back to that of its period.
    AsFiled,
    /// Prices divided, and share counts multiplied, by every later split, as most charting services
    /// give them.
    SplitAdjusted,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AsTraded | Self::AsFiled => "raw",
            Self::SplitAdjusted => "split-adjusted",
        })
    }
}

/// Rows with what the provider says about them.
///
/// ```
/// use decile_core::source::Fetched;
///
/// let mut fetched = Fetched::new(vec![1, 2]);
/// fetched.dropped.push("a third row had no date".to_owned());
/// assert_eq!(fetched.rows, [1, 2]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Currency of the amounts in them, if the provider says so and the rows do not.
    pub currency: Option<Currency>,
    /// Time zone of the exchange, as in `America/New_York`, if the provider says so.
    pub timezone: Option<SmolStr>,
    /// Share basis of the prices and share counts in them.
    pub basis: Basis,
    /// When the provider answered; `None` for stored data that does not say.
    pub retrieved_at: Option<DateTime<Utc>>,
    /// Rows that the provider sent and that are not in `rows`, a sentence each.
    pub dropped: Vec<String>,
    /// What looks wrong, a sentence each.
    pub warnings: Vec<String>,
}

impl<T> Fetched<T> {
    /// Makes rows as traded, without a currency of their own or a warning.
    #[must_use]
    pub fn new(rows: Vec<T>) -> Self {
        Self {
            rows,
            currency: None,
            timezone: None,
            basis: Basis::AsTraded,
            retrieved_at: None,
            dropped: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Turns each row into another one and keeps what the provider said.
    #[must_use]
    pub fn map<U>(mut self, turn: impl FnMut(T) -> U) -> Fetched<U> {
        let rows = std::mem::take(&mut self.rows).into_iter().map(turn).collect();
        self.with_rows(rows)
    }

    /// Puts other rows in their place and keeps what the provider said.
    #[must_use]
    pub fn with_rows<U>(self, rows: Vec<U>) -> Fetched<U> {
        Fetched {
            rows,
            currency: self.currency,
            timezone: self.timezone,
            basis: self.basis,
            retrieved_at: self.retrieved_at,
            dropped: self.dropped,
            warnings: self.warnings,
        }
    }
}

/// A provider's own ratios of a stock, as of now; for cross-checks, never for a past date.
///
/// ```
/// use decile_core::source::Stats;
///
/// let mut stats = Stats::default();
/// stats.trailing_pe = Some(36.4);
/// assert_eq!(stats.market_cap, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// Price over earnings of the last four quarters.
    pub trailing_pe: Option<f64>,
    /// Price over forecast earnings.
    pub forward_pe: Option<f64>,
    /// Price over book value per share.
    pub price_to_book: Option<f64>,
    /// Book value per share.
    pub book_value: Option<f64>,
    /// Earnings per share of the last four quarters.
    pub trailing_eps: Option<f64>,
    /// Shares outstanding.
    pub shares_outstanding: Option<f64>,
    /// Market value of the company.
    pub market_cap: Option<f64>,
    /// Return on equity of the last four quarters.
    pub return_on_equity: Option<f64>,
}
