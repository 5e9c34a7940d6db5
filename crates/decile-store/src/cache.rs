//! `cache.sqlite`.

mod budgets;
mod replies;
mod runs;
mod schema;

use crate::{Error, file};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use schema::CACHE;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `cache.sqlite`: raw replies and counts of calls in one file, for any number of processes at once.
///
/// What is written is on disk when the call returns, and a kill in the middle leaves the file as it
/// was before. Beside the file stand `…-wal` and `…-shm` while it is in use; they belong to it. A
/// body that is the same as that of the reply before is stored once. Calls block for some
/// milliseconds, and for up to ten seconds while another process writes.
///
/// ```
/// use decile_core::source::{Call, KeptReply, Verdict};
/// use decile_data::ReplyCache;
/// use decile_store::CacheStore;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cache.sqlite");
/// let call = Call {
///     provider: "example",
///     endpoint: "quote",
///     subject: "KO".to_owned(),
///     request: "GET https://example.com/quote?symbol=KO".to_owned(),
/// };
/// let reply = KeptReply {
///     verdict: Verdict::Answer,
///     status: 200,
///     content_type: None,
///     retrieved_at: "2025-12-01T15:00:00Z".parse()?,
///     body: b"72.1".to_vec(),
/// };
/// CacheStore::open(&path)?.append(&call, &reply)?;
/// let kept = CacheStore::open(&path)?.newest(&call, "2025-12-02T00:00:00Z".parse()?)?;
/// assert_eq!(kept, Some(reply));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CacheStore {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl CacheStore {
    /// Opens the file, or begins one if there is none; an older format is brought up to date.
    ///
    /// # Errors
    /// [`Error::FolderMissing`], [`Error::ReadOnly`], [`Error::Corrupt`], [`Error::Foreign`],
    /// [`Error::NewerVersion`] or [`Error::Busy`], as each says, and [`Error::Sqlite`] for whatever
    /// else the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        let connection = file::open(&path, &CACHE)?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns when the newest of all replies came; `None` of an empty file.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::InvalidRow`] and others, if the file cannot be read.
    pub fn newest_retrieval(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let newest = replies::newest_retrieval(&self.lock());
        newest.map_err(|fault| self.sorted(fault))
    }

    /// Notes when a run begins, whose questions about "today" are of that day, however long it takes.
    ///
    /// # Errors
    /// As for [`newest_retrieval`](Self::newest_retrieval), and if the file cannot be written.
    pub fn begin(&self, at: DateTime<Utc>) -> Result<(), Error> {
        runs::begin(&self.lock(), at).map_err(|fault| self.sorted(fault))
    }

    /// Returns when the last run until then began; `None` if none was noted, as in files of earlier
    /// versions.
    ///
    /// # Errors
    /// As for [`newest_retrieval`](Self::newest_retrieval).
    pub fn began(&self, until: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Error> {
        runs::began(&self.lock(), until).map_err(|fault| self.sorted(fault))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction rolled it back, so the connection is sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns an error into the one that the traits speak of.
    fn failed(&self, action: &'static str, fault: impl Into<Fault>) -> decile_data::Error {
        let source = Box::new(self.sorted(fault.into()));
        decile_data::Error::Storage { action, source }
    }

    fn sorted(&self, fault: Fault) -> Error {
        match fault {
            Fault::Sqlite(source) => Error::of(&self.path, source),
            Fault::Row(what) => Error::InvalidRow { path: self.path.clone(), what },
        }
    }
}

/// What can go wrong between SQLite and a value.
enum Fault {
    Sqlite(rusqlite::Error),
    Row(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self::Row(what)
    }
}

impl fmt::Debug for CacheStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheStore").field("path", &self.path).finish_non_exhaustive()
    }
}
