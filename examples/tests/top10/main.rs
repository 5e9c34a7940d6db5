//! The example `top10` from outside: what it prints, writes and returns.

mod clear;
mod crash;
#[cfg(unix)]
mod gateway;
#[cfg(feature = "providers")]
mod live;
mod money;
#[cfg(unix)]
mod proxy;
mod readme;
mod safety;
mod strategy;
mod support;
#[cfg(unix)]
mod wire;

use decile::core::Decimal;
use decile::prelude::*;
use std::fs;
use std::path::Path;
use support::{Run, decimal, orders};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

#[test]
fn ten_orders_fill_and_the_account_adds_up_to_the_cent() {
    let folder = scratch();
    let (code, run) = Run::json(folder.path(), &[]);
    assert_eq!(code, 0);
    assert_eq!(run["as_of"], "2025-12-31");
    assert_eq!(run["model"], "q_core");
    assert_eq!(orders(&run, "status"), ["filled"; 10]);
    assert_eq!(orders(&run, "side"), ["buy"; 10]);
    let spent: Decimal = run["orders"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|order| {
            assert_eq!(order["filled"], order["quantity"]);
            let shares = Decimal::from(order["filled"].as_i64().expect("whole shares"));
            shares * decimal(&order["average_price"]) + decimal(&order["commission"])
        })
        .sum();
    let (before, after) = (&run["account_before"], &run["account_after"]);
    assert_eq!(before["positions"].as_array().map(Vec::len), Some(0));
    assert_eq!(decimal(&before["cash"]), Decimal::from(1_000_000));
    assert_eq!(decimal(&after["cash"]), decimal(&before["cash"]) - spent);
    assert_eq!(after["positions"].as_array().map(Vec::len), Some(10));
    assert!(run["checks"].as_array().expect("a list").iter().all(|check| check["allowed"] == true));
}

#[test]
fn the_best_ten_of_the_ranking_are_bought() {
    let folder = scratch();
    let (_, run) = Run::json(folder.path(), &["--seed", "3"]);
    let ranking = run["ranking"].as_array().expect("a list");
    assert_eq!(ranking.len(), 30);
    let mut best: Vec<&str> =
        ranking[..10].iter().map(|stock| stock["symbol"].as_str().expect("text")).collect();
    for (stock, rank) in ranking[..10].iter().zip(1..) {
        assert_eq!(stock["rank"], rank);
        assert_eq!(stock["eligible"], true);
        assert!(stock["reason"].is_null());
    }
    let excluded = ranking.last().expect("thirty");
    assert_eq!(excluded["eligible"], false);
    assert!(excluded["rank"].is_null() && excluded["composite"].is_null());
    assert!(excluded["reason"].as_str().expect("text").contains("no price"));
    let mut bought = orders(&run, "symbol");
    best.sort_unstable();
    bought.sort_unstable();
    assert_eq!(best, bought);
}

#[test]
fn the_first_line_says_that_the_market_is_invented() {
    let folder = scratch();
    let run = Run::new(folder.path(), &[]);
    assert_eq!(run.code, 0);
    let first = run.stdout.lines().next().expect("a line");
    assert!(first.starts_with("SYNTHETIC MARKET"), "{first}");
    assert!(run.stdout.contains("P/E"));
    assert!(names(folder.path()).is_empty(), "a run without files leaves none");
}

#[test]
fn the_help_speaks_to_users() {
    let folder = scratch();
    for option in ["-h", "--help"] {
        let help = Run::new(folder.path(), &[option]).stdout;
        assert!(help.starts_with("Ranks a market, takes the best stocks"), "{help}");
        assert!(
            help.contains("3 a check denied the plan or the data") && !help.contains("```"),
            "{help}"
        );
    }
}

#[test]
fn the_same_run_prints_the_same_bytes_on_any_number_of_threads() {
    let folder = scratch();
    let one = Run::with_threads(folder.path(), &["--json", "-"], "1");
    for threads in ["2", "7"] {
        let other = Run::with_threads(folder.path(), &["--json", "-"], threads);
        assert!(one.stdout == other.stdout && one.stderr == other.stderr, "{threads} threads");
    }
    assert_ne!(one.stdout, Run::new(folder.path(), &["--json", "-", "--seed", "2"]).stdout);
}

