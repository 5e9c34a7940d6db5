//! Replies that went wrong: no panic, no 0 where nothing was said, within bounds.

use super::{client, company, day, filings_of, serving, symbol};
use crate::support::damage::{Damage, paths, zeros};
use decile_core::Filing;
use decile_core::source::FilingSource;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[test]
fn no_damage_panics_or_makes_a_zero() {
    let whole: Value = serde_json::from_str(&company().json()).expect("JSON");
    let body = Arc::new(Mutex::new(whole.to_string().into_bytes()));
    let server = serving(&body);
    let sec = client(&server);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let told = || runtime.block_on(sec.filings(&symbol("QZA")));
    let amounts = |row: &Filing| {
        (row.net_income, row.book_equity, row.shares, row.revenue, row.operating_cash_flow)
    };
    assert!(told().expect("filings").rows.iter().all(|row| zeros(&amounts(row)) == Some(0)));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let paths = paths(&whole);
    let any = (any::<Index>(), select(&Damage::ALL[..]));
    let result = runner.run(&any, |(place, damage)| {
        *body.lock().expect("no panic") = damage.apply(&whole, &paths[place.index(paths.len())]);
        if let Ok(filings) = told() {
            let amounts: Vec<_> = filings.rows.iter().map(amounts).collect();
            prop_assert_eq!(zeros(&amounts), Some(0), "{:?}", amounts);
            for filing in &filings.rows {
                prop_assert!(filing.filed.is_some_and(|filed| filed >= filing.period_end));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn twenty_megabytes_are_read_or_refused_in_time() {
    let rows = r#"{"end":"x","val":"y"},"#.repeat(900_000);
    let quarters: String = (0..150_000)
        .map(|n| {
            let end = day("1990-03-31") + chrono::Days::new(n % 12_000);
            let start = end - chrono::Days::new(90);
            format!(
                r#"{{"start":"{start}","end":"{end}","val":{n},"accn":"a{n}","form":"10-Q","filed":"2024-05-02"}},"#
            )
        })
        .collect();
    let facts = |rows: &str| {
        format!(
            r#"{{"cik":1234,"facts":{{"us-gaap":{{"NetIncomeLoss":{{"units":{{"USD":[{}]}}}}}}}}}}"#,
            rows.trim_end_matches(',')
        )
    };
    let bodies = [facts(&rows), facts(&quarters), "[".repeat(19_000_000), "x".repeat(25_000_000)];
    for body in bodies {
        let started = Instant::now();
        let told = filings_of("QZA", &body).await;
        let took = started.elapsed();
        assert!(took < Duration::from_secs(120), "{} bytes: {took:?}", body.len());
        assert!(told.map_or(0, |filings| filings.dropped.len()) < 1000);
    }
}
