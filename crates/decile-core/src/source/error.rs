use crate::DateRange;
use std::time::Duration;

/// Why a source gave nothing.
///
/// ```
/// use decile_core::source::SourceError;
/// use std::time::Duration;
///
/// let retry_after = Some(Duration::from_secs(60));
/// let subject = "KO".to_owned();
/// let error = SourceError::RateLimited { provider: "example", subject, retry_after };
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "example limits the rate of calls, for KO too; try again in 60 s");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The provider does not know the stock or currency.
    #[error("{provider} has no data for {subject}")]
    NotFound {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
    },
    /// The provider knows it, but has nothing in the span of dates.
    #[error("{provider} has no data for {subject} from {} to {}", range.from(), range.to())]
    NoDataInRange {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// The span asked for.
        range: DateRange,
    },
    /// The provider asks to be called less often.
    #[error("{provider} limits the rate of calls, for {subject} too{}", after(retry_after.as_ref()))]
    RateLimited {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// How long to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The provider refuses the key or session.
    #[error("{provider} refuses access to {subject}: check the key or sign in again")]
    Denied {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
    },
    /// The reply is not what the provider documents.
    #[error("{provider} sent a reply for {subject} that cannot be read: {what}")]
    Decode {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// What is wrong with it.
        what: String,
        /// The cause.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// No reply came.
    #[error("{provider} could not be reached for {subject}")]
    Network {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// The cause, without addresses or keys.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn after(retry_after: Option<&Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!("; try again in {} s", wait.as_secs()))
}

impl SourceError {
    /// Tells whether the same call may succeed later without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Network { .. })
    }
}
