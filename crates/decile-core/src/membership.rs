use crate::Symbol;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A span in which a stock belongs to the universe, both ends included.
///
/// A market without any membership rows has all its symbols in the universe always. A market with
/// some has only the listed spans, so a symbol without a row is never a member.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::Membership;
///
/// let day = |y| NaiveDate::from_ymd_opt(y, 1, 2).expect("a date");
/// let span = Membership { symbol: "TSLA".parse()?, from: day(2020), to: None };
/// assert!(span.contains(day(2024)) && !span.contains(day(2019)));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The stock.
    pub symbol: Symbol,
    /// First date of membership.
    pub from: NaiveDate,
    /// Last date of membership; `None` while it lasts.
    pub to: Option<NaiveDate>,
}

impl Membership {
    /// Tells whether the stock is a member on the date by this row.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to)
    }
}
