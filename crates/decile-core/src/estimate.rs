use crate::Symbol;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One dated snapshot of the analysts' consensus on one stock.
///
/// Earnings are per listed share, in the trading currency, on the split basis of `as_of`. A
/// snapshot is usable from the first session *after* `as_of`. `None` is missing.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::EstimateSnapshot;
///
/// let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).expect("a date");
/// let mut snapshot = EstimateSnapshot::new("KO".parse()?, day(5, 1), day(12, 31));
/// snapshot.fy1 = Some(2.81);
/// assert_eq!(snapshot.fy2, None);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EstimateSnapshot {
    /// The stock.
    pub symbol: Symbol,
    /// Day on which the vendor showed these numbers.
    pub as_of: NaiveDate,
    /// Last day of the first fiscal year not yet reported.
    pub fy1_end: NaiveDate,
    /// Consensus earnings per share of that year.
    pub fy1: Option<f64>,
    /// Consensus earnings per share of the year after.
    pub fy2: Option<f64>,
    /// What `fy1` was 90 days earlier.
    pub fy1_90d: Option<f64>,
    /// What `fy2` was 90 days earlier.
    pub fy2_90d: Option<f64>,
    /// Standard deviation of the analysts' `fy1`.
    pub fy1_std: Option<f64>,
    /// Standard deviation of the analysts' `fy2`.
    pub fy2_std: Option<f64>,
    /// Highest of the analysts' `fy1`.
    pub fy1_high: Option<f64>,
    /// Lowest of the analysts' `fy1`.
    pub fy1_low: Option<f64>,
    /// Highest of the analysts' `fy2`.
    pub fy2_high: Option<f64>,
    /// Lowest of the analysts' `fy2`.
    pub fy2_low: Option<f64>,
    /// Analysts in the consensus.
    pub analysts: Option<u32>,
    /// Analysts who raised `fy2` in the last 30 days.
    pub fy2_up_30d: Option<u32>,
    /// Analysts who cut `fy2` in the last 30 days.
    pub fy2_down_30d: Option<u32>,
    /// Mean recommendation, from 1 (strong buy) to 5 (sell).
    pub recommendation: Option<f64>,
    /// What `recommendation` was 30 days earlier.
    pub recommendation_30d: Option<f64>,
    /// Analysts behind `recommendation`.
    pub recommending: Option<u32>,
}

impl EstimateSnapshot {
    /// Makes a snapshot in which everything but its identity is missing.
    #[must_use]
    pub fn new(symbol: Symbol, as_of: NaiveDate, fy1_end: NaiveDate) -> Self {
        Self {
            symbol,
            as_of,
            fy1_end,
            fy1: None,
            fy2: None,
            fy1_90d: None,
            fy2_90d: None,
            fy1_std: None,
            fy2_std: None,
            fy1_high: None,
            fy1_low: None,
            fy2_high: None,
            fy2_low: None,
            analysts: None,
            fy2_up_30d: None,
            fy2_down_30d: None,
            recommendation: None,
            recommendation_30d: None,
            recommending: None,
        }
    }

    /// Multiplies every amount per share, to put the snapshot on another split basis or into another
    /// unit of its currency. What gets too large for a number is missing.
    ///
    /// ```
    /// use decile_core::EstimateSnapshot;
    ///
    /// let day = "2024-05-01".parse().expect("a date");
    /// let mut snapshot = EstimateSnapshot::new("KO".parse()?, day, day);
    /// (snapshot.fy1, snapshot.fy1_high, snapshot.recommendation) = (Some(2.5), Some(3.0), Some(1.8));
    /// let before = snapshot.times(4.0);
    /// assert_eq!((before.fy1, before.fy1_high), (Some(10.0), Some(12.0)));
    /// assert_eq!((before.fy2, before.recommendation), (None, Some(1.8)));
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        // Every field by name: a new one has to say which kind it is of.
        let Self {
            fy1,
            fy2,
            fy1_90d,
            fy2_90d,
            fy1_std,
            fy2_std,
            fy1_high,
            fy1_low,
            fy2_high,
            fy2_low,
            symbol: _,
            as_of: _,
            fy1_end: _,
            analysts: _,
            fy2_up_30d: _,
            fy2_down_30d: _,
            recommendation: _,
            recommendation_30d: _,
            recommending: _,
        } = &mut self;
        let years = [fy1, fy2, fy1_90d, fy2_90d, fy1_std, fy2_std];
        let ranges = [fy1_high, fy1_low, fy2_high, fy2_low];
        for amount in years.into_iter().chain(ranges) {
            *amount = amount.map(|amount| amount * factor).filter(|amount| amount.is_finite());
        }
        self
    }
}
