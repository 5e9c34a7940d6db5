use std::fmt;

/// What a factor promises.
///
/// ```
/// use decile_factor::conformance::Rule;
///
/// assert!(Rule::Past.to_string().starts_with("the future"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// With every later row deleted, its inputs and its values are the same bits.
    Past,
    /// The value of a stock does not depend on which others there are; not asked of a factor that
    /// reads them.
    Stocks,
    /// It does not matter in which columns the stocks stand.
    Order,
    /// It asks for no session beyond its lookback, and from the rows of its lookback alone it gives
    /// the same value.
    Lookback,
    /// Its scan gives what reading the window gives, to 1e-9 of the value.
    Scan,
    /// One, two and seven threads give the same bits.
    Threads,
    /// With data missing, or 0 where the data may be 0, it is missing or finite.
    Missing,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Past => "the future changes nothing",
            Self::Stocks => "other stocks change nothing",
            Self::Order => "the order of the stocks changes nothing",
            Self::Lookback => "the lookback is honest",
            Self::Scan => "scanning gives what reading gives",
            Self::Threads => "threads change nothing",
            Self::Missing => "missing in gives missing or finite out",
        })
    }
}
