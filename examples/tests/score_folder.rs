//! The example `score_folder` on a market made to be nasty, and with models of one's own.

#[path = "support/score_folder.rs"]
mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{collections::BTreeMap, fs};
use support::{compare, score_folder};

/// The lines of a table, without its header, cut at the commas.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("the table is there");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn nasty() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nasty")
}

/// The market folder: the stored tables, and the prices that `nasty/README.md` defines.
fn inputs(folder: &Path) {
    let stored = nasty().join("inputs");
    for table in ["actions", "calendar", "estimates", "fundamentals", "fx", "securities"] {
        let name = format!("{table}.csv");
        fs::copy(stored.join(&name), folder.join(&name)).expect("copied");
    }
    let number = |text: &str| text.parse::<u64>().expect("a whole number");
    let scales: BTreeMap<(String, String), (u64, u64)> = rows(&stored.join("scales.csv"))
        .into_iter()
        .map(|row| ((row[0].clone(), row[1].clone()), (number(&row[2]), number(&row[3]))))
        .collect();
    let halts = rows(&stored.join("halts.csv"));
    let mut walks: Vec<(String, u64, u64)> = rows(&stored.join("walks.csv"))
        .into_iter()
        .map(|row| (row[0].clone(), number(&row[1]), number(&row[2])))
        .collect();
    let mut prices = "date,symbol,close,volume\n".to_owned();
    for date in rows(&stored.join("calendar.csv")).iter().map(|row| &row[0]) {
        for (symbol, price, seed) in &mut walks {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005);
            *seed = seed.wrapping_add(1_442_695_040_888_963_407);
            *price = *price * (10_000 - 200 + (*seed >> 33) % 401) / 10_000;
            if let Some((times, over)) = scales.get(&(symbol.clone(), date.clone())) {
                *price = *price * times / over;
            }
            let is_halted =
                |halt: &Vec<String>| halt[0] == *symbol && halt[1] <= *date && *date <= halt[2];
            if !halts.iter().any(is_halted) {
                let (whole, rest) = (*price / 10_000, *price % 10_000);
                writeln!(prices, "{date},{symbol},{whole}.{rest:04},").expect("to a string");
            }
        }
    }
    fs::write(folder.join("prices.csv"), prices).expect("written");
}

#[test]
fn a_nasty_market_comes_out_as_a_plain_program_has_it() {
    let (market, out) =
        (tempfile::tempdir().expect("scratch"), tempfile::tempdir().expect("scratch"));
    inputs(market.path());
    score_folder(market.path(), out.path(), &[]).expect("scored");
    let expected = nasty().join("expected");
    let cells = |name, all| compare(out.path(), &expected, name, all);
    assert!(cells("adj_close", false) > 1000);
    assert_eq!(cells("known_dates", true), 575 * 5);
    assert_eq!(cells("factors_monthly", true), 2 * 57 * 20);
    assert_eq!(cells("scores_monthly", true), 2 * 57 * 64);
    assert_eq!(cells("composite_daily", true), 883 * 7);
}

#[test]
fn a_model_of_ones_own_has_its_groups_in_the_table() {
    let (market, out) =
        (tempfile::tempdir().expect("scratch"), tempfile::tempdir().expect("scratch"));
    inputs(market.path());
    let file = market.path().join("mine.toml");
    let model = "format = 1\nname = \"mine\"\n\
        groups = [{ name = \"cheap\", weight = 1, factors = [{ name = \"bm\", weight = 1 }] }]\n";
    fs::write(&file, model).expect("written");
    let model = file.to_str().expect("UTF-8");
    score_folder(market.path(), out.path(), &["--model", model]).expect("scored");
    let scores = fs::read_to_string(out.path().join("scores_monthly.csv")).expect("written");
    let header: Vec<&str> = scores.lines().next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    assert!(!header.contains(&"g_value") && header.contains(&"snap_g_value"));
    let mut compared = 0;
    for row in rows(&out.path().join("scores_monthly.csv")) {
        // One group of one factor: the composite is the factor's z-score, standardised once more.
        let z: Option<f64> = row[place("z_bm")].parse().ok();
        let composite: Option<f64> = row[place("composite")].parse().ok();
        assert_eq!(z.is_some(), composite.is_some(), "{row:?}");
        if let (Some(z), Some(composite)) = (z, composite) {
            assert!((z - composite).abs() < 0.2, "{z} {composite}");
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let out = tempfile::tempdir().expect("scratch");
    let failure =
        |folder: &Path, more: &[&str]| score_folder(folder, out.path(), more).expect_err("a fault");
    let message = failure(Path::new("/no/such/folder"), &[]);
    assert!(message.contains("/no/such/folder"), "{message}");
    let message = failure(&nasty().join("inputs"), &["--model", "q_gore"]);
    assert!(message.contains("q_gore") && message.contains("q_core"), "{message}");
}
