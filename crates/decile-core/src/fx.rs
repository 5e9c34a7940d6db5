use crate::Currency;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What one unit of a currency was worth in US dollars on a date.
///
/// Between two rates the earlier one holds; before the first, the rate is missing.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::FxRate;
///
/// let rate = FxRate {
///     date: NaiveDate::from_ymd_opt(2024, 1, 2).expect("a date"),
///     currency: "EUR".parse()?,
///     usd_per_unit: 1.0956,
/// };
/// assert!(rate.usd_per_unit > 1.0);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FxRate {
    /// Date of the rate.
    pub date: NaiveDate,
    /// The currency.
    pub currency: Currency,
    /// US dollars per unit.
    pub usd_per_unit: f64,
}
