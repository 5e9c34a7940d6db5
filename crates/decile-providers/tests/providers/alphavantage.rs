//! Alpha Vantage, played by a local server with bodies made here.

mod calls;
mod estimates;
mod filings;
mod mutations;
mod prices;

use crate::support::{Server, reply};
use crate::{day, range, symbol};
use decile_core::ManualClock;
use decile_providers::alphavantage::AlphaVantage;
use decile_providers::{Secret, Transport};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "K3YK3YK3YK3YK3Y1";
/// A Monday; Thursday was Independence Day.
const NOW: &str = "2024-07-08T14:00:00Z";
const PREMIUM: &str = r#"{"Information":
    "The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint."}"#;

/// A server that has a reply for some functions; `TIME_SERIES_DAILY full` is one of its own.
fn serving(replies: &[(&str, &str)]) -> Server {
    let replies: BTreeMap<String, String> =
        replies.iter().map(|(name, body)| ((*name).to_owned(), (*body).to_owned())).collect();
    Server::start(move |received, stream| {
        let full = if parameter(&received.target, "outputsize") == "full" { " full" } else { "" };
        let function = parameter(&received.target, "function").to_owned() + full;
        match replies.get(&function) {
            Some(body) => reply(stream, 200, &[], body.as_bytes()),
            None => reply(stream, 404, &[], b"no such function"),
        }
    })
}

fn parameter<'a>(target: &'a str, name: &str) -> &'a str {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// Function and size of every request so far.
fn functions(server: &Server) -> Vec<String> {
    let name = |target: &str| {
        let size = parameter(target, "outputsize");
        format!("{} {size}", parameter(target, "function")).trim_end().to_owned()
    };
    server.received().iter().map(|received| name(&received.target)).collect()
}

fn transport(server: &Server) -> Transport {
    let transport = Transport::builder()
        .base_url(server.url())
        .timeout(Duration::from_secs(5))
        .clock(Arc::new(ManualClock::new(NOW.parse().expect("an instant"))));
    transport.build().expect("a transport")
}

fn client(server: &Server) -> AlphaVantage {
    AlphaVantage::new(transport(server), Secret::new(KEY))
}

/// A daily series of `QZA` with a close for each day, and a volume.
fn daily(closes: &[(&str, &str)]) -> String {
    let rows = closes.iter().map(|(day, close)| {
        let row = format!(r#""1. open": "{close}", "4. close": "{close}", "5. volume": "700""#);
        format!(r#""{day}": {{{row}}}"#)
    });
    let rows: Vec<String> = rows.collect();
    format!(
        r#"{{"Meta Data": {{"2. Symbol": "QZA", "3. Last Refreshed": "2024-07-08",
            "5. Time Zone": "US/Eastern"}}, "Time Series (Daily)": {{{}}}}}"#,
        rows.join(",")
    )
}
