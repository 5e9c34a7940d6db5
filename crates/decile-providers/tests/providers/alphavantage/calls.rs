//! What leaves, what does not, and what nobody may see.

use super::filings::{BALANCE, INCOME};
use super::{KEY, client, range, serving, symbol};
use crate::gate::Turnstile;
use crate::secrets::all_of;
use crate::support::alphavantage::refusals;
use crate::support::{Server, reply};
use decile_core::source::{FilingSource, SourceError, StatsSource};
use decile_providers::alphavantage::AlphaVantage;
use std::io::Write;
use std::time::Duration;

async fn errors(client: &AlphaVantage) -> Vec<SourceError> {
    refusals(client, &symbol("QZA"), range("2024-07-01", "2024-07-05")).await
}

fn answering(status: u16, header: &'static str, body: &'static str) -> Server {
    Server::start(move |_, stream| reply(stream, status, &[header.to_owned()], body.as_bytes()))
}

#[tokio::test]
async fn every_source_tells_the_same_trouble_and_asks_once() {
    let daily = "{\"Information\": \"We have detected your API key as K3YK3YK3YK3YK3Y1 and our \
        standard API rate limit is 25 requests per day.\"}";
    let cases = [
        (200, "x: y", daily, "rate_limited", Some(86_400)),
        (200, "x: y", r#"{"Error Message": "Invalid API call."}"#, "invalid_request", None),
        (200, "x: y", r#"{"Information": "for demo purposes only"}"#, "invalid_api_key", None),
        (200, "x: y", "<html>sorry</html>", "decode", None),
        (200, "content-type: image/png", "", "decode", None),
        (429, "retry-after: 7", "", "rate_limited", Some(7)),
        (429, "x: y", "", "rate_limited", None),
        (403, "x: y", "", "auth", None),
        (500, "x: y", "", "network", None),
    ];
    for (status, header, body, kind, retry_after) in cases {
        let server = answering(status, header, body);
        let errors = errors(&client(&server)).await;
        let kinds: Vec<_> = errors.iter().map(SourceError::kind).collect();
        assert_eq!(kinds, vec![kind; errors.len()], "{status} {body}");
        // An endpoint that makes no sense is not asked again, by way of the next one either.
        assert_eq!(server.received().len(), errors.len(), "{status} {body}");
        for error in &errors {
            let waits = error.retry_after().map(|wait| wait.as_secs());
            assert_eq!(waits, retry_after, "{error}");
            assert!(!all_of(error).contains(KEY), "{error:?}");
        }
    }
}

#[tokio::test]
async fn the_key_is_sent_and_never_shown() {
    let server = serving(&[]);
    let client = client(&server);
    let errors = errors(&client).await;
    for received in server.received() {
        assert!(received.target.ends_with(&format!("&apikey={KEY}")), "{}", received.target);
    }
    for error in &errors {
        assert!(!all_of(error).contains(KEY), "{error:?}");
    }
    assert!(!format!("{client:?}").contains(KEY));
}

#[tokio::test]
async fn a_reply_that_does_not_come_whole_is_no_reply() {
    let half = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"symbol\": ");
    });
    let reset = Server::start(|_, stream| {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    for server in [half, reset] {
        let errors = errors(&client(&server)).await;
        assert!(errors.iter().all(|error| error.kind() == "network" && error.is_retryable()));
        assert_eq!(server.received().len(), errors.len());
    }
}

#[tokio::test]
async fn a_slow_reply_is_given_up_in_time() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let transport = decile_providers::Transport::builder()
        .base_url(server.url())
        .timeout(Duration::from_millis(300))
        .build()
        .expect("a transport");
    let client = AlphaVantage::new(transport, decile_providers::Secret::new(KEY));
    let started = std::time::Instant::now();
    let error = client.stats(&symbol("QZA")).await.expect_err("it is late");
    assert_eq!(error.kind(), "network");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_reply_about_another_stock_is_refused() {
    let body = r#"{"symbol": "QZB", "Symbol": "QZB", "annualReports": [], "quarterlyReports": [],
        "annualEarnings": [], "quarterlyEarnings": [], "estimates": [], "data": [],
        "Global Quote": {"01. symbol": "QZB", "05. price": "1"},
        "Meta Data": {"2. Symbol": "QZB"}, "Time Series (Daily)": {}}"#;
    let server = Server::start(move |_, stream| reply(stream, 200, &[], body.as_bytes()));
    let errors = errors(&client(&server)).await;
    let rates = errors.len() - 2;
    for (index, error) in errors.iter().enumerate().filter(|(index, _)| *index != rates) {
        assert_eq!(error.kind(), "decode", "{index}: {error}");
        assert!(error.to_string().contains("it is about another stock"), "{error}");
    }
}

#[tokio::test]
async fn a_budget_that_is_spent_in_the_middle_lets_nothing_more_out() {
    let server = serving(&[("INCOME_STATEMENT", INCOME), ("BALANCE_SHEET", BALANCE)]);
    let gate = Turnstile::new(2);
    let transport =
        decile_providers::Transport::builder().base_url(server.url()).gate(gate.clone());
    let transport = transport.build().expect("a transport");
    let client = AlphaVantage::new(transport, decile_providers::Secret::new(KEY));
    let error = client.filings(&symbol("QZA")).await.expect_err("two calls are not enough");
    // What is missing is not passed over: it may be had tomorrow.
    assert_eq!(error.kind(), "budget_spent");
    let calls =
        ["INCOME_STATEMENT", "BALANCE_SHEET"].map(|it| format!("Alpha Vantage {it} of QZA"));
    assert_eq!(gate.passed(), calls);
    assert_eq!(server.received().len(), 2);
}
