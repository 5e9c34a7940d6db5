//! `journal.sqlite`.

mod schema;

use crate::{Error, file};
use decile_trade::{AccountId, Error as TradeError, Journal, JournalRecord, StrategyId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use schema::JOURNAL;
use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const APPEND: &str = "INSERT INTO records (kind, order_id, record) VALUES (?1, ?2, ?3)";
const REPLAY: &str = "SELECT id, record FROM records ORDER BY id";
const IS_INTENDED: &str = "SELECT 1 FROM records WHERE kind = 'intent' AND order_id = ?1";
const OWNER: &str = "SELECT strategy, account FROM owner";
/// The most pages that SQLite has numbers for.
const PAGES_MAX: u32 = 0xffff_fffe;

/// `journal.sqlite`: what was intended and what became of it, for one strategy and one account.
///
/// A batch is one transaction and is on disk when [`append`](Journal::append) returns. Nothing in it
/// can be changed, replaced or removed, records come last, an order name is intended once, and the file
/// takes orders of its own strategy and account only: the triggers of the database see to that, whoever
/// writes, as long as nobody drops them. One run at a time has
/// it open, by a lock on `<name>.lock`, which is empty and stays behind. Programs that only read need
/// no lock: [`read`](Self::read), or any SQLite shell, for which there are the views `orders`,
/// `executions` and `cleared`.
///
/// ```
/// use decile_store::JournalStore;
/// use decile_trade::{Journal, JournalRecord};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("journal.sqlite");
/// let (strategy, account) = ("q-core".parse()?, "DU1234567".parse()?);
/// let journal = JournalStore::open(&path, &strategy, &account)?;
/// let lapsed = JournalRecord::Lapsed {
///     id: "q-core:DU1234567:20251201:KO:B:1".parse()?,
///     at: "2025-12-02T15:00:00Z".parse()?,
/// };
/// journal.append(&[lapsed.clone()])?;
/// assert!(JournalStore::open(&path, &strategy, &account).is_err()); // one run at a time
/// assert_eq!(JournalStore::read(&path)?, [lapsed]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JournalStore {
    path: PathBuf,
    strategy: StrategyId,
    account: AccountId,
    connection: Mutex<Open>,
    _lock: File,
}

struct Open {
    connection: Connection,
    // A commit that failed may have reached the disk all the same.
    failed: bool,
}

impl JournalStore {
    /// Opens the journal of a strategy and an account, or begins it.
    ///
    /// # Errors
    /// [`Error::Busy`] if another run has it, [`Error::OtherOwner`] if it is that of another strategy
    /// or account, and as [`CacheStore::open`](crate::CacheStore::open).
    pub fn open(
        path: impl AsRef<Path>,
        strategy: &StrategyId,
        account: &AccountId,
    ) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        file::check_place(&path)?;
        let lock = lock(&path)?;
        let mut connection = file::open(&path, &JOURNAL)?;
        own(&mut connection, &path, (strategy, account))?;
        let connection = Mutex::new(Open { connection, failed: false });
        let (strategy, account) = (strategy.clone(), account.clone());
        Ok(Self { path, strategy, account, connection, _lock: lock })
    }

    /// Reads all records of a journal, the oldest first, without keeping it from a run.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is no such file, and as
    /// [`CacheStore::open`](crate::CacheStore::open).
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<JournalRecord>, Error> {
        let path = path.as_ref();
        replay(&file::open_to_read(path, &JOURNAL)?, path)
    }

    /// Lets the file grow to so many bytes and no further, as long as this is open: a program that has
    /// gone wild fills no disk. Less than it has means not a page more.
    ///
    /// What does not fit SQLite refuses just as on a full disk: the batch is not written,
    /// [`append`](Journal::append) fails with [`Error::Full`] as its source, and nothing more is taken
    /// until the journal is opened again. The log beside the file, which SQLite clears from time to time,
    /// does not count.
    ///
    /// # Errors
    /// If SQLite cannot say how large the file is.
    pub fn limit_size(&self, bytes: u64) -> Result<(), Error> {
        let open = self.lock();
        let limit = || {
            let page_size: u32 =
                open.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = u32::try_from(bytes / u64::from(page_size)).unwrap_or(PAGES_MAX);
            // 0 would set no limit at all.
            let pages = pages.clamp(1, PAGES_MAX);
            open.connection.pragma_update(None, "max_page_count", pages)
        };
        limit().map_err(|source| Error::of(&self.path, source))
    }

    /// Lets nothing more be written as long as this is open, as if the file had become read-only, so that
    /// it can be copied or compared while other runs are still kept out: SQLite refuses every batch, and
    /// [`append`](Journal::append) fails with [`Error::ReadOnly`] as its source.
    ///
    /// # Errors
    /// If SQLite does not take it.
    pub fn seal(&self) -> Result<(), Error> {
        let sealed = self.lock().connection.pragma_update(None, "query_only", true);
        sealed.map_err(|source| Error::of(&self.path, source))
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A panic in the middle of a transaction rolled it back, so the connection is sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TradeError {
        TradeError::Journal { journal: self.path.display().to_string(), source: source.into() }
    }

    /// Refuses a record of another strategy or account: its journal would not know of it.
    fn refuse_foreign(&self, records: &[JournalRecord]) -> Result<(), TradeError> {
        let mut owners = records.iter().filter_map(JournalRecord::owner);
        match owners.find(|owner| *owner != (&self.strategy, &self.account)) {
            Some((strategy, account)) => {
                let (path, owner) = (self.path.clone(), format!("{strategy} at {account}"));
                Err(self.failed(Error::ForeignRecord { path, owner }))
            }
            None => Ok(()),
        }
    }
}

