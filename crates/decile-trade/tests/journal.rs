//! The file journal: what a crash leaves, and what it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
#[path = "support/person.rs"]
mod person;

use decile_trade::{
    Attempts, Clearance, Error, FileJournal, Journal, JournalRecord, MemoryJournal,
};
use market::{now, plan};
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn open(path: &Path) -> Result<FileJournal, Error> {
    owned(path, "q", "DU1")
}

fn owned(path: &Path, strategy: &str, account: &str) -> Result<FileJournal, Error> {
    FileJournal::open(path, &strategy.parse().unwrap(), &account.parse().unwrap())
}

fn record(attempt: u32) -> JournalRecord {
    let id = format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap();
    let order = plan("10000", &[("KO", "50.10")]).orders()[0].clone();
    JournalRecord::Intent { id, order, arrival: None, at: now() }
}

#[test]
fn records_survive_their_process_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = open(&path).unwrap();
    journal.append(&[record(1), record(2)]).unwrap();
    journal.append(&[record(3)]).unwrap();
    assert_eq!(journal.replay().unwrap(), [record(1), record(2), record(3)]);
    drop(journal);
    let journal = open(&path).unwrap();
    journal.append(&[record(4)]).unwrap();
    assert_eq!(journal.replay().unwrap(), [record(1), record(2), record(3), record(4)]);
    // Prices are text, so that no reader rounds them.
    assert!(fs::read_to_string(&path).unwrap().contains(r#""reference":"50.1""#));
}

#[test]
fn a_line_cut_anywhere_costs_that_line_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    open(&path).unwrap().append(&[record(1), record(2)]).unwrap();
    let whole = fs::read(&path).unwrap();
    // Behind the line that names the owner and the first record.
    let ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let second = ends.map(|(index, _)| index + 1).nth(1).unwrap();
    for length in second..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(FileJournal::read(&path).unwrap(), [record(1)], "{length}");
        assert_eq!(fs::read(&path).unwrap().len(), length); // a reader cuts nothing off
        let journal = open(&path).unwrap();
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
    open(&path).unwrap().append(&[record(1), record(2)]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let broken = text.replacen("KO:B:2", "KO:B:0", 1);
    fs::write(&path, &broken).unwrap();
    match open(&path).unwrap_err() {
        Error::JournalCorrupt { path: named, line: 3, .. } => assert_eq!(named, path),
        other => panic!("{other}"),
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), broken); // left as it was
    fs::write(&path, "\n").unwrap();
    assert!(matches!(open(&path), Err(Error::JournalCorrupt { line: 1, .. })));
    fs::write(&path, text.replace(r#"{"v":4,"#, r#"{"v":5,"#)).unwrap();
    assert!(matches!(open(&path), Err(Error::FormatVersion { version: 5, .. })));
}

#[test]
fn two_runs_cannot_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let first = open(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, Error::JournalInUse { .. }) && error.is_retryable());
    drop(first);
    assert!(open(&path).unwrap().replay().unwrap().is_empty());
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
    open(&path).unwrap().append(&[record(1)]).unwrap();
    // What was there when it was opened counts as well.
    refuses(&open(&path).unwrap());
}

#[test]
fn a_missing_folder_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none").join("journal.jsonl");
    let error = open(&path).unwrap_err();
    assert!(matches!(&error, Error::File { operation: "open the journal", .. }));
    assert!(error.to_string().contains("none"), "{error}");
}

/// The journal as an older version wrote it: without a line that names the owner.
fn older(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let (_, records) = text.split_once('\n').unwrap();
    fs::write(path, records.replace(r#"{"v":4,"#, r#"{"v":2,"#)).unwrap();
}

#[test]
fn the_journal_of_another_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    drop(open(&path).unwrap());
    let refused = |strategy, account| {
        let before = fs::read(&path).unwrap();
        match owned(&path, strategy, account).unwrap_err() {
            Error::JournalOwner { path: named, found, expected } => {
                assert_eq!((named, &*found), (path.clone(), "q at DU1"));
                assert_eq!(expected, format!("{strategy} at {account}"));
            }
            other => panic!("{other}"),
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    };
    // Before the first record, with one, and without the line that names the owner.
    refused("p", "DU1");
    let journal = open(&path).unwrap();
    journal.append(&[record(1)]).unwrap();
    let id = "q:DU2:20251201:KO:B:1".parse().unwrap();
    let foreign = journal.append(&[record(2), JournalRecord::Lapsed { id, at: now() }]);
    assert!(matches!(foreign, Err(Error::ForeignJournal { .. })), "{foreign:?}");
    assert_eq!(journal.replay().unwrap(), [record(1)]);
    drop(journal);
    refused("q", "DU2");
    older(&path);
    refused("p", "DU1");
    refused("q", "DU2");
}

#[test]
fn an_older_journal_belongs_to_whom_its_records_are_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    open(&path).unwrap().append(&[record(1), record(2)]).unwrap();
    older(&path);
    assert_eq!(open(&path).unwrap().replay().unwrap(), [record(1), record(2)]);
    let text = fs::read_to_string(&path).unwrap();
    let owner = r#"{"v":4,"owner":{"strategy":"q","account":"DU1"}}"#;
    assert_eq!(text.lines().last(), Some(owner));
    // Once it is named, that is it.
    drop(open(&path).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // Two files in one.
    fs::write(&path, text + &owner.replace("DU1", "DU2") + "\n").unwrap();
    assert!(matches!(open(&path), Err(Error::JournalOwner { .. })));
}

#[test]
fn the_word_of_a_person_is_kept_in_a_file_and_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    person::keeps_the_word_of_a_person(|| Arc::new(open(&path).unwrap()));
    let memory = Arc::new(MemoryJournal::default());
    person::keeps_the_word_of_a_person(|| memory.clone());
}

#[test]
fn the_word_of_a_person_that_was_cut_off_was_not_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = open(&path).unwrap();
    journal.append(&[person::intended(1)]).unwrap();
    let start = fs::read(&path).unwrap().len();
    journal.append(&[person::cleared(1, Clearance::NeverArrived)]).unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for length in start..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let attempts = Attempts::replay(&open(&path).unwrap()).unwrap();
        let open = usize::from(length < whole.len());
        assert_eq!(attempts.unresolved().count(), open, "{length}");
    }
}
