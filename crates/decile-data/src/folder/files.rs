//! The files of a market folder, one a table.

use super::records::Record;
use super::text;
use crate::{Error, Location};
use decile_core::Table;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A table's file, in one of the two formats.
#[derive(Debug, Clone)]
pub(super) enum TableFile {
    Csv(PathBuf),
    Parquet(PathBuf),
}

impl TableFile {
    pub(super) fn read<const N: usize, R: Record<N>>(&self) -> Result<Vec<R>, Error> {
        match self {
            Self::Csv(path) => text::read_table(path),
            #[cfg(feature = "parquet")]
            Self::Parquet(path) => super::parquet::read_table(path),
            #[cfg(not(feature = "parquet"))]
            Self::Parquet(path) => Err(Error::ParquetDisabled { path: path.clone() }),
        }
    }

    /// Returns where the row stands; without one, the file as a whole.
    pub(super) fn location(&self, row: Option<usize>) -> Location {
        match (self, row) {
            (Self::Csv(path), Some(row)) => text::location_of_row(path, row),
            (Self::Parquet(path), Some(row)) => Location::row(path, row),
            (Self::Csv(path) | Self::Parquet(path), None) => Location::file(path),
        }
    }
}

/// The folder, which exists.
#[derive(Debug)]
pub(super) struct Files<'a> {
    folder: &'a Path,
}

impl<'a> Files<'a> {
    pub(super) fn open(folder: &'a Path) -> Result<Self, Error> {
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => Ok(Self { folder }),
            Ok(_) => Err(Error::NotAFolder { path: folder.to_owned() }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::FolderMissing { path: folder.to_owned() })
            }
            Err(source) => Err(Error::Read { path: folder.to_owned(), source }),
        }
    }

    /// Finds the file of a table; `None` if there is none.
    pub(super) fn find(&self, table: Table) -> Result<Option<TableFile>, Error> {
        let csv = self.folder.join(format!("{table}.csv"));
        let parquet = self.folder.join(format!("{table}.parquet"));
        match (exists(&csv)?, exists(&parquet)?) {
            (true, true) => Err(Error::TableTwice { folder: self.folder.to_owned(), table }),
            (true, false) => Ok(Some(TableFile::Csv(csv))),
            (false, true) => Ok(Some(TableFile::Parquet(parquet))),
            (false, false) => Ok(None),
        }
    }

    /// Reads a table that every folder has.
    pub(super) fn required<const N: usize, R: Record<N>>(&self) -> Result<Vec<R>, Error> {
        let file = self.find(R::TABLE)?.ok_or_else(|| {
            let columns = R::COLUMNS.into_iter().filter(|column| column.required);
            Error::TableMissing {
                folder: self.folder.to_owned(),
                table: R::TABLE,
                header: columns.map(|column| column.name).collect::<Vec<_>>().join(","),
            }
        })?;
        file.read()
    }

    /// Reads a table that a folder may leave out.
    pub(super) fn optional<const N: usize, R: Record<N>>(&self) -> Result<Option<Vec<R>>, Error> {
        self.find(R::TABLE)?.map(|file| file.read()).transpose()
    }

    /// Adds the place to a fault that `decile-core` finds in the tables.
    pub(super) fn inconsistent(&self, source: decile_core::Error) -> Error {
        let (table, row) = place(&source);
        let file = table.and_then(|table| self.find(table).ok().flatten());
        let at = file.map_or_else(|| Location::file(self.folder), |file| file.location(row));
        Error::Inconsistent { at, source: Box::new(source) }
    }
}

fn exists(path: &Path) -> Result<bool, Error> {
    path.try_exists().map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Returns the table and row that the error is about, as far as it says.
fn place(error: &decile_core::Error) -> (Option<Table>, Option<usize>) {
    use decile_core::Error as Core;
    match error {
        Core::CalendarEmpty => (Some(Table::Calendar), None),
        Core::CalendarUnordered { row, .. } => (Some(Table::Calendar), Some(*row)),
        Core::EmptyTable { table } => (Some(*table), None),
        Core::DuplicateSecurity { row, .. } => (Some(Table::Securities), Some(*row)),
        Core::DuplicateRow { table, row, .. }
        | Core::UnorderedRow { table, row, .. }
        | Core::UnknownSymbol { table, row, .. }
        | Core::NotASession { table, row, .. }
        | Core::InvalidValue { table, row, .. } => (Some(*table), Some(*row)),
        _ => (None, None),
    }
}
