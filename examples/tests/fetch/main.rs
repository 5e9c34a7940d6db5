//! The example `fetch` from outside: what it prints and returns.

#[cfg(unix)]
mod bulk;

use decile::providers::{Cassette, Reply, Request};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CHART: &str = r#"{"chart":{"result":[{"meta":{"currency":"GBp","symbol":"OCDO.L",
    "dataGranularity":"1d","exchangeTimezoneName":"Europe/London"},
    "timestamp":[1577952000,1578038400],"events":{"dividends":{"1577952000":
    {"amount":1.5,"date":1577952000}}},"indicators":{"quote":[{"open":[1281.5,null],
    "high":[1302,null],"low":[1263,null],"close":[1298.5,null],"volume":[1231410,null]}],
    "adjclose":[{"adjclose":[1298.5,null]}]}}],"error":null}}"#;

const OVERVIEW: &str = r#"{"Symbol": "IBM", "PERatio": "21.5", "Currency": "USD"}"#;

/// The built example: beside the folder of the test that is running.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program =
        profile.join("examples").join("fetch").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: cargo build --examples", program.display());
    program
}

/// Runs `fetch` and returns its exit code and what it prints.
fn fetch(arguments: &str, environment: &[(&str, &str)]) -> (i32, String, String) {
    fetch_by(Command::new(program()), arguments, environment)
}

fn fetch_by(
    mut command: Command,
    arguments: &str,
    environment: &[(&str, &str)],
) -> (i32, String, String) {
    command.env_remove("ALPHAVANTAGE_API_KEY").env_remove("SEC_CONTACT");
    command.args(arguments.split(' ')).envs(environment.iter().copied());
    let output = command.output().expect("fetch starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Serves one reply to everybody, as long as the test lasts.
fn serve(status: u16, headers: &'static str, body: &'static str) -> String {
    serve_and_count(status, headers, body).0
}

/// As [`serve`], and counts who asks.
fn serve_and_count(
    status: u16,
    headers: &'static str,
    body: &'static str,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::Relaxed);
            let lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
            let _ = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}");
            let reply = format!("{head}content-length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    (url, asked)
}

const BARS: &str = "--source yahoo --what bars --symbol OCDO.L --from 2020-01-01 --to 2020-01-03";

#[test]
fn bars_are_one_object_as_the_provider_gives_them() {
    let url = serve(200, "", CHART);
    let (code, out, _) = fetch(&format!("{BARS} --base-url {url} --json"), &[]);
    let expected = json!({
        "source": "yahoo", "symbol": "OCDO.L", "what": "bars", "currency": "GBp",
        "timezone": "Europe/London", "basis": "split-adjusted",
        "rows": [{"date": "2020-01-02", "open": 1281.5, "high": 1302.0, "low": 1263.0,
            "close": 1298.5, "adj_close": 1298.5, "volume": 1_231_410.0, "partial": false}],
        "dropped": ["2020-01-03: the bar has no close"], "warnings": [],
    });
    assert_eq!((code, json_of(&out)), (0, expected));

    let actions = BARS.replace("bars", "actions");
    let (code, out, _) = fetch(&format!("{actions} --base-url {url} --json"), &[]);
    let rows = json!([{"ex_date": "2020-01-02", "kind": "dividend", "value": 1.5}]);
    assert_eq!((code, &json_of(&out)["rows"]), (0, &rows));
}

#[test]
fn a_recording_replays_to_the_letter() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = folder.path().display();
    let url = serve(200, "", CHART);
    let live = fetch(&format!("{BARS} --base-url {url} --record {tape} --json"), &[]);
    let again = fetch(&format!("{BARS} --replay {tape} --json"), &[]);
    assert_eq!(live.0, 0, "{}", live.2);
    assert_eq!(live, again);

    let other = BARS.replace("OCDO.L", "KO");
    let (code, out, _) = fetch(&format!("{other} --replay {tape} --json"), &[]);
    let error = &json_of(&out)["error"];
    assert_eq!((code, &error["kind"]), (1, &json!("network")));
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.contains("/v8/finance/chart/KO?") && message.contains("record it"),
        "{message}"
    );
}

#[test]
fn errors_have_a_kind_and_say_how_long_to_wait() {
    let url = serve(429, "retry-after: 30\r\n", "Too Many Requests\r\n");
    let (code, out, _) = fetch(&format!("{BARS} --base-url {url} --json"), &[]);
    let error = &json_of(&out)["error"];
    assert_eq!((code, &error["kind"]), (1, &json!("rate_limited")));
    assert_eq!(error["retry_after_s"], 30);

    let (code, out, err) = fetch(&format!("{BARS} --base-url {url}"), &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("error: Yahoo limits the rate of calls"), "{err}");
}

