//! Several processes on one `cache.sqlite`, and one that is killed: by the example `spend`.

use decile_data::BudgetLedger;
use decile_store::CacheStore;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const DAY: &str = "2025-12-01";

/// Starts `spend` on the file.
fn spend(path: &Path, limit: u32, tries: u32) -> Child {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program: PathBuf =
        profile.join("examples").join("spend").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: cargo build --examples", program.display());
    Command::new(program)
        .arg(path)
        .args(["av", DAY, &limit.to_string(), &tries.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn spent(path: &Path) -> u32 {
    let store = CacheStore::open(path).expect("the file is sound");
    store.spent("av", DAY.parse().expect("a date")).expect("the count can be read")
}

#[test]
fn processes_share_a_budget_to_the_last_call() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("cache.sqlite");
    // They begin with the file itself, so they also race to make it.
    let children: Vec<Child> = (0..4).map(|_| spend(&path, 100, 40)).collect();
    let left: usize = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success());
            output.stdout.lines().count()
        })
        .sum();
    assert_eq!((left, spent(&path)), (100, 100));
}

#[test]
fn a_kill_leaves_a_count_that_is_never_below_the_calls_that_left() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("cache.sqlite");
    let mut seen = 0;
    for round in 1..=5 {
        let mut child = spend(&path, 1_000_000, 1_000_000);
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        for _ in 0..round * 7 {
            lines.read_line(&mut line).expect("it goes on");
        }
        child.kill().expect("it is still counting");
        child.wait().expect("it is dead");
        let mut rest = String::new();
        lines.read_to_string(&mut rest).expect("the pipe ends");
        seen += line.lines().count() + rest.lines().count();
        let counted = spent(&path) as usize;
        // One more at most: counted, and killed before it could leave.
        let killed_in_mid_call = counted.checked_sub(seen).expect("a call left uncounted");
        assert!(killed_in_mid_call <= round, "round {round}: {counted} counted, {seen} left");
    }
}
