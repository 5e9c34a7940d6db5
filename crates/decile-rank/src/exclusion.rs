use chrono::NaiveDate;
use decile_core::Stock;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a stock has no rank; prints as a sentence for people.
///
/// ```
/// use decile_rank::Exclusion;
///
/// let reason = Exclusion::Coverage { coverage: 0.5, minimum: 0.6 };
/// assert_eq!(reason.to_string(), "only 50.0 % of the model's weight is known, 60 % is needed");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Exclusion {
    /// The newest close is more than [`Stock::PRICE_AGE_SESSIONS_MAX`] sessions old, or there is none.
    NoPrice,
    /// Not in the dated universe.
    NotMember,
    /// A jump of its price that no split or payout explains; see [`decile_factor::Screen`].
    Quarantined {
        /// When it jumped.
        since: NaiveDate,
        /// By how much.
        change: f64,
    },
    /// A factor that the model requires is missing.
    MissingFactor {
        /// The factor.
        factor: String,
    },
    /// Too little of the model's weight is known.
    Coverage {
        /// Share that is known.
        coverage: f64,
        /// Share that is needed.
        minimum: f64,
    },
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrice => {
                let most = Stock::PRICE_AGE_SESSIONS_MAX;
                write!(f, "no price: the newest close is more than {most} sessions old")
            }
            Self::NotMember => f.write_str("not a member of the universe on that date"),
            Self::Quarantined { since, change } => write!(
                f,
                "it moved by {:.1} % on {since} without a split or payout that explains it",
                change * 100.0
            ),
            Self::MissingFactor { factor } => {
                write!(f, "{factor} is missing, and the model requires it")
            }
            Self::Coverage { coverage, minimum } => write!(
                f,
                "only {:.1} % of the model's weight is known, {:.0} % is needed",
                coverage * 100.0,
                minimum * 100.0
            ),
        }
    }
}
