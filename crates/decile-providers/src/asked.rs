use crate::{Error, Reply};
use decile_core::DateRange;
use decile_core::source::{Call, SourceError};
use std::error::Error as StdError;
use std::time::Duration;

/// Who was asked for what: everything that an error has to name.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    provider: &'static str,
    subject: String,
    range: Option<DateRange>,
}

impl Asked {
    pub(crate) fn new(provider: &'static str, subject: impl ToString) -> Self {
        Self { provider, subject: subject.to_string(), range: None }
    }

    pub(crate) fn within(self, range: DateRange) -> Self {
        Self { range: Some(range), ..self }
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// Shows a request to those who pace calls and keep replies.
    pub(crate) fn call(&self, endpoint: &'static str, request: String) -> Call {
        let (provider, subject) = (self.provider, self.subject.clone());
        Call { provider, endpoint, subject, request }
    }

    pub(crate) fn not_found(&self) -> SourceError {
        SourceError::NotFound { provider: self.provider, subject: self.subject.clone() }
    }

    /// Says that one thing about the subject is not there, as its sector.
    pub(crate) fn lacks(&self, what: &str) -> SourceError {
        let subject = format!("{what} of {}", self.subject);
        SourceError::NotFound { provider: self.provider, subject }
    }

    /// Says that the span is empty; of a request without one, that nothing is there.
    pub(crate) fn no_data(&self) -> SourceError {
        match self.range {
            Some(range) => {
                let (provider, subject) = (self.provider, self.subject.clone());
                SourceError::NoDataInRange { provider, subject, range }
            }
            None => self.not_found(),
        }
    }

    pub(crate) fn rate_limited(&self, reply: &Reply) -> SourceError {
        self.limited(reply.retry_after())
    }

    pub(crate) fn limited(&self, retry_after: Option<Duration>) -> SourceError {
        let (provider, subject) = (self.provider, self.subject.clone());
        SourceError::RateLimited { provider, subject, retry_after }
    }

    pub(crate) fn invalid_api_key(&self) -> SourceError {
        SourceError::InvalidApiKey { provider: self.provider, subject: self.subject.clone() }
    }

    pub(crate) fn premium(&self, what: &'static str) -> SourceError {
        SourceError::Premium { provider: self.provider, subject: self.subject.clone(), what }
    }

    pub(crate) fn denied(&self, what: &'static str) -> SourceError {
        SourceError::Denied { provider: self.provider, subject: self.subject.clone(), what }
    }

    pub(crate) fn invalid_request(&self, what: impl Into<String>) -> SourceError {
        let (provider, subject) = (self.provider, self.subject.clone());
        SourceError::InvalidRequest { provider, subject, what: what.into() }
    }

    pub(crate) fn decode(&self, what: impl Into<String>) -> SourceError {
        self.decode_because(what, None)
    }

    pub(crate) fn decode_because(
        &self,
        what: impl Into<String>,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> SourceError {
        let (provider, subject) = (self.provider, self.subject.clone());
        SourceError::Decode { provider, subject, what: what.into(), source }
    }

    /// Tells of a status that says nothing about the data.
    pub(crate) fn status(&self, reply: &Reply) -> SourceError {
        self.failed(Error::Status {
            request: format!("GET {}", reply.url()),
            status: reply.status(),
        })
    }

    pub(crate) fn failed(&self, error: Error) -> SourceError {
        error.into_source(self.provider, &self.subject)
    }
}
