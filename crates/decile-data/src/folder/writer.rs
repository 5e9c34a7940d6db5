//! Writes the rows of a table as CSV.

use super::records::Record;
use chrono::{DateTime, SecondsFormat, Utc};
use decile_core::ReportTime;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io;

/// Collects the fields of a row; numbers in the shortest form that reads back as the same number.
pub(super) struct RowWriter {
    record: csv::StringRecord,
    field: String,
}

impl RowWriter {
    fn new() -> Self {
        Self { record: csv::StringRecord::new(), field: String::new() }
    }

    /// Adds a field as the value prints itself: text as it is, a date as 2024-01-31, `f64` in its
    /// shortest form.
    pub(super) fn display(&mut self, value: impl fmt::Display) {
        self.field.clear();
        // Writing to a String can't fail, and no Display of ours does.
        let _ = write!(self.field, "{value}");
        self.record.push_field(&self.field);
    }

    /// Adds a field that stays empty if the value is missing.
    pub(super) fn maybe(&mut self, value: Option<impl fmt::Display>) {
        match value {
            Some(value) => self.display(value),
            None => self.record.push_field(""),
        }
    }

    pub(super) fn report_time(&mut self, time: ReportTime) {
        self.record.push_field(match time {
            ReportTime::Pre => "pre",
            ReportTime::Post => "post",
            ReportTime::Unknown => "unknown",
        });
    }

    pub(super) fn instant(&mut self, at: Option<DateTime<Utc>>) {
        self.maybe(at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    }
}

/// Writes a table with its header and makes sure that it is on the disk.
pub(super) fn write_table<const N: usize, R: Record<N>>(
    file: File,
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(R::COLUMNS.map(|column| column.name))?;
    let mut row = RowWriter::new();
    for record in rows {
        row.record.clear();
        record.write(&mut row);
        csv.write_record(&row.record)?;
    }
    csv.flush()?;
    let file = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
    file.sync_all()
}
