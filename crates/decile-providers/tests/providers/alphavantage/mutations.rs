//! Replies that went wrong: no panic, no 0 where nothing was said, within bounds.

use super::estimates::estimates;
use super::filings::{BALANCE, CASH_FLOW, EARNINGS, INCOME};
use super::{NOW, daily, range};
use crate::support::alphavantage::{Stage, damaged, fault};
use crate::support::damage::Damage;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::time::{Duration, Instant};

const OVERVIEW: &str = r#"{"Symbol": "QZA", "Name": "Quartz", "Currency": "USD", "Country": "USA",
    "Sector": "TECHNOLOGY", "MarketCapitalization": "2000", "PERatio": "20", "BookValue": "4",
    "EPS": "1", "PriceToBookRatio": "5", "ForwardPE": "18", "ReturnOnEquityTTM": "0.25",
    "SharesOutstanding": "100", "52WeekHigh": "22", "52WeekLow": "15"}"#;
const SPLITS: &str = r#"{"symbol": "QZA", "data": [
    {"effective_date": "2024-07-03", "split_factor": "4.0000"}]}"#;
const DIVIDENDS: &str = "ex_dividend_date,declaration_date,record_date,payment_date,amount\n\
    2024-07-05,2024-06-01,2024-07-05,2024-07-20,0.24\n2024-07-02,None,None,None,0.23\n";
const QUOTE: &str = r#"{"Global Quote": {"01. symbol": "QZA", "05. price": "11.0000",
    "07. latest trading day": "2024-07-05", "08. previous close": "10"}}"#;

/// The whole replies by their functions.
fn replies() -> [(&'static str, String); 10] {
    let prices = daily(&[("2024-07-05", "11.0"), ("2024-07-03", "10.0"), ("2024-07-02", "9")]);
    [
        ("TIME_SERIES_DAILY", prices),
        ("SPLITS", SPLITS.to_owned()),
        ("DIVIDENDS", DIVIDENDS.to_owned()),
        ("INCOME_STATEMENT", INCOME.to_owned()),
        ("BALANCE_SHEET", BALANCE.to_owned()),
        ("CASH_FLOW", CASH_FLOW.to_owned()),
        ("EARNINGS", EARNINGS.to_owned()),
        ("EARNINGS_ESTIMATES", estimates()),
        ("OVERVIEW", OVERVIEW.to_owned()),
        ("GLOBAL_QUOTE", QUOTE.to_owned()),
    ]
}

fn stage() -> Stage {
    let stage = Stage::new(NOW, "QZA", range("2024-07-01", "2024-07-05"));
    for (function, body) in replies() {
        stage.say(function, body.into_bytes());
    }
    stage
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

#[test]
fn no_damage_panics_or_makes_a_zero() {
    let (stage, runtime) = (stage(), runtime());
    let whole = runtime.block_on(stage.told());
    assert!(whole.iter().all(|(text, _)| text.len() > 20), "{whole:?}");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let any = (select(replies().to_vec()), any::<Index>(), select(&Damage::ALL[..]));
    let result = runner.run(&any, |((function, body), place, damage)| {
        let wrong = damaged(body.as_bytes(), damage, |places| place.index(places));
        stage.say(function, wrong.clone());
        let told = runtime.block_on(stage.told());
        stage.say(function, body.into_bytes());
        let fault = fault(&whole, &told);
        prop_assert!(fault.is_none(), "{fault:?} of {}", String::from_utf8_lossy(&wrong));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn bytes_that_are_no_reply_are_errors(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let stage = stage();
        for (function, _) in replies() {
            stage.say(function, bytes.clone());
        }
        for (text, _) in runtime().block_on(stage.told()) {
            prop_assert!(text.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{text}");
        }
    }
}

#[test]
fn twenty_megabytes_are_read_or_refused_in_time() {
    let (stage, runtime) = (stage(), runtime());
    let rows = "{\"fiscalDateEnding\":\"x\",\"netIncome\":\"y\"},".repeat(400_000);
    let bodies = [
        ("INCOME_STATEMENT", format!("{{\"quarterlyReports\":[{rows}{{}}],\"annualReports\":[]}}")),
        ("TIME_SERIES_DAILY", format!("timestamp,close\n{}", "2024-07-05,x\n".repeat(1_400_000))),
        ("OVERVIEW", "[".repeat(19_000_000)),
        ("OVERVIEW", format!("{{\"Symbol\":{}", "[".repeat(19_000_000))),
        ("EARNINGS", format!("{{\"a\":\"{}\"}}", "x".repeat(25_000_000))),
    ];
    for (function, body) in bodies {
        let size = body.len();
        let whole = stage.say(function, body.into_bytes()).expect("a reply");
        let started = Instant::now();
        let told = runtime.block_on(stage.told());
        let took = started.elapsed();
        assert!(took < Duration::from_secs(120), "{function} {size}: {took:?}");
        assert!(told.iter().all(|(text, _)| text.len() < 100_000), "{function}");
        // More rows than days, or no end: an error, before it fills the memory.
        assert!(told.iter().any(|(text, _)| text == "decode"), "{function}: {told:?}");
        stage.say(function, whole);
    }
}
