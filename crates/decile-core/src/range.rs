use crate::Error;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A span of dates, both ends included.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::DateRange;
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// let week = DateRange::new(day(8), day(12))?;
/// assert!(week.contains(day(12)) && !week.contains(day(13)));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(NaiveDate, NaiveDate)", into = "(NaiveDate, NaiveDate)")]
pub struct DateRange {
    from: NaiveDate,
    to: NaiveDate,
}

impl DateRange {
    /// Makes the span of all dates from `from` to `to`.
    ///
    /// # Errors
    /// [`Error::EmptyRange`] if `from` comes after `to`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, Error> {
        if from > to {
            return Err(Error::EmptyRange { from, to });
        }
        Ok(Self { from, to })
    }

    /// Returns the first date.
    #[must_use]
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// Returns the last date.
    #[must_use]
    pub fn to(&self) -> NaiveDate {
        self.to
    }

    /// Tells whether the date lies in the span.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

impl TryFrom<(NaiveDate, NaiveDate)> for DateRange {
    type Error = Error;

    fn try_from((from, to): (NaiveDate, NaiveDate)) -> Result<Self, Error> {
        Self::new(from, to)
    }
}

impl From<DateRange> for (NaiveDate, NaiveDate) {
    fn from(range: DateRange) -> Self {
        (range.from, range.to)
    }
}
