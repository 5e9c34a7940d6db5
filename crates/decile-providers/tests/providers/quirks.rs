//! The table of `docs/live-data.md`: what providers get wrong, and the test of each.

use std::fs;
use std::path::{Path, PathBuf};

/// As many as have been seen in real replies.
const QUIRKS: usize = 32;

/// Returns the sources below a folder, without what is built.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let below = |path: PathBuf| match path.is_dir() {
        true if path.ends_with("target") => Vec::new(),
        true => sources(&path),
        false => vec![path],
    };
    entries.flat_map(below).filter(|path| path.extension().is_some_and(|it| it == "rs")).collect()
}

#[test]
fn every_quirk_in_the_docs_has_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_to_string(root.join("docs/live-data.md")).expect("the docs");
    let (_, table) = docs.split_once("## What the providers get wrong").expect("the table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .filter(|cells: &Vec<&str>| cells.get(1).is_some_and(|n| n.parse::<usize>().is_ok()))
        .collect();
    assert!(rows.iter().map(|cells| cells[1].parse()).eq((1..=QUIRKS).map(Ok)), "{rows:?}");

    let code = sources(&root.join("crates"));
    let code: String =
        code.iter().map(|path| fs::read_to_string(path).expect("a source")).collect();
    for cells in rows {
        let test = format!("fn {}() {{", cells[4].trim_matches('`'));
        let (before, _) = code.split_once(&test).unwrap_or_else(|| panic!("{cells:?}: no {test}"));
        let above = before.trim_end().trim_end_matches("async").trim_end();
        assert!(above.ends_with("test]"), "{test} is no test");
    }
}
