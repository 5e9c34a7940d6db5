//! The file of a paper account.

use super::book::Book;
use crate::Error;
use crate::journal::{file_error, sync_folder};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The format that is written and read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct State<B> {
    version: u32,
    book: B,
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

/// Replaces the file as a whole: whoever reads it, or dies, sees the old book or the new one.
pub(super) fn write(path: &Path, book: &Book) -> Result<(), Error> {
    let state = State { version: VERSION, book };
    let written =
        serde_json::to_vec_pretty(&state).map_err(std::io::Error::from).and_then(|text| {
            // In the same folder, because a rename across file systems is a copy.
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(".new");
            let new = path.with_file_name(name);
            let mut file = File::create(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&new, path)?;
            sync_folder(path)
        });
    written.map_err(file_error("write the paper account", path))
}
