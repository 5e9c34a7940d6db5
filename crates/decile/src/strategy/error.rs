use decile_rank::DocumentError;
use std::io;
use std::path::PathBuf;

/// Why a strategy cannot be used.
///
/// ```
/// use decile::strategy::{Strategy, StrategyError};
///
/// let error = Strategy::read("nowhere.toml").expect_err("no such file");
/// assert!(matches!(error, StrategyError::Unreadable { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// A file that is not there, or may not be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is not right, with line and key.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A model, made in code or a preset, whose factors are not all registered.
    #[error(transparent)]
    Model(decile_rank::Error),
    /// A strategy, made in code, that makes no sense.
    #[error("{key}: {reason}")]
    Invalid {
        /// What is wrong, as it stands in a strategy file.
        key: String,
        /// What would be right.
        reason: String,
    },
}
