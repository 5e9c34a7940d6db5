//! What a provider's client shows of its calls to those who pace them and keep their replies.

use super::SourceError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::fmt;

/// A request to a provider, without its secrets.
///
/// ```
/// use decile_core::source::Call;
///
/// let call = Call {
///     provider: "example",
///     endpoint: "OVERVIEW",
///     subject: "KO".to_owned(),
///     request: "GET https://example.com/query?function=OVERVIEW&symbol=KO".to_owned(),
/// };
/// assert_eq!(call.to_string(), "example OVERVIEW of KO");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Who is asked.
    pub provider: &'static str,
    /// Which of its endpoints.
    pub endpoint: &'static str,
    /// The symbol or currency asked about.
    pub subject: String,
    /// The request in words, which is the same for the same question and for no other. No key,
    /// crumb or cookie is in it.
    pub request: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {}", self.provider, self.endpoint, self.subject)
    }
}

/// Whether a reply holds what was asked for.
///
/// ```
/// use decile_core::source::Verdict;
///
/// assert_ne!(Verdict::Answer, Verdict::Nothing);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It does.
    Answer,
    /// It says that there is nothing: an unknown symbol, no data in the span, a paid service.
    Nothing,
}

/// A reply as it came, with what its reader made of it.
///
/// ```
/// use decile_core::source::{KeptReply, Verdict};
///
/// let reply = KeptReply {
///     verdict: Verdict::Answer,
///     status: 200,
///     content_type: Some("application/json".to_owned()),
///     retrieved_at: chrono::DateTime::UNIX_EPOCH,
///     body: b"{}".to_vec(),
/// };
/// assert!(format!("{reply:?}").contains("bytes: 2"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct KeptReply {
    /// Whether it holds what was asked for.
    pub verdict: Verdict,
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`, if there was one.
    pub content_type: Option<String>,
    /// When it came.
    pub retrieved_at: DateTime<Utc>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// Not the body, which may be long.
impl fmt::Debug for KeptReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptReply")
            .field("verdict", &self.verdict)
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("retrieved_at", &self.retrieved_at)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// Lets calls out to a provider, one at a time: rates and budgets.
///
/// A client asks before every request that leaves, those for cookies and redirects to its own
/// questions included, so that what is counted is never less than what left.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{Call, Gate, SourceError};
///
/// /// Lets everything out.
/// #[derive(Debug)]
/// struct Open;
///
/// #[async_trait]
/// impl Gate for Open {
///     async fn pass(&self, _: &Call) -> Result<(), SourceError> {
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Gate: fmt::Debug + Send + Sync {
    /// Returns once the call may leave. It then counts as sent, whatever becomes of it.
    ///
    /// # Errors
    /// [`SourceError::BudgetSpent`] or [`SourceError::RateLimited`] if it may not leave now: it must
    /// not be sent then.
    async fn pass(&self, call: &Call) -> Result<(), SourceError>;
}

/// Keeps replies, so that the same question need not be asked twice.
///
/// ```
/// use decile_core::source::{Call, Keeper, KeptReply, SourceError};
///
/// /// Forgets everything.
/// #[derive(Debug)]
/// struct Sieve;
///
/// impl Keeper for Sieve {
///     fn kept(&self, _: &Call) -> Result<Option<KeptReply>, SourceError> {
///         Ok(None)
///     }
///
///     fn keep(&self, _: &Call, _: &KeptReply) -> Result<(), SourceError> {
///         Ok(())
///     }
/// }
/// ```
pub trait Keeper: fmt::Debug + Send + Sync {
    /// Returns a kept reply that may stand for a new one; `None` if the provider has to be asked.
    ///
    /// # Errors
    /// [`SourceError::Storage`] if what is kept cannot be read, [`SourceError::Unreachable`] if
    /// there is nothing and the provider may not be asked.
    fn kept(&self, call: &Call) -> Result<Option<KeptReply>, SourceError>;

    /// Keeps a reply. A client hands over those that it could read, and those that say that there is
    /// nothing: never one of a server in trouble, of a limit, or that makes no sense.
    ///
    /// # Errors
    /// [`SourceError::Storage`] if it cannot be written.
    fn keep(&self, call: &Call, reply: &KeptReply) -> Result<(), SourceError>;
}
