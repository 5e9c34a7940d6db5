//! `top10 --source` against a server that plays Yahoo and the SEC with an invented market: online,
//! from a recording, from the cache, and in trouble.

mod server;
mod vendor;

use crate::support::{Run, orders, program};
use decile::core::{Calendar, Currency, EstimateSnapshot, Filing, FormKind, Market, Stock, Tables};
use decile::data::{SyntheticMarket, write_folder};
use serde_json::Value;
use server::Server;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};
use vendor::Vendor;

/// The market up to the session after the last that has closed, so that a close in the middle of the
/// test changes nothing: what comes later than the run's own session is left out by it.
fn market() -> Market {
    let calendar = Calendar::nyse();
    let today = calendar.local_date(chrono::Utc::now());
    let next = calendar.session_after(today).expect("the calendar goes on");
    let whole = SyntheticMarket::default().last_session(next).generate().expect("a market");
    let mut tables = Tables { fx: whole.fx_rates().copied().collect(), ..Tables::default() };
    for stock in whole.stocks().iter().filter(|stock| is_plain(stock, &whole)) {
        let symbol = stock.symbol();
        tables.securities.push(stock.security().clone());
        tables.prices.extend(stock.bars().iter().map(|bar| (symbol.clone(), *bar)));
        tables.actions.extend(stock.actions().iter().cloned());
        tables.filings.extend(first_versions(stock));
        tables.estimates.extend(newest(stock, today).cloned());
    }
    Market::new(whole.calendar().clone(), tables).expect("it fits")
}

/// Yahoo does not say what a receipt stands for, and the SEC has no prospectus here.
fn is_plain(stock: &Stock, market: &Market) -> bool {
    let security = stock.security();
    let dollars = [security.trade_currency, security.report_currency];
    dollars == [Currency::USD; 2]
        && security.adr_ratio == 1.0
        && stock.price_at(market.calendar(), market.calendar().last()).is_some()
        && stock.filings().iter().all(|filing| filing.form.kind() != FormKind::Other)
}

/// What the SEC tells: the first version of each quarter, dated, at no hour.
fn first_versions(stock: &Stock) -> impl Iterator<Item = Filing> {
    let mut quarters = BTreeMap::new();
    for filing in stock.filings() {
        quarters.entry(filing.period_end).or_insert_with(|| {
            let mut filing = filing.clone();
            let days = if filing.form.kind() == FormKind::Annual { 50 } else { 35 };
            let filed = filing.period_end + chrono::Days::new(days);
            (filing.filed, filing.report_time) =
                (filing.filed.or(Some(filed)), decile::core::ReportTime::Unknown);
            filing
        });
    }
    quarters.into_values()
}

/// The consensus that a vendor shows today.
fn newest(stock: &Stock, today: chrono::NaiveDate) -> Option<&EstimateSnapshot> {
    // Some days back, so that no session between now and the end of the test comes in between.
    let shown = today - chrono::Days::new(7);
    stock.estimates().iter().rfind(|snapshot| snapshot.as_of < shown)
}

fn top10(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(["--dry-run", "--json", "-"]).args(arguments).current_dir(folder);
    command.env_remove("SEC_CONTACT").env_remove("ALPHAVANTAGE_API_KEY");
    command
}

/// Runs `top10 --dry-run` and returns its code, its JSON and what it said.
fn run(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    finished(top10(folder, arguments))
}

fn finished(mut command: Command) -> (i32, Value, String) {
    let Output { status, stdout, stderr } = command.output().expect("top10 starts");
    let said = String::from_utf8(stderr).expect("UTF-8");
    let json = serde_json::from_slice(&stdout).unwrap_or(Value::Null);
    (status.code().expect("it was not killed"), json, said)
}

/// Symbols and scores, the best first.
fn ranking(run: &Value) -> Vec<(String, f64)> {
    let ranked = run["ranking"].as_array().expect("a ranking");
    let score = |stock: &Value| {
        let symbol = stock["symbol"].as_str().expect("a symbol").to_owned();
        (symbol, stock["composite"].as_f64().expect("every stock is eligible"))
    };
    ranked.iter().map(score).collect()
}

fn universe(market: &Market) -> String {
    let symbols = market.stocks().iter().map(|stock| stock.symbol().as_str());
    symbols.collect::<Vec<_>>().join(",")
}

