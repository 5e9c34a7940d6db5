//! Runs the example `score_folder` and compares what it writes with a folder of expected tables.

#[path = "../../../crates/decile-rank/tests/support/tally.rs"]
mod tally;

use csv::StringRecord;
use std::path::Path;
use std::process::Command;
use tally::Tally;

/// Columns that are not numbers.
const TEXTS: [&str; 7] = ["date", "symbol", "period_end", "form", "filed", "known", "in_universe"];

/// Runs the example as a user does; if it fails, what it says is the error.
pub(crate) fn score_folder(inputs: &Path, out: &Path, more: &[&str]) -> Result<(), String> {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program =
        profile.join("examples/score_folder").with_extension(std::env::consts::EXE_EXTENSION);
    let output = Command::new(program).arg(inputs).arg("--out").arg(out).args(more).output();
    let output = output.expect("cargo build --examples has built it");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Compares one table by rule 12 of the golden README, cell by cell, in its order; returns how many
/// cells there were. Unless `all`, ours may have more rows.
pub(crate) fn compare(ours: &Path, expected: &Path, name: &str, all: bool) -> usize {
    let (header, expected) = read(&expected.join(name).with_extension("csv"));
    let (columns, ours) = read(&ours.join(name).with_extension("csv"));
    assert_eq!(columns, header, "{name}");
    let is_text = |at: usize| TEXTS.contains(&&header[at]);
    let keys = |row: &StringRecord| -> Vec<String> {
        let texts = row.iter().enumerate().filter(|(at, _)| is_text(*at));
        texts.map(|(_, text)| text.to_owned()).collect()
    };
    let mut tally = Tally::default();
    let mut rows = ours.iter();
    for row in &expected {
        let found = rows.find(|found| all || keys(found) == keys(row));
        let found = found.unwrap_or_else(|| panic!("{name}: no row {:?}", keys(row)));
        for (at, column) in header.iter().enumerate() {
            let cell = || format!("{:?} {column}", keys(row));
            if is_text(at) {
                tally.equal(&found[at], &row[at], cell);
            } else {
                tally.number(number(&found[at]).unwrap_or(f64::NAN), number(&row[at]), cell);
            }
        }
    }
    assert!(!all || rows.next().is_none(), "{name} has rows that are not expected");
    tally.finish(name)
}

fn read(path: &Path) -> (StringRecord, Vec<StringRecord>) {
    let mut reader = csv::Reader::from_path(path).expect("the table is there");
    let header = reader.headers().expect("it has a header").clone();
    (header, reader.records().map(|record| record.expect("well-formed")).collect())
}

fn number(text: &str) -> Option<f64> {
    (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{text} is no number")))
}
