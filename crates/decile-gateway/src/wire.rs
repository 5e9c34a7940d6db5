//! Bytes: frames, the handshake, and one module per dialect.

pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod protobuf;
