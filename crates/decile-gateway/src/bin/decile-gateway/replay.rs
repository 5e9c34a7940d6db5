//! A recorded conversation, played to whoever connects.
//!
//! The recorded frames of the gateway come in their order. Before those that followed a frame of the
//! client, one of the same message is waited for; what it says may differ.

use crate::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use decile_gateway::offered_versions;
use serde::Deserialize;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The longest frame that is taken.
const LENGTH_MAX: usize = 16 << 20;

/// How long a client may take to say who it is.
const HANDSHAKE_MAX: Duration = Duration::from_secs(30);

/// A recording, as `--record` writes it.
#[derive(Debug)]
pub(crate) struct Recording {
    version: i32,
    frames: Vec<Frame>,
}

#[derive(Debug)]
enum Frame {
    /// The id of a message of the client.
    Client(i32),
    /// The bytes of a frame of the gateway.
    Server(Vec<u8>),
}

#[derive(Deserialize)]
struct Handshake {
    server_version: i32,
}

impl Recording {
    /// Reads a file; a mistake is told with its line.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the recording {name}: {error}"))?;
        let (mut version, mut frames) = (None, Vec::new());
        for (index, line) in text.lines().enumerate() {
            let wrong = |what: &str| format!("{name}, line {}: {what}", index + 1);
            if let Some(handshake) = line.strip_prefix("handshake ") {
                let handshake: Handshake =
                    serde_json::from_str(handshake).map_err(|error| wrong(&error.to_string()))?;
                version = Some(handshake.server_version);
            } else if let Some(frame) = line.strip_prefix("raw ") {
                let version = version.ok_or_else(|| wrong("the handshake has to come first"))?;
                let (who, bytes) = frame.split_once(' ').ok_or_else(|| wrong("who sent it?"))?;
                let bytes = STANDARD.decode(bytes).map_err(|error| wrong(&error.to_string()))?;
                let body = bytes.get(4..).ok_or_else(|| wrong("a frame is longer"))?;
                frames.push(match who {
                    "client" => Frame::Client(message(body, version)),
                    "server" => Frame::Server(bytes),
                    _ => return Err(wrong("a frame is of the client or the server").into()),
                });
            } else if !line.is_empty() && !line.starts_with('#') {
                return Err(wrong("a line begins with handshake, raw or #").into());
            }
        }
        let version = version.ok_or_else(|| format!("{name} has no handshake"))?;
        Ok(Self { version, frames })
    }
}

/// Returns the id of a message; 0 if it has none.
fn message(body: &[u8], version: i32) -> i32 {
    match body.split_first_chunk::<4>() {
        Some((id, _)) if version > 200 => i32::from_be_bytes(*id),
        _ => {
            let text = body.split(|byte| *byte == 0).next().unwrap_or_default();
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
        }
    }
}

/// Plays a recording to everybody who connects, each on a thread of its own.
pub(crate) fn serve(listener: TcpListener, recording: Recording) {
    let recording = Arc::new(recording);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let recording = recording.clone();
            std::thread::spawn(move || {
                if let Err(error) = play(stream, &recording) {
                    log::info!("a replay ends: {error}");
                }
            });
        }
    });
}

fn play(mut stream: TcpStream, recording: &Recording) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(HANDSHAKE_MAX))?;
    let mut prefix = [0; 4];
    stream.read_exact(&mut prefix)?;
    let hello = read(&mut stream)?;
    let version = recording.version;
    if !offered_versions(&hello).is_some_and(|versions| versions.contains(&version)) {
        // As real gateways do, without a word to the client.
        let spoken = String::from_utf8_lossy(&hello);
        log::warn!(
            "a client is hung up on: the recording is of version {version}, and it speaks {spoken}"
        );
        return Ok(());
    }
    let answer =
        format!("{}\0{}\0", recording.version, chrono::Utc::now().format("%Y%m%d %H:%M:%S UTC"));
    stream.write_all(&(answer.len() as u32).to_be_bytes())?;
    stream.write_all(answer.as_bytes())?;
    stream.set_read_timeout(None)?;
    for frame in &recording.frames {
        match frame {
            Frame::Server(bytes) => stream.write_all(bytes)?,
            Frame::Client(expected) => loop {
                let sent = message(&read(&mut stream)?, recording.version);
                if sent == *expected {
                    break;
                }
                log::info!("message {sent} is not in the recording, which goes on with {expected}");
            },
        }
    }
    log::info!("the recording is over");
    // It is the client that ends it.
    loop {
        read(&mut stream)?;
    }
}

fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LENGTH_MAX {
        return Err(std::io::Error::other(format!("a frame of {length} bytes")));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}
