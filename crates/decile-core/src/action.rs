use crate::Symbol;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What happens to a share on an ex-date.
///
/// ```
/// use decile_core::ActionKind;
///
/// assert_eq!(ActionKind::Spinoff.to_string(), "spinoff");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// `value` new shares for each old one: 4 for a 4-for-1 split, 0.1 for a reverse split.
    Split,
    /// `value` in cash per share, on the share basis of the ex-date (after a split on that day).
    Dividend,
    /// Another company handed out, worth `value` in cash per share. Prices adjust as for a
    /// dividend; share counts do not.
    Spinoff,
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Split => "split",
            Self::Dividend => "dividend",
            Self::Spinoff => "spinoff",
        })
    }
}

/// A split, dividend or spin-off of one stock.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::{ActionKind, CorporateAction};
///
/// let split = CorporateAction {
///     symbol: "AAPL".parse()?,
///     ex_date: NaiveDate::from_ymd_opt(2020, 8, 31).expect("a date"),
///     kind: ActionKind::Split,
///     value: 4.0,
/// };
/// assert_eq!(split.split_ratio(), Some(4.0));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CorporateAction {
    /// The stock.
    pub symbol: Symbol,
    /// First session on the new basis; a session, if within the span of the market's calendar.
    pub ex_date: NaiveDate,
    /// What happens.
    pub kind: ActionKind,
    /// Ratio or cash per share, as [`ActionKind`] says.
    pub value: f64,
}

impl CorporateAction {
    /// Returns new shares per old share if this is a split.
    #[must_use]
    pub fn split_ratio(&self) -> Option<f64> {
        (self.kind == ActionKind::Split).then_some(self.value)
    }

    /// Returns the cash, or cash-equivalent, per share if this is a dividend or spin-off.
    #[must_use]
    pub fn cash(&self) -> Option<f64> {
        (self.kind != ActionKind::Split).then_some(self.value)
    }

    /// Returns what a payout leaves of a price before its ex-date: `1 - cash / close`. Prices before
    /// the ex-date times this compare with those from it on, as if the cash had stayed in the stock.
    /// It is the factor of the Center for Research in Security Prices, by which Yahoo makes its
    /// adjusted closes.
    ///
    /// `close` is the last one before the ex-date, and `cash` what is paid per share, both on one
    /// share basis. Nothing is returned for a payout that is not below the close, and for amounts
    /// that are no amounts: who adjusts passes over those.
    ///
    /// ```
    /// use decile_core::CorporateAction;
    ///
    /// assert_eq!(CorporateAction::price_factor(1.0, 50.0), Some(0.98));
    /// assert_eq!(CorporateAction::price_factor(50.0, 50.0), None);
    /// ```
    #[must_use]
    pub fn price_factor(cash: f64, close: f64) -> Option<f64> {
        let left = 1.0 - cash / close;
        (left > 0.0 && left <= 1.0).then_some(left)
    }

    /// Returns the actions with an ex-date after `reached` and up to `session`, in the order in
    /// which they take effect: by date, splits first on their day, else as they stand.
    #[must_use]
    pub fn due(actions: &[Self], reached: NaiveDate, session: NaiveDate) -> Vec<&Self> {
        let is_due = |action: &&Self| action.ex_date > reached && action.ex_date <= session;
        let mut due: Vec<_> = actions.iter().filter(is_due).collect();
        // Stable, so the rest keeps the order of the file. A dividend is paid on the basis after a
        // split of its day.
        due.sort_by_key(|action| (action.ex_date, action.kind != ActionKind::Split));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_leaves_a_part_of_the_price_or_is_passed_over() {
        let factor = CorporateAction::price_factor;
        assert_eq!(factor(16.0, 80.0), Some(0.8));
        assert_eq!(factor(0.0, 80.0), Some(1.0));
        for (cash, close) in [
            (80.0, 80.0),
            (81.0, 80.0),
            (f64::INFINITY, 80.0),
            (f64::NAN, 80.0),
            (1.0, f64::NAN),
            (1.0, 0.0),
            (0.0, 0.0),
            (-1.0, 80.0),
            (1.0, -80.0),
        ] {
            assert_eq!(factor(cash, close), None, "{cash} of {close}");
        }
    }
}
