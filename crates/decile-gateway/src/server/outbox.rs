use super::record::Recorder;
use crate::engine::{Line, Reply};
use crate::wire::Dialect;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// What waits to be written to a client. Putting in never waits; who lets too much wait is
/// dropped.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting_max: usize,
    waiting: Mutex<Waiting>,
    filled: Notify,
    emptied: Notify,
    overfilled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Bytes that are being written.
    on_their_way: usize,
    /// Nothing more is taken.
    is_closed: bool,
}

impl Outbox {
    pub(super) fn new(waiting_max: usize) -> Self {
        Self {
            waiting_max,
            waiting: Mutex::default(),
            filled: Notify::new(),
            emptied: Notify::new(),
            overfilled: Notify::new(),
        }
    }

    /// Queues bytes that are no reply.
    pub(super) fn put(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return;
        }
        write(&mut waiting.bytes);
        if waiting.bytes.len() + waiting.on_their_way > self.waiting_max {
            waiting.bytes = Vec::new();
            waiting.is_closed = true;
            self.overfilled.notify_one();
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

    /// Writes what comes in until the connection breaks, is to be closed or falls behind.
    pub(super) async fn write_to(&self, stream: OwnedWriteHalf) -> &'static str {
        tokio::select! {
            reason = self.write_all_to(stream) => reason,
            // A write to somebody who does not read never ends by itself.
            () = self.overfilled.notified() => "it reads too slowly",
        }
    }

    async fn write_all_to(&self, mut stream: OwnedWriteHalf) -> &'static str {
        loop {
            let (bytes, is_closed) = self.take();
            match bytes.is_empty() {
                true if is_closed => {
                    // What was written still has to arrive.
                    let _ = stream.shutdown().await;
                    return "it was told to go";
                }
                true => self.filled.notified().await,
                false => {
                    if stream.write_all(&bytes).await.is_err() {
                        return "it cannot be written to";
                    }
                    self.lock().on_their_way = 0;
                    self.emptied.notify_one();
                }
            }
        }
    }

    fn take(&self) -> (Vec<u8>, bool) {
        let mut waiting = self.lock();
        let bytes = std::mem::take(&mut waiting.bytes);
        waiting.on_their_way = bytes.len();
        (bytes, waiting.is_closed)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who speaks to a client: its outbox, in its dialect.
#[derive(Debug)]
pub(super) struct Speaker {
    outbox: Arc<Outbox>,
    dialect: Dialect,
    account: Arc<str>,
    recorder: Option<Arc<Recorder>>,
}

impl Speaker {
    pub(super) fn new(
        outbox: Arc<Outbox>,
        dialect: Dialect,
        account: Arc<str>,
        recorder: Option<Arc<Recorder>>,
    ) -> Self {
        Self { outbox, dialect, account, recorder }
    }

    /// Queues frames, and writes them down if they are to be.
    fn put(&self, write: impl FnOnce(&mut Vec<u8>)) {
        self.outbox.put(|out| {
            let begin = out.len();
            write(out);
            if let Some(recorder) = &self.recorder {
                recorder.server(&out[begin..]);
            }
        });
    }
}

impl Line for Speaker {
    fn send(&self, reply: &Reply) {
        self.put(|out| self.dialect.reply(reply, &self.account, out));
    }

    fn garble(&self, reply: &Reply) {
        self.put(|out| self.dialect.garbled(reply, &self.account, out));
    }

    fn close(&self) {
        self.outbox.lock().is_closed = true;
        self.outbox.filled.notify_one();
    }
}
