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
}
