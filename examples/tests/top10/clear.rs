//! The example `clear`: a person says what became of an order of which nobody knows.

use crate::support::{Run, orders};
use decile::core::{Clock, Money, SystemClock};
use decile::trade::{FileJournal, JournalRecord, PaperBroker, PaperConfig};
use std::path::Path;
use std::sync::Arc;

const FILES: [&str; 6] =
    ["--broker", "paper", "--state", "state.json", "--journal", "journal.jsonl"];
const WHY: [&str; 4] = ["--reason", "no such order in TWS", "--by", "ada"];

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

fn clear(folder: &Path, arguments: &[&str]) -> Run {
    Run::example("clear", folder, &[&["--journal", "journal.jsonl"], arguments].concat())
}

/// Runs `top10` to its end, and takes from the journal all that came behind the first intent.
fn killed_behind_the_first_intent(folder: &Path) -> String {
    assert_eq!(Run::new(folder, &FILES).code, 0);
    let path = folder.join("journal.jsonl");
    let text = std::fs::read_to_string(&path).expect("written");
    let first = text.lines().position(|line| line.contains("\"intent\"")).expect("an intent");
    let left: Vec<_> = text.lines().take(first + 1).collect();
    std::fs::write(&path, left.join("\n") + "\n").expect("written");
    let records = FileJournal::read(&path).expect("records");
    let id = records.last().and_then(JournalRecord::order_id).expect("an order");
    id.to_string()
}

#[test]
fn what_the_broker_shows_is_not_cleared_and_needs_it_no_more() {
    let folder = scratch();
    let id = killed_behind_the_first_intent(folder.path());
    let list = clear(folder.path(), &[]);
    assert_eq!(list.code, 4, "{}", list.stderr);
    assert!(list.stdout.contains(&format!("{id} is unknown:")), "{}", list.stdout);
    assert!(list.stdout.contains("about to buy "), "{}", list.stdout);

    let order = [&FILES[..4], &WHY, &["--order", &id]].concat();
    let shown = clear(folder.path(), &[&order[..], &["--never-arrived"]].concat());
    assert_eq!(shown.code, 3, "{} {}", shown.stdout, shown.stderr);
    assert!(shown.stderr.contains("the broker shows it as filled"), "{}", shown.stderr);
    let list = clear(folder.path(), &[]);
    assert_eq!((list.code, &*list.stdout), (0, "0 orders are unknown\n"));
    let again = clear(folder.path(), &[&order[..], &["--filled", "0"]].concat());
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("by the journal it ended filled"), "{}", again.stderr);
}

