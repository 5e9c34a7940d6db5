//! Replies of up to 20 MB that unfold into far more when they are read: bounded memory and time.

use super::{fetch_by, json_of, program, serve};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a process may ask the system for, in KB. The reply itself is 20 MB of it.
const MEMORY_MAX: &str = "400000";

/// Repeats a row up to 19 MB between a beginning and an end.
fn filled(start: &str, row: &str, end: &str) -> &'static str {
    let body = start.to_owned() + &row.repeat(19_000_000 / row.len());
    Box::leak((body.trim_end_matches(',').to_owned() + end).into_boxed_str())
}

/// Asks with the memory bounded by the system: beyond it, the process is gone.
fn fetch_bounded(arguments: &str) -> (i32, String, String) {
    let mut command = Command::new("sh");
    let script = format!("ulimit -v {MEMORY_MAX}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(program());
    fetch_by(command, arguments, &[("ALPHAVANTAGE_API_KEY", "K3YK3YK3YK3YK3Y1")])
}

#[test]
fn what_unfolds_without_end_is_refused_in_bounded_memory() {
    let summary = "{\"quoteSummary\":{\"error\":null,\"result\":[";
    let series = "{\"timeseries\":{\"error\":null,\"result\":[{\"meta\":{\"type\":[\"x\"]},\"x\":[";
    let chart = "{\"chart\":{\"error\":null,\"result\":[{\"meta\":{\"dataGranularity\":\"1d\",\
                 \"exchangeTimezoneName\":\"UTC\"},\"indicators\":{\"quote\":[";
    let facts = "{\"0\":{\"cik_str\":1,\"ticker\":\"KO\"},\"facts\":{\"us-gaap\":{\"NetIncomeLoss\":\
                 {\"units\":{\"USD\":[";
    let cases = [
        ("yahoo", "stats", filled(summary, "{},", "]}}")),
        (
            "yahoo",
            "estimates",
            filled(&format!("{summary}{{\"earningsTrend\":{{\"trend\":["), "{},", "]}}]}}"),
        ),
        ("yahoo", "filings", filled(series, "1,", "]}]}}")),
        ("yahoo", "bars", filled(chart, "{},", "]}}]}}")),
        ("yahoo", "quote", filled("{\"quoteResponse\":{\"error\":null,\"result\":[", "{},", "]}}")),
        ("sec", "filings", filled(facts, "{},", "]}}}}}}")),
        ("alphavantage", "stats", filled("{\"Symbol\":\"KO\",\"x\":[", "{},", "]}")),
        ("alphavantage", "estimates", filled("{\"estimates\":[{\"a\":[", "1,", "]}]}")),
        ("alphavantage", "bars", filled("timestamp,close\n", "2024-07-05,1\n", "")),
        ("alphavantage", "bars", filled("{\"Time Series (Daily)\":{\"x\":{", "\"a\":1,", "}}}")),
    ];
    for (source, what, body) in cases {
        let url = serve(200, "", body);
        let line = format!("--source {source} --what {what} --symbol KO --base-url {url} --json");
        let started = Instant::now();
        let (code, out, err) = fetch_bounded(&line);
        let took = started.elapsed();
        assert_eq!(code, 1, "{source} {what}: {out} {err}");
        assert_eq!(json_of(&out)["error"]["kind"], "decode", "{source} {what}: {out}");
        assert!(took < Duration::from_secs(60), "{source} {what}: {took:?}");
    }
}
