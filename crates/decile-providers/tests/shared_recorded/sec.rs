//! Real facts of one company, against rows that others made of them and against the raw body.

use crate::support::{Server, reply};
use chrono::NaiveDate;
use decile_core::Filing;
use decile_core::source::{Basis, Fetched, FilingSource};
use decile_providers::Transport;
use decile_providers::sec::Sec;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn shared(file: &str) -> Vec<u8> {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the directory that holds datasets/sec_raw and datasets/us30");
    let path = PathBuf::from(root).join("datasets").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn apple() -> Fetched<Filing> {
    let facts = shared("sec_raw/AAPL_companyfacts_subset.json");
    let server = Server::start(move |received, stream| match received.target.as_str() {
        "/files/company_tickers.json" => {
            let list = br#"{"0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."}}"#;
            reply(stream, 200, &[], list);
        }
        "/api/xbrl/companyfacts/CIK0000320193.json" => reply(stream, 200, &[], &facts),
        _ => reply(stream, 404, &[], b""),
    });
    let transport = Transport::builder().base_url(server.url()).build().expect("a transport");
    let sec = Sec::new(transport, "Example Research someone@example.org").expect("a contact");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let apple = "AAPL".parse().expect("a symbol");
    runtime.expect("a runtime").block_on(sec.filings(&apple)).expect("filings")
}

/// The first version of each quarter.
fn first(filings: &[Filing]) -> BTreeMap<NaiveDate, &Filing> {
    let mut first = BTreeMap::new();
    for filing in filings {
        first.entry(filing.period_end).or_insert(filing);
    }
    first
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn apples_quarters_are_those_of_us30() {
    let fetched = apple();
    assert_eq!((fetched.basis, fetched.warnings.len()), (Basis::AsFiled, 0));
    let first = first(&fetched.rows);
    let rows = String::from_utf8(shared("us30/fundamentals.csv")).expect("text");
    let mut equal = 0;
    for line in rows.lines().filter(|line| line.starts_with("AAPL,")) {
        let cells: Vec<_> = line.split(',').collect();
        let filing = first[&day(cells[1])];
        assert_eq!(filing.form.as_str(), cells[2], "{line}");
        assert_eq!(filing.filed, Some(day(cells[3])), "{line}");
        let number = |cell: usize| cells[cell].parse::<f64>().ok();
        assert_eq!(filing.net_income, number(6), "{line}");
        assert_eq!(filing.book_equity, number(7), "{line}");
        assert_eq!(filing.shares, number(8), "{line}");
        equal += 1;
    }
    println!("AAPL: {equal} quarters equal in form, day, net income, equity and shares");
    assert_eq!(equal, 36);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_quarter_stands_in_the_body_or_follows_from_it() {
    let fetched = apple();
    let body: Value =
        serde_json::from_slice(&shared("sec_raw/AAPL_companyfacts_subset.json")).expect("JSON");
    let facts = body["facts"]["us-gaap"]["NetIncomeLoss"]["units"]["USD"].as_array();
    let facts = facts.expect("facts");
    let value = |start: &dyn Fn(&str) -> bool, end: &str, by: &str| {
        let in_time = |fact: &&Value| {
            fact["end"] == end && fact["filed"].as_str().is_some_and(|filed| filed <= by)
        };
        let starts = |fact: &&Value| fact["start"].as_str().is_some_and(start);
        let mut found: Vec<&Value> = facts.iter().filter(in_time).filter(starts).collect();
        found.sort_by_key(|fact| fact["filed"].as_str());
        found.last().and_then(|fact| fact["val"].as_f64())
    };
    let (mut direct, mut derived) = (0, 0);
    for filing in &fetched.rows {
        let end = filing.period_end;
        let (last, by) = (end.to_string(), filing.filed.expect("a day").to_string());
        let lasting = |from: i64, to: i64| {
            move |start: &str| (from..=to).contains(&(end - day(start)).num_days())
        };
        let Some(net_income) = filing.net_income else { panic!("{filing:?}") };
        if let Some(quarter) = value(&lasting(80, 100), &last, &by) {
            assert_eq!(net_income, quarter, "{filing:?}");
            direct += 1;
            continue;
        }
        // The year less nine months of the same year.
        let year = value(&lasting(355, 375), &last, &by).expect("a year");
        let nine = |fact: &&Value| {
            let ends = fact["end"].as_str().map(|other| (end - day(other)).num_days());
            let starts = fact["start"].as_str().map(|start| (end - day(start)).num_days());
            ends.is_some_and(|days| (80..=100).contains(&days))
                && starts.is_some_and(|days| (355..=375).contains(&days))
                && fact["filed"].as_str().is_some_and(|filed| *filed <= *by)
        };
        let mut nine: Vec<&Value> = facts.iter().filter(nine).collect();
        nine.sort_by_key(|fact| fact["filed"].as_str());
        let nine = nine.last().and_then(|fact| fact["val"].as_f64()).expect("nine months");
        assert_eq!(net_income, year - nine, "{filing:?}");
        derived += 1;
    }
    println!("AAPL: {direct} versions as filed, {derived} by difference");
    // Since 2021 Apple's 10-K tells no quarters.
    assert_eq!(derived, 5);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn a_restatement_is_a_version_of_its_own_with_the_shares_of_the_first() {
    let fetched = apple();
    let first = first(&fetched.rows);
    for filing in &fetched.rows {
        let one = first[&filing.period_end];
        assert!(filing.filed >= one.filed && filing.filed > Some(filing.period_end));
        assert_eq!(filing.shares, one.shares);
    }
    // By hand: filed as 879,528,000 before the split of seven; the same quarter stands in the 10-Q of
    // a year later with 6,156,699,000.
    assert_eq!(first[&day("2014-03-29")].shares, Some(879_528_000.0));
    let restated = fetched.rows.len() - first.len();
    println!("AAPL: {} quarters, {restated} restated versions", first.len());
}
