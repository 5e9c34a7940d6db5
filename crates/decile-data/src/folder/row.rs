//! One row of a table file, read field by field.

use super::kind::Kind;
use super::schema::Slot;
use crate::{Error, Location};
#[cfg(feature = "parquet")]
use chrono::{DateTime, NaiveDate, Utc};
use std::fmt;

/// What a file has in a field. A text file has `Text` only; an empty text is `Missing`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Missing,
    Text(&'a str),
    #[cfg(feature = "parquet")]
    Number(f64),
    #[cfg(feature = "parquet")]
    Date(NaiveDate),
    #[cfg(feature = "parquet")]
    Instant(DateTime<Utc>),
    /// A date or instant so far off that there is no value for it.
    #[cfg(feature = "parquet")]
    OutOfRange,
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Missing => f.write_str("nothing"),
            Cell::Text(text) => write!(f, "{text:?}"),
            #[cfg(feature = "parquet")]
            Cell::Number(number) => write!(f, "{number}"),
            #[cfg(feature = "parquet")]
            Cell::Date(date) => write!(f, "{date}"),
            #[cfg(feature = "parquet")]
            Cell::Instant(at) => write!(f, "{at}"),
            #[cfg(feature = "parquet")]
            Cell::OutOfRange => f.write_str("a date out of range"),
        }
    }
}

/// Gives the fields of a row by their position in the file.
pub(super) trait Cells {
    fn cell(&self, index: usize) -> Cell<'_>;
}

/// A field that its column cannot hold; whoever reads the file adds where it stands.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) column: &'static str,
    pub(super) found: String,
    pub(super) expected: &'static str,
    pub(super) may_be_empty: bool,
}

impl Fault {
    /// Makes the error of it.
    pub(super) fn at(self, at: Location, key: Option<String>) -> Error {
        let or_empty = if self.may_be_empty { ", or leave it empty" } else { "" };
        let expected = format!("{}{or_empty}", self.expected);
        Error::InvalidField { at, column: self.column, key, found: self.found, expected }
    }
}

/// A row of any table.
pub(super) struct Row<'a>(pub(super) &'a dyn Cells);

impl Row<'_> {
    /// Reads a field that must be there.
    pub(super) fn required<T>(&self, slot: Slot, kind: Kind<T>) -> Result<T, Fault> {
        let cell = self.cell(slot);
        (kind.read)(cell).ok_or_else(|| fault(slot, cell, kind.expected, false))
    }

    /// Reads a field that may be missing.
    pub(super) fn optional<T>(&self, slot: Slot, kind: Kind<T>) -> Result<Option<T>, Fault> {
        match self.cell(slot) {
            Cell::Missing => Ok(None),
            cell => match (kind.read)(cell) {
                Some(value) => Ok(Some(value)),
                None => Err(fault(slot, cell, kind.expected, true)),
            },
        }
    }

    fn cell(&self, slot: Slot) -> Cell<'_> {
        slot.index.map_or(Cell::Missing, |index| self.0.cell(index))
    }
}

#[cold]
fn fault(slot: Slot, cell: Cell<'_>, expected: &'static str, may_be_empty: bool) -> Fault {
    Fault { column: slot.name, found: cell.to_string(), expected, may_be_empty }
}