#[test]
fn online_recorded_and_cached_runs_rank_as_the_market_itself() {
    let market = market();
    assert!(market.stocks().len() > 15, "{}", market.stocks().len());
    let server = Server::start(Vendor::new(&market));
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path();
    let symbols = universe(&market);
    let live = ["--source", "yahoo", "--symbols", &symbols];

    let online = [&live[..], &["--base-url", server.url(), "--record", "replies"]].concat();
    let (code, fetched, said) = run(folder, &online);
    assert_eq!(code, 0, "{said}");
    let count = market.stocks().len();
    assert!(said.starts_with(&format!("{count} of {count} stocks have prices")), "{said}");
    let asked = server.asked();
    assert!(asked.iter().any(|target| target.contains("companyfacts")), "{asked:?}");

    // The same market, as a folder, ranks the same.
    let as_of: chrono::NaiveDate = fetched["as_of"].as_str().expect("a date").parse().expect("one");
    let before = market.calendar().session_before(as_of).expect("many sessions");
    write_folder(&vendor::as_shown(&market, before), folder.join("market")).expect("written");
    let (code, expected, said) = run(folder, &["--data", "market", "--as-of", &as_of.to_string()]);
    assert_eq!((code, &expected["model"]), (0, &Value::from("q_core")), "{said}");
    assert_eq!(fetched["model"], "q_core");
    for ((symbol, score), (expected, near)) in ranking(&fetched).iter().zip(ranking(&expected)) {
        assert_eq!(*symbol, expected);
        assert!((score - near).abs() < 1e-9, "{symbol}: {score} is not {near}");
    }
    let quantities = |run: &Value| -> Vec<(Value, Value)> {
        let orders = run["orders"].as_array().expect("a list");
        orders.iter().map(|order| (order["symbol"].clone(), order["quantity"].clone())).collect()
    };
    assert_eq!(quantities(&fetched).len(), 10);
    assert_eq!(quantities(&fetched), quantities(&expected));

    // Neither a replay nor the cache asks anybody, and both say the same again.
    for closed in [&["--replay", "replies"][..], &["--offline", "--base-url", server.url()]] {
        let (code, again, said) = run(folder, &[&live[..], closed].concat());
        assert_eq!(code, 0, "{said}");
        assert_eq!(again["ranking"], fetched["ranking"]);
        assert_eq!(again["orders"], fetched["orders"]);
    }
    // A second run within the hour finds everything fresh.
    let (code, again, said) = run(folder, &[&live[..], &["--base-url", server.url()]].concat());
    assert_eq!(code, 0, "{said}");
    assert_eq!(again["ranking"], fetched["ranking"]);
    assert_eq!(server.asked().len(), asked.len());

    // What this server said is not what Yahoo said.
    let (code, json, said) = run(folder, &[&live[..], &["--offline"]].concat());
    assert_eq!((code, json), (2, Value::Null));
    assert!(said.contains("not one stock could be fetched"), "{said}");
}

#[test]
fn a_recording_is_traded_without_network_to_ten_fills() {
    let market = market();
    let server = Server::start(Vendor::new(&market));
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path();
    let symbols = universe(&market);
    let live = ["--source", "yahoo", "--symbols", &symbols];
    let record = [&live[..], &["--base-url", server.url(), "--record", "replies"]].concat();
    let (code, recorded, said) = run(folder, &record);
    assert_eq!(code, 0, "{said}");
    let asked = server.asked().len();

    // Neither the cache nor a setting of the recording run is there any more.
    std::fs::remove_file(folder.join("cache.sqlite")).expect("it was written");
    let replay = [&live[..], &["--replay", "replies", "--json", "-"]].concat();
    let traded = [(); 2].map(|()| Run::new(folder, &replay));
    let [first, second] = traded.each_ref().map(|run| (run.code, &run.stdout, &run.stderr));
    assert_eq!(first, second);
    assert_eq!(first.0, 0, "{}", first.2);
    let json: Value = serde_json::from_str(first.1).expect("one object");
    assert_eq!(json["ranking"], recorded["ranking"]);
    assert_eq!(orders(&json, "status"), ["filled"; 10]);
    let held = json["account_after"]["positions"].as_array().expect("a list");
    let mut held: Vec<_> = held.iter().map(|it| it["symbol"].as_str().expect("text")).collect();
    let mut bought = orders(&json, "symbol");
    held.sort_unstable();
    bought.sort_unstable();
    assert_eq!(held, bought);
    assert_eq!(server.asked().len(), asked);
    assert!(!folder.join("cache.sqlite").exists());
}

