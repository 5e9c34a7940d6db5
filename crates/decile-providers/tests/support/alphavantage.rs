//! Everything that Alpha Vantage can be asked about one stock, and a server that says what a test
//! wants.

use super::damage::{Damage, paths, zeros};
use super::{Server, reply};
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, FilingSource, FxSource, SecuritySource, SourceError,
    StatsSource,
};
use decile_core::{Currency, DateRange, ManualClock, Symbol};
use decile_providers::alphavantage::AlphaVantage;
use decile_providers::{Secret, Transport};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was given, as a debug text, and how many zeros are in it; of an error, its kind.
pub(crate) type Told = (String, Option<usize>);

/// The place of the snapshot of estimates among the answers. It alone may make a 0: of a number of
/// revisions that is `null` where there are analysts.
pub(crate) const SNAPSHOT: usize = 4;

/// Asks every source, each of which must refuse.
pub(crate) async fn refusals(
    client: &AlphaVantage,
    stock: &Symbol,
    span: DateRange,
) -> Vec<SourceError> {
    let euro: Currency = "EUR".parse().expect("a currency");
    vec![
        client.bars(stock, span).await.expect_err("bars"),
        client.actions(stock, span).await.expect_err("actions"),
        client.filings(stock).await.expect_err("filings"),
        client.estimates(stock).await.expect_err("estimates"),
        client.quote(stock).await.expect_err("a quote"),
        client.stats(stock).await.expect_err("ratios"),
        client.security(stock).await.expect_err("a security"),
        client.rates(euro, span).await.expect_err("rates"),
        client.earnings(stock).await.expect_err("earnings"),
    ]
}

type Replies = BTreeMap<String, Vec<u8>>;

/// A server that answers by function, and a client of it.
pub(crate) struct Stage {
    // Keeps on serving while it is held.
    _server: Server,
    replies: Arc<Mutex<Replies>>,
    client: AlphaVantage,
    symbol: Symbol,
    range: DateRange,
}

impl Stage {
    /// Starts one at a time of its own, for a stock and a span.
    pub(crate) fn new(now: &str, symbol: &str, range: DateRange) -> Self {
        let replies = Arc::new(Mutex::new(Replies::new()));
        let shown = Arc::clone(&replies);
        let server = Server::start(move |received, stream| {
            let function = received.target.split(['=', '&']).nth(1).unwrap_or_default();
            // Let go before writing: whoever does not read to the end would hold up the test.
            let body = shown.lock().expect("no panic").get(function).cloned();
            match body {
                Some(body) => reply(stream, 200, &[], &body),
                None => reply(stream, 404, &[], b"no such function"),
            }
        });
        let transport = Transport::builder()
            .base_url(server.url())
            .timeout(Duration::from_secs(30))
            .clock(Arc::new(ManualClock::new(now.parse().expect("an instant"))))
            .build()
            .expect("a transport");
        let client = AlphaVantage::new(transport, Secret::new("K3YK3YK3YK3YK3Y1"));
        let symbol = symbol.parse().expect("a symbol");
        Self { _server: server, replies, client: client.with_cash_flows(), symbol, range }
    }

    /// Makes the server answer a function so, and returns what it would have answered.
    pub(crate) fn say(&self, function: &str, body: Vec<u8>) -> Option<Vec<u8>> {
        self.replies.lock().expect("no panic").insert(function.to_owned(), body)
    }

    /// Asks everything.
    pub(crate) async fn told(&self) -> Vec<Told> {
        let (client, stock) = (&self.client, &self.symbol);
        vec![
            line(client.bars(stock, self.range).await.map(|it| it.rows)),
            line(client.actions(stock, self.range).await.map(|it| it.rows)),
            line(client.filings(stock).await.map(|it| it.rows)),
            line(client.consensus(stock).await.map(|it| it.rows)),
            line(client.estimates(stock).await.map(|it| it.rows)),
            line(client.quote(stock).await.map(|it| it.rows)),
            line(client.stats(stock).await),
            line(client.security(stock).await),
            line(client.earnings(stock).await.map(|it| (it.annual, it.quarterly))),
        ]
    }
}

fn line<T: std::fmt::Debug>(answer: Result<T, SourceError>) -> Told {
    match answer {
        Ok(answer) => (format!("{answer:?}"), zeros(&answer)),
        Err(error) => (error.kind().to_owned(), Some(0)),
    }
}

/// Returns a body damaged at a place of so many, JSON or CSV.
pub(crate) fn damaged(body: &[u8], damage: Damage, place: impl Fn(usize) -> usize) -> Vec<u8> {
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        let paths = paths(&json);
        return damage.apply(&json, &paths[place(paths.len())]);
    }
    let text = std::str::from_utf8(body).expect("CSV");
    let fields = text.lines().enumerate();
    let fields = fields.flat_map(|(n, line)| (0..line.split(',').count()).map(move |f| (n, f)));
    let fields: Vec<_> = fields.collect();
    let (line, field) = fields[place(fields.len())];
    damage.apply_to_csv(text, line, field)
}

/// Says what is wrong with answers to a damaged reply, beside those to the whole one.
pub(crate) fn fault(whole: &[Told], wrong: &[Told]) -> Option<String> {
    let faults = whole.iter().zip(wrong).enumerate();
    let mut faults = faults.filter_map(|(index, ((_, whole), (text, zeros)))| {
        let allowed = if index == SNAPSHOT { 2 } else { whole.unwrap_or(0) };
        let fine = zeros.is_some_and(|zeros| zeros <= allowed);
        (!fine).then(|| format!("{index}: {zeros:?} zeros in {text}"))
    });
    faults.next()
}
