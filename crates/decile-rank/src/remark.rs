use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that a reader of a ranking should know; prints as a sentence.
///
/// ```
/// use decile_rank::Remark;
///
/// let remark = Remark::SmallSector {
///     sector: "Energy".to_owned(),
///     factors: vec!["bm@sector".to_owned()],
///     minimum: 3,
/// };
/// assert_eq!(
///     remark.to_string(),
///     "Energy has fewer than 3 values of bm@sector: compared with the whole market instead"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Remark {
    /// Quantiles don't hold an outlier back among so few.
    FewStocks {
        /// Stocks in the universe.
        count: usize,
    },
    /// A sector is too small to be compared within itself.
    SmallSector {
        /// The sector.
        sector: String,
        /// The factors of which it has too few values.
        factors: Vec<String>,
        /// How many it would need.
        minimum: usize,
    },
}

impl Remark {
    /// Universes of at most so many stocks are remarked upon, if the model winsorises by quantiles.
    pub const FEW_STOCKS: usize = 20;
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewStocks { count } => write!(
                f,
                "with {count} stocks an outlier leaks into its own quantile; winsorise = \"mad\" or \
                 method = \"percentile\" serves better"
            ),
            Self::SmallSector { sector, factors, minimum } => write!(
                f,
                "{sector} has fewer than {minimum} values of {}: compared with the whole market \
                 instead",
                factors.join(", ")
            ),
        }
    }
}
