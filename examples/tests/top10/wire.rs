//! Runs `top10` against a gateway in another process, and makes the wire between them fail.

use crate::gateway::{ACCOUNT, Gateway};
use crate::proxy::{Proxy, Trouble};
use crate::support::{Run, decimal, orders};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a run may last whose gateway does not answer any more; docs/ib-setup.md says so.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long it may take to find out that there is no gateway.
const CONNECT_MAX: Duration = Duration::from_secs(20);
const STATE: [&str; 2] = ["--state", "gateway.state"];

const SUBMIT: [&str; 3] = ["--submit", "--journal", "journal.jsonl"];

/// The arguments of a run against a port, by the simulated time, and `more`.
fn to_port<'a>(port: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", port, "--simulated-time"];
    [&wire, more].concat()
}

/// Runs `top10 --submit` against a port, with the journal of the folder.
fn submit(folder: &Path, port: u16) -> (i32, Value) {
    submit_waiting(folder, port, "120")
}

/// The same, waiting so many seconds for a lost connection.
fn submit_waiting(folder: &Path, port: u16, seconds: &str) -> (i32, Value) {
    let wait = ["--reconnect-max", seconds];
    Run::json(folder, &to_port(&port.to_string(), &[&SUBMIT[..], &wait].concat()))
}

/// How many orders ended in each way.
fn statuses(run: &Value) -> BTreeMap<&str, usize> {
    orders(run, "status").into_iter().fold(BTreeMap::new(), |mut counts, status| {
        *counts.entry(status).or_default() += 1;
        counts
    })
}

/// What is held in the end, by symbol.
fn holdings(run: &Value) -> BTreeMap<String, i64> {
    let positions = run["account_after"]["positions"].as_array().expect("a list");
    let holding = |position: &Value| {
        let symbol = position["symbol"].as_str().expect("text").to_owned();
        (symbol, position["quantity"].as_i64().expect("whole shares"))
    };
    positions.iter().map(holding).collect()
}

/// What the first run wanted, by symbol.
fn wanted(run: &Value) -> BTreeMap<String, i64> {
    let orders = run["orders"].as_array().expect("a list");
    let want = |order: &Value| {
        let symbol = order["symbol"].as_str().expect("text").to_owned();
        (symbol, order["quantity"].as_i64().expect("whole shares"))
    };
    orders.iter().map(want).collect()
}

fn symbol_with(run: &Value, status: &str) -> String {
    let orders = run["orders"].as_array().expect("a list");
    let order = orders.iter().find(|order| order["status"] == status).expect("one such order");
    order["symbol"].as_str().expect("text").to_owned()
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// Runs until the wire fails at the fourth order, then does something to the gateway.
fn fail_at_the_fourth(
    folder: &Path,
    gateway: &Gateway,
    trouble: fn(usize) -> Trouble,
    signal: Signal,
) -> Value {
    let proxy = Proxy::start(gateway.port, trouble(4));
    let began = Instant::now();
    let (code, run) = std::thread::scope(|scope| {
        let run = scope.spawn(|| submit_waiting(folder, proxy.port, "0"));
        proxy.wait();
        gateway.signal(signal);
        run.join().expect("top10 ends")
    });
    assert!(began.elapsed() < SILENCE_MAX, "it took {:?}", began.elapsed());
    assert_eq!(code, 4, "{run}");
    let expected = BTreeMap::from([("filled", 3), ("unknown", 1), ("not_sent", 6)]);
    assert_eq!(statuses(&run), expected, "{run}");
    run
}

#[test]
fn without_submit_it_only_plans() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &[]);
    let (code, run) = Run::json(folder.path(), &to_port(&gateway.port.to_string(), &[]));
    assert_eq!(code, 0);
    assert_eq!(statuses(&run), BTreeMap::from([("planned", 10)]));
    assert_eq!(run["account_before"], run["account_after"]);
    let (code, run) = submit(folder.path(), gateway.port);
    assert_eq!((code, statuses(&run)), (0, BTreeMap::from([("filled", 10)])), "{run}");
    let cash = |account: &str| decimal(&run[account]["cash"]);
    let spent: decile::core::Decimal = run["orders"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|order| {
            let shares = decile::core::Decimal::from(order["filled"].as_i64().expect("shares"));
            shares * decimal(&order["average_price"]) + decimal(&order["commission"])
        })
        .sum();
    assert_eq!(cash("account_after"), cash("account_before") - spent);
}

/// Runs `top10 --submit` with a strategy that makes this kind of orders.
fn submit_as(folder: &Path, port: u16, order: &str) -> (i32, Value) {
    let strategy = format!("format = 1\nname = \"kind\"\n[plan]\norder = \"{order}\"\n");
    std::fs::write(folder.join("kind.toml"), strategy).expect("written");
    let strategy = [&SUBMIT[..], &["--strategy", "kind.toml"]].concat();
    Run::json(folder, &to_port(&port.to_string(), &strategy))
}

