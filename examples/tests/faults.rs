//! A provider in trouble, asked as `top10` asks: over the wire, with retries.

use decile::core::Symbol;
use decile::core::source::{SourceError, StatsSource};
use decile::data::Retrying;
use decile::providers::alphavantage::AlphaVantage;
use decile::providers::{Secret, Transport};
use futures::future::join_all;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const OVERVIEW: &str = r#"{"Symbol": "IBM", "PERatio": "21.5", "Currency": "USD"}"#;
/// One request, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_millis(1500);
/// No try begins later.
const TOTAL_MAX: Duration = Duration::from_secs(20);
const TRIES_MAX: usize = 3;

/// What a server does with each connection, counted from 1.
type Trouble = fn(usize, &mut TcpStream);

struct Case {
    name: &'static str,
    trouble: Trouble,
    /// The kind of error; none where it gets over it.
    kind: Option<&'static str>,
    asked: usize,
}

/// Starts a server that answers so, and counts who asks.
fn serve(trouble: Trouble) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let count = count.clone();
            thread::spawn(move || {
                let lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
                let head = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
                if head.count() > 0 {
                    trouble(count.fetch_add(1, Ordering::SeqCst) + 1, &mut stream);
                }
            });
        }
    });
    (url, asked)
}

fn reply(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}");
    let whole = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    // Whoever has stopped listening does not want the rest.
    let _ = stream.write_all(whole.as_bytes());
}

fn drip(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    while stream.write_all(b" ").is_ok() {
        thread::sleep(Duration::from_millis(100));
    }
}

/// Asks for ratios, which is one call of Alpha Vantage.
async fn ask(url: &str) -> (Result<f64, SourceError>, Duration) {
    let transport = Transport::builder().base_url(url).timeout(TIMEOUT).build().expect("one");
    let source = AlphaVantage::new(transport, Secret::new("K3YK3YK3YK3YK3Y1"));
    let source = Retrying::new(source).tries_max(TRIES_MAX).total_max(TOTAL_MAX);
    let symbol: Symbol = "IBM".parse().expect("a symbol");
    let started = Instant::now();
    let stats = source.stats(&symbol).await;
    (stats.map(|stats| stats.trailing_pe.expect("a ratio")), started.elapsed())
}

const CASES: [Case; 14] = [
    Case { name: "fine", trouble: |_, s| reply(s, 200, "", OVERVIEW), kind: None, asked: 1 },
    Case {
        name: "a limit that passes",
        trouble: |n, s| match n {
            1 => reply(s, 429, "retry-after: 1\r\n", ""),
            _ => reply(s, 200, "", OVERVIEW),
        },
        kind: None,
        asked: 2,
    },
    Case {
        name: "a server that recovers",
        trouble: |n, s| match n {
            1 | 2 => reply(s, 500, "", "sorry"),
            _ => reply(s, 200, "", OVERVIEW),
        },
        kind: None,
        asked: 3,
    },
    Case {
        name: "429 for good",
        trouble: |_, s| reply(s, 429, "", ""),
        kind: Some("rate_limited"),
        asked: 3,
    },
    Case {
        // To wait so long is beyond the total: it is told at once.
        name: "429 until tomorrow",
        trouble: |_, s| reply(s, 429, "retry-after: 86400\r\n", ""),
        kind: Some("rate_limited"),
        asked: 1,
    },
    Case {
        name: "500 for good",
        trouble: |_, s| reply(s, 500, "", "sorry"),
        kind: Some("network"),
        asked: 3,
    },
    Case { name: "a slow body", trouble: |_, s| drip(s), kind: Some("network"), asked: 3 },
    Case {
        name: "half a body",
        trouble: |_, s| {
            let _ = s.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Symbol\": ");
        },
        kind: Some("network"),
        asked: 3,
    },
    Case { name: "a connection cut", trouble: |_, _| {}, kind: Some("network"), asked: 3 },
    Case {
        name: "a redirect loop",
        trouble: |_, s| reply(s, 302, "location: /query?function=OVERVIEW\r\n", ""),
        kind: Some("network"),
        // Six hops of one try; no second one.
        asked: 6,
    },
    Case {
        name: "a page",
        trouble: |_, s| reply(s, 200, "content-type: text/html\r\n", "<html>down</html>"),
        kind: Some("decode"),
        asked: 1,
    },
    Case {
        name: "JSON that calls itself a page",
        trouble: |_, s| reply(s, 200, "content-type: text/html\r\n", OVERVIEW),
        kind: None,
        asked: 1,
    },
    Case {
        name: "an unknown key",
        trouble: |_, s| {
            let text = r#"{"Error Message": "the parameter apikey is invalid or missing."}"#;
            reply(s, 200, "", text);
        },
        kind: Some("invalid_api_key"),
        asked: 1,
    },
    Case {
        name: "an unknown stock",
        trouble: |_, s| reply(s, 200, "", "{}"),
        kind: Some("not_found"),
        asked: 1,
    },
];

#[tokio::test]
async fn what_passes_is_asked_again_within_the_bound_and_nothing_else_is() {
    let outcomes = join_all(CASES.iter().map(|case| async move {
        let (url, asked) = serve(case.trouble);
        let (answer, took) = ask(&url).await;
        (case, answer, took, asked.load(Ordering::SeqCst))
    }));
    for (case, answer, took, asked) in outcomes.await {
        let name = case.name;
        match (&answer, case.kind) {
            (Ok(ratio), None) => assert_eq!(*ratio, 21.5, "{name}"),
            (Err(error), Some(kind)) => assert_eq!(error.kind(), kind, "{name}: {error}"),
            _ => panic!("{name}: {answer:?}"),
        }
        assert_eq!(asked, case.asked, "{name}");
        assert!(took < TOTAL_MAX + TIMEOUT, "{name}: {took:?}");
    }
}
