use super::intents::Intents;
use super::{Journal, JournalRecord};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The format that is written. Those before it are read, too: 2 added records of runs.
const VERSION: u32 = 2;

/// A journal in a file, one JSON object per line.
///
/// Each batch is one write and one flush to disk. The file is locked as long as the journal lives,
/// so that two runs cannot send the same order. A last line without its end is what a crash in
/// the middle of a write leaves: its batch never became durable, nothing was sent on it, and it is
/// cut off on opening. Anything else that cannot be read is an error, for a journal that forgets
/// sends twice.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Error, FileJournal, Journal, JournalRecord};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("q-core.jsonl");
/// let journal = FileJournal::open(&path)?;
/// journal.append(&[JournalRecord::Lapsed { id: "q:DU1:20251201:KO:B:1".parse()?, at: now() }])?;
/// assert!(matches!(FileJournal::open(&path), Err(Error::JournalInUse { .. })));
/// drop(journal);
/// assert_eq!(FileJournal::open(&path)?.replay()?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    // A write that failed may have left half a line. More lines after it could not be read.
    failed: bool,
    intents: Intents,
}

#[derive(Serialize, Deserialize)]
struct Line<R> {
    v: u32,
    record: R,
}

impl FileJournal {
    /// Opens a journal, or begins one if there is no such file.
    ///
    /// # Errors
    /// [`Error::JournalInUse`] if another run has it, [`Error::JournalCorrupt`] or
    /// [`Error::FormatVersion`] if a line cannot be read, and [`Error::File`] if the file cannot
    /// be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        let failed = |operation| file_error(operation, &path);
        let is_new = !path.try_exists().map_err(failed("look for the journal"))?;
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)
            .map_err(failed("open the journal"))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::JournalInUse { path: path.clone() },
            TryLockError::Error(source) => file_error("lock the journal", &path)(source),
        })?;
        if is_new {
            sync_folder(&path).map_err(failed("make the journal"))?;
        }
        let bytes = read(&mut file, &path)?;
        let whole = whole(&bytes);
        let intents = Intents::of(&parse(whole, &path)?);
        if whole.len() < bytes.len() {
            file.set_len(whole.len() as u64).map_err(failed("cut the torn end off the journal"))?;
            file.sync_data().map_err(failed("cut the torn end off the journal"))?;
        }
        Ok(Self { path, open: Mutex::new(Open { file, failed: false, intents }) })
    }

    /// Reads all records of a journal, the oldest first, without keeping it from a run. What a run is
    /// just writing, and a torn last line, are left out.
    ///
    /// # Errors
    /// [`Error::File`] if there is no such file, and as [`open`](Self::open).
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<JournalRecord>, Error> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(file_error("read the journal", path))?;
        parse(whole(&bytes), path)
    }

    fn lock(&self) -> Result<MutexGuard<'_, Open>, Error> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.failed {
            return Err(Error::JournalClosed { path: self.path.clone() });
        }
        Ok(open)
    }
}

impl Journal for FileJournal {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let mut lines = Vec::new();
        for record in records {
            let unwritable = |error: serde_json::Error| {
                file_error("write the journal", &self.path)(std::io::Error::from(error))
            };
            serde_json::to_writer(&mut lines, &Line { v: VERSION, record }).map_err(unwritable)?;
            lines.push(b'\n');
        }
        let mut open = self.lock()?;
        open.intents.refuse(records)?;
        open.intents.add(records);
        let written = open.file.write_all(&lines).and_then(|()| open.file.sync_data());
        open.failed = written.is_err();
        written.map_err(file_error("write the journal", &self.path))
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        let mut open = self.lock()?;
        let bytes = read(&mut open.file, &self.path)?;
        parse(&bytes, &self.path)
    }
}

fn read(file: &mut File, path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_end(&mut bytes))
        .map_err(file_error("read the journal", path))?;
    Ok(bytes)
}

/// The lines that have an end.
fn whole(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    &bytes[..end]
}

fn parse(bytes: &[u8], path: &Path) -> Result<Vec<JournalRecord>, Error> {
    let mut records = Vec::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let corrupt =
            |source| Error::JournalCorrupt { path: path.to_owned(), line: index + 1, source };
        // The version is looked at first: the record of a later one need not parse.
        let versioned: Line<serde_json::Value> = serde_json::from_slice(line).map_err(corrupt)?;
        if !(1..=VERSION).contains(&versioned.v) {
            let (path, version) = (path.to_owned(), versioned.v);
            return Err(Error::FormatVersion { path, version, expected: VERSION });
        }
        records.push(serde_json::from_value(versioned.record).map_err(corrupt)?);
    }
    Ok(records)
}

/// Makes the entry of a new or renamed file in its folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Only Unix opens a folder as a file; elsewhere the file system sees to it.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

pub(crate) fn file_error(
    operation: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { operation, path, source }
}
