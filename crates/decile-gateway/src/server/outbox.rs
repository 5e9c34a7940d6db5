use crate::engine::{Line, Reply};
use crate::wire::protobuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// What waits to be written to a client. Putting in never waits; who lets too much wait is
/// dropped.
#[derive(Debug)]
pub(super) struct Outbox {
    account: Arc<str>,
    waiting_max: usize,
    waiting: Mutex<Waiting>,
    filled: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Bytes that are being written.
    on_their_way: usize,
    ending: Option<Ending>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// After what waits.
    Orderly,
    /// At once.
    TooSlow,
}

impl Outbox {
    pub(super) fn new(account: Arc<str>, waiting_max: usize) -> Self {
        Self {
            account,
            waiting_max,
            waiting: Mutex::default(),
            filled: Notify::new(),
            emptied: Notify::new(),
        }
    }

    /// Queues bytes that are no reply.
    pub(super) fn put(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut waiting = self.lock();
        if waiting.ending.is_some() {
            return;
        }
        write(&mut waiting.bytes);
        if waiting.bytes.len() + waiting.on_their_way > self.waiting_max {
            waiting.bytes = Vec::new();
            waiting.ending = Some(Ending::TooSlow);
        }
        self.filled.notify_one();
    }

    /// Returns once less than a quarter of what may wait does.
    pub(super) async fn drained(&self) {
        loop {
            let waiting = {
                let waiting = self.lock();
                waiting.bytes.len() + waiting.on_their_way
            };
            if waiting <= self.waiting_max / 4 {
                return;
            }
            self.emptied.notified().await;
        }
    }

    /// Writes what comes in until the connection breaks or is to be closed.
    pub(super) async fn write_to(&self, mut stream: OwnedWriteHalf) -> &'static str {
        loop {
            let (bytes, ending) = self.take();
            match ending {
                Some(Ending::TooSlow) => return "it reads too slowly",
                Some(Ending::Orderly) if bytes.is_empty() => {
                    // What was written still has to arrive.
                    let _ = stream.shutdown().await;
                    return "it was told to go";
                }
                _ if bytes.is_empty() => self.filled.notified().await,
                _ => {
                    if stream.write_all(&bytes).await.is_err() {
                        return "it cannot be written to";
                    }
                    self.lock().on_their_way = 0;
                    self.emptied.notify_one();
                }
            }
        }
    }

    fn take(&self) -> (Vec<u8>, Option<Ending>) {
        let mut waiting = self.lock();
        let bytes = std::mem::take(&mut waiting.bytes);
        waiting.on_their_way = bytes.len();
        (bytes, waiting.ending)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line for Outbox {
    fn send(&self, reply: &Reply) {
        self.put(|out| protobuf::reply(reply, &self.account, out));
    }

    fn close(&self) {
        self.lock().ending.get_or_insert(Ending::Orderly);
        self.filled.notify_one();
    }
}
