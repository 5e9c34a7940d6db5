//! The SQLite journal: what it keeps, and what it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "../../decile-trade/tests/support/person.rs"]
mod person;

use decile_core::{Money, Shares};
use decile_store::{Error, JournalStore};
use decile_trade::{
    Clearance, ClientOrderId, Error as TradeError, Execution, Journal, JournalRecord,
    OrderSnapshot, OrderState, Side,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn id(attempt: u32) -> ClientOrderId {
    format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap()
}

fn executed(name: &str, commission: Option<&str>) -> JournalRecord {
    let execution = Execution {
        execution_id: name.to_owned(),
        id: id(1).into(),
        symbol: "KO".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(60),
        price: "50.12".parse().unwrap(),
        commission: commission.map(|text| text.parse().unwrap()),
        time: "2025-12-01T15:00:01Z".parse().unwrap(),
    };
    JournalRecord::Executed { execution }
}

fn seen(filled: i64, state: OrderState) -> JournalRecord {
    let snapshot = OrderSnapshot {
        id: id(1).into(),
        symbol: "KO".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(100),
        state,
        filled: Shares::new(filled),
        average_price: Some("50.12".parse().unwrap()),
        commission: Some(Money::ZERO),
        reason: None,
    };
    JournalRecord::Seen { snapshot, at: "2025-12-01T15:00:02Z".parse().unwrap() }
}

fn open(path: &Path) -> Result<JournalStore, Error> {
    JournalStore::open(path, &"q".parse().unwrap(), &"DU1".parse().unwrap())
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    (folder, path)
}

#[test]
fn records_survive_their_process_in_order() {
    let (_folder, path) = scratch();
    let records =
        [person::intended(1), executed("a.01", None), seen(60, OrderState::PartiallyFilled)];
    open(&path).unwrap().append(&records).unwrap();
    let journal = open(&path).unwrap();
    journal.append(&[person::intended(2)]).unwrap();
    let all = [&records[..], &[person::intended(2)]].concat();
    assert_eq!(journal.replay().unwrap(), all);
    // Another program may read while a run writes.
    assert_eq!(JournalStore::read(&path).unwrap(), all);
}

#[test]
fn an_intent_is_taken_once_and_a_refused_batch_leaves_nothing() {
    let (_folder, path) = scratch();
    open(&path).unwrap().append(&[person::intended(1)]).unwrap();
    let journal = open(&path).unwrap();
    for batch in
        [[person::intended(2), person::intended(1)], [person::intended(3), person::intended(3)]]
    {
        let refused = journal.append(&batch);
        assert!(matches!(refused, Err(TradeError::DuplicateIntent { .. })), "{refused:?}");
        assert_eq!(journal.replay().unwrap(), [person::intended(1)]);
    }
    journal.append(&[person::intended(2)]).unwrap();
    assert_eq!(journal.replay().unwrap(), [person::intended(1), person::intended(2)]);
}

#[test]
fn one_run_at_a_time_of_one_owner() {
    let (_folder, path) = scratch();
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(Error::Busy { .. })));
    drop(first);
    let other = JournalStore::open(&path, &"q".parse().unwrap(), &"DU2".parse().unwrap());
    match other {
        Err(Error::OtherOwner { strategy, account, .. }) => {
            assert_eq!((&*strategy, &*account), ("q", "DU1"));
        }
        other => panic!("{other:?}"),
    }
    let foreign = JournalRecord::Lapsed {
        id: "p:DU1:20251201:KO:B:1".parse().unwrap(),
        at: "2025-12-01T15:00:00Z".parse().unwrap(),
    };
    let refused = open(&path).unwrap().append(&[foreign]).unwrap_err();
    assert!(matches!(refused, TradeError::Journal { .. }));
}

#[test]
fn a_cache_is_no_journal_and_a_journal_no_cache() {
    let (folder, path) = scratch();
    drop(open(&path).unwrap());
    assert!(matches!(decile_store::CacheStore::open(&path), Err(Error::Foreign { .. })));
    let cache = folder.path().join("cache.sqlite");
    drop(decile_store::CacheStore::open(&cache).unwrap());
    assert!(matches!(open(&cache), Err(Error::Foreign { .. })));
    assert!(matches!(JournalStore::read(&cache), Err(Error::Foreign { .. })));
    let missing = folder.path().join("none.sqlite");
    assert!(matches!(JournalStore::read(&missing), Err(Error::Missing { .. })));
    assert!(!missing.exists());
}

