//! The SEC, played by a local server with facts made here.

mod mutations;

use crate::support::{Server, reply};
use crate::{day, symbol};
use decile_core::source::{Fetched, FilingSource, SourceError};
use decile_core::{Filing, ManualClock};
use decile_providers::sec::Sec;
use decile_providers::{Error, Transport};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOW: &str = "2025-03-03T15:00:00Z";
const CONTACT: &str = "Example Research someone@example.org";

/// The facts of one company, filing by filing.
#[derive(Default)]
struct Company {
    tags: Map<String, Value>,
    dei: Map<String, Value>,
}

/// A filing: the day it came out, and its form. Its number follows from both.
type Filed<'a> = (&'a str, &'a str);

impl Company {
    /// Over the days from `start` to `end`, or as of `end`, with a unit.
    fn says(
        mut self,
        (filed, form): Filed<'_>,
        (start, end): (Option<&str>, &str),
        facts: &[(&str, &str, f64)],
    ) -> Self {
        for (tag, unit, value) in facts {
            let mut row = json!({"end": end, "val": value, "accn": format!("{filed}-{form}"),
                "fy": 2024, "fp": "Q1", "form": form, "filed": filed});
            if let Some(start) = start {
                row["start"] = json!(start);
            }
            let taxonomy = if tag.starts_with("Entity") { &mut self.dei } else { &mut self.tags };
            let tag = taxonomy.entry(*tag).or_insert_with(|| json!({"label": "x", "units": {}}));
            let rows = tag["units"].as_object_mut().expect("units").entry(*unit);
            rows.or_insert_with(|| json!([])).as_array_mut().expect("rows").push(row);
        }
        self
    }

    fn json(&self) -> String {
        json!({"cik": 1234, "entityName": "Quartz Adrift",
            "facts": {"us-gaap": self.tags, "dei": self.dei}})
        .to_string()
    }
}

const Q1: (Option<&str>, &str) = (Some("2024-01-01"), "2024-03-31");
const Q1_END: (Option<&str>, &str) = (None, "2024-03-31");
const Q2: (Option<&str>, &str) = (Some("2024-04-01"), "2024-06-30");
const HALF: (Option<&str>, &str) = (Some("2024-01-01"), "2024-06-30");
const FIRST: Filed<'_> = ("2024-05-02", "10-Q");
const SECOND: Filed<'_> = ("2024-08-01", "10-Q");

/// Two quarters, the second of which restates the first.
fn company() -> Company {
    Company::default()
        .says(
            FIRST,
            Q1,
            &[
                ("NetIncomeLoss", "USD", 100.0),
                ("Revenues", "USD", 900.0),
                ("EarningsPerShareDiluted", "USD/shares", 0.25),
                ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares", 400.0),
                ("NetCashProvidedByUsedInOperatingActivities", "USD", 50.0),
            ],
        )
        .says(
            FIRST,
            Q1_END,
            &[
                ("StockholdersEquity", "USD", 700.0),
                ("PreferredStockValue", "USD", 100.0),
                ("Assets", "USD", 2000.0),
            ],
        )
        .says(SECOND, Q1, &[("NetIncomeLoss", "USD", 90.0)])
        .says(SECOND, Q2, &[("NetIncomeLoss", "USD", 120.0), ("Revenues", "USD", 950.0)])
        .says(
            SECOND,
            HALF,
            &[
                ("NetIncomeLoss", "USD", 210.0),
                ("NetCashProvidedByUsedInOperatingActivities", "USD", 130.0),
            ],
        )
}

/// Answers the list of tickers, and for company 1234 whatever the test says.
fn serving(body: &Arc<Mutex<Vec<u8>>>) -> Server {
    let body = Arc::clone(body);
    Server::start(move |received, stream| match received.target.as_str() {
        "/files/company_tickers.json" => reply(
            stream,
            200,
            &[],
            br#"{"0": {"cik_str": 1234, "ticker": "QZA", "title": "Quartz Adrift"},
                "1": {"cik_str": 1234, "ticker": "BRK-B", "title": "x"},
                "2": {"cik_str": 77, "ticker": "QZB", "title": "y"},
                "3": {"cik_str": null, "ticker": "QZC"}}"#,
        ),
        "/api/xbrl/companyfacts/CIK0000001234.json" => {
            let body = body.lock().expect("no panic").clone();
            reply(stream, 200, &[], &body);
        }
        _ => reply(stream, 404, &[], b"<?xml version=\"1.0\"?><Error>NoSuchKey</Error>"),
    })
}

