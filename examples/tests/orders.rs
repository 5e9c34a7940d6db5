//! `orders` tells what `top10` did, from a journal of either kind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(example: &str, folder: &Path, arguments: &[&str]) -> Output {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program: PathBuf =
        profile.join("examples").join(example).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: cargo build --examples", program.display());
    Command::new(program).args(arguments).current_dir(folder).output().expect("it starts")
}

#[test]
fn a_run_is_told_from_either_journal() {
    for journal in ["journal.sqlite", "journal.jsonl"] {
        let folder = tempfile::tempdir().expect("a scratch folder");
        for _ in 0..2 {
            let files = ["--state", "gateway.state", "--journal", journal];
            assert!(run("top10", folder.path(), &files).status.success());
        }
        let story = |arguments: &[&str]| {
            let output = run("orders", folder.path(), &[&[journal], arguments].concat());
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        };
        let list = story(&["--list"]);
        let ends: Vec<_> = list.lines().map(|line| line.rsplit(": ").next()).collect();
        assert_eq!(ends, [Some("10 orders, 10 filled"), Some("0 orders, nothing to do")]);
        let first = story(&["--run", "1"]);
        let lines = |words: &'static str| first.lines().filter(move |line| line.contains(words));
        assert_eq!(lines(": about to buy ").count(), 10, "{first}");
        // Commissions may come before or behind the word that an order has filled.
        let paid = lines(": filled, ").filter(|line| line.contains(", commission "));
        assert_eq!(paid.count(), 10, "{first}");
        assert_eq!(lines("allow cash_not_negative").count(), 1);
        let mut end = first.lines().skip_while(|line| !line.ends_with("ended: 10 filled"));
        let costs = end.nth(1).expect("the costs");
        assert!(costs.contains("slippage ") && costs.ends_with("left undone nothing"), "{first}");
        // What the account is worth then, and how what it holds compares, is of the same run.
        let last: Vec<_> = end.map(|line| line.split("  ").last()).collect();
        assert!(last[0].is_some_and(|line| line.starts_with("the account is worth")), "{first}");
        assert_eq!(last[1..], [Some("what is held is what was held and traded")], "{first}");
    }
}

#[test]
fn what_is_not_there_is_told() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for journal in ["none.sqlite", "none.jsonl"] {
        let output = run("orders", folder.path(), &[journal]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(journal));
        assert!(!folder.path().join(journal).exists());
    }
}
