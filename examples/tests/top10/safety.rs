//! What stops `top10`: the kill switch, as a user engages it.

use crate::support::{Run, orders};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

const FILES: [&str; 4] = ["--state", "state.json", "--journal", "journal.jsonl"];
const JOURNAL: [&str; 2] = ["--journal", "journal.jsonl"];

#[test]
fn a_switch_beside_the_journal_stops_the_run_until_it_is_released() {
    let folder = scratch();
    let kill = |more: &[&str]| Run::example("kill", folder.path(), &[&JOURNAL, more].concat());
    let reason = ["--reason", "the data look wrong", "--by", "ada"];
    // There may never have been a run, or the name is wrong.
    let nowhere = kill(&reason);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("there is no journal journal.jsonl"), "{}", nowhere.stderr);
    std::fs::write(folder.path().join("journal.jsonl"), "").expect("written");
    let engaged = kill(&reason);
    assert_eq!(engaged.code, 0, "{}", engaged.stderr);
    assert!(folder.path().join("journal.jsonl.kill").exists());

    let stopped = Run::new(folder.path(), &FILES);
    assert_eq!(stopped.code, 3, "{}", stopped.stderr);
    assert!(stopped.stdout.contains("by ada at "), "{}", stopped.stdout);
    assert!(stopped.stdout.contains("the data look wrong"), "{}", stopped.stdout);
    let (_, run) = Run::json(folder.path(), &FILES);
    assert_eq!(orders(&run, "status"), ["not_sent"; 10]);

    assert_eq!(kill(&["--release"]).code, 0);
    let (code, run) = Run::json(folder.path(), &FILES);
    assert_eq!((code, orders(&run, "status")), (0, vec!["filled"; 10]));
}

#[test]
fn a_switch_of_another_name_works_and_one_that_cannot_be_read_stops() {
    let folder = scratch();
    std::fs::write(folder.path().join("halt"), "").expect("written");
    assert_eq!(Run::new(folder.path(), &["--kill-file", "halt"]).code, 3);
    let run = Run::new(folder.path(), &["--kill-file", "nowhere/halt"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("cannot be read"), "{}", run.stdout);
    let refused = Run::example("kill", folder.path(), &["--kill-file", "halt"]);
    assert_eq!(refused.code, 2, "no reason is given");
}

#[test]
fn what_another_strategy_holds_on_paper_is_left_alone() {
    let folder = scratch();
    let (code, run) = Run::json(folder.path(), &FILES);
    assert_eq!((code, orders(&run, "status")), (0, vec!["filled"; 10]));
    let held = run["account_after"]["positions"].clone();
    assert_eq!(held.as_array().map_or(0, Vec::len), 10, "{held}");
    // It wants three of the ten, and would sell the others.
    let other = ["--state", "state.json", "--journal", "other.jsonl", "--top", "3"];
    let told = Run::new(folder.path(), &other);
    let left =
        told.stdout.lines().filter(|line| line.contains("and the journal explains 0: left alone"));
    assert_eq!(left.count(), 10, "{}", told.stdout);
    assert_eq!(told.code, 0, "{}", told.stdout);
    let (_, run) = Run::json(folder.path(), &other);
    assert_eq!(orders(&run, "status"), Vec::<&str>::new());
    assert_eq!(run["account_after"]["positions"], held);
    // Unless somebody says that they are its own.
    let adopted = [&other[..], &["--adopt-positions", "it is one strategy"]].concat();
    let (_, run) = Run::json(folder.path(), &adopted);
    assert!(orders(&run, "side").contains(&"sell"), "{run}");
}

#[test]
fn real_money_is_refused_until_everything_agrees() {
    let folder = scratch();
    let account = ["--broker", "ib", "--account", "U1234567"];
    let refused = |more: &[&str], named: Option<&str>, words: &str| {
        let run = Run::named_live(folder.path(), &[&account[..], more].concat(), named);
        assert_eq!(run.code, 2, "{more:?}: {}", run.stdout);
        assert!(run.stderr.contains(words), "{more:?}: {}", run.stderr);
    };
    let live = ["--live", "--journal", "live.sqlite"];
    let with = |more: &[&'static str]| [&live[..], more].concat();
    refused(&[], None, "is not a paper account");
    refused(&["--live"], Some("U1234567"), "--journal");
    refused(&live, None, "real money needs DECILE_LIVE=U1234567 in the environment");
    refused(&live, Some("U7654321"), "DECILE_LIVE names \"U7654321\"");
    refused(&with(&["--submit"]), Some("U1234567"), "needs --plan-id");
    let submit = with(&["--submit", "--plan-id", "0123456789abcde"]);
    refused(&submit, Some("U1234567"), "the 16 digits");
    refused(&with(&["--simulated-time"]), Some("U1234567"), "cannot be used with");
    // All of it agrees but the port.
    refused(&with(&["--port", "4002"]), Some("U1234567"), "4002");
    refused(&with(&["--port", "50123"]), Some("U1234567"), "50123");
    let paper = ["--broker", "ib", "--account", "DU1234567", "--live", "--journal", "j.sqlite"];
    let run = Run::named_live(folder.path(), &paper, Some("DU1234567"));
    assert!(run.stderr.contains("--live is for real money"), "{}", run.stderr);
    assert!(!folder.path().join("live.sqlite").exists());
}

#[test]
fn a_denied_run_leaves_a_record() {
    let folder = scratch();
    let denied = [&JOURNAL[..], &["--quantity", "50000"]].concat();
    assert_eq!(Run::new(folder.path(), &denied).code, 3);
    let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).expect("written");
    assert!(text.contains("\"refused\"") && text.contains("cash_not_negative"), "{text}");
}

/// A port at which nobody listens.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port().to_string()
}

