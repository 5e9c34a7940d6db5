use super::intents::Intents;
use super::owner::{check_owner, told};
use super::{Journal, JournalRecord};
use crate::{AccountId, Error, StrategyId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The format that is written. Those before it are read, too: 2 added records of runs, 3 the owner, 4 what
/// a person says of an order.
const VERSION: u32 = 4;

/// A journal in a file, one JSON object per line.
///
/// It belongs to one strategy and account: its first line says to whom. A file of an older version has no
/// such line and belongs to whoever its records are of; it gets the line when it is opened.
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
/// let open = |strategy: &str| FileJournal::open(&path, &strategy.parse()?, &"DU1".parse()?);
/// let journal = open("q")?;
/// journal.append(&[JournalRecord::Lapsed { id: "q:DU1:20251201:KO:B:1".parse()?, at: now() }])?;
/// assert!(matches!(open("q"), Err(Error::JournalInUse { .. })));
/// drop(journal);
/// assert!(matches!(open("p"), Err(Error::JournalOwner { .. })));
/// assert_eq!(open("q")?.replay()?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    owner: Owner,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    // A write that failed may have left half a line. More lines after it could not be read.
    failed: bool,
    intents: Intents,
}

/// A line has a record or the owner.
#[derive(Serialize, Deserialize)]
struct Line<O, R> {
    v: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<O>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<R>,
}

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    strategy: StrategyId,
    account: AccountId,
}

impl Owner {
    fn pair(&self) -> (&StrategyId, &AccountId) {
        (&self.strategy, &self.account)
    }
}

/// What a file has.
#[derive(Debug, Default)]
struct Content {
    owners: Vec<Owner>,
    records: Vec<JournalRecord>,
}

impl FileJournal {
    /// Opens the journal of a strategy and an account, or begins it if there is no such file.
    ///
    /// # Errors
    /// [`Error::JournalInUse`] if another run has it, [`Error::JournalOwner`] if it is that of another
    /// strategy or account, [`Error::JournalCorrupt`] or [`Error::FormatVersion`] if a line cannot be
    /// read, and [`Error::File`] if the file cannot be opened. Nothing is written then.
    pub fn open(
        path: impl AsRef<Path>,
        strategy: &StrategyId,
        account: &AccountId,
    ) -> Result<Self, Error> {
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
        let owner = Owner { strategy: strategy.clone(), account: account.clone() };
        let content = parse(whole, &path)?;
        content.check_owner(&owner, &path)?;
        let intents = Intents::of(&content.records);
        if whole.len() < bytes.len() {
            file.set_len(whole.len() as u64).map_err(failed("cut the torn end off the journal"))?;
            file.sync_data().map_err(failed("cut the torn end off the journal"))?;
        }
        if content.owners.is_empty() {
            let mut line = Vec::new();
            write(&mut line, (Some(&owner), None), &path)?;
            let written = file.write_all(&line).and_then(|()| file.sync_data());
            written.map_err(failed("write the owner of the journal"))?;
        }
        Ok(Self { path, owner, open: Mutex::new(Open { file, failed: false, intents }) })
    }

    /// Reads all records of a journal, the oldest first, without keeping it from a run. What a run is
    /// just writing, and a torn last line, are left out.
    ///
    /// # Errors
    /// [`Error::File`] if there is no such file, and as [`open`](Self::open).
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<JournalRecord>, Error> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(file_error("read the journal", path))?;
        Ok(parse(whole(&bytes), path)?.records)
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
        check_owner(records, self.owner.pair())?;
        let mut lines = Vec::new();
        for record in records {
            write(&mut lines, (None, Some(record)), &self.path)?;
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
        Ok(parse(&bytes, &self.path)?.records)
    }
}

impl Content {
    /// Makes sure that nothing in the file is of another owner, whether it names one or not.
    fn check_owner(&self, owner: &Owner, path: &Path) -> Result<(), Error> {
        let named = self.owners.iter().map(Owner::pair);
        let mut all = named.chain(self.records.iter().filter_map(JournalRecord::owner));
        match all.find(|found| *found != owner.pair()) {
            Some(found) => {
                let (found, expected) = (told(found), told(owner.pair()));
                Err(Error::JournalOwner { path: path.to_owned(), found, expected })
            }
            None => Ok(()),
        }
    }
}

/// Adds a line.
fn write(
    lines: &mut Vec<u8>,
    (owner, record): (Option<&Owner>, Option<&JournalRecord>),
    path: &Path,
) -> Result<(), Error> {
    let unwritable = |error: serde_json::Error| {
        file_error("write the journal", path)(std::io::Error::from(error))
    };
    serde_json::to_writer(&mut *lines, &Line { v: VERSION, owner, record }).map_err(unwritable)?;
    lines.push(b'\n');
    Ok(())
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

fn parse(bytes: &[u8], path: &Path) -> Result<Content, Error> {
    let mut content = Content::default();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let corrupt =
            |source| Error::JournalCorrupt { path: path.to_owned(), line: index + 1, source };
        // The version is looked at first: what a later one says need not parse.
        let versioned: Line<Value, Value> = serde_json::from_slice(line).map_err(corrupt)?;
        if !(1..=VERSION).contains(&versioned.v) {
            let (path, version) = (path.to_owned(), versioned.v);
            return Err(Error::FormatVersion { path, version, expected: VERSION });
        }
        match versioned.owner {
            Some(owner) => content.owners.push(serde_json::from_value(owner).map_err(corrupt)?),
            // A line with neither is a record that is missing.
            None => {
                let record = versioned.record.unwrap_or_default();
                content.records.push(serde_json::from_value(record).map_err(corrupt)?);
            }
        }
    }
    Ok(content)
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
