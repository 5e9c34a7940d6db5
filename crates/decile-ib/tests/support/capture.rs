//! Recordings of real gateways, in the folder that `DECILE_SHARED` names.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::path::PathBuf;

/// One line of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// A message of the client, with its length before it.
    Client(Vec<u8>),
    /// A message of the gateway, with its length before it.
    Server(Vec<u8>),
}

/// Reads the messages of a recording, in order.
pub(crate) fn lines(file: &str) -> Vec<Line> {
    let shared = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the directory that holds captures/sv225-raw");
    let path = PathBuf::from(shared).join("captures/sv225-raw").join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let decode = |text: &str| BASE64_STANDARD.decode(text).expect("base64");
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| match line.split_once(" client ") {
            Some(("raw", frame)) => Some(Line::Client(decode(frame))),
            _ => line.strip_prefix("raw server ").map(|frame| Line::Server(decode(frame))),
        })
        .collect();
    assert!(!lines.is_empty(), "{} has messages", path.display());
    lines
}

/// Returns what the gateway said, in the stretches between the messages of the client: the first
/// stretch is what it said unasked.
pub(crate) fn stretches(file: &str) -> Vec<Vec<Vec<u8>>> {
    let mut stretches = vec![Vec::new()];
    for line in lines(file) {
        match line {
            Line::Client(_) => stretches.push(Vec::new()),
            Line::Server(frame) => stretches.last_mut().expect("one at least").push(frame),
        }
    }
    stretches
}

/// The number of a message in the text protocol.
pub(crate) fn number(frame: &[u8]) -> u32 {
    u32::from_be_bytes(frame[4..8].try_into().expect("four bytes")) - 200
}
