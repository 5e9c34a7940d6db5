//! The file of a paper account.

use super::book::Book;
use crate::Error;
use crate::account::lock_file;
use crate::journal::{file_error, sync_folder};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The format that is written and read.
const VERSION: u32 = 1;

/// How many names are tried for a new file beside the old one.
const NAMES_MAX: u32 = 100;

#[derive(Serialize, Deserialize)]
struct State<B> {
    version: u32,
    book: B,
}

/// A file that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    // Locked as long as it is open. The book itself cannot be: each write replaces it, and a lock
    // stays with the old file.
    _lock: File,
}

impl StateFile {
    /// Locks the file of an account, whether it is there or not.
    pub(super) fn lock(path: &Path) -> Result<Self, Error> {
        let in_use = |_| Error::StateInUse { path: path.to_owned() };
        let steps = ["open the lock of the paper account", "lock the paper account"];
        let lock = lock_file(beside(path, ".lock"), steps, in_use)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Replaces the file as a whole: whoever reads it, or dies, sees the old book or the new one.
    pub(super) fn write(&self, book: &Book) -> Result<(), Error> {
        let state = State { version: VERSION, book };
        let text = serde_json::to_vec_pretty(&state).map_err(IoError::from);
        let written = text.and_then(|text| replace(&self.path, &text));
        written.map_err(file_error("write the paper account", &self.path))
    }
}

/// Reads a book; `None` if there is no file. A file that is there is never taken for none.
pub(super) fn read(path: &Path) -> Result<Option<Book>, Error> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file_error("read the paper account", path)(error)),
    };
    let corrupt = |source| Error::StateCorrupt { path: path.to_owned(), source };
    let state: State<serde_json::Value> = serde_json::from_slice(&text).map_err(corrupt)?;
    if state.version != VERSION {
        let (path, version) = (path.to_owned(), state.version);
        return Err(Error::FormatVersion { path, version, expected: VERSION });
    }
    serde_json::from_value(state.book).map(Some).map_err(corrupt)
}

fn replace(path: &Path, text: &[u8]) -> Result<(), IoError> {
    let (new, mut file) = new_file(path)?;
    let written = file
        .write_all(text)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        // What went wrong is told; that a piece is left over as well would not help.
        let _ = std::fs::remove_file(&new);
    }
    written?;
    sync_folder(path)
}

/// Makes a file of a name of its own: nobody's file is overwritten, a link is not followed. In the
/// same folder, because a rename across file systems is a copy.
fn new_file(path: &Path) -> Result<(PathBuf, File), IoError> {
    let process = std::process::id();
    let mut last = IoError::from(ErrorKind::AlreadyExists);
    for number in 0..NAMES_MAX {
        let new = beside(path, &format!(".{process}-{number}.new"));
        match OpenOptions::new().write(true).create_new(true).open(&new) {
            Ok(file) => return Ok((new, file)),
            // What a run that died has left.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}
