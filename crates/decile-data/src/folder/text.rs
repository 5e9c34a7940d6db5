//! Reads a table from a CSV file.

use super::records::Record;
use super::row::{Cell, Cells, Fault, Row};
use super::schema::{KEYS, locate};
use crate::{Error, Location};
use csv::StringRecord;
use std::fs;
use std::path::Path;

impl Cells for StringRecord {
    fn cell(&self, index: usize) -> Cell<'_> {
        match self.get(index) {
            None | Some("") => Cell::Missing,
            Some(text) => Cell::Text(text),
        }
    }
}

/// Reads every row of the file.
pub(super) fn read_table<const N: usize, R: Record<N>>(path: &Path) -> Result<Vec<R>, Error> {
    let bytes = load(path)?;
    let text = Text { path, bytes: &bytes };
    let mut reader = text.reader();
    let header = reader.headers().map_err(|error| text.unreadable(error))?.clone();
    let slots = locate(path, &header.iter().collect::<Vec<_>>(), R::COLUMNS)?;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| text.unreadable(error))? {
        if record.len() != header.len() {
            return Err(Error::RowLength {
                at: text.location(&record),
                key: text.key(&header, &record),
                found: record.len(),
                expected: header.len(),
            });
        }
        let row = R::read(&Row(&record), slots);
        rows.push(row.map_err(|fault| text.invalid(fault, &header, &record))?);
    }
    Ok(rows)
}

/// Returns where the given row stands, counted from 1 below the header.
///
/// Blank lines and quoted line ends make it differ from the row's number. This reads the file once
/// more, which only happens on the way to an error.
pub(super) fn location_of_row(path: &Path, row: usize) -> Location {
    let found = load(path).ok().and_then(|bytes| {
        let text = Text { path, bytes: &bytes };
        let record = text.reader().into_records().nth(row.checked_sub(1)?)?.ok()?;
        Some(text.location(&record))
    });
    found.unwrap_or_else(|| Location::row(path, row))
}

fn load(path: &Path) -> Result<Vec<u8>, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let line = line_at(&bytes, error.valid_up_to());
            Err(Error::NotUtf8 { at: Location::line(path, line) })
        }
    }
}

/// Returns the line, from 1, on which the byte stands.
fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count()
}

/// A whole file, to tell where in it a row stands.
struct Text<'a> {
    path: &'a Path,
    bytes: &'a [u8],
}

impl Text<'_> {
    fn reader(&self) -> csv::Reader<&[u8]> {
        // Flexible, so that a row of the wrong length becomes an error of ours. A byte order mark
        // at the start is dropped by the reader itself.
        csv::ReaderBuilder::new().flexible(true).from_reader(self.bytes)
    }

    /// The reader notes where it was before it passed over blank lines and the second half of a
    /// Windows line end, so the row begins at the first byte after them.
    fn location(&self, record: &StringRecord) -> Location {
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let blank =
            self.bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Location::line(self.path, line_at(self.bytes, start + blank))
    }

    /// Returns the symbol or currency that the row is about, as it stands there.
    fn key(&self, header: &StringRecord, record: &StringRecord) -> Option<String> {
        let position = KEYS.iter().find_map(|key| header.iter().position(|name| name == *key))?;
        record.get(position).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn invalid(&self, fault: Fault, header: &StringRecord, record: &StringRecord) -> Error {
        fault.at(self.location(record), self.key(header, record))
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        Error::Read { path: self.path.to_owned(), source: error.into() }
    }
}
