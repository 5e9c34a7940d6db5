//! No fault of the simulator is without a test.

use decile_gateway::Trouble;
use std::collections::BTreeSet;
use std::path::Path;

/// The names of all troubles, in the words of a scenario: whoever reads an unknown one is told them.
fn troubles() -> BTreeSet<String> {
    let unknown = serde_json::from_str::<Trouble>("\"none of them\"").unwrap_err().to_string();
    unknown.split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect()
}

#[test]
fn every_fault_stands_in_the_table_with_its_outcome_and_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let docs = text("../../docs/gateway.md");
    let tests = ["connection", "ids", "messages", "taking"].map(|name| {
        let source = text(&format!("tests/faults/{name}.rs"));
        (name, source)
    });
    let elsewhere = text("tests/killed.rs");
    let section =
        docs.split("\n## ").find(|section| section.starts_with("What becomes of an order\n"));
    let table = section.unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let mut named = BTreeSet::new();
    for row in rows {
        let [_, faults, outcome, proofs, _] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("three columns: {row}");
        };
        assert!(!outcome.trim().is_empty(), "{row}");
        let quoted = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        named.extend(quoted(faults));
        let proofs = quoted(proofs);
        assert!(!proofs.is_empty(), "{row}");
        for proof in proofs {
            let (file, name) = proof.split_once("::").unwrap();
            let known = tests.iter().find(|(known, _)| *known == file);
            let source = known.map_or(&elsewhere, |(_, source)| source);
            assert!(source.contains(&format!("async fn {name}()")), "no test is named {proof}");
        }
    }
    let troubles = troubles();
    assert!(troubles.contains("swallow_order") && troubles.len() > 20, "{troubles:?}");
    let missing: Vec<_> = troubles.difference(&named).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
}