impl Journal for JournalStore {
    fn append(&self, records: &[JournalRecord]) -> Result<(), TradeError> {
        self.refuse_foreign(records)?;
        let mut open = self.lock();
        if open.failed {
            return Err(TradeError::JournalClosed { path: self.path.clone() });
        }
        let written = append(&mut open.connection, records);
        written.map_err(|fault| match fault {
            Fault::Intended(error) => error,
            Fault::Sqlite(source) => {
                open.failed = true;
                self.failed(Error::of(&self.path, source))
            }
            Fault::Json(source) => self.failed(source),
        })
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, TradeError> {
        replay(&self.lock().connection, &self.path).map_err(|error| self.failed(error))
    }
}

/// Why a batch is not written.
enum Fault {
    Intended(TradeError),
    Sqlite(rusqlite::Error),
    Json(serde_json::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

fn append(connection: &mut Connection, records: &[JournalRecord]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction.prepare(APPEND)?;
        let mut name = String::new();
        for record in records {
            let text = serde_json::to_string(record).map_err(Fault::Json)?;
            name.clear();
            let id = record.order_id().map(|id| {
                // Writing to a text cannot fail.
                let _ = write!(name, "{id}");
                name.as_str()
            });
            if let Err(error) = insert.execute((kind(&text), id, &text)) {
                // What was written of the batch before it is rolled back.
                return Err(refused(&transaction, record)?.unwrap_or(Fault::Sqlite(error)));
            }
        }
    }
    Ok(transaction.commit()?)
}

/// Tells whether a record was not taken because it is a second intent.
fn refused(connection: &Connection, record: &JournalRecord) -> Result<Option<Fault>, Fault> {
    let JournalRecord::Intent { id, .. } = record else { return Ok(None) };
    let mut select = connection.prepare(IS_INTENDED)?;
    let intended = select.query_row((id.to_string(),), |_| Ok(())).optional()?;
    Ok(intended.map(|()| Fault::Intended(TradeError::DuplicateIntent { id: id.clone() })))
}

fn replay(connection: &Connection, path: &Path) -> Result<Vec<JournalRecord>, Error> {
    let failed = |source| Error::of(path, source);
    let mut select = connection.prepare(REPLAY).map_err(failed)?;
    let mut rows = select.query(()).map_err(failed)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let (number, text): (i64, String) =
            (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        let invalid = |error: serde_json::Error| Error::InvalidRow {
            path: path.to_owned(),
            what: format!("record {number}: {error}"),
        };
        records.push(serde_json::from_str(&text).map_err(invalid)?);
    }
    Ok(records)
}

/// Writes the owner into a new journal, and refuses that of another.
fn own(
    connection: &mut Connection,
    path: &Path,
    (strategy, account): (&StrategyId, &AccountId),
) -> Result<(), Error> {
    let failed = |source| Error::of(path, source);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(String, String)> =
        transaction.query_row(OWNER, (), pair).optional().map_err(failed)?;
    let expected = (strategy.as_str().to_owned(), account.as_str().to_owned());
    match found {
        Some(found) if found == expected => Ok(()),
        Some((strategy, account)) => {
            Err(Error::OtherOwner { path: path.to_owned(), strategy, account })
        }
        None => {
            let insert = "INSERT INTO owner VALUES (1, ?1, ?2)";
            transaction.execute(insert, expected).map_err(failed)?;
            transaction.commit().map_err(failed)
        }
    }
}

/// Keeps other runs out for as long as it lives.
fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let lock_path = path.with_file_name(name);
    let failed = |source| Error::Lock { path: lock_path.clone(), source };
    // It is left behind: whoever removes it may remove that of the next run.
    let options = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
    let lock = options.map_err(failed)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Error::Busy { path: path.to_owned() },
        TryLockError::Error(source) => failed(source),
    })?;
    Ok(lock)
}

/// The name of a record's kind: the only key of its JSON.
fn kind(record: &str) -> &str {
    record.split('"').nth(1).unwrap_or_default()
}

impl fmt::Debug for JournalStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalStore").field("path", &self.path).finish_non_exhaustive()
    }
}
