//! The file that outlives the process.

use crate::market::{clock, money, quote, session};
use crate::{buy, config, day};
use decile_trade::{Broker, Error, OrderState, PaperBroker, PaperConfig, SubmitError, Trouble};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[tokio::test]
async fn the_book_survives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let order = buy();
    let before = {
        let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
        broker.set_quotes([quote("KO", "50")]);
        broker.trouble_at(0, Trouble::DropAfterSend);
        assert!(matches!(broker.submit(&order).await, Err(SubmitError::InDoubt { .. })));
        broker.account().await.unwrap()
    };
    // Other cash in the settings changes nothing.
    let broker = PaperBroker::open(&path, config("77"), clock()).unwrap();
    broker.set_quotes([quote("KO", "50")]);
    assert_eq!(broker.account().await.unwrap(), before);
    assert_eq!(broker.find(order.id()).await.unwrap().unwrap().state, OrderState::Filled);
    assert!(fs::read_to_string(&path).unwrap().contains(r#""cash": "549.00""#));
    assert_eq!(names(folder.path()), ["account.json", "account.json.lock"]); // nothing half-written
}

/// The files of a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn one_broker_at_a_time_has_a_book_and_a_preview_only_looks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    PaperBroker::preview(&path, config("10000"), clock()).unwrap();
    assert!(names(folder.path()).is_empty());
    let first = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
    assert!(matches!(&error, Error::StateInUse { path: named } if *named == path));
    assert!(error.is_retryable());
    PaperBroker::preview(&path, config("10000"), clock()).unwrap();
    drop(first);
    // The lock that is left behind is nobody's.
    drop(PaperBroker::open(&path, config("10000"), clock()).unwrap());
    fs::remove_file(folder.path().join("account.json.lock")).unwrap();
    PaperBroker::open(&path, config("10000"), clock()).unwrap();
}

#[test]
fn a_book_that_did_not_change_is_not_written_and_one_that_cannot_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    // What another program calls its own is not touched.
    let foreign = folder.path().join("account.json.new");
    fs::write(&foreign, "mine").unwrap();
    let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    fs::remove_file(&path).unwrap();
    broker.roll_to(session(), &[], &BTreeMap::new()).unwrap();
    assert!(!path.exists());
    // A folder in its place cannot be replaced.
    fs::create_dir(&path).unwrap();
    let error = broker.roll_to(day("2025-12-02"), &[], &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::File { operation: "write the paper account", .. }));
    assert_eq!(broker.session(), session());
    let left = ["account.json", "account.json.lock", "account.json.new"];
    assert_eq!(names(folder.path()), left);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "mine");
}

#[tokio::test]
async fn a_book_that_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    drop(PaperBroker::open(&path, config("10000"), clock()).unwrap());
    let other = PaperConfig { account: "DU7654321".parse().unwrap(), ..config("10000") };
    let error = PaperBroker::open(&path, other, clock()).unwrap_err();
    assert!(matches!(&error, Error::StateAccount { path: named, .. } if *named == path));
    let text = fs::read_to_string(&path).unwrap();
    for broken in [text[..text.len() / 2].to_owned(), text.replace("10000", "ten"), String::new()] {
        fs::write(&path, &broken).unwrap();
        let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
        assert!(matches!(&error, Error::StateCorrupt { path: named, .. } if *named == path));
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
    fs::write(&path, text.replace(r#""version": 1"#, r#""version": 9"#)).unwrap();
    let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
    assert!(matches!(error, Error::FormatVersion { version: 9, .. }));
}

#[tokio::test]
async fn an_order_whose_book_cannot_be_written_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    broker.set_quotes([quote("KO", "50")]);
    folder.close().unwrap();
    assert!(matches!(broker.submit(&buy()).await, Err(SubmitError::InDoubt { .. })));
    assert_eq!(broker.account().await.unwrap().cash, money("10000"));
}
