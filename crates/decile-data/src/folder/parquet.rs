//! Reads a table from a Parquet file.

#[cfg(test)]
mod tests;

use super::records::Record;
use super::row::{Cell, Cells, Row};
use super::schema::{KEYS, Slot, locate};
use crate::{Error, Location};
use chrono::{DateTime, NaiveDate, Utc};
use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, ParquetReader, PlSmallStr, PolarsError, SerReader,
    Series, TimeUnit,
};
use std::fs::File;
use std::path::Path;

/// Reads every row of the file.
pub(super) fn read_table<const N: usize, R: Record<N>>(path: &Path) -> Result<Vec<R>, Error> {
    let broken =
        |error: PolarsError| Error::Parquet { path: path.to_owned(), source: error.into() };
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let mut reader = ParquetReader::new(file).set_rechunk(true);
    let schema = reader.schema().map_err(broken)?;
    let header: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
    let located = locate(path, &header, R::COLUMNS)?;
    // Foreign columns may be of types that we can't read, so they are not read at all.
    let names = located.iter().filter(|slot| slot.index.is_some());
    let names = names.map(|slot| slot.name.to_owned()).collect();
    let frame = reader.with_columns(Some(names)).finish().map_err(broken)?;
    let slots = located.map(|slot| Slot { index: frame.get_column_index(slot.name), ..slot });
    for column in frame.columns() {
        check_type(path, column)?;
    }
    let columns: Vec<&Series> =
        frame.columns().iter().map(Column::as_materialized_series).collect();
    let rows = (0..frame.height()).map(|row| FrameRow { columns: &columns, row });
    rows.map(|row| {
        R::read(&Row(&row), slots)
            .map_err(|fault| fault.at(Location::row(path, row.row + 1), row.key(&frame)))
    })
    .collect()
}

fn check_type(path: &Path, column: &Column) -> Result<(), Error> {
    let dtype = column.dtype();
    let readable = dtype.is_primitive_numeric()
        || matches!(dtype, DataType::String | DataType::Date | DataType::Datetime(..))
        || matches!(dtype, DataType::Categorical(..) | DataType::Enum(..) | DataType::Null);
    if readable {
        return Ok(());
    }
    Err(Error::ColumnType {
        path: path.to_owned(),
        column: column.name().to_string(),
        found: dtype.to_string(),
    })
}

/// One row of a frame whose columns are all of a readable type.
struct FrameRow<'a> {
    /// A column of one row, or of equal ones, is kept as a single owned value; a series lends its
    /// values whatever they are.
    columns: &'a [&'a Series],
    row: usize,
}

impl FrameRow<'_> {
    /// Returns the symbol or currency that the row is about, as it stands there.
    fn key(&self, frame: &DataFrame) -> Option<String> {
        let index = KEYS.iter().find_map(|key| frame.get_column_index(key))?;
        match self.cell(index) {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Cells for FrameRow<'_> {
    fn cell(&self, index: usize) -> Cell<'_> {
        let cell = match self.columns[index].get(self.row).unwrap_or_default() {
            AnyValue::Null | AnyValue::String("") => Some(Cell::Missing),
            AnyValue::String(text) => Some(Cell::Text(text)),
            AnyValue::Categorical(code, words) | AnyValue::Enum(code, words) => {
                words.cat_to_str(code).map(Cell::Text)
            }
            AnyValue::Date(days) => NaiveDate::from_epoch_days(days).map(Cell::Date),
            AnyValue::Datetime(count, unit, _) => instant(count, unit).map(Cell::Instant),
            number => number.extract().map(Cell::Number),
        };
        cell.unwrap_or(Cell::OutOfRange)
    }
}

fn instant(count: i64, unit: TimeUnit) -> Option<DateTime<Utc>> {
    match unit {
        TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(count)),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(count),
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(count),
    }
}
