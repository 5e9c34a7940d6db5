use crate::DateRange;
use chrono::{DateTime, Utc};
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
/// assert_eq!((error.kind(), error.retry_after()), ("rate_limited", retry_after));
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
    /// A budget of calls is spent, so the provider was not asked.
    #[error(
        "{provider} was not asked for {subject}: today's budget of calls is spent; it resets at {}",
        resets.format("%Y-%m-%d %H:%M UTC")
    )]
    BudgetSpent {
        /// Who would have been asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// When calls are allowed again.
        resets: DateTime<Utc>,
    },
    /// The provider refuses the session, as for want of consent.
    #[error("{provider} refuses access to {subject}: {what}")]
    Denied {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// What it refuses and what helps.
        what: &'static str,
    },
    /// The provider does not know the key.
    #[error("{provider} refuses the API key, for {subject} too: check it")]
    InvalidApiKey {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
    },
    /// The provider gives this to paying customers only.
    #[error("{provider} gives {what} of {subject} to premium keys only")]
    Premium {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// What was asked for.
        what: &'static str,
    },
    /// The provider does not understand, or does not offer, what was asked.
    #[error("{provider} cannot be asked this of {subject}: {what}")]
    InvalidRequest {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// What is wrong with the request.
        what: String,
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
    /// What is kept of earlier replies, or the count of calls, cannot be read or written.
    #[error("what is kept of {provider} cannot be used for {subject}")]
    Storage {
        /// Who was to be asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No reply came, and the same call would not get one either: a replay without it, or redirects
    /// without end.
    #[error("{provider} cannot be reached for {subject}")]
    Unreachable {
        /// Who was asked.
        provider: &'static str,
        /// The symbol or currency.
        subject: String,
        /// The cause, without keys.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No reply came, or one of a server in trouble.
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
    ///
    /// A spent budget is not retryable: it resets after hours, not seconds.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Network { .. })
    }

    /// Returns how long the provider asks to wait, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns a short name of the kind of error, for programs.
    ///
    /// One of `not_found`, `no_data_in_range`, `rate_limited`, `budget_spent`, `auth`,
    /// `invalid_api_key`, `premium`, `invalid_request`, `decode`, `storage` and `network`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::NoDataInRange { .. } => "no_data_in_range",
            Self::RateLimited { .. } => "rate_limited",
            Self::BudgetSpent { .. } => "budget_spent",
            Self::Denied { .. } => "auth",
            Self::InvalidApiKey { .. } => "invalid_api_key",
            Self::Premium { .. } => "premium",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::Decode { .. } => "decode",
            Self::Storage { .. } => "storage",
            Self::Unreachable { .. } | Self::Network { .. } => "network",
        }
    }

    /// Returns who was asked.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        match self {
            Self::NotFound { provider, .. }
            | Self::NoDataInRange { provider, .. }
            | Self::RateLimited { provider, .. }
            | Self::BudgetSpent { provider, .. }
            | Self::Denied { provider, .. }
            | Self::InvalidApiKey { provider, .. }
            | Self::Premium { provider, .. }
            | Self::InvalidRequest { provider, .. }
            | Self::Decode { provider, .. }
            | Self::Storage { provider, .. }
            | Self::Unreachable { provider, .. }
            | Self::Network { provider, .. } => provider,
        }
    }
}
