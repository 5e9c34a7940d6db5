//! What is said on a connection, written down frame by frame.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A file of a connection: a line with the version, and then a line for each frame, with who sent it
/// and its bytes, the length included.
#[derive(Debug)]
pub(super) struct Recorder {
    file: Mutex<File>,
}

impl Recorder {
    /// Begins the file of a connection. A name that is taken is passed over, so that what was
    /// recorded before stays.
    pub(super) fn begin(folder: &Path, connection: u64, version: i32) -> Option<Self> {
        let named = |again: u32| folder.join(format!("connection-{connection}-{again}.txt"));
        let begun = (1..1000).find_map(|again| match File::create_new(named(again)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => None,
            other => Some(other),
        });
        let mut file = match begun? {
            Ok(file) => file,
            Err(error) => {
                log::error!("connection {connection} cannot be recorded: {error}");
                return None;
            }
        };
        let _ = writeln!(file, "handshake {{\"server_version\":{version}}}");
        Some(Self { file: Mutex::new(file) })
    }

    /// Writes down the body of a frame of the client.
    pub(super) fn client(&self, body: &[u8]) {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.write("client", &[&length, body].concat());
    }

    /// Writes down frames of the gateway.
    pub(super) fn server(&self, mut frames: &[u8]) {
        while let Some((length, rest)) = frames.split_first_chunk::<4>() {
            let end = 4 + (u32::from_be_bytes(*length) as usize).min(rest.len());
            self.write("server", &frames[..end]);
            frames = &frames[end..];
        }
    }

    fn write(&self, who: &str, frame: &[u8]) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A recording that cannot go on is no reason to trade no more.
        if let Err(error) = writeln!(file, "raw {who} {}", STANDARD.encode(frame)) {
            log::error!("a frame is not recorded: {error}");
        }
    }
}
