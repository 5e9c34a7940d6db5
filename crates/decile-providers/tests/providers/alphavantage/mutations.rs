//! Replies that went wrong: no panic, no 0 where nothing was said, within bounds.

use super::estimates::estimates;
use super::filings::{BALANCE, CASH_FLOW, EARNINGS, INCOME};
use super::{KEY, daily, range, symbol, transport};
use crate::mutation::{Mutation, mutations, zeros};
use crate::support::{Server, reply};
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, FilingSource, SecuritySource, SourceError, StatsSource,
};
use decile_providers::Secret;
use decile_providers::alphavantage::AlphaVantage;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const OVERVIEW: &str = r#"{"Symbol": "QZA", "Name": "Quartz", "Currency": "USD", "Country": "USA",
    "Sector": "TECHNOLOGY", "MarketCapitalization": "2000", "PERatio": "20", "BookValue": "4",
    "EPS": "1", "PriceToBookRatio": "5", "ForwardPE": "18", "ReturnOnEquityTTM": "0.25",
    "SharesOutstanding": "100", "52WeekHigh": "22", "52WeekLow": "15"}"#;
const SPLITS: &str = r#"{"symbol": "QZA", "data": [
    {"effective_date": "2024-07-03", "split_factor": "4.0000"}]}"#;
const DIVIDENDS: &str = "ex_dividend_date,declaration_date,record_date,payment_date,amount\n\
    2024-07-05,2024-06-01,2024-07-05,2024-07-20,0.24\n2024-07-02,None,None,None,0.23\n";

/// A server whose replies a test may change.
struct Stage {
    replies: Arc<Mutex<BTreeMap<&'static str, Vec<u8>>>>,
    client: AlphaVantage,
    runtime: tokio::runtime::Runtime,
}

impl Stage {
    fn new() -> Self {
        let prices = daily(&[("2024-07-05", "11.0"), ("2024-07-03", "10.0"), ("2024-07-02", "9")]);
        let replies = [
            ("TIME_SERIES_DAILY", prices),
            ("SPLITS", SPLITS.to_owned()),
            ("DIVIDENDS", DIVIDENDS.to_owned()),
            ("INCOME_STATEMENT", INCOME.to_owned()),
            ("BALANCE_SHEET", BALANCE.to_owned()),
            ("CASH_FLOW", CASH_FLOW.to_owned()),
            ("EARNINGS", EARNINGS.to_owned()),
            ("EARNINGS_ESTIMATES", estimates()),
            ("OVERVIEW", OVERVIEW.to_owned()),
            (
                "GLOBAL_QUOTE",
                r#"{"Global Quote": {"01. symbol": "QZA", "05. price": "11.0000",
                "07. latest trading day": "2024-07-05", "08. previous close": "10"}}"#
                    .to_owned(),
            ),
        ];
        let replies: BTreeMap<_, _> =
            replies.into_iter().map(|(name, body)| (name, body.into_bytes())).collect();
        let replies = Arc::new(Mutex::new(replies));
        let shown = Arc::clone(&replies);
        let server = Server::start(move |received, stream| {
            let function = super::parameter(&received.target, "function");
            let body = shown.lock().expect("no panic").get(function).cloned();
            reply(stream, 200, &[], &body.unwrap_or_default());
        });
        let client = AlphaVantage::new(transport(&server), Secret::new(KEY)).with_cash_flows();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { replies, client, runtime: runtime.expect("a runtime") }
    }

    /// Asks everything, with one reply mutated; what came as debug texts.
    fn told(&self, mutated: Option<(&'static str, &Mutation)>) -> Vec<(String, Option<usize>)> {
        let before = mutated.map(|(name, mutation)| {
            let mut replies = self.replies.lock().expect("no panic");
            let body = mutation.of(&replies[name]);
            (name, replies.insert(name, body).expect("a reply"))
        });
        let told = self.runtime.block_on(everything(&self.client));
        if let Some((name, body)) = before {
            self.replies.lock().expect("no panic").insert(name, body);
        }
        told
    }
}

async fn everything(client: &AlphaVantage) -> Vec<(String, Option<usize>)> {
    let (stock, span) = (symbol("QZA"), range("2024-07-01", "2024-07-05"));
    vec![
        line(client.bars(&stock, span).await.map(|it| it.rows)),
        line(client.actions(&stock, span).await.map(|it| it.rows)),
        line(client.filings(&stock).await.map(|it| it.rows)),
        line(client.consensus(&stock).await.map(|it| it.rows)),
        line(client.estimates(&stock).await.map(|it| it.rows)),
        line(client.quote(&stock).await.map(|it| it.rows)),
        line(client.stats(&stock).await),
        line(client.security(&stock).await),
        line(client.earnings(&stock).await.map(|it| (it.annual, it.quarterly))),
    ]
}

fn line<T: std::fmt::Debug>(answer: Result<T, SourceError>) -> (String, Option<usize>) {
    match answer {
        Ok(answer) => (format!("{answer:?}"), zeros(&answer)),
        Err(error) => (error.kind().to_owned(), Some(0)),
    }
}

const FUNCTIONS: [&str; 10] = [
    "TIME_SERIES_DAILY",
    "SPLITS",
    "DIVIDENDS",
    "INCOME_STATEMENT",
    "BALANCE_SHEET",
    "CASH_FLOW",
    "EARNINGS",
    "EARNINGS_ESTIMATES",
    "OVERVIEW",
    "GLOBAL_QUOTE",
];

#[test]
fn no_mutation_panics_or_makes_a_zero() {
    let stage = Stage::new();
    let whole = stage.told(None);
    assert!(whole.iter().all(|(text, _)| text.len() > 20), "{whole:?}");
    // The one 0 there is: nobody cut the estimate, which the provider says by leaving it out. A
    // mutation may leave out the raises too.
    let allowed = |index: usize| if index == 4 { 2 } else { whole[index].1.expect("numbers") };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let any = (proptest::sample::select(&FUNCTIONS[..]), mutations());
    let result = runner.run(&any, |(function, mutation)| {
        let told = stage.told(Some((function, &mutation)));
        for (index, (text, zeros)) in told.iter().enumerate() {
            let zeros = zeros.filter(|zeros| *zeros <= allowed(index));
            prop_assert!(zeros.is_some(), "{function} {mutation:?}: {text}");
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn twenty_megabytes_are_read_or_refused_in_time() {
    let stage = Stage::new();
    let rows = "{\"fiscalDateEnding\":\"x\",\"netIncome\":\"y\"},".repeat(400_000);
    let bodies = [
        ("INCOME_STATEMENT", format!("{{\"quarterlyReports\":[{rows}{{}}],\"annualReports\":[]}}")),
        ("TIME_SERIES_DAILY", format!("timestamp,close\n{}", "2024-07-05,x\n".repeat(1_400_000))),
        ("OVERVIEW", "[".repeat(19_000_000)),
        ("OVERVIEW", format!("{{\"Symbol\":{}", "[".repeat(19_000_000))),
        ("EARNINGS", format!("{{\"a\":\"{}\"}}", "x".repeat(25_000_000))),
    ];
    for (name, body) in bodies {
        let size = body.len();
        let before = stage.replies.lock().expect("no panic").insert(name, body.into_bytes());
        let started = Instant::now();
        let told = stage.told(None);
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{name} {size}: {:?}",
            started.elapsed()
        );
        assert!(told.iter().all(|(text, _)| text.len() < 100_000), "{name}");
        let before = before.expect("a reply");
        stage.replies.lock().expect("no panic").insert(name, before);
    }
}
