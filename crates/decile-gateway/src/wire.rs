//! Bytes: frames, the handshake, and one module per dialect.

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

    /// Writes the frame of an open order that nobody can read.
    pub(crate) fn garbled(self, out: &mut Vec<u8>) {
        frame::frame(out, |out| match self.is_text() {
            true => out.extend_from_slice(b"5\0?\0"),
            false => out.extend_from_slice(&[0, 0, 0, 205, 0xff]),
        });
    }

    fn is_text(self) -> bool {
        handshake::TEXT.contains(&self.version)
    }
}
