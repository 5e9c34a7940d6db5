//! Cookie and crumb, which Yahoo asks for before it gives quotes and statistics.

use super::envelope::{is_crumb_refused, is_throttled};
use crate::asked::Asked;
use crate::{Error, Reply, Request, Secret, Transport, Url};
use decile_core::source::SourceError;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A page that does not exist, on a host that sets the cookie nevertheless.
const COOKIE_URL: &str = "https://fc.yahoo.com/";
const CRUMB_URL: &str = "https://query1.finance.yahoo.com/v1/test/getcrumb";
/// Yahoo answers in detail to browsers alone.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";
/// Where people in Europe are asked for consent.
const CONSENT_HOSTS: [&str; 2] = ["guce.yahoo.com", "consent.yahoo.com"];
const CONSENT: &str = "it asks for consent to cookies, as it does in Europe, and only a person can \
                       give that; call from a region where it does not ask";
/// Crumbs have 11 characters; a page of text has more.
const CRUMB_LENGTH_MAX: usize = 64;

/// Sends requests, with cookie and crumb where needed. One session serves all clones.
#[derive(Clone)]
pub(super) struct Caller {
    transport: Transport,
    session: Arc<Mutex<Option<Session>>>,
}

/// A crumb is good only with the cookie it was given for.
#[derive(Clone, PartialEq, Eq)]
struct Session {
    cookie: Option<Secret>,
    crumb: Secret,
}

impl Caller {
    pub(super) fn new(transport: Transport) -> Self {
        Self { transport, session: Arc::default() }
    }

    /// Asks what needs no crumb.
    pub(super) async fn plain<T>(
        &self,
        endpoint: &'static str,
        url: Url,
        asked: &Asked,
        read: impl FnOnce(&Reply) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let request = dressed(Request::get(url));
        let answer = self.transport.ask(endpoint, &request, asked, |reply| {
            refuse_consent(reply, asked)?;
            read(reply)
        });
        answer.await.map_err(|error| consent(error, asked))
    }

    /// Asks what needs a crumb; if that is refused, once more with a fresh one.
    pub(super) async fn with_crumb<T>(
        &self,
        endpoint: &'static str,
        url: Url,
        asked: &Asked,
        read: impl FnOnce(&Reply) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let unsigned = Request::get(url);
        if let Some(reply) = self.transport.kept(endpoint, &unsigned, asked)? {
            return read(&reply);
        }
        let session = self.session(None, asked).await?;
        let mut reply = self.send(endpoint, session.sign(unsigned.clone()), asked).await?;
        if is_crumb_refused(&reply) {
            let fresh = self.session(Some(&session), asked).await?;
            reply = self.send(endpoint, fresh.sign(unsigned.clone()), asked).await?;
        }
        let answer = read(&reply);
        let call = self.transport.call(endpoint, &unsigned, asked);
        self.transport.keep(&call, &reply, &answer)?;
        answer
    }

    /// Returns the session, which is opened first if there is none, or only the refused one.
    async fn session(
        &self,
        refused: Option<&Session>,
        asked: &Asked,
    ) -> Result<Session, SourceError> {
        // Held over the calls: many tasks that begin together share one session.
        let mut current = self.session.lock().await;
        match &*current {
            Some(session) if Some(session) != refused => Ok(session.clone()),
            _ => {
                // What was refused is of no use, even if opening a new one fails.
                *current = None;
                let session = self.open(asked).await?;
                *current = Some(session.clone());
                Ok(session)
            }
        }
    }

    async fn open(&self, asked: &Asked) -> Result<Session, SourceError> {
        let reply = self.send("cookie", Request::get(known(COOKIE_URL)), asked).await?;
        if is_throttled(&reply) {
            return Err(asked.rate_limited(&reply));
        }
        // Any status will do, the cookie is all that is wanted; without one, a crumb may still come.
        let cookies: Vec<&str> = reply.cookies().iter().map(Secret::reveal).collect();
        let cookie = (!cookies.is_empty()).then(|| Secret::new(cookies.join("; ")));
        let request = Request::get(known(CRUMB_URL)).secret_reply();
        let request = match &cookie {
            Some(cookie) => request.secret_header("cookie", cookie.clone()),
            None => request,
        };
        let reply = self.send("crumb", request, asked).await?;
        let crumb = crumb(&reply, asked)?;
        Ok(Session { cookie, crumb })
    }

    async fn send(
        &self,
        endpoint: &'static str,
        request: Request,
        asked: &Asked,
    ) -> Result<Reply, SourceError> {
        let sent = self.transport.dispatch(endpoint, &dressed(request), asked).await;
        let reply = sent.map_err(|error| consent(error, asked))?;
        refuse_consent(&reply, asked)?;
        Ok(reply)
    }
}

fn dressed(request: Request) -> Request {
    request.header("user-agent", USER_AGENT).stop_at(&CONSENT_HOSTS)
}

fn refuse_consent(reply: &Reply, asked: &Asked) -> Result<(), SourceError> {
    match reply.url().path().to_ascii_lowercase().contains("consent") {
        true => Err(asked.denied(CONSENT)),
        false => Ok(()),
    }
}

/// Says what a redirect to where it asks for consent means.
fn consent(error: SourceError, asked: &Asked) -> SourceError {
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::RedirectRefused { .. }) => asked.denied(CONSENT),
        _ => error,
    }
}

impl Session {
    fn sign(&self, request: Request) -> Request {
        let request = request.secret_query("crumb", self.crumb.clone());
        match &self.cookie {
            Some(cookie) => request.secret_header("cookie", cookie.clone()),
            None => request,
        }
    }
}

/// Takes the crumb out of a reply. Yahoo has answered this with apologies and pages in the place of
/// crumbs, also with status 200.
fn crumb(reply: &Reply, asked: &Asked) -> Result<Secret, SourceError> {
    if is_throttled(reply) {
        return Err(asked.rate_limited(reply));
    }
    match reply.status() {
        200..300 => {}
        401 | 403 => return Err(asked.denied("it gives no crumb; try again in some minutes")),
        _ => return Err(asked.status(reply)),
    }
    let text = reply.text();
    let is_crumb = (1..=CRUMB_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_graphic())
        && !text.contains(['<', '{']);
    if !is_crumb {
        return Err(asked.decode("what should be a crumb is none"));
    }
    Ok(Secret::new(text))
}

fn known(url: &str) -> Url {
    url.parse().expect("a constant of this module is a URL")
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("transport", &self.transport).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn crumb_of(status: u16, body: &str) -> Result<Secret, SourceError> {
        let url = CRUMB_URL.parse().unwrap();
        let reply = Reply::new(url, status, DateTime::UNIX_EPOCH, body);
        crumb(&reply, &Asked::new("Yahoo", "KO"))
    }

    #[test]
    fn only_a_crumb_is_a_crumb() {
        assert_eq!(crumb_of(200, "aaBBccDD.ee").unwrap().reveal(), "aaBBccDD.ee");
        for bad in ["", " ", "a b", "Sorry\n", "<html>", "{\"finance\":1}", &"x".repeat(65)] {
            assert_eq!(crumb_of(200, bad).unwrap_err().kind(), "decode", "{bad:?}");
        }
        for status in [200, 429] {
            for body in ["Too Many Requests\r\n", "Edge: Too Many Requests"] {
                assert_eq!(crumb_of(status, body).unwrap_err().kind(), "rate_limited");
            }
        }
        assert_eq!(crumb_of(401, "").unwrap_err().kind(), "auth");
        assert_eq!(crumb_of(503, "").unwrap_err().kind(), "network");
    }
}
