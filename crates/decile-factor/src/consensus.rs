use std::fmt;

/// A number of the newest consensus snapshot. Earnings are per listed share, in the trading currency,
/// on the split basis of the snapshot.
///
/// ```
/// use decile_factor::Consensus;
///
/// assert_eq!(Consensus::Fy1Ago90.to_string(), "fy1_90d");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Consensus {
    /// Earnings of the first fiscal year not yet reported.
    Fy1,
    /// Earnings of the year after.
    Fy2,
    /// [`Consensus::Fy1`] as it was 90 days before the snapshot.
    Fy1Ago90,
    /// [`Consensus::Fy2`] as it was 90 days before the snapshot.
    Fy2Ago90,
    /// Standard deviation of the analysts' numbers for the first year.
    Fy1Std,
    /// Standard deviation of the analysts' numbers for the second year.
    Fy2Std,
    /// Highest number for the first year.
    Fy1High,
    /// Lowest number for the first year.
    Fy1Low,
    /// Highest number for the second year.
    Fy2High,
    /// Lowest number for the second year.
    Fy2Low,
    /// How many analysts there are.
    Analysts,
    /// How many raised the second year in the last 30 days.
    Fy2Raised,
    /// How many cut the second year in the last 30 days.
    Fy2Cut,
    /// Mean recommendation, from 1 (strong buy) to 5 (sell).
    Recommendation,
    /// [`Consensus::Recommendation`] as it was 30 days before the snapshot.
    RecommendationAgo30,
    /// How many analysts stand behind the recommendation.
    Recommending,
}

impl Consensus {
    /// Every number of the consensus.
    pub const ALL: &[Self] = &[
        Self::Fy1,
        Self::Fy2,
        Self::Fy1Ago90,
        Self::Fy2Ago90,
        Self::Fy1Std,
        Self::Fy2Std,
        Self::Fy1High,
        Self::Fy1Low,
        Self::Fy2High,
        Self::Fy2Low,
        Self::Analysts,
        Self::Fy2Raised,
        Self::Fy2Cut,
        Self::Recommendation,
        Self::RecommendationAgo30,
        Self::Recommending,
    ];
}

/// The name of its column in a market folder.
impl fmt::Display for Consensus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fy1 => "fy1",
            Self::Fy2 => "fy2",
            Self::Fy1Ago90 => "fy1_90d",
            Self::Fy2Ago90 => "fy2_90d",
            Self::Fy1Std => "fy1_std",
            Self::Fy2Std => "fy2_std",
            Self::Fy1High => "fy1_high",
            Self::Fy1Low => "fy1_low",
            Self::Fy2High => "fy2_high",
            Self::Fy2Low => "fy2_low",
            Self::Analysts => "n_analysts",
            Self::Fy2Raised => "fy2_up30",
            Self::Fy2Cut => "fy2_down30",
            Self::Recommendation => "rec",
            Self::RecommendationAgo30 => "rec_30d",
            Self::Recommending => "n_rec",
        })
    }
}