fn client(server: &Server) -> Sec {
    let transport = Transport::builder()
        .base_url(server.url())
        .timeout(Duration::from_secs(5))
        .clock(Arc::new(ManualClock::new(NOW.parse().expect("an instant"))));
    Sec::new(transport.build().expect("a transport"), CONTACT).expect("a contact")
}

async fn filings_of(symbol_text: &str, body: &str) -> Result<Fetched<Filing>, SourceError> {
    let server = serving(&Arc::new(Mutex::new(body.as_bytes().to_vec())));
    client(&server).filings(&symbol(symbol_text)).await
}

#[tokio::test]
async fn what_was_filed_first_stays_beside_what_was_said_later() {
    let filings = filings_of("QZA", &company().json()).await.expect("filings");
    let [first, restated, second] = &filings.rows[..] else { panic!("{:?}", filings.rows) };
    assert_eq!((first.period_end, first.filed), (day("2024-03-31"), Some(day("2024-05-02"))));
    assert_eq!((first.net_income, first.revenue), (Some(100.0), Some(900.0)));
    assert_eq!((first.book_equity, first.total_assets), (Some(600.0), Some(2000.0)));
    assert_eq!((first.shares, first.operating_cash_flow), (Some(400.0), Some(50.0)));
    assert_eq!((first.form.as_str(), first.source.as_str()), ("10-Q", "sec"));
    assert_eq!(
        first.retrieved_at.map(|at| at.to_rfc3339()).as_deref(),
        Some("2025-03-03T15:00:00+00:00")
    );

    assert_eq!((restated.period_end, restated.filed), (day("2024-03-31"), Some(day("2024-08-01"))));
    assert_eq!((restated.net_income, restated.revenue), (Some(90.0), Some(900.0)));
    assert_eq!((restated.book_equity, restated.shares), (Some(600.0), Some(400.0)));

    // Cash flows are told for the half year alone: 130 less 50.
    assert_eq!((second.period_end, second.operating_cash_flow), (day("2024-06-30"), Some(80.0)));
    assert_eq!((second.net_income, second.book_equity, second.shares), (Some(120.0), None, None));
}

#[tokio::test]
async fn a_count_in_millions_gives_way_to_the_cover() {
    // As McDonald's: 716.4 million shares, written 716.4.
    let company = Company::default()
        .says(
            FIRST,
            Q1,
            &[
                ("NetIncomeLoss", "USD", 1_868e6),
                ("EarningsPerShareDiluted", "USD/shares", 2.6),
                ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares", 718.2),
                ("WeightedAverageNumberOfSharesOutstandingBasic", "shares", 715.1),
            ],
        )
        .says(
            FIRST,
            (None, "2024-04-30"),
            &[("EntityCommonStockSharesOutstanding", "shares", 715_080_622.0)],
        );
    let filings = filings_of("QZA", &company.json()).await.expect("filings");
    assert_eq!(filings.rows[0].shares, Some(715_080_622.0));
    assert_eq!(filings.warnings.len(), 2, "{:?}", filings.warnings);
    assert!(filings.warnings[0].contains("2024-03-31: a count of 718.2 shares is in other units"));
}

#[tokio::test]
async fn equity_with_minorities_is_lessened_by_them() {
    // As Procter & Gamble, which has no tag without them.
    let with = "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest";
    let company = Company::default().says(FIRST, Q1, &[("ProfitLoss", "USD", 30.0)]).says(
        FIRST,
        Q1_END,
        &[(with, "USD", 50.0), ("MinorityInterest", "USD", 2.0)],
    );
    let filings = filings_of("QZA", &company.json()).await.expect("filings");
    assert_eq!((filings.rows[0].net_income, filings.rows[0].book_equity), (Some(30.0), Some(48.0)));
}

