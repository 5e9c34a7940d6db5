use decile_core::source::SourceError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can go wrong between a request and its reply.
///
/// A request is named by its URL without keys and crumbs. What a provider says in a reply is a
/// [`SourceError`] at once; these become one by [`into_source`](Self::into_source).
///
/// ```
/// use decile_providers::{Error, Transport};
///
/// let error = Transport::builder().base_url("localhost").build().expect_err("no scheme");
/// assert!(matches!(error, Error::InvalidBaseUrl { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL is not one.
    #[error("{url:?} is not a base URL: give scheme, host and port, as in http://127.0.0.1:8080")]
    InvalidBaseUrl {
        /// What was given.
        url: String,
    },
    /// A recording and a replay at once.
    #[error("a transport records or replays, not both: give one of the two folders")]
    RecordAndReplay,
    /// A contact that the SEC would not take.
    #[error("{contact:?} is no contact: give a name and an e-mail address, in ASCII")]
    InvalidContact {
        /// What was given.
        contact: String,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client {
        /// The cause.
        source: reqwest::Error,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up with what the system trusts")]
    Tls {
        /// The cause.
        source: rustls::Error,
    },
    /// A recording cannot be read or written.
    #[error("cannot {action} the recording {}", path.display())]
    Recording {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file of a replay that is not a recording.
    #[error("{} is not a recording: {what}", path.display())]
    InvalidRecording {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A replay that does not hold the request.
    #[error("{} holds no reply to {request}: record it first", folder.display())]
    NotRecorded {
        /// The request.
        request: String,
        /// The folder of the replay.
        folder: PathBuf,
    },
    /// Redirects without end.
    #[error("{request} was redirected more than {redirects_max} times")]
    TooManyRedirects {
        /// The request.
        request: String,
        /// How many are followed.
        redirects_max: usize,
    },
    /// A redirect to somewhere that the request must not go.
    #[error("{request} was redirected to {host}, which is not followed")]
    RedirectRefused {
        /// The request.
        request: String,
        /// Where it would have gone.
        host: String,
    },
    /// A redirect that the gate does not let out.
    #[error("a redirect may not be followed now")]
    Gate {
        /// Why.
        source: Box<SourceError>,
    },
    /// The reply is longer than anything that the providers send.
    #[error("the reply to {request} has more than {body_size_max} bytes")]
    BodyTooLarge {
        /// The request.
        request: String,
        /// The bound.
        body_size_max: usize,
    },
    /// The reply did not come in time.
    #[error("{request} was not answered within {} s", timeout.as_secs_f64())]
    Timeout {
        /// The request.
        request: String,
        /// The bound, for everything from the connection to the last byte.
        timeout: Duration,
    },
    /// The connection failed, before the reply or in it.
    #[error("the connection failed for {request}")]
    Connection {
        /// The request.
        request: String,
        /// The cause, without its URL.
        source: reqwest::Error,
    },
    /// A status that says nothing about the data: the server is in trouble.
    #[error("{request} was answered with status {status}")]
    Status {
        /// The request.
        request: String,
        /// The status.
        status: u16,
    },
}

impl Error {
    /// Tells whether the same request may be answered later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Connection { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 408,
            Self::Gate { source } => source.is_retryable(),
            _ => false,
        }
    }

    /// Turns the error into one of a source, asked for a symbol or currency.
    #[must_use]
    pub fn into_source(self, provider: &'static str, subject: &str) -> SourceError {
        let subject = subject.to_owned();
        match self {
            Self::Gate { source } => *source,
            Self::BodyTooLarge { .. } => {
                let what = "it is too long".to_owned();
                SourceError::Decode { provider, subject, what, source: Some(Box::new(self)) }
            }
            error if error.is_retryable() => {
                SourceError::Network { provider, subject, source: Box::new(error) }
            }
            error => SourceError::Unreachable { provider, subject, source: Box::new(error) },
        }
    }
}