#[test]
fn orders_for_the_close_all_go_out_in_one_run_and_in_no_second_one() {
    for order in ["market_on_close", "limit_on_close"] {
        let folder = scratch();
        let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
        let (code, run) = submit_as(folder.path(), gateway.port, order);
        assert_eq!((code, statuses(&run)), (4, BTreeMap::from([("working", 10)])), "{run}");
        let (code, run) = submit_as(folder.path(), gateway.port, order);
        assert_eq!((code, statuses(&run)), (4, BTreeMap::from([("unknown", 10)])), "{run}");
        let journal = std::fs::read_to_string(folder.path().join("journal.jsonl"));
        assert_eq!(journal.expect("written").matches("\"intent\"").count(), 10);
    }
}

#[test]
fn the_brokers_algorithm_takes_the_orders() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
    let (code, run) = submit_as(folder.path(), gateway.port, "adaptive");
    assert_eq!((code, statuses(&run)), (0, BTreeMap::from([("filled", 10)])), "{run}");
}

#[test]
fn an_order_whose_answer_is_lost_with_the_gateway_is_found_after_its_restart() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &STATE);
    let first = fail_at_the_fourth(folder.path(), &gateway, Trouble::Deafen, Signal::KILL);
    drop(gateway);

    let gateway = Gateway::start(folder.path(), &STATE);
    let (code, second) = submit(folder.path(), gateway.port);
    assert_eq!(code, 0, "{second}");
    // Four are held already, and the six that were not sent are bought now: each once, as planned.
    assert_eq!(statuses(&second).get("filled"), Some(&6), "{second}");
    assert_eq!(holdings(&second), wanted(&first));
}

#[test]
fn a_gateway_that_is_started_again_in_time_gets_the_rest_in_the_same_run() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &STATE);
    let proxy = Proxy::start(gateway.port, Trouble::Deafen(4));
    let (code, run) = std::thread::scope(|scope| {
        let run = scope.spawn(|| submit(folder.path(), proxy.port));
        proxy.wait();
        drop(gateway);
        let again = Gateway::start(folder.path(), &STATE);
        proxy.lead_to(again.port);
        let told = run.join().expect("top10 ends");
        drop(again);
        told
    });
    // The fourth was taken, which its answer did not tell.
    assert_eq!((code, statuses(&run)), (0, BTreeMap::from([("filled", 10)])), "{run}");
    assert_eq!(holdings(&run), wanted(&run));
    let journal = std::fs::read_to_string(folder.path().join("journal.jsonl")).expect("written");
    assert_eq!(journal.matches("\"intent\"").count(), 10);
    assert!(journal.contains("\"recovered\""));
}

#[test]
fn an_order_that_the_gateway_never_got_stays_unknown_and_is_not_sent_again() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &STATE);
    let first = fail_at_the_fourth(folder.path(), &gateway, Trouble::Swallow, Signal::KILL);
    drop(gateway);

    let gateway = Gateway::start(folder.path(), &STATE);
    let (code, second) = submit(folder.path(), gateway.port);
    assert_eq!(code, 4, "{second}");
    let unknown = symbol_with(&first, "unknown");
    assert_eq!(symbol_with(&second, "unknown"), unknown);
    let mut expected = wanted(&first);
    expected.remove(&unknown);
    assert_eq!(holdings(&second), expected);
}

#[test]
fn a_gateway_that_forgot_everything_is_not_sent_the_same_orders_again() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &[]);
    let first = fail_at_the_fourth(folder.path(), &gateway, Trouble::Deafen, Signal::KILL);
    drop(gateway);

    let gateway = Gateway::start(folder.path(), &[]);
    let (code, second) = submit(folder.path(), gateway.port);
    assert_eq!(code, 4, "{second}");
    assert_eq!(symbol_with(&second, "unknown"), symbol_with(&first, "unknown"));
    // Only what was never sent may be bought: neither the filled ones nor the unknown one.
    let sent: Vec<&str> = orders(&first, "status");
    let symbols = orders(&first, "symbol");
    let held = holdings(&second);
    for (symbol, status) in symbols.iter().zip(sent) {
        assert_eq!(held.contains_key(*symbol), status == "not_sent", "{symbol} {status}");
    }
}

#[test]
fn a_gateway_that_stands_still_leaves_one_order_unknown_until_it_goes_on() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &[]);
    let first = fail_at_the_fourth(folder.path(), &gateway, Trouble::Deafen, Signal::STOP);
    gateway.signal(Signal::CONT);
    let (code, second) = submit(folder.path(), gateway.port);
    assert_eq!(code, 0, "{second}");
    assert_eq!(holdings(&second), wanted(&first));
}

