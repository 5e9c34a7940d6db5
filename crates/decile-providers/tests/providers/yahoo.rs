//! Yahoo, played by a local server with bodies made here.

mod calls;
mod charts;
mod mutations;
mod session;
mod statements;
mod summaries;

use crate::support::{Server, reply};
use crate::{day, range, symbol};
use decile_core::ManualClock;
use decile_providers::Transport;
use decile_providers::yahoo::Yahoo;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const COOKIE: &str = "A3=C00K1EC00K1E";
const CRUMB: &str = "cr.UMB/12345";

/// A server that gives cookie and crumb, and to everything else one answer.
fn answering(status: u16, body: impl Into<Vec<u8>>) -> Server {
    let body = body.into();
    Server::start(move |received, stream| match received.target.as_str() {
        "/" => reply(stream, 404, &[format!("set-cookie: {COOKIE}; Domain=.yahoo.com")], b"gone"),
        "/v1/test/getcrumb" => reply(stream, 200, &[], CRUMB.as_bytes()),
        _ => reply(stream, status, &[], &body),
    })
}

fn yahoo(server: &Server) -> Yahoo {
    let now = "2025-02-24T15:00:00Z".parse().expect("an instant");
    let transport = Transport::builder()
        .base_url(server.url())
        .timeout(Duration::from_secs(5))
        .clock(Arc::new(ManualClock::new(now)));
    Yahoo::new(transport.build().expect("a transport"))
}

/// A client of a server that answers this.
fn told(body: &Value) -> (Server, Yahoo) {
    let server = answering(200, body.to_string());
    let yahoo = yahoo(&server);
    (server, yahoo)
}

/// Seconds of an instant, as Yahoo writes times.
fn at(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).expect("an instant").timestamp()
}

/// A chart of two sessions of KO in winter: a Tuesday and a Wednesday.
fn chart() -> Value {
    json!({"chart": {"result": [{
        "meta": {
            "currency": "USD", "symbol": "KO", "gmtoffset": -14400, "dataGranularity": "1d",
            "exchangeTimezoneName": "America/New_York", "regularMarketTime": at("2025-02-24T21:00:01Z"),
            "currentTradingPeriod": {"regular": {
                "start": at("2025-02-25T14:30:00Z"), "end": at("2025-02-25T21:00:00Z")}},
        },
        "timestamp": [at("2024-01-02T14:30:00Z"), at("2024-01-03T14:30:00Z")],
        "indicators": {
            "quote": [{"open": [59.26, 59.82], "high": [60.08, 60.19], "low": [59.06, 59.70],
                "close": [59.82, 60.06], "volume": [14_094_300, 12_544_300]}],
            "adjclose": [{"adjclose": [57.9, 58.1]}],
        },
    }], "error": null}})
}
