use decile_core::{Symbol, Weight};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A limit that a weight came up against.
///
/// ```
/// use decile_rank::construct::Limit;
///
/// assert_eq!(Limit::Sector.to_string(), "sector_weight_max");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// That of one stock.
    Name,
    /// That of one company.
    Issuer,
    /// That of one sector.
    Sector,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Name => "name_weight_max",
            Self::Issuer => "issuer_weight_max",
            Self::Sector => "sector_weight_max",
        })
    }
}

/// Something that the plain best so many at the plain weights would not show.
///
/// ```
/// use decile_rank::construct::{Limit, PortfolioNote};
///
/// let note = PortfolioNote::Cut {
///     symbol: "KO".parse()?,
///     by: Limit::Sector,
///     wanted: "0.1".parse()?,
///     given: "0.04".parse()?,
/// };
/// assert_eq!(note.to_string(), "KO gets 0.04 instead of 0.1, for sector_weight_max");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum PortfolioNote {
    /// A limit left it less than the scheme wished, or nothing.
    Cut {
        /// The stock.
        symbol: Symbol,
        /// The tightest limit.
        by: Limit,
        /// What the scheme wished.
        wanted: Weight,
        /// What it gets.
        given: Weight,
    },
    /// It is held for what limits cut off others, although it is not among the chosen.
    Filled {
        /// The stock.
        symbol: Symbol,
        /// Its rank.
        rank: usize,
        /// What it gets.
        given: Weight,
    },
    /// It is held, and stays although it is not among the best so many.
    Kept {
        /// The stock.
        symbol: Symbol,
        /// Its rank.
        rank: usize,
    },
    /// Its volatility is not known, or 0.
    NoVolatility {
        /// The stock.
        symbol: Symbol,
    },
    /// Its score earns no weight.
    NoScore {
        /// The stock.
        symbol: Symbol,
    },
    /// Another share class of the company is more liquid.
    OtherClass {
        /// The stock.
        symbol: Symbol,
        /// The class that is looked at instead.
        instead: Symbol,
    },
    /// One side was made as small as the other, to be dollar neutral.
    Neutralised {
        /// What each side has.
        side: Weight,
    },
    /// Found no place.
    Cash {
        /// The share that stays in cash, beside the buffer.
        share: Weight,
    },
}

impl fmt::Display for PortfolioNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { symbol, by, wanted, given } => {
                write!(f, "{symbol} gets {given} instead of {wanted}, for {by}")
            }
            Self::Filled { symbol, rank, given } => {
                write!(f, "{symbol}, rank {rank}, gets {given} that others could not take")
            }
            Self::Kept { symbol, rank } => {
                write!(f, "{symbol} is held and stays, at rank {rank}")
            }
            Self::NoVolatility { symbol } => {
                write!(f, "{symbol} is passed over: its volatility is not known")
            }
            Self::NoScore { symbol } => {
                write!(f, "{symbol} gets nothing: its Q score is on the wrong side of 50")
            }
            Self::OtherClass { symbol, instead } => {
                write!(f, "{symbol} is passed over: {instead} of the same company is more liquid")
            }
            Self::Neutralised { side } => {
                write!(f, "longs and shorts are cut to {side} each, to be dollar neutral")
            }
            Self::Cash { share } => write!(f, "{share} finds no place and stays in cash"),
        }
    }
}
