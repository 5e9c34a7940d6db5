use super::cassette::{heads, read_time, write_time};
use super::{Bounds, Replay, Tape, Transport};
use crate::Error;
use chrono::{DateTime, Utc};
use decile_core::source::{Gate, Keeper};
use decile_core::{Clock, SystemClock};
use reqwest::Url;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Sets a [`Transport`] up.
///
/// ```
/// use decile_providers::Transport;
///
/// let transport = Transport::builder().body_size_max(1_000_000).redirects_max(2).build()?;
/// # Ok::<(), decile_providers::Error>(())
/// ```
#[derive(Debug)]
pub struct TransportBuilder {
    base_url: Option<String>,
    record: Option<PathBuf>,
    replay: Option<PathBuf>,
    bounds: Bounds,
    clock: Arc<dyn Clock>,
    at: Option<DateTime<Utc>>,
    gate: Option<Arc<dyn Gate>>,
    keeper: Option<Arc<dyn Keeper>>,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        Self {
            base_url: None,
            record: None,
            replay: None,
            bounds: Bounds {
                timeout: Duration::from_secs(30),
                body_size_max: 20_000_000,
                redirects_max: 5,
            },
            clock: Arc::new(SystemClock),
            at: None,
            gate: None,
            keeper: None,
        }
    }
}

impl TransportBuilder {
    /// Sends the requests of every host there, with path and query unchanged, and past any proxy. A
    /// keeper knows the replies under this address, and a recording under the provider's.
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Self { base_url: Some(url.into()), ..self }
    }

    /// Records every reply in a folder, which is made if need be.
    #[must_use]
    pub fn record(self, folder: impl Into<PathBuf>) -> Self {
        Self { record: Some(folder.into()), ..self }
    }

    /// Answers from a folder of recordings, without any network.
    #[must_use]
    pub fn replay(self, folder: impl Into<PathBuf>) -> Self {
        Self { replay: Some(folder.into()), ..self }
    }

    /// Bounds the time of a request, from the connection over all redirects to the last byte; 30 s
    /// unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeout = timeout;
        self
    }

    /// Bounds the bytes of a body, unpacked; 20 MB unless set.
    #[must_use]
    pub fn body_size_max(mut self, body_size_max: usize) -> Self {
        self.bounds.body_size_max = body_size_max;
        self
    }

    /// Bounds the redirects that are followed; 5 unless set.
    #[must_use]
    pub fn redirects_max(mut self, redirects_max: usize) -> Self {
        self.bounds.redirects_max = redirects_max;
        self
    }

    /// Stamps replies with this clock instead of the machine's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Fixes the time that it is for requests, whatever the clock says when they are made, so that those
    /// of a run which goes on past midnight are of one day. A recording has one in any case, that at which
    /// it was set up, and is replayed at it; transports that record into one folder should get the same.
    #[must_use]
    pub fn at(self, time: DateTime<Utc>) -> Self {
        Self { at: Some(time), ..self }
    }

    /// Makes the providers pass this gate before each request that leaves; a replay lets nothing
    /// out.
    #[must_use]
    pub fn gate(self, gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Makes the providers look here before they ask, and put here what they were told; not in a
    /// replay.
    #[must_use]
    pub fn keeper(self, keeper: Arc<dyn Keeper>) -> Self {
        Self { keeper: Some(keeper), ..self }
    }

    /// Sets the transport up.
    ///
    /// # Errors
    /// [`Error::InvalidBaseUrl`], [`Error::RecordAndReplay`], [`Error::Recording`] or
    /// [`Error::InvalidRecording`] for a folder that cannot be used, [`Error::Tls`] if the system has
    /// no certificates, [`Error::Client`].
    pub fn build(self) -> Result<Transport, Error> {
        let base_url = self.base_url.as_deref().map(base).transpose()?;
        let mut at = self.at;
        let tape = match (self.record.clone(), self.replay.clone()) {
            (Some(_), Some(_)) => return Err(Error::RecordAndReplay),
            (Some(folder), None) => recorder(folder, *at.get_or_insert_with(|| self.clock.now()))?,
            (None, Some(folder)) => Tape::Replay(Arc::new(replay(folder)?)),
            (None, None) => Tape::Live,
        };
        let trust = match (&base_url, &tape) {
            (_, Tape::Replay(_)) => Trust::Nobody,
            (Some(url), _) if url.scheme() == "http" => Trust::Nobody,
            _ => Trust::System,
        };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(trust)?)
            .redirect(reqwest::redirect::Policy::none()) // the transport follows them itself
            .retry(reqwest::retry::never())
            .referer(false);
        let client = match &base_url {
            Some(_) => client.no_proxy(),
            None => client.https_only(true),
        };
        let client = client.build().map_err(|source| Error::Client { source })?;
        let Self { bounds, clock, gate, keeper, .. } = self;
        Ok(Transport { client, base_url, tape, bounds, clock, at, gate, keeper })
    }
}

/// Whose certificates count.
#[derive(Debug, Clone, Copy)]
enum Trust {
    /// Those that the system trusts.
    System,
    /// Nobody's, where nothing is sent by TLS: a machine may have no certificates, and reading them
    /// takes time.
    Nobody,
}

/// The provider of the cryptography is named, so that it does not depend on what else is linked.
fn tls(trust: Trust) -> Result<ClientConfig, Error> {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |source| Error::Tls { source };
    let builder = ClientConfig::builder_with_provider(ring);
    let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
    let builder = match trust {
        Trust::System => builder.with_platform_verifier().map_err(failed)?,
        Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()),
    };
    Ok(builder.with_no_client_auth())
}

fn base(text: &str) -> Result<Url, Error> {
    let usable = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
    };
    let url = text.parse().ok().filter(usable);
    url.ok_or_else(|| Error::InvalidBaseUrl { url: text.to_owned() })
}

/// Makes the folder of a recording, with the time at which it is to be replayed.
fn recorder(folder: PathBuf, at: DateTime<Utc>) -> Result<Tape, Error> {
    if let Err(source) = fs::create_dir_all(&folder) {
        return Err(Error::Recording { action: "make", path: folder, source });
    }
    write_time(&folder, at)?;
    Ok(Tape::Record(folder))
}

fn replay(folder: PathBuf) -> Result<Replay, Error> {
    let heads = heads(&folder)?;
    // Recordings of earlier versions have none: the day of their last reply is that of their requests.
    let newest = || heads.iter().map(|(_, head)| head.retrieved_at).max();
    let recorded_at = read_time(&folder)?.or_else(newest);
    let files = heads.into_iter().map(|(path, head)| (head.request, path)).collect();
    Ok(Replay { folder, files, recorded_at })
}