#[test]
fn a_run_that_never_starts_leaves_a_record() {
    for journal in ["journal.jsonl", "journal.sqlite"] {
        let folder = scratch();
        let port = closed_port();
        let wire = ["--broker", "ib", "--account", "DU0000001", "--port", &port];
        let journal = ["--journal", journal];
        let run = |more: &[&str]| {
            let run = Run::new(folder.path(), &[&wire[..], &journal, more].concat());
            assert_eq!(run.code, 2, "{}", run.stderr);
        };
        // A look that fails is told to whoever looks.
        run(&["--simulated-time"]);
        assert!(!folder.path().join(journal[1]).exists());
        // The data are old; then nobody answers at the port; then there are no data.
        run(&["--submit"]);
        run(&["--submit", "--simulated-time"]);
        run(&["--submit", "--simulated-time", "--data", "nowhere"]);
        let list = Run::example("orders", folder.path(), &[journal[1], "--list"]);
        let list: Vec<_> = list.stdout.lines().collect();
        assert_eq!(list.len(), 3, "{list:?}");
        let told = ["nothing was sent: the market data end on", "nothing was sent: ", "nowhere"];
        for (line, words) in list.iter().zip(told) {
            assert_eq!(line.matches("nothing was sent: ").count(), 1, "{list:?}");
            assert!(line.contains(words), "{list:?}");
        }
        let story = Run::example("orders", folder.path(), &[journal[1]]);
        assert!(story.stdout.contains("nowhere"), "{}", story.stdout);
    }
}

#[test]
fn the_journal_of_another_strategy_is_not_written_to() {
    for journal in ["journal.jsonl", "journal.sqlite"] {
        let folder = scratch();
        let path = folder.path().join(journal);
        assert_eq!(Run::new(folder.path(), &["--journal", journal]).code, 0);
        let before = std::fs::read(&path).expect("written");
        let other = "format = 1\nname = \"other\"\n";
        std::fs::write(folder.path().join("other.toml"), other).expect("written");
        let run = Run::new(folder.path(), &["--journal", journal, "--strategy", "other.toml"]);
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains("top10"), "{}", run.stderr);
        assert_eq!(std::fs::read(&path).expect("there"), before);
    }
}

#[test]
fn decisions_with_nothing_to_decide_are_refused_and_leave_the_peak_alone() {
    let folder = scratch();
    let refused = |more: &[&str], words: &str| {
        let run = Run::new(folder.path(), &[&FILES[..], more].concat());
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).expect("written");
        assert!(!text.contains("loss_reset") && !text.contains("adopted"), "{text}");
    };
    assert_eq!(Run::new(folder.path(), &FILES).code, 0);
    let reset = ["--reset-loss-latch", "looked at"];
    refused(&reset, "--reset-loss-latch has nothing to lift: leave it out");
    // All that is held was bought by the strategy.
    let adopt = ["--adopt-positions", "mine"];
    refused(&adopt, "--adopt-positions has nothing to adopt");
    refused(&[&reset[..], &["--dry-run"]].concat(), "leave --dry-run out");
    // A latch that stands is lifted, once.
    let path = folder.path().join("journal.jsonl");
    let latched =
        r#"{"v":3,"record":{"loss_latched":{"reason":"a trial","at":"2025-12-01T15:00:00Z"}}}"#;
    let text = std::fs::read_to_string(&path).expect("written");
    std::fs::write(&path, format!("{text}{latched}\n")).expect("written");
    assert_eq!(Run::new(folder.path(), &[&FILES[..], &reset].concat()).code, 0);
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(text.matches("loss_reset").count(), 1);
    let again = Run::new(folder.path(), &[&FILES[..], &reset].concat());
    assert!(again.stderr.contains("nothing to lift"), "{}", again.stderr);
}

#[cfg(unix)]
mod at_a_gateway {
    use super::*;
    use crate::gateway::{ACCOUNT, Gateway};
    use std::path::Path;
    use std::process::Child;
    use std::time::Duration;

