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
    let days =
        |fact: &Value| Some((day(fact["end"].as_str()?) - day(fact["start"].as_str()?)).num_days());
    let (mut told, mut worked_out) = (0, 0);
    for filing in &fetched.rows {
        let (end, by) = (filing.period_end, filing.filed.expect("a day").to_string());
        let net_income = filing.net_income.unwrap_or_else(|| panic!("{filing:?}"));
        let in_time = |fact: &&Value| fact["filed"].as_str().is_some_and(|filed| *filed <= *by);
        let ending = facts.iter().filter(in_time).filter(|fact| fact["end"] == end.to_string());
        let is_told = |fact: &&Value| {
            days(fact).is_some_and(|days| (80..100).contains(&days)) && fact["val"] == net_income
        };
        if ending.clone().any(|fact| is_told(&fact)) {
            told += 1;
            continue;
        }
        // The year less nine months that began on its day.
        let years = ending.filter(|fact| days(fact).is_some_and(|days| days > 300));
        let follows = |year: &Value| {
            let nine = facts.iter().filter(in_time).filter(|fact| {
                fact["start"] == year["start"]
                    && days(fact).is_some_and(|days| (250..300).contains(&days))
            });
            let rest = |nine: &Value| Some(year["val"].as_f64()? - nine["val"].as_f64()?);
            nine.into_iter().any(|nine| rest(nine) == Some(net_income))
        };
        assert!(years.into_iter().any(follows), "{filing:?}");
        worked_out += 1;
    }
    println!("AAPL: {told} versions as filed, {worked_out} worked out");
    // By hand: the fourth quarter of 2009 was restated with its year, by 10-K/A in January 2010,
    // but told as a quarter, 2,532 million, only by the next 10-K.
    let of_2009 = fetched.rows.iter().filter(|row| row.period_end == day("2009-09-26"));
    let of_2009: Vec<_> =
        of_2009.map(|row| (row.filed.expect("a day").to_string(), row.net_income)).collect();
    assert_eq!(of_2009.first(), Some(&("2009-10-27".to_owned(), Some(1_665e6))));
    assert_eq!(of_2009.last(), Some(&("2010-10-27".to_owned(), Some(2_532e6))));
    assert!(of_2009.iter().all(|(_, value)| [Some(1_665e6), Some(2_532e6)].contains(value)));
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