#[test]
fn a_damaged_journal_is_refused_and_left_alone() {
    let (_folder, path) = scratch();
    std::fs::write(&path, vec![7_u8; 4096]).unwrap();
    assert!(matches!(open(&path), Err(Error::Corrupt { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), vec![7_u8; 4096]);
}

/// The error of the store behind a batch that was not written.
fn source(refused: TradeError) -> Error {
    match refused {
        TradeError::Journal { source, .. } => *source.downcast().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_beyond_the_limit_is_refused_until_it_is_opened_again() {
    let (_folder, path) = scratch();
    let journal = open(&path).unwrap();
    journal.limit_size(0).unwrap();
    let mut written = Vec::new();
    let refused = loop {
        let record = person::intended(written.len() as u32 + 1);
        match journal.append(std::slice::from_ref(&record)) {
            Ok(()) => written.push(record),
            Err(error) => break error,
        }
        assert!(written.len() < 1_000, "there is no end of it");
    };
    assert!(matches!(source(refused), Error::Full { .. }));
    // Not even what would fit: a batch that failed may have reached the disk.
    let closed = journal.append(&[executed("a.01", None)]);
    assert!(matches!(closed, Err(TradeError::JournalClosed { .. })), "{closed:?}");
    assert_eq!(journal.replay().unwrap(), written);
    drop(journal);
    let journal = open(&path).unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    journal.limit_size(size + (1 << 20)).unwrap();
    let next = person::intended(written.len() as u32 + 1);
    journal.append(std::slice::from_ref(&next)).unwrap();
    written.push(next);
    assert_eq!(journal.replay().unwrap(), written);
}

#[test]
fn a_sealed_journal_is_read_and_not_written_until_it_is_opened_again() {
    let (_folder, path) = scratch();
    let journal = open(&path).unwrap();
    journal.append(&[person::intended(1)]).unwrap();
    journal.seal().unwrap();
    let refused = journal.append(&[person::intended(2)]).unwrap_err();
    assert!(matches!(source(refused), Error::ReadOnly { .. }));
    assert_eq!(journal.replay().unwrap(), [person::intended(1)]);
    assert!(matches!(open(&path), Err(Error::Busy { .. })));
    drop(journal);
    open(&path).unwrap().append(&[person::intended(2)]).unwrap();
    assert_eq!(JournalStore::read(&path).unwrap(), [person::intended(1), person::intended(2)]);
}

#[test]
fn people_see_the_last_word_of_each_order_and_execution() {
    let (_folder, path) = scratch();
    let journal = open(&path).unwrap();
    journal.append(&[person::intended(1)]).unwrap();
    journal.append(&[executed("a.01", None), seen(60, OrderState::PartiallyFilled)]).unwrap();
    journal.append(&[executed("a.01", Some("1.00")), seen(100, OrderState::Filled)]).unwrap();
    journal.append(&[person::intended(2)]).unwrap();
    let shell = rusqlite::Connection::open(&path).unwrap();
    let mut orders = shell.prepare("SELECT id, state, filled, symbol FROM orders").unwrap();
    let rows = orders.query_map((), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
    });
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let expected = [
        (id(1).to_string(), "filled".to_owned(), Some(100)),
        (id(2).to_string(), "intent".to_owned(), None),
    ];
    assert_eq!(rows, expected);
    let sum = "SELECT count(*), sum(quantity), max(commission) FROM executions";
    let sums: (i64, i64, String) =
        shell.query_row(sum, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!(sums, (1, 60, "1.00".to_owned()));
}

#[test]
fn the_word_of_a_person_is_kept_and_people_see_it() {
    let (_folder, path) = scratch();
    person::keeps_the_word_of_a_person(|| Arc::new(open(&path).unwrap()));

    let (_folder, path) = scratch();
    let journal = open(&path).unwrap();
    let said = [person::cleared(1, Clearance::NeverArrived), person::cleared(2, person::forty())];
    journal.append(&[person::intended(1), person::intended(2)]).unwrap();
    journal.append(&said).unwrap();
    let shell = rusqlite::Connection::open(&path).unwrap();
    let rows = |sql: &str| {
        let mut select = shell.prepare(sql).unwrap();
        let rows = select.query_map((), |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    let orders = "SELECT concat_ws(' ', state, filled, average_price) FROM orders";
    assert_eq!(rows(orders), ["cleared 0", "cleared 40 50.12"]);
    let cleared = "SELECT concat_ws(', ', id, clearance, by, reason, at) FROM cleared";
    let why = "ada, TWS says \"no such order\", 2025-12-01T15:00:00Z";
    let expected = [format!("{}, never_arrived, {why}", id(1)), format!("{}, ended, {why}", id(2))];
    assert_eq!(rows(cleared), expected);
    // What the broker says behind it is the last word.
    journal.append(&[seen(60, OrderState::PartiallyFilled)]).unwrap();
    assert_eq!(rows(orders), ["partially_filled 60 50.12", "cleared 40 50.12"]);
}
