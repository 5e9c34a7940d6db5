//! Bytes: frames, the handshake, and one module per dialect.

mod attributes;
mod details;
pub(crate) mod frame;
pub(crate) mod handshake;
mod number;
mod protobuf;
mod stops;
mod text;

use crate::engine::{Reply, Request};

/// The base currency of the account and of everything that is traded.
const CURRENCY: &str = "USD";

/// The smallest step of a price.
const MIN_TICK: &str = "0.01";

/// How messages are written at a server version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    version: i32,
}

impl Dialect {
    pub(crate) fn of(version: i32) -> Self {
        Self { version }
    }

    pub(crate) fn version(self) -> i32 {
        self.version
    }

    /// Reads the body of a frame; one that cannot be read is a request of its own kind.
    pub(crate) fn request(self, body: &[u8]) -> Request {
        if self.is_text() { text::request(body, self.version) } else { protobuf::request(body) }
    }

    /// Writes the frames of a reply.
    pub(crate) fn reply(self, reply: &Reply, account: &str, out: &mut Vec<u8>) {
        if self.is_text() {
            text::reply(reply, account, self.version, out);
        } else {
            protobuf::reply(reply, account, out);
        }
    }

    /// Writes the frames of a reply so that nobody can read them: behind the id of each message
    /// stands nothing that makes sense.
    pub(crate) fn garbled(self, reply: &Reply, account: &str, out: &mut Vec<u8>) {
        let mut whole = frame::Frames::default();
        let mut bytes = Vec::new();
        self.reply(reply, account, &mut bytes);
        whole.extend(&bytes);
        while let Ok(Some(body)) = whole.next() {
            let is_text = self.is_text();
            let id = match is_text {
                true => body.iter().position(|byte| *byte == 0).unwrap_or(body.len()),
                false => body.len().min(4),
            };
            frame::frame(out, |out| {
                out.extend_from_slice(&body[..id]);
                out.extend_from_slice(if is_text { b"\0?\0" } else { &[0xff] });
            });
        }
    }

    fn is_text(self) -> bool {
        handshake::TEXT.contains(&self.version)
    }
}