#[test]
fn what_the_broker_does_not_show_is_cleared_as_a_person_says() {
    let folder = scratch();
    let id = killed_behind_the_first_intent(folder.path());
    // An account that never heard of it.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let session = clock.now().date_naive();
    let config = PaperConfig::new("DU0000001".parse().expect("an account"), Money::ZERO, session);
    let path = folder.path().join("other.json");
    drop(PaperBroker::open(path, config, clock).expect("a new account"));
    let (paper, order) = (["--broker", "paper", "--state", "other.json"], ["--order", &id]);
    let with = |more: &[&[&'static str]]| {
        let more: Vec<&str> = more.concat();
        clear(folder.path(), &[&order[..], &more].concat())
    };
    let journal = || std::fs::read_to_string(folder.path().join("journal.jsonl")).expect("written");
    let before = journal();
    for (refused, words) in [
        (with(&[&paper, &["--never-arrived"]]), "--reason"),
        (with(&[&paper, &WHY]), "--never-arrived"),
        (with(&[&paper, &WHY, &["--never-arrived", "--filled", "1"]]), "cannot be used with"),
        (with(&[&WHY, &["--never-arrived"]]), "--broker"),
        (with(&[&paper, &WHY, &["--filled", "100000000"]]), "cannot have filled"),
        (with(&[&["--broker", "paper"], &WHY, &["--never-arrived"]]), "--state"),
        (with(&[&["--broker", "ib"], &WHY, &["--never-arrived"]]), "--account"),
        (with(&[&["--broker", "gateway"], &WHY, &["--never-arrived"]]), "cannot be asked"),
        (
            with(&[&["--broker", "paper", "--state", "no.json"], &WHY, &["--never-arrived"]]),
            "there is no paper account no.json",
        ),
    ] {
        assert_eq!(refused.code, 2, "{words}: {}", refused.stdout);
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert_eq!(journal(), before);
    assert!(!folder.path().join("no.json").exists());

    let cleared = with(&[&paper, &WHY, &["--filled", "7", "--price", "12.5"]]);
    assert_eq!(cleared.code, 0, "{}", cleared.stderr);
    assert!(cleared.stdout.contains("counts as partial, with 7 of "), "{}", cleared.stdout);
    assert!(cleared.stdout.contains("The account holds 0 "), "{}", cleared.stdout);
    assert_eq!(clear(folder.path(), &[]).code, 0);
    let story = Run::example("orders", folder.path(), &["journal.jsonl"]).stdout;
    let told = story.lines().last().unwrap_or_default();
    assert!(told.contains(&format!("{id}: it ended with 7 shares filled at 12.5, said ada on ")));
    assert!(told.ends_with(": no such order in TWS"), "{told}");
    // The next run tells of it no more.
    let next = Run::new(folder.path(), &[&FILES[..2], &FILES[4..]].concat());
    assert!(!next.stdout.contains("Earlier order"), "{}", next.stdout);
}

#[test]
fn a_journal_that_is_not_there_has_nothing_to_clear() {
    let folder = scratch();
    let none = clear(folder.path(), &[]);
    assert_eq!(none.code, 2);
    let id = ["--order", "q-core:DU0000001:20260102:KO:B:1"];
    let none = clear(folder.path(), &[&FILES[..4], &WHY, &id, &["--never-arrived"]].concat());
    assert_eq!(none.code, 2);
    assert!(!folder.path().join("journal.jsonl").exists());
}

#[cfg(unix)]
mod at_a_gateway {
    use super::*;
    use crate::gateway::{ACCOUNT, Gateway};
    use decile::trade::{AccountLock, ClientOrderId};

    #[test]
    fn an_order_that_never_arrived_is_cleared_and_bought_once_by_the_next_run() {
        let folder = scratch();
        let swallow = ["--simulated-time", "--fault", "swallow_order:skip=3:times=1"];
        let gateway = Gateway::start(folder.path(), &swallow);
        let port = gateway.port.to_string();
        let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", &port, "--simulated-time"];
        let submit = [&wire[..], &["--submit", "--journal", "journal.jsonl"]].concat();
        let (code, first) = Run::json(folder.path(), &submit);
        assert_eq!(code, 4, "{first}");
        let unknown = orders(&first, "status").iter().position(|status| *status == "unknown");
        let unknown = unknown.expect("the fourth");
        let symbol = orders(&first, "symbol")[unknown];
        let list = clear(folder.path(), &[]).stdout;
        let id = list.split(" is unknown:").next().expect("the order");
        assert!(id.ends_with(&format!(":{symbol}:B:1")), "{list}");
        let second = Run::new(folder.path(), &submit);
        assert_eq!(second.code, 4, "{}", second.stderr);
        assert!(second.stdout.contains("the example clear says"), "{}", second.stdout);

        let never = [&wire[..], &WHY, &["--order", id, "--never-arrived"]].concat();
        let refused = |words: &str| {
            let run = clear(folder.path(), &never);
            assert_eq!(run.code, 2, "{words}: {}", run.stdout);
            assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        };
        // As long as a run has the journal, or another one the account.
        let order: ClientOrderId = id.parse().expect("its name");
        let path = folder.path().join("journal.jsonl");
        let journal = FileJournal::open(&path, order.strategy(), order.account());
        let journal = journal.expect("it is free");
        refused("in use by another run");
        drop(journal);
        let lock = AccountLock::take(folder.path(), order.account()).expect("it is free");
        refused("trades in DU7654321");
        drop(lock);

        let cleared = clear(folder.path(), &never);
        assert_eq!(cleared.code, 0, "{}", cleared.stderr);
        assert!(cleared.stdout.contains("counts as not_sent, with 0 of "), "{}", cleared.stdout);
        refused("was cleared: it never arrived");
        let (code, third) = Run::json(folder.path(), &submit);
        assert_eq!((code, orders(&third, "status")), (0, vec!["filled"]), "{third}");
        assert_eq!(orders(&third, "symbol"), [symbol]);
        let journal = std::fs::read_to_string(path);
        let next = format!("{{\"intent\":{{\"id\":\"{}\"", id.replace(":B:1", ":B:2"));
        assert_eq!(journal.expect("written").matches(&next).count(), 1);
        let held = third["account_after"]["positions"].as_array().map(Vec::len);
        assert_eq!(held, Some(10), "{third}");
        let story = Run::example("orders", folder.path(), &["journal.jsonl", "--run", "1"]).stdout;
        assert!(story.contains(&format!("{id}: it never arrived, said ada on ")), "{story}");
    }
}
