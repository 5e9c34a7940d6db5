//! Kills a run in the middle, starts it again, and looks for what was sent twice or lost.

use crate::support::{Run, program};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: [&str; 4] = ["--state", "state.json", "--journal", "journal.jsonl"];
/// How long a run may take to get to where it is killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `top10` and kills it as soon as its journal holds so many intents.
fn killed_after(folder: &Path, intents: usize) {
    let mut command = Command::new(program());
    command.args(FILES).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("top10 starts");
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        assert!(started.elapsed() < PATIENCE, "no {intents} intents within {PATIENCE:?}");
        if intents_of(folder).len() >= intents {
            // The run goes on between the look and the kill: it dies somewhere after the intent.
            child.kill().expect("it can be killed");
        }
    }
}

/// The client order ids of the intents, in the journal's order.
fn intents_of(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default();
    let lines = text.lines().filter(|line| line.contains("\"intent\""));
    // A line that is being written is not one yet.
    let id = |line: &str| Some(line.split("\"id\":\"").nth(1)?.split('"').next()?.to_owned());
    lines.filter_map(id).collect()
}

fn positions(run: &serde_json::Value) -> BTreeMap<String, i64> {
    let positions = run["account_after"]["positions"].as_array().expect("a list");
    let holding = |position: &serde_json::Value| {
        let symbol = position["symbol"].as_str().expect("text").to_owned();
        (symbol, position["quantity"].as_i64().expect("whole shares"))
    };
    positions.iter().map(holding).collect()
}

#[test]
fn a_killed_run_is_finished_by_the_next_and_buys_nothing_twice() {
    let whole = tempfile::tempdir().expect("a scratch folder");
    let (code, planned) = Run::json(whole.path(), &FILES);
    assert_eq!(code, 0);
    let planned = positions(&planned);
    for intents in 1..=10 {
        let folder = tempfile::tempdir().expect("a scratch folder");
        killed_after(folder.path(), intents);
        let (code, again) = Run::json(folder.path(), &FILES);

        let ids = intents_of(folder.path());
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "an intent was journalled twice: {ids:?}");
        let open: Vec<_> = again["orders"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|order| order["status"] != "filled")
            .map(|order| order["symbol"].as_str().expect("text").to_owned())
            .collect();
        // Killed between the intent and the broker's book, an order stays unknown, and is said to be.
        assert_eq!(code, if open.is_empty() { 0 } else { 4 }, "{again}");
        let held = positions(&again);
        for (symbol, quantity) in &planned {
            let has = held.get(symbol).copied().unwrap_or(0);
            // A holding within the no-trade band of its target counts as whole.
            let is_whole = (has - quantity).abs() * 20 <= *quantity;
            assert!(
                is_whole || (has == 0 && open.contains(symbol)),
                "{symbol}: {has} of {quantity}"
            );
        }
        assert!(held.keys().all(|symbol| planned.contains_key(symbol)), "{held:?}");
    }
}
