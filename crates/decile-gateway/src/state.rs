//! The file that an account outlives its gateway in: one event a line, only ever added to.

use crate::Error;
use crate::engine::event::Event;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// How a state begins. A file of one line without an end that begins otherwise is somebody else's,
/// and is left as it is.
const FIRST: &[u8] = b"{\"event\":\"begin\",";

/// A state file that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    // Locked as long as it is open. It is never replaced, so the lock stays with the name.
    file: File,
    /// Lines that are not written yet.
    waiting: Vec<u8>,
}

impl StateFile {
    /// Opens a file, or begins one, and reads its events. A last line without its end is what a
    /// kill in the middle of a write leaves: no client was told of it, and it is cut off.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Event>), Error> {
        let failed = |operation| file_error(operation, path);
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .map_err(failed("open the state"))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::StateInUse { path: path.to_owned() },
            TryLockError::Error(source) => failed("lock the state")(source),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read the state"))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let events = parse(&bytes[..whole], path)?;
        if whole == 0 && !FIRST.starts_with(&bytes[..bytes.len().min(FIRST.len())]) {
            return Err(Error::StateForeign { path: path.to_owned() });
        }
        if whole < bytes.len() {
            log::warn!(
                "{} ends in the middle of a line: its last {} bytes are cut off",
                path.display(),
                bytes.len() - whole
            );
            file.set_len(whole as u64).map_err(failed("cut the torn end off the state"))?;
        }
        Ok((Self { path: path.to_owned(), file, waiting: Vec::new() }, events))
    }

    /// Adds an event to those that wait to be written.
    pub(crate) fn record(&mut self, event: &Event) {
        // Plain data with text for keys: there is nothing in it that JSON could not hold.
        if let Err(error) = serde_json::to_writer(&mut self.waiting, event) {
            log::error!("an event cannot be written: {error}");
        }
        self.waiting.push(b'\n');
    }

    /// Hands what waits to the operating system.
    pub(crate) fn write(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.waiting);
        self.waiting.clear();
        written.map_err(file_error("write the state", &self.path))
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<Vec<Event>, Error> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let events = lines.map(|(index, line)| {
        serde_json::from_slice(line).map_err(|source| Error::StateCorrupt {
            path: path.to_owned(),
            line: index + 1,
            source,
        })
    });
    events.collect()
}

fn file_error(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { operation, path, source }
}
