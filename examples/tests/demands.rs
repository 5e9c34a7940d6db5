//! The table of demands names tests that are there.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_demand_has_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut files = Vec::new();
    for folder in ["crates", "examples"] {
        rust_files(&root.join(folder), &mut files);
    }
    let is_there = |file: &str, test: &str| {
        let named = files.iter().filter(|path| path.file_name().is_some_and(|name| name == file));
        let has = |path: &PathBuf| {
            let text = fs::read_to_string(path).expect("a source");
            let mut lines = text.lines().map(str::trim);
            let mut is_test = false;
            lines.any(|line| {
                let starts = |keyword: &str| line.starts_with(&format!("{keyword} {test}("));
                let found = is_test && (starts("fn") || starts("async fn"));
                is_test = line.starts_with("#[test]")
                    || line.starts_with("#[tokio::test")
                    || (is_test && (line.starts_with("#[") || line.starts_with("//")));
                found
            })
        };
        named.into_iter().any(has)
    };
    let docs = fs::read_to_string(root.join("docs/order-safety.md")).expect("the docs");
    let table = docs.split("## The seventeen demands").nth(1).expect("the table");
    let table = table.split("\n## ").next().expect("its part");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    for (number, row) in (1..).zip(&rows) {
        assert!(row.starts_with(&format!("| {number} |")), "row {number}: {row}");
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().expect("a column");
        let tests: Vec<_> = shown.split(", ").map(|test| test.trim_matches('`')).collect();
        for test in tests {
            let (file, name) = test.split_once("::").expect("file::test");
            assert!(is_there(file, name), "demand {number} names {test}, which is not there");
        }
    }
    assert_eq!(rows.len(), 17);
}
