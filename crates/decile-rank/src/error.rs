use chrono::NaiveDate;

/// Why a market could not be scored, or a ranking not be turned into targets.
///
/// ```
/// use decile_rank::{Error, Model};
///
/// let error = Model::preset("q_gore").expect_err("a misprint");
/// assert!(matches!(error, Error::UnknownPreset { .. }));
/// assert!(error.to_string().contains("presets are q_core"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No preset of that name.
    #[error("there is no model preset {name:?}; presets are {known}")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A model that cannot be computed.
    #[error("model {model}, {key}: {reason}")]
    InvalidModel {
        /// Name of the model.
        model: String,
        /// What is wrong, as it stands in a model file: `groups[0].weight`.
        key: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A file that is not right.
    #[error(transparent)]
    Document(#[from] crate::DocumentError),
    /// The factors could not be computed.
    #[error(transparent)]
    Factor(#[from] decile_factor::Error),
    /// Scores of another model than the one that is to go on with them.
    #[error("the scores are of model {ours}, and {given} differs from it; score all sessions anew")]
    OtherModel {
        /// Name of the model that made the scores.
        ours: String,
        /// Name of the model given.
        given: String,
    },
    /// More stocks were asked for than are eligible.
    #[error(
        "the top {wanted} were asked for, but on {as_of} only {eligible} of {listed} stocks are \
         eligible; {}", if *eligible > 0 { "ask for at most that many" } else { "take a later date" }
    )]
    TooFewEligible {
        /// Stocks asked for.
        wanted: usize,
        /// Stocks that have a rank.
        eligible: usize,
        /// Stocks of the market.
        listed: usize,
        /// Session of the ranking.
        as_of: NaiveDate,
    },
    /// Rules of construction that make no sense.
    #[error("construction, {key}: {reason}")]
    InvalidConstruction {
        /// The rule.
        key: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// Top and bottom deciles of fewer than ten stocks.
    #[error(
        "on {as_of} only {eligible} stocks are eligible, and deciles need ten; take a larger market"
    )]
    NoDeciles {
        /// Stocks that have a rank.
        eligible: usize,
        /// Session of the ranking.
        as_of: NaiveDate,
    },
    /// A portfolio of no stocks.
    #[error("the top 0 were asked for; ask for at least 1")]
    NothingWanted,
    /// The targets are not valid values.
    #[error(transparent)]
    Value(#[from] decile_core::Error),
}
