//! Reads the expected tables of the shared folder and counts what agrees with them.

use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A path inside the shared folder.
pub(crate) fn shared(path: &str) -> PathBuf {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the absolute path of the shared folder");
    PathBuf::from(root).join(path)
}

/// Rule 12 of the golden README.
pub(crate) fn close_enough(ours: f64, expected: f64) -> bool {
    (ours - expected).abs() <= 1e-9 * expected.abs() + 1e-12
}

/// A CSV file with a header.
pub(crate) struct Table {
    columns: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Table {
    pub(crate) fn read(path: &str) -> Self {
        let path = shared(path);
        let mut reader = csv::Reader::from_path(&path).expect("the expected table is there");
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

    /// The row's first two columns, which identify it.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", &self.record[0], &self.record[1])
    }
}

/// Counts cells and keeps the first that differ.
#[derive(Default)]
pub(crate) struct Tally {
    compared: usize,
    differing: usize,
    shown: Vec<String>,
}

impl Tally {
    /// Compares a number of ours, NaN = missing, by rule 12.
    pub(crate) fn number(&mut self, ours: f64, expected: Option<f64>, cell: impl Fn() -> String) {
        let same = match expected {
            Some(expected) => close_enough(ours, expected),
            None => ours.is_nan(),
        };
        self.count(same, || format!("{}: ours {ours}, expected {expected:?}", cell()));
    }

    pub(crate) fn equal(&mut self, ours: &str, expected: &str, cell: impl Fn() -> String) {
        let same = ours == expected;
        self.count(same, || format!("{}: ours {ours:?}, expected {expected:?}", cell()));
    }

    fn count(&mut self, same: bool, difference: impl Fn() -> String) {
        self.compared += 1;
        if !same {
            self.differing += 1;
            if self.shown.len() < 12 {
                self.shown.push(difference());
            }
        }
    }

    /// Prints the counts and fails on a difference, or if fewer cells than promised were compared.
    pub(crate) fn finish(self, table: &str, cells: usize) {
        println!("{table}: {} cells compared, {} differ", self.compared, self.differing);
        assert_eq!(self.differing, 0, "{table} differs:\n{}", self.shown.join("\n"));
        assert_eq!(self.compared, cells, "{table}: cells compared");
    }
}
