use super::Shared;
use super::outbox::{Outbox, Speaker};
use super::record::Recorder;
use crate::config::Limits;
use crate::engine::ConnectionId;
use crate::wire::frame::Frames;
use crate::wire::{Dialect, handshake};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::task::yield_now;
use tokio::time::timeout;

/// How much is read in one piece.
const CHUNK: usize = 64 << 10;

/// How many requests are answered before it is looked at whether the answers are read.
const REQUESTS_AT_ONCE: usize = 64;

/// For how long more is looked for before the thread goes to sleep, where another processor is there for the
/// client. Who waits for one order to fill sends the next soon, and to wake a thread takes longer than to
/// fill an order.
const ALERT: Duration = Duration::from_micros(100);

/// How long a connection that is closed may take to take note of it.
const FAREWELL: Duration = Duration::from_secs(1);

/// One client, from its first byte to its last.
#[derive(Debug)]
pub(super) struct Connection {
    id: ConnectionId,
    shared: Arc<Shared>,
    frames: Frames,
    chunk: Vec<u8>,
    recorder: Option<Arc<Recorder>>,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, shared: Arc<Shared>) -> Self {
        Self { id, shared, frames: Frames::default(), chunk: vec![0; CHUNK], recorder: None }
    }

    pub(super) async fn run(mut self, stream: TcpStream) {
        let id = self.id;
        // Replies are small and somebody waits for them.
        if let Err(error) = stream.set_nodelay(true) {
            log::debug!("connection {id} writes with delay: {error}");
        }
        let (mut read, write) = stream.into_split();
        let outbox = Arc::new(Outbox::new(self.shared.limits.queue_max));
        let reason = tokio::select! {
            reason = self.converse(&mut read, &outbox) => reason,
            reason = outbox.write_to(write) => {
                // Bytes that nobody reads would make the last ones we wrote be thrown away.
                let _ = timeout(FAREWELL, read_out(&mut read)).await;
                reason.to_owned()
            }
        };
        self.shared.engine().disconnect(id);
        log::info!("connection {id} ends: {reason}");
    }

    async fn converse(&mut self, read: &mut OwnedReadHalf, outbox: &Arc<Outbox>) -> String {
        let Limits { handshake_max, stall_max, .. } = self.shared.limits;
        let dialect = match timeout(handshake_max, self.shake_hands(read, outbox)).await {
            Ok(Ok(dialect)) => dialect,
            Ok(Err(reason)) => return reason,
            Err(_) => return "it does not say who it is".to_owned(),
        };
        let folder = self.shared.record.as_deref();
        self.recorder = folder
            .and_then(|folder| Recorder::begin(folder, self.id, dialect.version()))
            .map(Arc::new);
        self.shared.engine().connect(self.id, |account| {
            let recorder = self.recorder.clone();
            Arc::new(Speaker::new(outbox.clone(), dialect, account.clone(), recorder))
        });
        loop {
            let more = match self.take_requests(dialect) {
                Ok(more) => more,
                Err(reason) => return reason,
            };
            // Who does not read what was answered cannot ask for more.
            if timeout(stall_max, outbox.drained()).await.is_err() {
                return "it has stopped reading".to_owned();
            }
            if more {
                continue;
            }
            if let Err(reason) = self.read(read).await {
                return reason;
            }
        }
    }

    /// Agrees on a version. Nothing is sent after the answer until the client says who it is.
    async fn shake_hands(
        &mut self,
        read: &mut OwnedReadHalf,
        outbox: &Outbox,
    ) -> Result<Dialect, String> {
        loop {
            match self.frames.prefix() {
                Some(true) => break,
                Some(false) => return Err("it does not begin as a client does".to_owned()),
                None => self.read(read).await?,
            }
        }
        let offered = loop {
            if let Some(body) = self.frames.next().map_err(|error| error.to_string())? {
                let text = String::from_utf8_lossy(body);
                break handshake::offered_versions(body).ok_or(format!("it offers {text:?}"))?;
            }
            self.read(read).await?;
        };
        let max = self.shared.version_max;
        let version = handshake::agreed(&offered, max).ok_or_else(|| {
            let (text, protobuf) = (handshake::TEXT, handshake::PROTOBUF);
            format!(
                "it speaks versions {offered:?}, and {text:?} and {protobuf:?} are spoken here, \
                 up to {max}"
            )
        })?;
        let time = self.shared.engine().connection_time();
        outbox.put(|out| handshake::answer(out, version, &time));
        log::info!("connection {} speaks version {version}", self.id);
        Ok(Dialect::of(version))
    }

    /// Hands requests that are complete to the engine, in one piece; tells whether there may be
    /// more.
    fn take_requests(&mut self, dialect: Dialect) -> Result<bool, String> {
        let mut requests = Vec::new();
        let broken = loop {
            if requests.len() == REQUESTS_AT_ONCE {
                break Ok(true);
            }
            match self.frames.next() {
                Ok(Some(body)) => {
                    if let Some(recorder) = &self.recorder {
                        recorder.client(body);
                    }
                    requests.push(dialect.request(body));
                }
                Ok(None) => break Ok(false),
                Err(error) => break Err(error.to_string()),
            }
        };
        if !requests.is_empty() {
            self.shared.engine().handle(self.id, requests);
        }
        broken
    }

    async fn read(&mut self, read: &mut OwnedReadHalf) -> Result<(), String> {
        let soon = if self.shared.is_alert { self.read_soon(read).await } else { None };
        let count = match soon {
            Some(count) => count,
            None => read.read(&mut self.chunk).await,
        };
        match count {
            Ok(0) => Err("it hung up".to_owned()),
            Ok(count) => {
                self.frames.extend(&self.chunk[..count]);
                Ok(())
            }
            Err(error) => Err(format!("it cannot be read from: {error}")),
        }
    }

    /// Reads what comes within a moment, without going to sleep; `None` if nothing does.
    async fn read_soon(&mut self, read: &OwnedReadHalf) -> Option<io::Result<usize>> {
        let began = Instant::now();
        while began.elapsed() < ALERT {
            match read.try_read(&mut self.chunk) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => yield_now().await,
                told => return Some(told),
            }
        }
        None
    }
}

async fn read_out(read: &mut OwnedReadHalf) {
    let mut chunk = [0; 4096];
    while matches!(read.read(&mut chunk).await, Ok(count) if count > 0) {}
}
