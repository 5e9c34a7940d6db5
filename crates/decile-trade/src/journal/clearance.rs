use decile_core::{Price, Shares};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person says became of an order of which nobody knew, after a look at the broker's own program.
///
/// It ends the order as far as the journal is concerned, until the broker says more: its word is the
/// stronger one, whenever it comes ([`Executor::clear`](crate::Executor::clear)).
///
/// ```
/// use decile_core::Shares;
/// use decile_trade::Clearance;
///
/// let half = Clearance::Ended { filled: Shares::new(50), average_price: "61.22".parse().ok() };
/// assert_eq!(half.to_string(), "ended with 50 shares filled at 61.22");
/// assert_eq!(Clearance::NeverArrived.filled(), Shares::ZERO);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clearance {
    /// The broker never had it. The same may be ordered again in the session, under the next id.
    NeverArrived,
    /// The broker had it, and nothing more will fill.
    Ended {
        /// How many shares have filled, from 0 to as many as were ordered.
        filled: Shares,
        /// Their average price; `None` if nothing has filled, or it is not known.
        average_price: Option<Price>,
    },
}

impl Clearance {
    /// Returns how many shares have filled by it.
    #[must_use]
    pub fn filled(&self) -> Shares {
        match self {
            Self::NeverArrived => Shares::ZERO,
            Self::Ended { filled, .. } => *filled,
        }
    }

    /// Returns the average price of what has filled by it, if it says so.
    #[must_use]
    pub fn average_price(&self) -> Option<Price> {
        match self {
            Self::NeverArrived => None,
            Self::Ended { average_price, .. } => *average_price,
        }
    }
}

impl fmt::Display for Clearance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverArrived => f.write_str("never arrived"),
            Self::Ended { filled, average_price: None } => {
                write!(f, "ended with {filled} shares filled")
            }
            Self::Ended { filled, average_price: Some(price) } => {
                write!(f, "ended with {filled} shares filled at {price}")
            }
        }
    }
}
