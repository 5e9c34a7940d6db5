use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Table;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Says where in a market folder a fault was found: a file, and in it a line or row if there is one.
///
/// ```
/// use decile_data::Location;
///
/// assert_eq!(Location::line("my-market/prices.csv", 17).to_string(), "my-market/prices.csv line 17");
/// assert_eq!(Location::row("my-market/prices.parquet", 16).to_string(), "my-market/prices.parquet row 16");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Boxed to keep the errors that hold it small.
    path: Box<Path>,
    position: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Line(usize),
    Row(usize),
}

impl Location {
    /// Makes the location of a whole file.
    #[must_use]
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), position: None }
    }

    /// Makes the location of a line of a text file, counted from 1.
    #[must_use]
    pub fn line(path: impl AsRef<Path>, line: usize) -> Self {
        Self { path: path.as_ref().into(), position: Some(Position::Line(line)) }
    }

    /// Makes the location of a row of a file without lines, counted from 1.
    #[must_use]
    pub fn row(path: impl AsRef<Path>, row: usize) -> Self {
        Self { path: path.as_ref().into(), position: Some(Position::Row(row)) }
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.position {
            Some(Position::Line(line)) => write!(f, " line {line}"),
            Some(Position::Row(row)) => write!(f, " row {row}"),
            None => Ok(()),
        }
    }
}

/// Everything that can go wrong with a stored or synthetic market.
///
/// ```
/// use decile_data::{Error, read_folder};
///
/// let error = read_folder("no/such/folder").expect_err("there is none");
/// assert!(matches!(error, Error::FolderMissing { .. }));
/// assert_eq!(
///     error.to_string(),
///     "there is no folder no/such/folder: give the path of a market folder"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the [`SyntheticMarket`](crate::SyntheticMarket) that it cannot be made with.
    #[error("the {setting} of a synthetic market cannot be {value}: give {expected}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        expected: String,
    },
    /// The folder does not exist.
    #[error("there is no folder {}: give the path of a market folder", path.display())]
    FolderMissing {
        /// What was given.
        path: PathBuf,
    },
    /// The path is not a folder.
    #[error("{} is not a folder: give the folder that holds calendar.csv, prices.csv and the other tables", path.display())]
    NotAFolder {
        /// What was given.
        path: PathBuf,
    },
    /// A table without which a market cannot be read has no file.
    #[error("{} has no {table}.csv: add it; if there is nothing to put into it, add its header alone: {header}", folder.display())]
    TableMissing {
        /// The folder.
        folder: PathBuf,
        /// The table.
        table: Table,
        /// The header of the smallest such file.
        header: String,
    },
    /// A table stands there in both formats.
    #[error("{} has both {table}.csv and {table}.parquet: keep one of the two", folder.display())]
    TableTwice {
        /// The folder.
        folder: PathBuf,
        /// The table.
        table: Table,
    },
    /// A Parquet file in a build that cannot read one.
    #[error("{} cannot be read by this build: turn on the feature `parquet`, or convert the table to CSV", path.display())]
    ParquetDisabled {
        /// The file.
        path: PathBuf,
    },
    /// A required column is not in the header.
    #[error("{} has no column {column}: add it (its header is {header:?})", path.display())]
    ColumnMissing {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The header that was found.
        header: String,
    },
    /// Two columns of a file have one name.
    #[error("{} has two columns {column}: keep one of the two", path.display())]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A column whose name is nearly that of a known one, which would be ignored in silence.
    #[error("{} has a column {found:?}: write it {column:?}", path.display())]
    ColumnMisspelt {
        /// The file.
        path: PathBuf,
        /// The name in the header.
        found: String,
        /// The name that is meant.
        column: &'static str,
    },
    /// A column of a Parquet file that holds neither text, numbers, dates nor instants.
    #[error("{} has a column {column} of type {found}: store text, numbers or dates in it", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A row with more or fewer fields than the header.
    #[error("{at}{}: found {found} fields; write {expected}, as in the header", of(key))]
    RowLength {
        /// Where.
        at: Location,
        /// The symbol or currency of the row, if it got that far.
        key: Option<String>,
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A text file that is not UTF-8.
    #[error("{at}: a byte is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Where.
        at: Location,
    },
    /// A field that its column cannot hold.
    #[error("{at}, column {column}{}: found {found}; write {expected}", of(key))]
    InvalidField {
        /// Where.
        at: Location,
        /// The column.
        column: &'static str,
        /// The symbol or currency of the row, if there is one.
        key: Option<String>,
        /// What stands there, in quotes if it is text, or `nothing`.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// The tables can be read, but do not make a market.
    #[error("{at} does not fit the market")]
    Inconsistent {
        /// Where.
        at: Location,
        /// What is wrong there.
        source: Box<decile_core::Error>,
    },
    /// The folder to write already holds something.
    #[error("{} exists and is not empty: choose a new folder, or empty this one first", path.display())]
    FolderOccupied {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses to read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The system refuses to write.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file that is not the Parquet it should be.
    #[error("cannot read {} as Parquet", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Where replies or counts are kept cannot be read or written.
    #[error("cannot {action}")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody has asked that yet, and offline nobody can.
    #[error("no reply to {call} is kept from before {}: run once online", until.format("%Y-%m-%d %H:%M UTC"))]
    NotKept {
        /// The call.
        call: String,
        /// The time looked at.
        until: DateTime<Utc>,
    },
    /// A list of symbols that is none.
    #[error("{at}: {what}")]
    InvalidUniverse {
        /// Where.
        at: String,
        /// What is wrong.
        what: String,
    },
    /// A market that cannot be put together at all.
    #[error("what was fetched makes no market as of {as_of}: {what}")]
    NoMarket {
        /// The last session that was to be known.
        as_of: NaiveDate,
        /// What is wrong.
        what: String,
        /// The cause.
        source: Option<Box<decile_core::Error>>,
    },
    /// Too little of the universe is known to trade on it.
    #[error(
        "{usable} of {asked} stocks have prices and statements, fewer than {:.0} %: look at what \
         failed, and try again",
        required * 100.0
    )]
    CoverageTooLow {
        /// Stocks of which there is enough.
        usable: usize,
        /// Stocks asked for.
        asked: usize,
        /// The share of them that is required.
        required: f64,
    },
    /// A date at which the market cannot be looked at.
    #[error("{as_of} is not a session of the market: {}", advice(*before, *first, *last))]
    NotASession {
        /// The date.
        as_of: NaiveDate,
        /// The last session before it.
        before: Option<NaiveDate>,
        /// First session of the market.
        first: NaiveDate,
        /// Last session of the market.
        last: NaiveDate,
    },
}

/// Names the stock or currency of a row whose field is at fault.
fn of(key: &Option<String>) -> String {
    key.as_ref().map_or_else(String::new, |key| format!(" of {key}"))
}

fn advice(before: Option<NaiveDate>, first: NaiveDate, last: NaiveDate) -> String {
    match before {
        Some(before) if before < last => {
            format!("the last one before it is {before}; give that one")
        }
        _ => format!("they run from {first} to {last}; give one of them"),
    }
}
