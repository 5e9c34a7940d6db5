//! The README shows what the program prints, to the letter.

use crate::support::Run;
use std::path::Path;

#[test]
fn the_output_in_the_readme_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let run = Run::new(root, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let blocks: Vec<&str> = readme.split("```text\n").skip(1).collect();
    let shown = blocks.iter().filter_map(|block| block.split("```").next());
    let mut compared = 0;
    for line in shown.flat_map(str::lines).filter(|line| !line.trim().is_empty()) {
        if line.trim() == "…" {
            continue;
        }
        let found = run.stdout.lines().any(|printed| printed.trim_end() == line.trim_end());
        assert!(found, "top10 does not print {line:?}");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} lines were compared");
}
