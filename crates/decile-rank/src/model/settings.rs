//! How a model treats what its factors give it.

use serde::{Deserialize, Serialize};

/// How the values of a factor become comparable with those of another.
///
/// ```
/// use decile_rank::{Model, Standardise, Winsorise};
///
/// let model = Model::preset("q_core")?;
/// let tails = Winsorise::Quantiles { tail: 0.05 };
/// assert_eq!(model.standardise(), Standardise::ZScore { winsorise: tails, clip: 3.0 });
/// assert_eq!(Model::preset("ranks")?.standardise(), Standardise::Percentile);
/// # Ok::<(), decile_rank::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Standardise {
    /// Winsorised, then the distance from the mean in population standard deviations, then clipped
    /// to `clip` on either side.
    ZScore {
        /// What is done about outliers first.
        winsorise: Winsorise,
        /// Largest z-score.
        clip: f64,
    },
    /// `(rank - 1) / (n - 1) - 1/2`, ties sharing the mean of their ranks: from -1/2, the worst, to
    /// 1/2; 0 for a single value. Outliers have no hold on it.
    Percentile,
}

impl Default for Standardise {
    fn default() -> Self {
        Self::ZScore { winsorise: Winsorise::default(), clip: 3.0 }
    }
}

/// How far values may lie out before they are pulled in.
///
/// ```
/// use decile_rank::Winsorise;
///
/// assert_eq!(Winsorise::default(), Winsorise::Quantiles { tail: 0.05 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Winsorise {
    /// To the interpolated (type 7) quantiles `tail` and 1 - `tail`. Below 21 values an outlier
    /// still leaks into its own quantile.
    Quantiles {
        /// Share of the values at each end, below 1/2.
        tail: f64,
    },
    /// To so many scaled median absolute deviations (1.4826 MAD) on either side of the median.
    /// Serves small markets better.
    Mad {
        /// How many; 3 is usual.
        deviations: f64,
    },
    /// They may lie anywhere.
    Off,
}

impl Default for Winsorise {
    fn default() -> Self {
        Self::Quantiles { tail: 0.05 }
    }
}

/// What a factor that is missing does to the mean of its group, and a group to the composite.
///
/// ```
/// use decile_rank::{Missing, Model};
///
/// assert_eq!(Model::preset("q_core")?.missing(), Missing::Neutral);
/// # Ok::<(), decile_rank::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Missing {
    /// It counts 0, and its weight stays in the divisor: what is not known speaks neither for nor
    /// against a stock.
    #[default]
    Neutral,
    /// Its weight goes to the others. A stock with one extreme factor and nothing else can win.
    Renormalised,
}

/// One of the composites that a blended model is made of.
///
/// ```
/// use decile_rank::{Model, Part};
///
/// let blend = Model::preset("q_core_blend")?;
/// assert_eq!(blend.parts(), [Part::new("market", 0.5), Part::new("sector", 0.5)]);
/// # Ok::<(), decile_rank::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Part {
    /// Name by which groups say that they belong to it.
    pub name: String,
    /// Weight relative to the other parts; above 0.
    pub weight: f64,
}

impl Part {
    /// Makes a part with its weight.
    #[must_use]
    pub fn new(name: &str, weight: f64) -> Self {
        Self { name: name.to_owned(), weight }
    }
}

/// When a ranking is to be looked at, and not to be traded on.
///
/// [`Ranking::check`](crate::Ranking::check) applies them.
///
/// ```
/// use decile_rank::Gates;
///
/// assert_eq!(Gates::default().eligible_min, 0.80);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gates {
    /// Share of the universe that must be eligible.
    pub eligible_min: f64,
    /// Share of the universe of which every single factor must be known.
    pub factor_coverage_min: f64,
    /// Share of the stocks whose value of a factor of statements or estimates may have changed its
    /// sign since the session before. Factors of prices alone may change as they like.
    pub sign_change_max: f64,
}

impl Default for Gates {
    fn default() -> Self {
        Self { eligible_min: 0.80, factor_coverage_min: 0.50, sign_change_max: 0.20 }
    }
}