    /// Orders for the closing auction stay open all day, and each is watched for a second.
    const AT_THE_CLOSE: &str =
        "format = 1\nname = \"close\"\n[plan]\norder = \"market_on_close\"\n";

    /// A run whose first order is open at the gateway.
    fn with_an_open_order(folder: &Path, port: &str) -> Child {
        std::fs::write(folder.join("close.toml"), AT_THE_CLOSE).expect("written");
        let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", port, "--simulated-time"];
        let orders = ["--submit", "--strategy", "close.toml"];
        let arguments = [&wire[..], &orders, &JOURNAL].concat();
        let mut child = Run::start(folder, &arguments);
        for _ in 0..240 {
            let text = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default();
            if text.contains("\"intent\"") {
                // The order is out some milliseconds behind its intent.
                std::thread::sleep(Duration::from_secs(2));
                return child;
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        child.kill().expect("top10 runs");
        child.wait().expect("top10 ends");
        panic!("no intent within a minute");
    }

    #[test]
    fn a_run_that_is_going_cancels_its_open_order_and_sends_no_other() {
        let folder = scratch();
        let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
        let run = with_an_open_order(folder.path(), &gateway.port.to_string());
        std::fs::write(folder.path().join("journal.jsonl.kill"), "enough").expect("written");
        let output = run.wait_with_output().expect("top10 ends");
        assert_eq!(output.status.code(), Some(4));
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = |word: &'static str| text.lines().filter(move |line| line.contains(word));
        // Those that were out are cancelled, and no other is sent.
        let cancelled = lines("rejected").count();
        assert!((1..10).contains(&cancelled), "{text}");
        assert_eq!(lines("is engaged enough").count(), 10 - cancelled, "{text}");
    }

    #[test]
    fn only_the_plan_that_was_shown_goes_out() {
        let folder = scratch();
        let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
        let port = gateway.port.to_string();
        let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", &port, "--simulated-time"];
        let run = |more: &[&str]| Run::new(folder.path(), &[&wire[..], &JOURNAL, more].concat());
        let never = run(&["--submit", "--plan-id", "0123456789abcdef"]);
        assert_eq!(never.code, 3, "{}", never.stderr);
        assert!(never.stdout.contains("0123456789abcdef was approved"), "{}", never.stdout);

        let shown = run(&["--top", "8"]);
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        let line = shown.stdout.lines().find_map(|line| line.strip_prefix("Plan id "));
        let id = line.and_then(|line| line.split(':').next()).expect("the id of the plan");
        // The one for ten stocks is another plan.
        assert_eq!(run(&["--submit", "--plan-id", id]).code, 3);
        let sent = run(&["--top", "8", "--submit", "--plan-id", id]);
        assert_eq!(sent.code, 0, "{} {}", sent.stdout, sent.stderr);
        let story = Run::example("orders", folder.path(), &["journal.jsonl"]).stdout;
        assert!(story.contains(&format!("earlier: plan {id} was shown")), "{story}");
        assert!(story.contains(&format!("a person agreed to plan {id}")), "{story}");
    }

    #[test]
    fn the_command_cancels_what_a_dead_run_left_open() {
        let folder = scratch();
        let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
        let port = gateway.port.to_string();
        let mut run = with_an_open_order(folder.path(), &port);
        run.kill().expect("top10 runs");
        run.wait().expect("top10 ends");
        let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", &port];
        let stop = [&JOURNAL[..], &["--reason", "enough"], &wire].concat();
        let journal = std::fs::read_to_string(folder.path().join("journal.jsonl"));
        let open = journal.expect("written").matches("\"intent\"").count();
        let first = Run::example("kill", folder.path(), &stop);
        assert_eq!(first.code, 0, "{} {}", first.stdout, first.stderr);
        let told = format!("{open} orders cancelled, 0 still open");
        assert!(open > 0 && first.stdout.contains(&told), "{told}: {}", first.stdout);
        let second = Run::example("kill", folder.path(), &stop);
        assert!(second.stdout.contains("0 orders cancelled, 0 still open"), "{}", second.stdout);
    }
}

#[test]
fn the_brokers_own_margin_check_is_asked_for_if_wanted() {
    let folder = scratch();
    let asked = Run::new(folder.path(), &["--margin-check", "--journal", "journal.jsonl"]);
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    let words = "allow margin: initial margin ";
    assert!(asked.stdout.contains(words), "{}", asked.stdout);
    assert!(asked.stdout.contains("after 10 orders"), "{}", asked.stdout);
    let story = Run::example("orders", folder.path(), &["journal.jsonl"]);
    assert!(story.stdout.contains(words), "{}", story.stdout);

    let none = Run::new(folder.path(), &["--margin-check", "--broker", "paper"]);
    assert!(none.stdout.contains("allow margin: the broker has no such check"), "{}", none.stdout);
    assert!(!Run::new(folder.path(), &[]).stdout.contains("margin"));
}
