//! `cache.sqlite` as its users see it: what it keeps, and what it says of files it cannot use.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use decile_core::source::{Call, KeptReply, Verdict};
use decile_data::{BudgetLedger, ReplyCache, conformance};
use decile_store::{CacheStore, Error};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a scratch folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("cache.sqlite")
    }

    fn open(&self) -> Result<CacheStore, Error> {
        CacheStore::open(self.path())
    }

    /// What opening says, after the file was made something else.
    fn refusal(&self) -> String {
        let error = self.open().expect_err("the file cannot be used");
        let text = error.to_string();
        text.replace(&self.path().display().to_string(), "FILE")
    }
}

fn today() -> NaiveDate {
    "2025-12-01".parse().expect("a date")
}

fn noon() -> DateTime<Utc> {
    "2025-12-01T12:00:00Z".parse().expect("an instant")
}

fn call() -> Call {
    Call {
        provider: "example",
        endpoint: "facts",
        subject: "KO".to_owned(),
        request: "GET https://example.com/facts?symbol=KO".to_owned(),
    }
}

fn reply(hour: i64, body: Vec<u8>) -> KeptReply {
    let retrieved_at = noon() + TimeDelta::hours(hour);
    KeptReply { verdict: Verdict::Answer, status: 200, content_type: None, retrieved_at, body }
}

#[test]
fn it_keeps_the_promises_of_both_traits() {
    let store = Scratch::new();
    conformance::cache(&store.open().unwrap());
    conformance::ledger(&store.open().unwrap());
}

#[test]
fn what_was_kept_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let store = scratch.open().unwrap();
    assert_eq!(store.newest_retrieval().unwrap(), None);
    store.append(&call(), &reply(0, b"one".to_vec())).unwrap();
    store.append(&call(), &reply(-1, b"none".to_vec())).unwrap();
    assert!(store.spend("av", today(), 25).unwrap());
    drop(store);
    let store = scratch.open().unwrap();
    assert_eq!(store.newest(&call(), noon()).unwrap(), Some(reply(0, b"one".to_vec())));
    assert_eq!(store.spent("av", today()).unwrap(), 1);
    assert_eq!(store.newest_retrieval().unwrap(), Some(noon()));
}

#[test]
fn the_last_run_that_had_begun_by_then_is_told() {
    let scratch = Scratch::new();
    let store = scratch.open().unwrap();
    assert_eq!(store.began(noon()).unwrap(), None);
    let at = |minutes| noon() + TimeDelta::minutes(minutes);
    for minutes in [-3, -2, -2, 5] {
        store.begin(at(minutes)).unwrap();
    }
    drop(store);
    let store = scratch.open().unwrap();
    assert_eq!(store.began(noon()).unwrap(), Some(at(-2)));
    assert_eq!(store.began(at(-2)).unwrap(), Some(at(-2)));
    assert_eq!(store.began(at(-4)).unwrap(), None);
}

#[test]
fn a_body_that_a_provider_repeats_is_stored_once() {
    let scratch = Scratch::new();
    let store = scratch.open().unwrap();
    let long = |byte| vec![byte; 1_000_000];
    for hour in 0..20 {
        store.append(&call(), &reply(hour, long(b'a'))).unwrap();
    }
    store.append(&call(), &reply(20, long(b'b'))).unwrap();
    store.append(&call(), &reply(21, long(b'a'))).unwrap();
    for (hour, byte) in [(19, b'a'), (20, b'b'), (21, b'a')] {
        let until = noon() + TimeDelta::hours(hour);
        assert_eq!(store.newest(&call(), until).unwrap(), Some(reply(hour, long(byte))));
    }
    assert_eq!(store.retrievals("example", "facts", "KO").unwrap().len(), 22);
    drop(store);
    // 22 replies of a megabyte, of which three differ from the one before.
    let size = fs::metadata(scratch.path()).unwrap().len();
    assert!((3_000_000..3_200_000).contains(&size), "{size}");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let scratch = Scratch::new();
    fs::write(scratch.path(), "symbol,price\n".repeat(1000)).unwrap();
    assert_eq!(
        scratch.refusal(),
        "FILE is damaged or is no SQLite file: restore it; a cache may also be begun anew"
    );
    // It is not touched.
    assert!(fs::read_to_string(scratch.path()).unwrap().starts_with("symbol,price\n"));
}

#[test]
fn damage_in_the_middle_is_told_when_it_is_met() {
    let scratch = Scratch::new();
    let store = scratch.open().unwrap();
    for hour in 0..200 {
        store.append(&call(), &reply(hour, hour.to_string().into_bytes())).unwrap();
    }
    drop(store);
    let mut file = File::options().write(true).open(scratch.path()).unwrap();
    let size = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xAA; usize::try_from(size).unwrap() - 4096]).unwrap();
    drop(file);
    let met = scratch.open().map_err(|error| error.to_string()).and_then(|store| {
        let read = store.newest(&call(), noon() + TimeDelta::days(30));
        read.map_err(|error| std::error::Error::source(&error).unwrap().to_string())
    });
    assert!(met.unwrap_err().contains("is damaged"));
}

#[test]
fn somebody_elses_database_is_left_alone() {
    let scratch = Scratch::new();
    let theirs = rusqlite::Connection::open(scratch.path()).unwrap();
    theirs.execute_batch("CREATE TABLE photos (id INTEGER)").unwrap();
    assert_eq!(scratch.refusal(), "FILE belongs to another program: give another file");
    let tables: i64 =
        theirs.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_file_of_a_later_release_is_not_guessed_at() {
    let scratch = Scratch::new();
    drop(scratch.open().unwrap());
    let later = rusqlite::Connection::open(scratch.path()).unwrap();
    later.pragma_update(None, "user_version", 9).unwrap();
    assert_eq!(
        scratch.refusal(),
        "FILE is of format 9, this release knows 2: use the later release, or give another file"
    );
}

#[test]
fn a_read_only_file_is_refused_at_once() {
    let scratch = Scratch::new();
    drop(scratch.open().unwrap());
    let mut permissions = fs::metadata(scratch.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(scratch.path(), permissions).unwrap();
    assert_eq!(
        scratch.refusal(),
        "FILE is read-only: make it and its folder writable, or give another file"
    );
}

#[test]
fn a_folder_in_the_files_place_is_an_error() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path()).unwrap();
    assert_eq!(scratch.refusal(), "cannot use FILE");
}
