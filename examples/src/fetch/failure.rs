use crate::console::one_line;
use decile::core::source::SourceError;
use decile::{providers, store};
use serde_json::json;
use std::fmt;

/// Why there is no answer, in the shape that `fetch --json` prints.
///
/// ```
/// use decile_examples::fetch::Failure;
///
/// let failure = Failure::invalid_request("the SEC has no quotes");
/// let json = r#"{"error":{"kind":"invalid_request","message":"the SEC has no quotes","retry_after_s":null}}"#;
/// assert_eq!(failure.to_json(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One of the kinds of [`SourceError::kind`].
    pub kind: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// Seconds to wait, if the provider says so.
    pub retry_after_s: Option<u64>,
}

impl Failure {
    /// Says that this cannot be asked.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self { kind: "invalid_request", message: message.into(), retry_after_s: None }
    }

    /// Returns one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Self { kind, message, retry_after_s } = self;
        let error = json!({"kind": kind, "message": message, "retry_after_s": retry_after_s});
        json!({ "error": error }).to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let retry_after_s = error.retry_after().map(|wait| wait.as_secs());
        Self { kind: error.kind(), message: one_line(&error), retry_after_s }
    }
}

/// What keeps a transport from being set up: a folder or address that cannot be used.
impl From<providers::Error> for Failure {
    fn from(error: providers::Error) -> Self {
        Self::invalid_request(one_line(&error))
    }
}

/// What keeps the calls from being counted: none may leave then.
impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self { kind: "storage", message: one_line(&error), retry_after_s: None }
    }
}
