//! The columns of the tables, and where they stand in a given file.

use crate::Error;
use std::path::Path;

/// A column of a table as the format knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) required: bool,
}

/// A column that every file of the table has.
pub(super) const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

/// A column that a file may leave out.
pub(super) const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// A column of a table as one file has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) name: &'static str,
    /// Position in the file; `None` if the file leaves the column out.
    pub(super) index: Option<usize>,
}

/// Finds the columns in a header, whatever their order.
///
/// Other columns are passed over, since a folder may carry more than decile reads. One that differs
/// from a column of ours only in case, blanks or hyphens is an error, though: it would be lost
/// without a word.
pub(super) fn locate<const N: usize>(
    path: &Path,
    header: &[&str],
    columns: [Column; N],
) -> Result<[Slot; N], Error> {
    let position = |name: &str| header.iter().position(|found| *found == name);
    for column in columns {
        if header.iter().filter(|found| **found == column.name).count() > 1 {
            return Err(Error::ColumnTwice { path: path.to_owned(), column: column.name });
        }
        if position(column.name).is_some() {
            continue;
        }
        if let Some(found) = header.iter().find(|found| plain(found) == column.name) {
            return Err(Error::ColumnMisspelt {
                path: path.to_owned(),
                found: (*found).to_owned(),
                column: column.name,
            });
        }
        if column.required {
            let header = header.join(",");
            return Err(Error::ColumnMissing {
                path: path.to_owned(),
                column: column.name,
                header,
            });
        }
    }
    Ok(columns.map(|Column { name, .. }| Slot { name, index: position(name) }))
}

/// Returns a column's name without the accidents of a spreadsheet.
fn plain(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

/// The columns that say what a row is about, the better one first.
pub(super) const KEYS: [&str; 2] = ["symbol", "ccy"];
