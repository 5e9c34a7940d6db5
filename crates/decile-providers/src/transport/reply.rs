use crate::Secret;
use chrono::{DateTime, Utc};
use decile_core::source::KeptReply;
use reqwest::Url;
use reqwest::header::HeaderMap;
use std::fmt;
use std::time::Duration;

/// What came back, whatever its status.
///
/// Secrets of the request are masked in the body.
///
/// ```
/// use decile_providers::Reply;
///
/// let url = "https://example.com/".parse()?;
/// let reply = Reply::new(url, 429, chrono::DateTime::UNIX_EPOCH, "slow down");
/// assert_eq!((reply.status(), reply.text().as_ref()), (429, "slow down"));
/// assert_eq!(reply.retry_after(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    url: Url,
    status: u16,
    retrieved_at: DateTime<Utc>,
    headers: ReplyHeaders,
    body: Vec<u8>,
}

/// The headers that somebody reads.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ReplyHeaders {
    pub(super) content_type: Option<String>,
    pub(super) retry_after: Option<String>,
    /// `name=value` of each cookie.
    pub(super) cookies: Vec<Secret>,
}

impl ReplyHeaders {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let one = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        let cookies = headers.get_all("set-cookie").iter().filter_map(|value| {
            // Attributes such as Domain and Expires follow the first semicolon.
            let pair = value.to_str().ok()?.split(';').next()?.trim();
            pair.contains('=').then(|| Secret::new(pair))
        });
        Self {
            content_type: one("content-type"),
            retry_after: one("retry-after"),
            cookies: cookies.collect(),
        }
    }
}

impl Reply {
    /// Makes a reply without headers.
    #[must_use]
    pub fn new(
        url: Url,
        status: u16,
        retrieved_at: DateTime<Utc>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self { url, status, retrieved_at, headers: ReplyHeaders::default(), body: body.into() }
    }

    /// Makes a reply of one that was kept.
    pub(super) fn kept(url: Url, kept: KeptReply) -> Self {
        let KeptReply { status, content_type, retrieved_at, body, .. } = kept;
        let headers = ReplyHeaders { content_type, ..ReplyHeaders::default() };
        Self { url, status, retrieved_at, headers, body }
    }

    pub(super) fn with_headers(self, headers: ReplyHeaders) -> Self {
        Self { headers, ..self }
    }

    pub(super) fn headers(&self) -> &ReplyHeaders {
        &self.headers
    }

    /// Returns the URL that answered: after redirects, and before a base URL takes its place.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Tells whether the status is one of success, which proves nothing about the body.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns when it came; for a replay, when the recording was made.
    #[must_use]
    pub fn retrieved_at(&self) -> DateTime<Utc> {
        self.retrieved_at
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body as text; what is not UTF-8 becomes �.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns the `Content-Type`, if there is one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.content_type.as_deref()
    }

    /// Returns how long to wait by `Retry-After`, in seconds or until a date; a date that has
    /// passed is no time at all, and what is neither is `None`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.retry_after.as_deref()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
        Some((until - self.retrieved_at).to_std().unwrap_or_default())
    }

    /// Returns `name=value` of each cookie that the reply sets.
    #[must_use]
    pub fn cookies(&self) -> &[Secret] {
        &self.headers.cookies
    }
}

/// Not the body, which may be long, nor the cookies, which are secret.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("url", &self.url.path())
            .field("status", &self.status)
            .field("retrieved_at", &self.retrieved_at)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(retry_after: &str) -> Option<Duration> {
        let at = "2025-02-20T11:47:42Z".parse().unwrap();
        let reply = Reply::new("https://example.com/".parse().unwrap(), 429, at, "");
        let retry_after = Some(retry_after.to_owned());
        reply.with_headers(ReplyHeaders { retry_after, ..ReplyHeaders::default() }).retry_after()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(waiting("120"), Some(Duration::from_secs(120)));
        assert_eq!(waiting("Thu, 20 Feb 2025 11:48:42 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(waiting("Thu, 20 Feb 2025 11:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(waiting("soon"), None);
        assert_eq!(waiting("-5"), None);
    }
}
