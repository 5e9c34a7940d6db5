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

    fn is_text(self) -> bool {
        handshake::TEXT.contains(&self.version)
    }
}
