use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a number comes from, and so what can change it.
///
/// ```
/// use decile_factor::{Field, Item, Source};
///
/// assert_eq!(Field::TotalReturn.source(), Some(Source::Price));
/// assert_eq!(Field::Ttm(Item::NetIncome).source(), Some(Source::Statement));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// What the market says: prices, volumes, splits, payouts.
    Price,
    /// What the company files.
    Statement,
    /// What analysts expect.
    Estimate,
    /// What a currency buys.
    ExchangeRate,
    /// A user's own data.
    Custom,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Price => "price",
            Self::Statement => "statement",
            Self::Estimate => "estimate",
            Self::ExchangeRate => "exchange rate",
            Self::Custom => "custom",
        })
    }
}

/// A filing that counts at a session.
///
/// ```
/// # use chrono::NaiveDate;
/// use decile_factor::KnownFiling;
///
/// # let day = |m, d| NaiveDate::from_ymd_opt(2025, m, d).expect("a date");
/// let filing = KnownFiling {
///     period_end: day(9, 27),
///     filed: Some(day(10, 31)),
///     known_on: day(11, 3),
/// };
/// assert_eq!(filing.to_string(), "period to 2025-09-27, filed 2025-10-31");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KnownFiling {
    /// Last day of the quarter reported.
    pub period_end: NaiveDate,
    /// Day it came out; `None` if the data does not say.
    pub filed: Option<NaiveDate>,
    /// Session from which it counts.
    pub known_on: NaiveDate,
}

impl fmt::Display for KnownFiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "period to {}, ", self.period_end)?;
        match self.filed {
            Some(filed) => write!(f, "filed {filed}"),
            None => write!(f, "known from {} by rule", self.known_on),
        }
    }
}
