//! Everything that Yahoo can be asked about one stock, and a server that says one thing to it all.

use super::damage::Numbers;
use super::{Server, reply};
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, FilingSource, FxSource, QuoteSource, SecuritySource,
    SourceError, Stats,
};
use decile_core::{Currency, DateRange, Symbol};
use decile_providers::Transport;
use decile_providers::yahoo::Yahoo;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Says whatever it was told last, to everything but the question for a crumb.
pub(crate) struct Parrot {
    // Keeps on serving while it is held.
    _server: Server,
    says: Arc<Mutex<Vec<u8>>>,
    yahoo: Yahoo,
}

impl Parrot {
    pub(crate) fn new() -> Self {
        let says = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::clone(&says);
        let server = Server::start(move |received, stream| match received.target.as_str() {
            "/" => reply(stream, 404, &[], b""),
            "/v1/test/getcrumb" => reply(stream, 200, &[], b"cr.UMB/12345"),
            _ => reply(stream, 200, &[], &said.lock().expect("no panic").clone()),
        });
        let transport =
            Transport::builder().base_url(server.url()).timeout(Duration::from_secs(20));
        let yahoo = Yahoo::new(transport.build().expect("a transport"));
        Self { _server: server, says, yahoo }
    }

    /// Asks everything that an endpoint is asked while the server says this.
    pub(crate) async fn told(&self, body: Vec<u8>, symbol: &Symbol, endpoint: Endpoint) -> Answers {
        *self.says.lock().expect("no panic") = body;
        let mut answers = Answers::default();
        match endpoint {
            Endpoint::Chart => answers.of_chart(&self.yahoo, symbol).await,
            Endpoint::Summary => answers.of_summary(&self.yahoo, symbol).await,
            Endpoint::Statements => answers.add(self.yahoo.filings(symbol).await.map(|f| f.rows)),
            Endpoint::Quote => {
                answers.add(self.yahoo.quote(symbol).await.map(|fetched| fetched.rows));
                answers.add(self.yahoo.quotes(std::slice::from_ref(symbol)).await);
            }
        }
        answers
    }
}

/// Kinds of replies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint {
    Chart,
    Summary,
    Statements,
    Quote,
}

impl Endpoint {
    /// Returns whose reply this is; a summary's if it does not say.
    pub(crate) fn of(body: &Value) -> Self {
        let has = |name: &str| body.get(name).is_some();
        match () {
            () if has("chart") => Self::Chart,
            () if has("timeseries") => Self::Statements,
            () if has("quoteResponse") => Self::Quote,
            () => Self::Summary,
        }
    }
}

/// What the client made of a reply.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) numbers: Numbers,
    /// How many of the questions had an answer.
    pub(crate) given: usize,
    pub(crate) errors: Vec<SourceError>,
}

impl Answers {
    fn add(&mut self, answer: Result<impl Serialize, SourceError>) {
        match answer {
            Ok(rows) => {
                self.given += 1;
                self.numbers.add(&serde_json::to_value(rows).expect("rows"));
            }
            Err(error) => self.errors.push(error),
        }
    }

    async fn of_chart(&mut self, yahoo: &Yahoo, symbol: &Symbol) {
        let day = |text: &str| text.parse().expect("a date");
        let ever = DateRange::new(day("1950-01-01"), day("2100-01-01")).expect("a span");
        self.add(yahoo.daily_bars(symbol, ever).await.map(|fetched| fetched.rows));
        self.add(yahoo.bars(symbol, ever).await.map(|fetched| fetched.rows));
        self.add(yahoo.actions(symbol, ever).await.map(|fetched| fetched.rows));
        self.add(yahoo.rates("EUR".parse().expect("a currency"), ever).await.map(|f| f.rows));
    }

    async fn of_summary(&mut self, yahoo: &Yahoo, symbol: &Symbol) {
        self.add(yahoo.consensus(symbol).await.map(|fetched| fetched.rows));
        self.add(yahoo.estimates(symbol).await.map(|fetched| fetched.rows));
        let stats = yahoo.statistics(symbol).await;
        self.add(stats.map(|fetched| fetched.rows.iter().map(told).collect::<Vec<_>>()));
        self.add(yahoo.profile(symbol).await.map(|fetched| fetched.rows));
        self.add(yahoo.security(symbol).await);
        self.add(yahoo.earnings_history(symbol).await.map(|fetched| fetched.rows));
        self.add(yahoo.agenda(symbol).await);
    }
}

fn told(stats: &Stats) -> Value {
    json!([stats.currency.as_ref().map(Currency::as_str), ratios(stats)])
}

/// Returns all ratios, in the order of their fields.
pub(crate) fn ratios(stats: &Stats) -> [Option<f64>; 8] {
    [
        stats.trailing_pe,
        stats.forward_pe,
        stats.price_to_book,
        stats.book_value,
        stats.trailing_eps,
        stats.shares_outstanding,
        stats.market_cap,
        stats.return_on_equity,
    ]
}