#[test]
fn below_the_required_share_nothing_is_ranked() {
    let market = market();
    let bad = market.stocks()[2].symbol().clone();
    let server = Server::start(Vendor::new(&market).without(bad.clone()));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let symbols: Vec<_> = market.stocks()[..4].iter().map(|s| s.symbol().to_string()).collect();
    let symbols = symbols.join(",");
    let live =
        ["--source", "yahoo", "--symbols", &symbols, "--base-url", server.url(), "--top", "2"];
    let (code, json, said) = run(folder.path(), &live);
    assert_eq!((code, json), (2, Value::Null), "{said}");
    assert!(said.contains("3 of 4 stocks have prices and statements, fewer than 90 %"), "{said}");
    assert!(said.contains(&format!("no bars of {bad}: Yahoo has no data for {bad}")), "{said}");

    let (code, json, said) = run(folder.path(), &[&live[..], &["--coverage", "0.7"]].concat());
    assert_eq!((code, ranking(&json).len()), (0, 3), "{said}");
}

#[test]
fn a_past_session_refuses_the_estimates_of_today() {
    let market = market();
    let server = Server::start(Vendor::new(&market));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let calendar = market.calendar();
    let past = calendar.sessions()[calendar.len() - 60].to_string();
    let symbols = universe(&market);
    let live = ["--source", "yahoo", "--symbols", &symbols, "--base-url", server.url()];
    let (code, json, said) = run(folder.path(), &[&live[..], &["--as-of", &past]].concat());
    assert_eq!((code, &json["model"]), (0, &Value::from("q_core_eaccel")), "{said}");
    assert!(said.contains("The list of stocks is today's"), "{said}");
}

#[test]
fn a_setting_that_is_missing_is_named() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (code, _, said) = run(folder.path(), &["--source", "alphavantage", "--symbols", "KO"]);
    assert_eq!(code, 2);
    assert!(said.contains("ALPHAVANTAGE_API_KEY is not set"), "{said}");
    let (code, _, said) = run(folder.path(), &["--source", "yahoo", "--symbols", "KO"]);
    assert_eq!(code, 2);
    assert!(said.contains("SEC_CONTACT is not set"), "{said}");
    let (code, _, said) =
        run(folder.path(), &["--source", "yahoo", "--symbols", "KO", "--offline"]);
    assert_eq!(code, 2);
    assert!(said.contains("cache.sqlite holds no reply: run once online"), "{said}");
    let (code, _, said) = run(folder.path(), &["--source", "yahoo", "--symbols", "ko"]);
    assert_eq!(code, 2);
    assert!(said.contains("\"ko\" is not a symbol"), "{said}");
}

/// Asks Alpha Vantage, with a key that must show nowhere, for a stock with one call a day.
fn one_call(folder: &Path, server: &Server, symbol: &str) -> Command {
    let live = ["--source", "alphavantage", "--daily-calls", "1", "--base-url", server.url()];
    let mut command = top10(folder, &[&live[..], &["--symbols", symbol]].concat());
    command.env("ALPHAVANTAGE_API_KEY", "ABCDEFGH12345678");
    command
}

#[test]
fn a_daily_budget_outlives_the_run() {
    let server = Server::start(Vendor::new(&market()));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (code, _, said) = finished(one_call(folder.path(), &server, "KO"));
    assert_eq!(code, 2);
    assert!(said.contains("status 404"), "{said}");
    let (code, _, again) = finished(one_call(folder.path(), &server, "KO"));
    assert_eq!(code, 2);
    assert!(again.contains("was not asked for KO: today's budget of calls is spent"), "{again}");
    assert_eq!(server.asked().len(), 1);
    assert!(!format!("{said}{again}").contains("ABCDEFGH"), "{said}{again}");
}

#[test]
fn a_call_in_whose_middle_the_run_is_killed_is_counted() {
    let server = Server::start(Vendor::new(&market()));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut child = one_call(folder.path(), &server, vendor::SILENT).spawn().expect("it starts");
    let begun = Instant::now();
    while server.asked().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(120), "it never asks");
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("it waits for the answer");
    child.wait().expect("it is dead");
    let (_, _, said) = finished(one_call(folder.path(), &server, "KO"));
    assert!(said.contains("today's budget of calls is spent"), "{said}");
    assert_eq!(server.asked().len(), 1);
}