#[tokio::test]
async fn a_quarter_that_shows_up_a_year_late_has_no_shares() {
    let late: Filed<'_> = ("2025-05-01", "10-Q");
    let company = Company::default()
        .says(
            late,
            Q1,
            &[
                ("NetIncomeLoss", "USD", 100.0),
                ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares", 8000.0),
            ],
        )
        // The end of a year of which no quarter is told is no row at all.
        .says(late, (Some("2023-01-01"), "2023-12-31"), &[("NetIncomeLoss", "USD", 380.0)]);
    let filings = filings_of("QZA", &company.json()).await.expect("filings");
    let [filing] = &filings.rows[..] else { panic!("{:?}", filings.rows) };
    assert_eq!((filing.filed, filing.shares), (Some(day("2025-05-01")), None));
}

#[tokio::test]
async fn class_b_of_berkshire_is_a_fifteen_hundredth() {
    let company = Company::default().says(
        FIRST,
        Q1,
        &[
            ("NetIncomeLoss", "USD", 12_702e6),
            ("EarningsPerShareBasic", "USD/shares", 8825.0),
            ("WeightedAverageNumberOfSharesOutstandingBasic", "shares", 1_439_000.0),
        ],
    );
    let body = company.json();
    let shares = |filings: Fetched<Filing>| filings.rows[0].shares;
    assert_eq!(shares(filings_of("BRK.B", &body).await.expect("filings")), Some(2_158_500_000.0));
    assert_eq!(shares(filings_of("QZA", &body).await.expect("filings")), Some(1_439_000.0));
}

#[tokio::test]
async fn amounts_are_in_the_currency_of_most_of_them() {
    let company = Company::default()
        .says(FIRST, Q1, &[("NetIncomeLoss", "CNY", 700.0), ("Revenues", "CNY", 9000.0)])
        .says(FIRST, Q1, &[("NetIncomeLoss", "USD", 100.0)]);
    let filings = filings_of("QZA", &company.json()).await.expect("filings");
    let filing = &filings.rows[0];
    assert_eq!((filing.currency.as_str(), filing.net_income), ("CNY", Some(700.0)));
}

#[tokio::test]
async fn every_request_has_a_contact_and_the_list_is_fetched_once() {
    let body = Arc::new(Mutex::new(company().json().into_bytes()));
    let server = serving(&body);
    let sec = client(&server);
    for _ in 0..2 {
        sec.filings(&symbol("QZA")).await.expect("filings");
    }
    let received = server.received();
    let targets: Vec<_> = received.iter().map(|received| received.target.as_str()).collect();
    let facts = "/api/xbrl/companyfacts/CIK0000001234.json";
    assert_eq!(targets, ["/files/company_tickers.json", facts, facts]);
    let agent = format!("user-agent: decile {}", CONTACT.to_lowercase());
    assert!(received.iter().all(|received| received.head.contains(&agent)));

    let known = client(&server).with_number(symbol("GONE"), 1234);
    known.filings(&symbol("GONE")).await.expect("filings");
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn a_contact_is_asked_for() {
    for bad in ["", "somebody", "somebody@example.org\r\nx: y", "jemand@beispiel.österreich"] {
        let transport = Transport::builder().build().expect("a transport");
        let error = Sec::new(transport, bad).expect_err("no contact");
        assert!(matches!(error, Error::InvalidContact { .. }), "{bad:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_has_a_kind() {
    let kind = async |stock, body| match filings_of(stock, body).await {
        Ok(filings) => panic!("{filings:?}"),
        Err(error) => error.kind(),
    };
    assert_eq!(kind("NOBODY", "{}").await, "not_found");
    assert_eq!(kind("QZB", "{}").await, "not_found"); // 404: no facts
    assert_eq!(kind("QZA", "{}").await, "decode");
    assert_eq!(kind("QZA", "<html>").await, "decode");
    assert_eq!(kind("QZA", "").await, "decode");
    assert_eq!(kind("QZA", r#"{"cik": 1234, "facts": {}}"#).await, "not_found");
    let other = company().json().replace("1234", "4321");
    assert_eq!(kind("QZA", &other).await, "decode");
    for (status, kind) in [(403, "auth"), (429, "rate_limited"), (500, "network")] {
        let server = Server::start(move |_, stream| reply(stream, status, &[], b"no"));
        let error = client(&server).filings(&symbol("QZA")).await.expect_err("refused");
        assert_eq!(error.kind(), kind);
        assert_eq!(server.received().len(), 1);
    }
}