#[test]
fn people_get_a_table() {
    let url = serve(200, "", CHART);
    let (code, out, _) = fetch(&format!("{BARS} --base-url {url}"), &[]);
    assert_eq!(code, 0);
    assert!(out.starts_with("OCDO.L, split-adjusted, GBp, Europe/London\n"), "{out}");
    assert!(
        out.contains("2020-01-02") && out.contains("1298.5") && out.contains("left out:"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_asked_says_so() {
    let cases = [
        ("--source sec --what quote --symbol KO", "invalid_request"),
        ("--source sec --what filings --symbol KO", "invalid_request"),
        ("--source yahoo --what bars --symbol ko", "invalid_request"),
        ("--source yahoo --what bars --symbol KO --base-url nowhere", "invalid_request"),
        ("--source yahoo --what bars --symbol KO --replay no/such/folder", "invalid_request"),
        (
            "--source yahoo --what bars --symbol KO --from 2024-01-02 --to 2024-01-01",
            "invalid_request",
        ),
        ("--source alphavantage --what bars --symbol KO", "invalid_api_key"),
    ];
    for (arguments, kind) in cases {
        let (code, out, _) = fetch(&format!("{arguments} --json"), &[]);
        assert_eq!((code, &json_of(&out)["error"]["kind"]), (1, &json!(kind)), "{arguments}");
    }
    let (code, _, _) = fetch("--source nobody --what bars --symbol KO", &[]);
    assert_eq!(code, 2);
}

#[test]
fn the_key_is_printed_nowhere() {
    const KEY: &str = "K3YK3YK3YK3YK3Y1";
    let quoting = "{\"Information\": \"We have detected your API key as K3YK3YK3YK3YK3Y1 and our \
                   standard API rate limit is 25 requests per day.\"}";
    let folder = tempfile::tempdir().expect("a folder");
    let closed = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    for url in [serve(200, "", quoting), closed] {
        for json in ["", " --json"] {
            let tape = folder.path().display();
            let question = "--source alphavantage --what stats --symbol IBM";
            let line = format!("{question} --base-url {url} --record {tape}{json}");
            let (code, out, err) = fetch(&line, &[("ALPHAVANTAGE_API_KEY", KEY)]);
            assert_eq!(code, 1, "{out}");
            assert!(!out.contains(KEY) && !err.contains(KEY), "{out}{err}");
        }
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    let is_tape = |file: &&std::fs::DirEntry| file.file_name() != "recorded-at";
    let tapes: Vec<_> = files.iter().filter(is_tape).collect();
    assert_eq!((tapes.len(), files.len()), (1, 2), "the reply that came is recorded, and when");
    let tape = std::fs::read_to_string(tapes[0].path()).expect("a text");
    assert!(tape.contains("25 requests per day") && !tape.contains(KEY), "{tape}");
}

#[test]
fn a_recording_made_by_hand_is_as_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let quote = r#"{"quoteResponse":{"result":[{"symbol":"BRK-B","currency":"USD",
        "regularMarketPrice":480.5,"regularMarketTime":1739566800,"marketCap":{}}],"error":null}}"#;
    let pages = [
        ("https://fc.yahoo.com/", 404, ""),
        ("https://query1.finance.yahoo.com/v1/test/getcrumb", 200, "abc"),
        ("https://query2.finance.yahoo.com/v7/finance/quote?symbols=BRK-B", 200, quote),
    ];
    for (url, status, body) in pages {
        let request = Request::get(url.parse().expect("a URL"));
        let time = "2025-02-14T22:00:00Z".parse().expect("an instant");
        let reply = Reply::new(request.url().clone(), status, time, body);
        Cassette::new(&request, &reply).write(folder.path()).expect("written");
    }
    let tape = folder.path().display();
    let (code, out, _) =
        fetch(&format!("--source yahoo --what quote --symbol BRK.B --replay {tape} --json"), &[]);
    let row = json!({"price": 480.5, "previous_close": null, "market_cap": null,
        "currency": "USD", "time": "2025-02-14T21:00:00Z"});
    assert_eq!((code, &json_of(&out)["rows"]), (0, &json!([row])));
}

#[test]
fn a_budget_of_calls_outlives_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache.sqlite");
    let (url, asked) = serve_and_count(200, "", OVERVIEW);
    let place = format!("--base-url {url} --cache {} --json", cache.display());
    let question = format!("--source alphavantage --what stats --symbol IBM {place}");
    let key = [("ALPHAVANTAGE_API_KEY", "K3YK3YK3YK3YK3Y1")];

    // Where no budget is given, one's own server may be asked at will, and nothing is written.
    let (code, out, _) = fetch(&question, &key);
    assert_eq!((code, &json_of(&out)["rows"][0]["trailing_pe"]), (0, &json!(21.5)), "{out}");
    assert!(!cache.exists());

    for _ in 0..2 {
        let (code, out, _) = fetch(&format!("{question} --daily-calls 2"), &key);
        assert_eq!(code, 0, "{out}");
    }
    let (code, out, _) = fetch(&format!("{question} --daily-calls 2"), &key);
    let error = &json_of(&out)["error"];
    assert_eq!((code, &error["kind"]), (1, &json!("budget_spent")), "{out}");
    assert!(error["message"].as_str().expect("a text").contains("it resets at"), "{out}");
    assert_eq!(asked.load(Ordering::Relaxed), 3);

    let missing = question.replace("cache.sqlite", "no/cache.sqlite") + " --daily-calls 2";
    let (code, out, _) = fetch(&missing, &key);
    assert_eq!((code, &json_of(&out)["error"]["kind"]), (1, &json!("storage")), "{out}");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn a_recording_asks_for_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = folder.path().display();
    let question = "--source alphavantage --what stats --symbol IBM --json";
    let url = serve(200, "", OVERVIEW);
    let key = [("ALPHAVANTAGE_API_KEY", "K3YK3YK3YK3YK3Y1")];
    let (code, live, _) = fetch(&format!("{question} --base-url {url} --record {tape}"), &key);
    assert_eq!(code, 0, "{live}");
    assert_eq!(fetch(&format!("{question} --replay {tape}"), &[]).1, live);
}
