//! `top10 --strategy FILE`, and the gates of models.

use crate::support::{Run, orders};
use decile::core::{Filing, Market, ReportTime, Tables};
use decile::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn shipped(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/strategies");
    PathBuf::from(folder).join(name).display().to_string()
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

#[test]
fn the_plain_file_does_what_nothing_said_does() {
    let folder = scratch();
    let (_, by_file) = Run::json(folder.path(), &["--strategy", &shipped("plain.toml")]);
    let (_, by_default) = Run::json(folder.path(), &[]);
    assert_eq!(by_file, by_default);
    assert_eq!(by_file["model_version"], 1);
    let model = Model::preset("q_core").expect("a preset");
    assert_eq!(by_file["model_hash"], model.hash());
    assert_eq!(by_file["strategy"], "top10");
}

#[test]
fn a_model_of_ones_own_is_traded() {
    let folder = scratch();
    let (code, run) = Run::json(folder.path(), &["--strategy", &shipped("own_model.toml")]);
    assert_eq!(
        (code, &run["model"], &run["strategy"]),
        (0, &"cheap_and_calm".into(), &"own".into())
    );
    assert_eq!(orders(&run, "status"), ["filled"; 9]);
}

#[test]
fn options_go_over_the_file_and_the_run_says_which() {
    let folder = scratch();
    let path = shipped("own_model.toml");
    let options = ["--strategy", &path, "--dry-run", "--top", "5", "--buffer", "0.1"];
    let run = Run::new(folder.path(), &[&options[..], &["--model", "flat"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said: Vec<_> = run.stdout.lines().filter(|line| line.contains("goes over")).collect();
    // The buffer of the file is the same, so nothing is changed by that.
    let expected = [
        "--model flat goes over the cheap_and_calm of the strategy.",
        "--top 5 goes over the 8 of the strategy.",
    ];
    assert_eq!(said, expected);
    assert!(run.stdout.contains("Ranking by flat on"), "{}", run.stdout);
    // Without a file there is nothing to go over.
    let plain = Run::new(folder.path(), &["--dry-run", "--top", "5"]);
    assert!(!plain.stdout.contains("goes over"));
}

#[test]
fn what_is_held_stays_in_the_buffer() {
    let folder = scratch();
    let text = |leave: &str| {
        format!("format = 1\nname = \"b\"\n[construction]\ncount = 10\nleave_rank = {leave}\n")
    };
    fs::write(folder.path().join("wide.toml"), text("29")).expect("written");
    fs::write(folder.path().join("none.toml"), text("10")).expect("written");
    let state = ["--state", "state.json", "--as-of"];
    let (code, _) = Run::json(folder.path(), &[&state[..], &["2025-06-30"]].concat());
    assert_eq!(code, 0);
    let sells = |strategy: &str| {
        let options = ["2025-12-31", "--dry-run", "--strategy", strategy];
        let (code, run) = Run::json(folder.path(), &[&state[..], &options].concat());
        assert_eq!(code, 0);
        orders(&run, "side").iter().filter(|side| **side == "sell").count()
    };
    assert!(sells("none.toml") > sells("wide.toml"));
}

#[test]
fn a_bad_strategy_is_bad_input_with_file_line_and_key() {
    let folder = scratch();
    let told = |text: &str, expected: &str| {
        fs::write(folder.path().join("s.toml"), text).expect("written");
        let run = Run::new(folder.path(), &["--strategy", "s.toml"]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.stderr.starts_with(expected), "{text}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    };
    told(
        "format = 1\nname = \"s\"\n[construction]\ncuont = 3\n",
        "error: s.toml, line 4, construction.cuont: unknown key `cuont`",
    );
    told(
        "format = 1\nname = \"s\"\n[universe]\nsymbols = [\"AAPL\"]\n",
        "error: s.toml, line 4, universe.symbols[0]: the market has no AAPL",
    );
    told(
        "format = 1\nname = \"s\"\n[model]\nfile = \"none.toml\"\n",
        "error: cannot read none.toml: ",
    );
    let run = Run::new(folder.path(), &["--strategy", "nowhere.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: cannot read nowhere.toml: "), "{}", run.stderr);
    let run = Run::new(folder.path(), &["--strategy", &shipped("long_short.toml")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("plans are long only"), "{}", run.stderr);
}

/// The synthetic market with statements that turn the income of so many stocks round, filed on its
/// last day but one.
fn turned(count: usize, folder: &Path) {
    let market = SyntheticMarket::default().generate().expect("valid settings");
    let sessions = market.calendar().sessions();
    let filed = sessions[sessions.len() - 2];
    let mut tables = Tables::default();
    for (at, stock) in market.stocks().iter().enumerate() {
        tables.securities.push(stock.security().clone());
        let bars = stock.bars().iter().map(|bar| (stock.symbol().clone(), *bar));
        tables.prices.extend(bars);
        tables.actions.extend_from_slice(stock.actions());
        tables.filings.extend_from_slice(stock.filings());
        tables.estimates.extend_from_slice(stock.estimates());
        if at < count {
            let mut newest: Vec<Filing> = stock.filings().to_vec();
            newest.sort_by_key(|filing| filing.period_end);
            for mut filing in newest.into_iter().rev().take(4) {
                filing.net_income = filing.net_income.map(|income| -income);
                (filing.filed, filing.report_time) = (Some(filed), ReportTime::Post);
                tables.filings.push(filing);
            }
        }
    }
    tables.fx.extend(market.fx_rates().cloned());
    let market = Market::new(market.calendar().clone(), tables).expect("a market");
    write_folder(&market, folder).expect("written");
}

fn check<'a>(run: &'a Value, name: &str) -> &'a Value {
    let checks = run["checks"].as_array().expect("a list");
    checks.iter().find(|check| check["name"] == name).expect("a check of that name")
}

#[test]
fn data_that_turned_over_night_are_reported_and_not_traded_on() {
    let folder = scratch();
    turned(10, &folder.path().join("market"));
    let options = ["--data", "market", "--state", "state.json"];
    let (code, run) = Run::json(folder.path(), &options);
    assert_eq!(code, 3);
    let gate = check(&run, "sign_change_max");
    assert_eq!(gate["allowed"], false);
    let reason = gate["reason"].as_str().expect("text");
    assert!(reason.starts_with("since 2025-12-30 the sign changed of ey_ttm for "), "{reason}");
    assert_eq!(orders(&run, "status"), ["not_sent"; 10]);
    assert_eq!(run["account_after"], run["account_before"]);
    let shown = Run::new(folder.path(), &options);
    assert_eq!(shown.code, 3);
    assert!(shown.stdout.contains("sign_change_max       DENIED"), "{}", shown.stdout);
    assert!(shown.stdout.contains("report only, no trading. Nothing was sent."));
    // A few stocks that turn are news, not a fault of the data.
    turned(3, &folder.path().join("news"));
    let (code, run) = Run::json(folder.path(), &["--data", "news"]);
    assert_eq!((code, &check(&run, "sign_change_max")["allowed"]), (0, &true.into()));
}
