use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One session of one stock, raw as traded: never adjusted for splits or dividends.
///
/// A session without a trade has no bar. Prices are in the security's trading currency per share
/// of that day; whatever a provider does not give is `None`, never 0.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::Bar;
///
/// let date = NaiveDate::from_ymd_opt(2024, 1, 2).expect("a date");
/// let bar = Bar::close_only(date, 185.64);
/// assert_eq!((bar.close, bar.volume), (185.64, None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Session.
    pub date: NaiveDate,
    /// First price.
    pub open: Option<f64>,
    /// Highest price.
    pub high: Option<f64>,
    /// Lowest price.
    pub low: Option<f64>,
    /// Last price.
    pub close: f64,
    /// Shares traded.
    pub volume: Option<f64>,
}

impl Bar {
    /// Makes a bar of which only the close is known.
    #[must_use]
    pub fn close_only(date: NaiveDate, close: f64) -> Self {
        Self { date, open: None, high: None, low: None, close, volume: None }
    }
}

/// One close of the benchmark series of a market.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::BenchmarkClose;
///
/// let date = NaiveDate::from_ymd_opt(2024, 1, 2).expect("a date");
/// assert_eq!(BenchmarkClose { date, close: 4742.83 }.close, 4742.83);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkClose {
    /// Session.
    pub date: NaiveDate,
    /// Level of the benchmark at the close.
    pub close: f64,
}
