//! Reads CSV files by column name.

use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::Path;

/// A CSV file with a header.
pub(crate) struct Table {
    columns: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Table {
    pub(crate) fn read(path: impl AsRef<Path>) -> Self {
        let mut reader = csv::Reader::from_path(path).expect("the table is there");
        let names = reader.headers().expect("it has a header").clone();
        let columns = names.iter().enumerate().map(|(i, name)| (name.to_owned(), i)).collect();
        let records = reader.records().map(|record| record.expect("well-formed")).collect();
        Self { columns, records }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { table: self, record })
    }
}

/// One row, by column name.
pub(crate) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub(crate) fn text(&self, column: &str) -> &str {
        let index = self.table.columns.get(column).unwrap_or_else(|| panic!("column {column}"));
        &self.record[*index]
    }

    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column}: {text}")))
    }

    pub(crate) fn date(&self, column: &str) -> NaiveDate {
        self.text(column).parse().unwrap_or_else(|_| panic!("{column}: {}", self.text(column)))
    }
}
