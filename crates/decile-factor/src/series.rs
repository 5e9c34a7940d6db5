use std::fmt;

/// A number of each session that belongs to no stock.
///
/// ```
/// use decile_factor::Series;
///
/// assert_eq!(Series::Benchmark.to_string(), "benchmark");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Series {
    /// Close of the market's benchmark; missing in a session for which the market has none.
    Benchmark,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Benchmark => "benchmark",
        })
    }
}
