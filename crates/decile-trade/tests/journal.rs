//! The file journal: what a crash leaves, and what it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_trade::{Error, FileJournal, Journal, JournalRecord, MemoryJournal};
use market::{now, plan};
use std::fs;

fn record(attempt: u32) -> JournalRecord {
    let id = format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap();
    let order = plan("10000", &[("KO", "50.10")]).orders()[0].clone();
    JournalRecord::Intent { id, order, arrival: None, at: now() }
}

#[test]
fn records_survive_their_process_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = FileJournal::open(&path).unwrap();
    journal.append(&[record(1), record(2)]).unwrap();
    journal.append(&[record(3)]).unwrap();
    assert_eq!(journal.replay().unwrap(), [record(1), record(2), record(3)]);
    drop(journal);
    let journal = FileJournal::open(&path).unwrap();
    journal.append(&[record(4)]).unwrap();
    assert_eq!(journal.replay().unwrap(), [record(1), record(2), record(3), record(4)]);
    // Prices are text, so that no reader rounds them.
    assert!(fs::read_to_string(&path).unwrap().contains(r#""reference":"50.1""#));
}

#[test]
fn a_line_cut_anywhere_costs_that_line_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    FileJournal::open(&path).unwrap().append(&[record(1), record(2)]).unwrap();
    let whole = fs::read(&path).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for length in first..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(FileJournal::read(&path).unwrap(), [record(1)], "{length}");
        assert_eq!(fs::read(&path).unwrap().len(), length); // a reader cuts nothing off
        let journal = FileJournal::open(&path).unwrap();
        assert_eq!(journal.replay().unwrap(), [record(1)], "{length}");
        // What comes next starts on a line of its own.
        journal.append(&[record(3)]).unwrap();
        assert_eq!(journal.replay().unwrap(), [record(1), record(3)], "{length}");
    }
}

#[test]
fn a_broken_line_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    FileJournal::open(&path).unwrap().append(&[record(1), record(2)]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let broken = text.replacen("KO:B:2", "KO:B:0", 1);
    fs::write(&path, &broken).unwrap();
    match FileJournal::open(&path).unwrap_err() {
        Error::JournalCorrupt { path: named, line: 2, .. } => assert_eq!(named, path),
        other => panic!("{other}"),
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), broken); // left as it was
    fs::write(&path, "\n").unwrap();
    assert!(matches!(FileJournal::open(&path), Err(Error::JournalCorrupt { line: 1, .. })));
    fs::write(&path, text.replace(r#"{"v":2,"#, r#"{"v":3,"#)).unwrap();
    assert!(matches!(FileJournal::open(&path), Err(Error::FormatVersion { version: 3, .. })));
}

#[test]
fn two_runs_cannot_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let first = FileJournal::open(&path).unwrap();
    let error = FileJournal::open(&path).unwrap_err();
    assert!(matches!(error, Error::JournalInUse { .. }) && error.is_retryable());
    drop(first);
    assert!(FileJournal::open(&path).unwrap().replay().unwrap().is_empty());
}

#[test]
fn an_intent_is_taken_once_by_a_file_and_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let named = |error| match error {
        Error::DuplicateIntent { id } => id.attempt(),
        other => panic!("{other}"),
    };
    let refuses = |journal: &dyn Journal| {
        // None of a refused batch is kept, and the journal goes on.
        assert_eq!(named(journal.append(&[record(2), record(1)]).unwrap_err()), 1);
        assert_eq!(named(journal.append(&[record(3), record(3)]).unwrap_err()), 3);
        assert_eq!(journal.replay().unwrap(), [record(1)]);
        journal.append(&[record(2)]).unwrap();
        assert_eq!(journal.replay().unwrap(), [record(1), record(2)]);
    };
    let memory = MemoryJournal::default();
    memory.append(&[record(1)]).unwrap();
    refuses(&memory);
    FileJournal::open(&path).unwrap().append(&[record(1)]).unwrap();
    // What was there when it was opened counts as well.
    refuses(&FileJournal::open(&path).unwrap());
}

#[test]
fn a_missing_folder_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none").join("journal.jsonl");
    let error = FileJournal::open(&path).unwrap_err();
    assert!(matches!(&error, Error::File { operation: "open the journal", .. }));
    assert!(error.to_string().contains("none"), "{error}");
}
