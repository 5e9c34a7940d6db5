//! Real replies, served over HTTP by a local server and read by the clients.
//!
//! Each recording is served for the path of its URL, with its status, headers and body; one without a
//! URL is served for every path. What the clients make of it is compared with what the raw body says,
//! dug out here without their code, or with numbers read off it by hand. A recording without a check
//! fails.

#![expect(clippy::print_stdout, reason = "the checks tell what they compared")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "alphavantage")]
mod alphavantage;
#[cfg(feature = "sec")]
mod sec;
mod shelf;
#[cfg(feature = "yahoo")]
mod yahoo;

use shelf::{Recording, Shelf};

/// Compares what the client makes of a recording with what it says, and tells what was compared.
type Check = fn(&Shelf, &Recording) -> Vec<String>;

/// Runs the check of every recording of a provider; they must be the ones of the shelf.
fn run(folder: &str, checks: &[(&str, Check)]) {
    let shelf = Shelf::open();
    let recordings = shelf.of(folder);
    let mut without = Vec::new();
    for recording in &recordings {
        let check = checks.iter().find(|(name, _)| *name == recording.name());
        let told = check.map(|(_, check)| check(&shelf, recording)).unwrap_or_default();
        if told.is_empty() {
            without.push(recording.name());
        }
        told.iter().for_each(|line| println!("{}: {line}", recording.file));
    }
    assert!(without.is_empty(), "recordings without an assertion: {without:?}");
    let is_there = |name: &str| recordings.iter().any(|recording| recording.name() == name);
    let gone: Vec<_> =
        checks.iter().map(|(name, _)| *name).filter(|name| !is_there(name)).collect();
    assert!(gone.is_empty(), "checks without a recording: {gone:?}");
    println!("{folder}: {} recordings checked", recordings.len());
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_folder_is_that_of_a_provider() {
    assert_eq!(Shelf::open().folders(), ["alphavantage", "yahoo"]);
}
