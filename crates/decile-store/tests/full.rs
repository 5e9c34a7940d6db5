//! Journals that the system itself lets grow no further, as a quota or a full disk does.
#![cfg(unix)]

use decile_store::JournalStore;
use decile_trade::{AccountId, FileJournal, Journal, JournalRecord, StrategyId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::Path;
use std::process::Command;

/// Says that the signal which ends a process at a file that is too large is ignored.
const IS_IGNORED: &str = "DECILE_TEST_IGNORES_XFSZ";

/// Orders are made up until the file is full.
const ORDERS_MAX: u32 = 2_000;

fn lapsed(number: u32) -> JournalRecord {
    JournalRecord::Lapsed {
        id: format!("q:DU1:20251201:KO:B:{number}").parse().expect("a name"),
        at: "2025-12-02T15:00:00Z".parse().expect("a time"),
    }
}

fn owner() -> (StrategyId, AccountId) {
    ("q".parse().expect("a strategy"), "DU1".parse().expect("an account"))
}

fn lines(path: &Path) -> Box<dyn Journal> {
    let (strategy, account) = owner();
    Box::new(FileJournal::open(path, &strategy, &account).expect("the journal is sound"))
}

fn sqlite(path: &Path) -> Box<dyn Journal> {
    let (strategy, account) = owner();
    Box::new(JournalStore::open(path, &strategy, &account).expect("the journal is sound"))
}

/// Lets every file of this process grow to so many bytes; `None` for any number.
fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).expect("a limit");
}

/// Writes, `batch` records at a time, until there is no room, makes some, opens it again and goes on.
/// Whatever was said to be written is there, and of a batch that was not nothing or all of it.
fn fill(open: fn(&Path) -> Box<dyn Journal>, name: &str, (bytes, batch): (u64, u32)) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join(name);
    let journal = open(&path);
    limit(Some(bytes));
    let (mut written, mut next) = (Vec::new(), 1);
    let refused = loop {
        let records: Vec<_> = (next..next + batch).map(lapsed).collect();
        match journal.append(&records) {
            Ok(()) => written.extend(records),
            Err(_) => break records,
        }
        next += batch;
        assert!(next < ORDERS_MAX, "{name} takes more than {bytes} bytes");
    };
    let more = journal.append(&[lapsed(ORDERS_MAX)]);
    assert!(more.is_err(), "{name} was closed at {bytes} bytes, and takes more");
    drop(journal);
    limit(None);
    let journal = open(&path);
    let found = journal.replay().expect("it can be read");
    let whole = [&written[..], &refused[..]].concat();
    // The line journal may have whole lines of a batch whose end is torn.
    let is_sound = match name {
        "lines" => found.starts_with(&written) && whole.starts_with(&found),
        _ => found == written || found == whole,
    };
    assert!(is_sound, "{name} of {bytes} bytes: {} written, {} found", written.len(), found.len());
    journal.append(&[lapsed(ORDERS_MAX)]).expect("there is room again");
    drop(journal);
    assert_eq!(open(&path).replay().expect("it can be read").len(), found.len() + 1);
}

#[test]
fn a_journal_that_the_system_lets_grow_no_further_keeps_what_it_said() {
    if std::env::var_os(IS_IGNORED).is_none() {
        // The shell is there to ignore the signal, which a program hands on to the one it becomes.
        let test = "a_journal_that_the_system_lets_grow_no_further_keeps_what_it_said";
        let ran = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\""])
            .arg(std::env::current_exe().expect("a test has a path"))
            .arg(test)
            .env(IS_IGNORED, "1")
            .output()
            .expect("there is a shell");
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    for step in 0..40 {
        // Torn at any byte of a line, and at any part of a page.
        fill(lines, "lines", (4_000 + 7 * step, 3));
        fill(sqlite, "sqlite", (120_000 + 1_111 * step, 3));
    }
}