#[test]
fn two_runs_do_not_trade_in_one_account_at_once_whatever_their_journals() {
    let folder = scratch();
    let gateway = Gateway::start(folder.path(), &[]);
    let proxy = Proxy::start(gateway.port, Trouble::Deafen(4));
    let gateway_port = gateway.port.to_string();
    let other = ["--submit", "--journal", "other.jsonl", "--client-id", "18"];
    let other = to_port(&gateway_port, &other);
    let proxy_port = proxy.port.to_string();
    let soon = ["--json", "-", "--reconnect-max", "0"];
    let first = to_port(&proxy_port, &[&SUBMIT[..], &soon].concat());
    let first = Run::start(folder.path(), &first);
    // In the middle of its orders, where it stays until the others are done, however slow they are.
    proxy.wait();
    let pid = Pid::from_child(&first);
    kill_process(pid, Signal::STOP).expect("a run");
    let second = Run::new(folder.path(), &other);
    assert_eq!(second.code, 2, "{}", second.stdout);
    assert!(second.stderr.contains("another run on this machine trades in"), "{}", second.stderr);
    // To look is free.
    let (code, _) = Run::json(folder.path(), &to_port(&gateway_port, &["--client-id", "18"]));
    assert_eq!(code, 0);
    gateway.signal(Signal::KILL);
    kill_process(pid, Signal::CONT).expect("a run");
    let first = Run::of(first.wait_with_output().expect("top10 ends"));
    let run: Value = serde_json::from_str(&first.stdout).expect("a report");
    assert_eq!((first.code, statuses(&run).get("filled")), (4, Some(&3)), "{run}");
    let other = std::fs::read_to_string(folder.path().join("other.jsonl")).expect("why it ended");
    assert!(other.contains("another run on this machine trades in"), "{other}");
    assert!(!other.contains("\"intent\""), "{other}");
}

#[test]
fn without_a_gateway_nothing_is_sent_and_the_reason_is_told_soon() {
    let folder = scratch();
    let port_of = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let mute = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let gone = port_of(&TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    for port in [gone, port_of(&mute)] {
        let began = Instant::now();
        let port = port.to_string();
        let run = Run::new(folder.path(), &to_port(&port, &SUBMIT));
        assert!(began.elapsed() < CONNECT_MAX, "it took {:?}", began.elapsed());
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains(&port), "{}", run.stderr);
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = scratch();
    let refused = |arguments: &[&str], words: &str| {
        let run = Run::new(folder.path(), arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    };
    refused(&["--port", "4002"], "--port is for --broker ib");
    refused(&["--broker", "ib"], "--broker ib needs --account");
    refused(&["--broker", "ib", "--account", "U1234567"], "not a paper account");
    let ib = ["--broker", "ib", "--account", ACCOUNT];
    refused(&[&ib[..], &["--submit"]].concat(), "--journal");
    refused(&[&ib[..], &["--state", "x"]].concat(), "--state is for simulated accounts");
    // By the real clock, data that end years ago are no ground to trade on.
    let late = [&ib[..], &["--submit", "--journal", "j"]].concat();
    refused(&late, "the market data end on 2025-12-31");
    let journal = std::fs::read_to_string(folder.path().join("j")).expect("why nothing was sent");
    assert!(journal.contains(r#"{"refused":{"reason":"the market data end on"#), "{journal}");
}

#[test]
fn limits_that_rest_are_cancelled_and_sent_anew_as_the_strategy_says() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("thin.toml", "[market]\nshares_per_quote = 300\n");
    let strategy = "format = 1\nname = \"rest\"\n[construction]\ncount = 2\n[plan]\n\
                    order = \"marketable_limit\"\n[stale_limit]\nafter = 1\nreprices_max = ";
    write("once.toml", &format!("{strategy}1\n"));
    write("never.toml", &format!("{strategy}0\n"));
    for (strategy, expected) in [
        ("never.toml", vec!["partial", "partial"]),
        ("once.toml", vec!["partial", "rejected", "partial", "rejected"]),
    ] {
        let gateway =
            Gateway::start(folder.path(), &["--simulated-time", "--scenario", "thin.toml"]);
        let port = gateway.port.to_string();
        let journal = format!("{strategy}.jsonl");
        let files = ["--submit", "--journal", &journal, "--strategy", strategy];
        let (code, run) = Run::json(folder.path(), &to_port(&port, &files));
        assert_eq!((code, orders(&run, "status")), (4, expected), "{run}");
        // 300 of each are dealt, and whoever was cancelled says why.
        assert_eq!(holdings(&run).into_values().collect::<Vec<_>>(), [300, 300]);
        let reasons = orders(&run, "reason");
        assert!(reasons.iter().all(|reason| reason.contains("its limit rested for 1 s")), "{run}");
    }
}