#[test]
fn bad_input_is_one_line_and_leaves_no_file() {
    let folder = scratch();
    let market = SyntheticMarket::default().generate().expect("valid settings");
    write_folder(&market, folder.path().join("market")).expect("written");
    // Row 16 of the prices is cut, and another folder has but headers.
    let prices = folder.path().join("market/prices.csv");
    let text = fs::read_to_string(&prices).expect("written");
    fs::create_dir(folder.path().join("broken")).expect("made");
    fs::create_dir(folder.path().join("empty")).expect("made");
    for name in names(&folder.path().join("market")) {
        let table = fs::read_to_string(folder.path().join("market").join(&name)).expect("written");
        fs::write(folder.path().join("broken").join(&name), &table).expect("written");
        let header = table.lines().next().expect("a header");
        let keep = if name == "calendar.csv" { table.as_str() } else { header };
        fs::write(folder.path().join("empty").join(&name), keep).expect("written");
    }
    let mut lines: Vec<&str> = text.lines().collect();
    let cut = lines[16].rsplit_once(',').expect("several fields").0;
    lines[16] = cut;
    fs::write(folder.path().join("broken/prices.csv"), lines.join("\n")).expect("written");
    fs::write(folder.path().join("junk"), "no account").expect("written");
    let before = names(folder.path()).len();

    let cases: [(&[&str], &str); 15] = [
        (&["--data", "nowhere"], "no folder nowhere"),
        (&["--data", "broken"], "prices.csv line 17"),
        (&["--data", "empty"], "the table securities is empty"),
        (&["--as-of", "2025-12-25"], "the last one before it is 2025-12-24"),
        (&["--as-of", "2031-01-02"], "they run from"),
        (&["--top", "40"], "only 29 of 30 stocks are eligible"),
        (&["--model", "q_gore"], "presets are q_core, q_core_eaccel"),
        (&["--top", "0"], "at least 1"),
        (&["--as-of", "2020-01-02"], "only 0 of 30 stocks are eligible"),
        (&["--state", "nowhere/state.json"], "nowhere/state.json"),
        (&["--state", "junk"], "junk"),
        (&["--journal", "nowhere/journal.jsonl"], "nowhere/journal.jsonl"),
        (&["--json", "market"], "cannot write the JSON to market"),
        (&["--json", "nowhere/run.json"], "cannot write the JSON to nowhere/run.json"),
        (&["--state", "one", "--json", "./one"], "--json and --state name the same file"),
    ];
    for (arguments, expected) in cases {
        let mut all = arguments.to_vec();
        for (option, file) in
            [("--json", "run.json"), ("--state", "state.json"), ("--journal", "journal.jsonl")]
        {
            if !arguments.contains(&option) {
                all.extend([option, file]);
            }
        }
        let run = Run::new(folder.path(), &all);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
        assert_eq!(
            names(folder.path()).len(),
            before,
            "{arguments:?} left {:?}",
            names(folder.path())
        );
    }
}

#[test]
fn a_dry_run_plans_and_changes_no_file() {
    let folder = scratch();
    let files = ["--state", "state.json", "--journal", "journal.jsonl"];
    let (code, run) = Run::json(folder.path(), &[&files[..], &["--dry-run"]].concat());
    assert_eq!(code, 0);
    assert_eq!(orders(&run, "status"), ["planned"; 10]);
    assert_eq!(run["account_after"], run["account_before"]);
    assert!(names(folder.path()).is_empty());

    // With an account that holds something, it still only looks.
    assert_eq!(Run::new(folder.path(), &files).code, 0);
    let state = fs::read(folder.path().join("state.json")).expect("written");
    let (code, run) =
        Run::json(folder.path(), &[&files[..], &["--dry-run", "--top", "3"]].concat());
    assert_eq!(code, 0);
    assert!(orders(&run, "side").contains(&"sell"));
    assert_eq!(fs::read(folder.path().join("state.json")).expect("written"), state);
}

#[test]
fn a_plan_beyond_the_limits_is_denied_and_nothing_is_sent() {
    let folder = scratch();
    // More of one name than 15 % of the account, and more than the cash pays for.
    let (code, run) = Run::json(folder.path(), &["--quantity", "50000", "--state", "state.json"]);
    assert_eq!(code, 3);
    assert_eq!(orders(&run, "status"), ["not_sent"; 10]);
    assert_eq!(run["account_after"]["positions"].as_array().map(Vec::len), Some(0));
    let denied = |check: &&serde_json::Value| check["allowed"] == false;
    let checks = run["checks"].as_array().expect("a list");
    let broken: Vec<_> = checks.iter().filter(denied).map(|check| &check["name"]).collect();
    for name in ["order_notional_max", "name_weight_max", "cash_not_negative"] {
        assert!(broken.contains(&&serde_json::json!(name)), "{broken:?}");
    }
}

