//! Compares the rules of the exchange with the sessions of a dataset outside this repository.

use chrono::NaiveDate;
use decile_core::Calendar;
use std::path::PathBuf;

/// Reads the one column of `datasets/us30/calendar.csv`.
fn dataset_sessions() -> Vec<NaiveDate> {
    let shared = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the directory that holds datasets/us30/calendar.csv");
    let path = PathBuf::from(shared).join("datasets/us30/calendar.csv");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("date"), "header of {}", path.display());
    lines
        .map(|line| line.parse().unwrap_or_else(|error| panic!("{line:?} is not a date: {error}")))
        .collect()
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn nyse_has_exactly_the_sessions_of_the_dataset() {
    let dataset = Calendar::from_sessions(dataset_sessions()).expect("the dataset is in order");
    let nyse = Calendar::nyse().between(dataset.first(), dataset.last());
    assert_eq!(nyse, dataset.sessions());
}
