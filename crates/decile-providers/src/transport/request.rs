use crate::Secret;
use reqwest::Url;
use std::fmt;

/// A GET request. What is secret in it is kept apart and shown nowhere.
///
/// ```
/// use decile_providers::{Request, Secret};
///
/// let url = "https://www.alphavantage.co/query?function=OVERVIEW&symbol=IBM".parse()?;
/// let request = Request::get(url).secret_query("apikey", Secret::new("ABCDEFGH12345678"));
/// assert_eq!(
///     request.to_string(),
///     "GET https://www.alphavantage.co/query?function=OVERVIEW&symbol=IBM"
/// );
/// assert!(!format!("{request:?}").contains("ABCDEFGH"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    url: Url,
    headers: Vec<(&'static str, String)>,
    secret_query: Vec<(&'static str, Secret)>,
    secret_headers: Vec<(&'static str, Secret)>,
    secret_reply: bool,
    stop_at: &'static [&'static str],
}

impl Request {
    /// Makes a request. The URL holds nothing secret: it is shown in errors and names recordings.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            url,
            headers: Vec::new(),
            secret_query: Vec::new(),
            secret_headers: Vec::new(),
            secret_reply: false,
            stop_at: &[],
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header that is secret, as a cookie; a redirect to another host does not get it.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: Secret) -> Self {
        self.secret_headers.push((name, value));
        self
    }

    /// Adds a query parameter that is secret, as a key; a redirect does not get it.
    #[must_use]
    pub fn secret_query(mut self, name: &'static str, value: Secret) -> Self {
        self.secret_query.push((name, value));
        self
    }

    /// Says that the body of the reply is itself a secret: a recording masks it.
    #[must_use]
    pub fn secret_reply(mut self) -> Self {
        self.secret_reply = true;
        self
    }

    /// Says that a redirect to one of these hosts is an error, as where a person has to consent.
    #[must_use]
    pub fn stop_at(mut self, hosts: &'static [&'static str]) -> Self {
        self.stop_at = hosts;
        self
    }

    /// Returns the URL without what is secret.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    pub(super) fn secret_headers(&self) -> &[(&'static str, Secret)] {
        &self.secret_headers
    }

    /// Returns the URL with everything that goes over the wire.
    pub(super) fn whole_url(&self) -> Url {
        let mut url = self.url.clone();
        if !self.secret_query.is_empty() {
            let pairs = self.secret_query.iter().map(|(name, value)| (*name, value.reveal()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    }

    /// Masks the secrets of the request in the body of its reply.
    pub(super) fn mask_in(&self, body: Vec<u8>) -> Vec<u8> {
        let secrets = self.secret_query.iter().chain(&self.secret_headers);
        secrets.fold(body, |body, (_, secret)| secret.mask_in(body))
    }

    pub(super) fn has_secret_reply(&self) -> bool {
        self.secret_reply
    }

    pub(super) fn stops_at(&self, host: &str) -> bool {
        self.stop_at.contains(&host)
    }
}

/// `GET` and the URL without what is secret: how errors and recordings name the request.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GET {}", self.url)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({self})")
    }
}