#[test]
fn fixed_quantities_are_taken_as_they_are() {
    let folder = scratch();
    let (code, run) = Run::json(folder.path(), &["--quantity", "100", "--top", "4"]);
    assert_eq!(code, 0);
    let orders = run["orders"].as_array().expect("a list");
    assert_eq!(orders.len(), 4);
    assert!(orders.iter().all(|order| order["filled"] == 100));
}

#[test]
fn the_next_month_sells_what_left_the_top_ten_and_buys_nothing_twice() {
    let folder = scratch();
    let files = ["--state", "state.json", "--journal", "journal.jsonl"];
    let on = |date: &str| Run::json(folder.path(), &[&files[..], &["--as-of", date]].concat());
    let (code, november) = on("2025-11-28");
    assert_eq!(code, 0);
    let (code, december) = on("2025-12-31");
    assert_eq!(code, 0);
    // Splits and dividends between the two apart, the account goes on where it was.
    let held = |run: &serde_json::Value| -> Vec<String> {
        let positions = run["account_after"]["positions"].as_array().expect("a list");
        positions.iter().map(|p| p["symbol"].as_str().expect("text").to_owned()).collect()
    };
    let best = |run: &serde_json::Value| -> Vec<String> {
        let ranking = run["ranking"].as_array().expect("a list")[..10].iter();
        let mut best: Vec<_> =
            ranking.map(|s| s["symbol"].as_str().expect("text").to_owned()).collect();
        best.sort();
        best
    };
    assert_eq!(held(&november), best(&november));
    assert_eq!(held(&december), best(&december));
    let left: Vec<_> =
        held(&november).into_iter().filter(|s| !best(&december).contains(s)).collect();
    assert!(!left.is_empty(), "the months differ");
    let sells =
        december["orders"].as_array().expect("a list").iter().filter(|o| o["side"] == "sell");
    let sold: Vec<_> = sells.map(|o| o["symbol"].as_str().expect("text").to_owned()).collect();
    assert!(left.iter().all(|symbol| sold.contains(symbol)), "{left:?} {sold:?}");
    // Sells come before buys.
    let sides = orders(&december, "side");
    let first_buy = sides.iter().position(|side| *side == "buy").expect("something is bought");
    assert!(sides[first_buy..].iter().all(|side| *side == "buy"), "{sides:?}");

    // The same evening again: everything is held already.
    let (code, again) = on("2025-12-31");
    assert_eq!(code, 0);
    assert_eq!(again["orders"].as_array().map(Vec::len), Some(0));
    assert_eq!(again["account_after"], december["account_after"]);
    // And a month back is refused: the account has seen December.
    let back = Run::new(folder.path(), &[&files[..], &["--as-of", "2025-11-28"]].concat());
    assert_eq!(back.code, 2, "{}", back.stderr);
}

#[test]
fn an_intent_that_a_dead_run_left_is_looked_up_and_not_sent_again() {
    let folder = scratch();
    let files = ["--state", "state.json", "--journal", "journal.jsonl"];
    // A whole run, of which only the first intent is kept: the process died before it knew more,
    // and its account with it.
    let (_, whole) = Run::json(folder.path(), &files);
    let journal = folder.path().join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("written");
    let end = text.find("\"intent\"").expect("an intent");
    let line = text[end..].find('\n').expect("a line") + end + 1;
    fs::write(&journal, &text[..line]).expect("written");
    let first = orders(&whole, "symbol")[0].to_owned();

    // The account knows the order: it is resolved, and nothing is left to do.
    let (code, resolved) = Run::json(folder.path(), &files);
    assert_eq!(code, 0);
    assert_eq!(resolved["orders"].as_array().map(Vec::len), Some(0));

    // The account is gone too: nobody knows, so that stock is not bought again.
    fs::write(&journal, &text[..line]).expect("written");
    fs::remove_file(folder.path().join("state.json")).expect("removed");
    let (code, unknown) = Run::json(folder.path(), &files);
    assert_eq!(code, 4);
    let list = unknown["orders"].as_array().expect("a list");
    let status = |symbol: &str| {
        let order = list.iter().find(|order| order["symbol"] == symbol);
        order.map(|order| order["status"].as_str().expect("text").to_owned())
    };
    assert_eq!(status(&first).as_deref(), Some("unknown"));
    let held = unknown["account_after"]["positions"].as_array().expect("a list");
    assert!(held.iter().all(|position| position["symbol"] != first.as_str()));
}
