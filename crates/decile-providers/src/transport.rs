//! One way out to all providers.

mod builder;
mod calls;
mod cassette;
mod reply;
mod request;

pub use builder::TransportBuilder;
pub use cassette::Cassette;
pub use reply::Reply;
pub use request::Request;

use crate::Error;
use chrono::{DateTime, Utc};
use decile_core::Clock;
use decile_core::source::{Call, Gate, Keeper};
use reply::ReplyHeaders;
use reqwest::Url;
use reqwest::header::LOCATION;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Sends requests, bounded in time, size and redirects; can record replies and replay them.
///
/// It never sends a request twice. A reply of any status is a reply; errors are those of
/// [`Error`]. Cloning shares the connections.
///
/// ```
/// use decile_providers::Transport;
/// use std::time::Duration;
///
/// // Everything goes to a server of one's own, path and query unchanged.
/// let transport = Transport::builder()
///     .base_url("http://127.0.0.1:8080")
///     .timeout(Duration::from_secs(5))
///     .build()?;
/// assert_eq!(transport.recorded_at(), None);
/// # Ok::<(), decile_providers::Error>(())
/// ```
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    base_url: Option<Url>,
    tape: Tape,
    bounds: Bounds,
    clock: Arc<dyn Clock>,
    /// The time that it is for requests, if it is not the clock's.
    at: Option<DateTime<Utc>>,
    gate: Option<Arc<dyn Gate>>,
    keeper: Option<Arc<dyn Keeper>>,
}

/// What becomes of replies.
#[derive(Clone)]
enum Tape {
    Live,
    Record(PathBuf),
    Replay(Arc<Replay>),
}

/// A folder of recordings and which file answers which request.
struct Replay {
    folder: PathBuf,
    files: BTreeMap<String, PathBuf>,
    recorded_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    timeout: Duration,
    body_size_max: usize,
    redirects_max: usize,
}

impl Transport {
    /// Starts to set one up.
    #[must_use]
    pub fn builder() -> TransportBuilder {
        TransportBuilder::default()
    }

    /// Sends a request and returns the reply, whatever its status.
    ///
    /// Dropping the future ends the exchange. Neither gate nor keeper is asked: the providers do
    /// that, who know what a request is about.
    ///
    /// # Errors
    /// Whatever keeps a whole reply from coming within the bounds; in a replay
    /// [`Error::NotRecorded`] if it holds no such request.
    pub async fn send(&self, request: &Request) -> Result<Reply, Error> {
        self.send_as(request, None).await
    }

    /// Sends a request; each redirect of a call that is named passes the gate.
    async fn send_as(&self, request: &Request, call: Option<&Call>) -> Result<Reply, Error> {
        if let Tape::Replay(replay) = &self.tape {
            return replay.reply(request, self.bounds.body_size_max);
        }
        let timeout = self.bounds.timeout;
        let exchange = tokio::time::timeout(timeout, self.exchange(request, call));
        let late = |_| Error::Timeout { request: request.to_string(), timeout };
        let reply = exchange.await.map_err(late)??;
        if let Tape::Record(folder) = &self.tape {
            Cassette::new(request, &reply).write(folder)?;
        }
        Ok(reply)
    }

    /// Returns when a replay was recorded, which is the time at which it plays: that at which the
    /// recording began or, of one made by an earlier version, that of its newest reply. `None` for a live
    /// transport.
    #[must_use]
    pub fn recorded_at(&self) -> Option<DateTime<Utc>> {
        match &self.tape {
            Tape::Replay(replay) => replay.recorded_at,
            Tape::Live | Tape::Record(_) => None,
        }
    }

    /// Returns the time that it is for requests: that of a replay, or the one that
    /// [was fixed](TransportBuilder::at), as a recording does, else the clock's.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.recorded_at().or(self.at).unwrap_or_else(|| self.clock.now())
    }

    /// Follows redirects to the reply.
    async fn exchange(&self, request: &Request, call: Option<&Call>) -> Result<Reply, Error> {
        let mut url = request.whole_url();
        let origin = url.origin();
        for hop in 0..=self.bounds.redirects_max {
            if let (Some(gate), Some(call), 1..) = (&self.gate, call, hop) {
                let refused = |source| Error::Gate { source: Box::new(source) };
                gate.pass(call).await.map_err(refused)?;
            }
            let mut get = self.client.get(self.mapped(&url));
            for (name, value) in request.headers() {
                get = get.header(*name, value);
            }
            if url.origin() == origin {
                for (name, value) in request.secret_headers() {
                    get = get.header(*name, value.reveal());
                }
            }
            let response = get.send().await.map_err(|error| failed(request, error))?;
            match redirect(&url, &response) {
                None => return self.read(request, url, response).await,
                Some(target) => {
                    let host = target.host_str().unwrap_or_default();
                    if request.stops_at(host) {
                        let (request, host) = (request.to_string(), host.to_owned());
                        return Err(Error::RedirectRefused { request, host });
                    }
                    url = target;
                }
            }
        }
        let redirects_max = self.bounds.redirects_max;
        Err(Error::TooManyRedirects { request: request.to_string(), redirects_max })
    }

    /// Puts the base URL in the place of scheme, host and port.
    fn mapped(&self, url: &Url) -> Url {
        let Some(base) = &self.base_url else { return url.clone() };
        let mut mapped = base.clone();
        mapped.set_path(url.path());
        mapped.set_query(url.query());
        mapped
    }

    async fn read(
        &self,
        request: &Request,
        url: Url,
        mut response: reqwest::Response,
    ) -> Result<Reply, Error> {
        let status = response.status().as_u16();
        let headers = ReplyHeaders::of(response.headers());
        let body_size_max = self.bounds.body_size_max;
        let told = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(told.unwrap_or_default().min(body_size_max));
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(request, error))? {
            if body.len() + chunk.len() > body_size_max {
                return Err(Error::BodyTooLarge { request: request.to_string(), body_size_max });
            }
            body.extend_from_slice(&chunk);
        }
        let body = request.mask_in(body);
        // The query of the first hop holds the secrets; where it led is what the caller may see.
        let mut url = url;
        if url.origin() == request.url().origin() && url.path() == request.url().path() {
            url = request.url().clone();
        }
        Ok(Reply::new(url, status, self.clock.now(), body).with_headers(headers))
    }
}

/// Returns where the response redirects to, if it does; an unreadable place is none.
fn redirect(url: &Url, response: &reqwest::Response) -> Option<Url> {
    let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
    url.join(location?.to_str().ok()?).ok()
}

fn failed(request: &Request, error: reqwest::Error) -> Error {
    // The URL of a reqwest error has the key in it.
    Error::Connection { request: request.to_string(), source: error.without_url() }
}

impl Replay {
    fn reply(&self, request: &Request, body_size_max: usize) -> Result<Reply, Error> {
        let name = request.to_string();
        match self.files.get(&name) {
            Some(path) => Ok(Cassette::read(path, body_size_max)?.into_reply()),
            None => Err(Error::NotRecorded { request: name, folder: self.folder.clone() }),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Transport");
        if let Some(base) = &self.base_url {
            debug.field("base_url", &base.as_str());
        }
        match &self.tape {
            Tape::Live => &mut debug,
            Tape::Record(folder) => debug.field("record", folder),
            Tape::Replay(replay) => debug.field("replay", &replay.folder),
        };
        debug.field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
