use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Something that a reader of a ranking should know; prints as a sentence.
///
/// ```
/// use decile_rank::Remark;
///
/// let sectors = [("Energy".to_owned(), vec!["bm@sector".to_owned()])].into();
/// let remark = Remark::SmallSectors { sectors, all: 11, minimum: 3 };
/// assert_eq!(
///     remark.to_string(),
///     "1 of 11 sectors has fewer than 3 values of a factor, so its stocks are compared with the \
///      whole market: Energy"
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
    /// Data that are not plausible, and what was done about them.
    Implausible {
        /// Each as a sentence.
        findings: Vec<String>,
    },
    /// Sectors are too small to be compared within themselves.
    SmallSectors {
        /// Those sectors, each with the factors of which it has too few values.
        sectors: BTreeMap<String, Vec<String>>,
        /// How many sectors there are.
        all: usize,
        /// How many values a sector needs.
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
            Self::Implausible { findings } => {
                write!(f, "not plausible: {}", findings.join("; "))
            }
            Self::SmallSectors { sectors, all, minimum } => {
                let (has, its) =
                    if sectors.len() == 1 { ("has", "its") } else { ("have", "their") };
                let names: Vec<&str> = sectors.keys().map(String::as_str).collect();
                let count = names.len();
                write!(
                    f,
                    "{count} of {all} sectors {has} fewer than {minimum} values of a factor, so \
                     {its} stocks are compared with the whole market: {}",
                    names.join(", ")
                )
            }
        }
    }
}
