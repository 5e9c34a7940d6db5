use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Everything that can go wrong with a SQLite file of decile.
///
/// ```
/// use decile_store::{CacheStore, Error};
///
/// let error = CacheStore::open("no/such/folder/cache.sqlite").expect_err("there is none");
/// assert!(matches!(error, Error::FolderMissing { .. }));
/// assert_eq!(error.to_string(), "there is no folder no/such/folder for cache.sqlite: make it first");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder of the file does not exist.
    #[error("there is no folder {} for {name}: make it first", folder.display())]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
        /// The name of the file.
        name: String,
    },
    /// A file that is to be read is not there.
    #[error("there is no file {}: give the path of one", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A journal that belongs to another strategy or account.
    #[error(
        "{} is the journal of strategy {strategy} and account {account}: give another file",
        path.display()
    )]
    OtherOwner {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        strategy: String,
        /// And the account that it trades.
        account: String,
    },
    /// A record that does not belong into this journal.
    #[error("a record of {owner} is none of the strategy and account of {}", path.display())]
    ForeignRecord {
        /// The file.
        path: PathBuf,
        /// Strategy and account of the record.
        owner: String,
    },
    /// The file that keeps other runs out cannot be made or locked.
    #[error("cannot lock {}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file, or its folder, cannot be written.
    #[error("{} is read-only: make it and its folder writable, or give another file", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// There is no room for more: the disk is full, or the file has reached its
    /// [limit](crate::JournalStore::limit_size).
    #[error("there is no room for more in {}: make some, or raise its limit", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file is no SQLite file, or a damaged one.
    #[error("{} is damaged or is no SQLite file: restore it; a cache may also be begun anew", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The file is a SQLite file of something else.
    #[error("{} belongs to another program: give another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later release.
    #[error("{} is of format {found}, this release knows {known}: use the later release, or give another file", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Another process holds the file for longer than anybody should.
    #[error("{} is in use by another process: try again when it is done", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A row that no release has written.
    #[error("{} has a row that cannot be read: {what}", path.display())]
    InvalidRow {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// SQLite or the system refuses for another reason.
    #[error("cannot use {}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
}

impl Error {
    /// Sorts an error of SQLite by what the caller may do.
    pub(crate) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { path, source }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            _ => Self::Sqlite { path, source },
        }
    }
}
