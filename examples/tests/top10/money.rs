//! What `top10` buys with: settled cash in a cash account, and what the broker's margin check bears.

use crate::support::{Run, decimal, orders};
use decile::core::Decimal;
use serde_json::Value;
use std::fs;

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// What the orders of a side came to, without their commissions.
fn traded(run: &Value, side: &str) -> Decimal {
    let orders = run["orders"].as_array().expect("a list");
    let orders = orders.iter().filter(|order| order["side"] == side);
    let amount = |order: &Value| {
        let filled = order["filled"].as_i64().expect("whole shares");
        Decimal::from(filled) * decimal(&order["average_price"])
    };
    orders.map(amount).sum()
}

fn cash(run: &Value, when: &str) -> Decimal {
    decimal(&run[when]["cash"])
}

#[test]
fn a_cash_account_buys_with_settled_cash_only() {
    for broker in ["gateway", "paper"] {
        let folder = scratch();
        let write = |name: &str, limits: &str| {
            let text = format!("format = 1\nname = \"cash\"\n{limits}");
            fs::write(folder.path().join(name), text).expect("written");
        };
        write("cash.toml", "[limits]\naccount_kind = \"cash\"\n");
        write("margin.toml", "");
        let run = |strategy: &str, state: &str, as_of: &str| {
            let files = ["--strategy", strategy, "--state", state, "--broker", broker];
            let (code, run) = Run::json(folder.path(), &[&files[..], &["--as-of", as_of]].concat());
            assert_eq!(code, 0, "{broker}: {run}");
            assert!(orders(&run, "status").iter().all(|status| *status == "filled"), "{run}");
            run
        };
        run("cash.toml", "cash.state", "2025-06-30");
        fs::copy(folder.path().join("cash.state"), folder.path().join("margin.state"))
            .expect("copied");

        // Half a year later much is sold, and pays for nothing on that day.
        let first = run("cash.toml", "cash.state", "2025-12-30");
        let (settled, sold) = (cash(&first, "account_before"), traded(&first, "sell"));
        assert!(sold > Decimal::from(300_000), "{broker}: {sold}");
        assert!(settled < sold && traded(&first, "buy") < settled, "{broker}: {first}");
        let borrowed = run("margin.toml", "margin.state", "2025-12-30");
        assert_eq!(cash(&borrowed, "account_before"), settled);
        assert!(traded(&borrowed, "buy") > settled, "{broker}: {borrowed}");

        // On the next it does.
        let second = run("cash.toml", "cash.state", "2025-12-31");
        let (settled, bought) = (cash(&second, "account_before"), traded(&second, "buy"));
        assert!(bought > sold / Decimal::TWO && bought < settled, "{broker}: {second}");
    }
}

#[cfg(unix)]
#[test]
fn what_the_brokers_margin_check_does_not_bear_is_not_sent_and_told() {
    use crate::gateway::{ACCOUNT, Gateway};

    let folder = scratch();
    let write = |name: &str, text: &str| {
        let text = format!("format = 1\nname = \"{name}\"\n{text}");
        fs::write(folder.path().join(format!("{name}.toml")), text).expect("written");
    };
    let gateway = Gateway::start(folder.path(), &["--simulated-time"]);
    let port = gateway.port.to_string();
    let wire = ["--broker", "ib", "--account", ACCOUNT, "--port", &port, "--simulated-time"];
    let run = |name: &str, more: &[&str]| {
        let (strategy, journal) = (format!("{name}.toml"), format!("{name}.sqlite"));
        let files = ["--strategy", &strategy, "--journal", &journal, "--submit"];
        Run::json(folder.path(), &[&wire[..], &files, more].concat())
    };
    // Half of the money is bound by two orders for the close of another strategy. The cash is there still.
    write(
        "close",
        "[construction]\ncount = 2\ncash_buffer = 0.5\n[plan]\norder = \"market_on_close\"\n",
    );
    let (code, bound) = run("close", &[]);
    assert_eq!((code, orders(&bound, "status")), (4, vec!["working"; 2]), "{bound}");
    let names = orders(&bound, "symbol").join("\", \"");
    write("rest", &format!("[universe]\nexclude = [\"{names}\"]\n"));
    let (code, denied) = run("rest", &["--margin-check"]);
    assert_eq!((code, orders(&denied, "status")), (3, vec!["not_sent"; 10]), "{denied}");

    let story = Run::example("orders", folder.path(), &["rest.sqlite"]).stdout;
    let told = story.lines().last().expect("a line");
    let reason = "nothing was sent: the plan is denied; margin: buy ";
    assert!(told.contains(reason) && told.contains("leads to an initial margin of"), "{story}");
    // Nothing of it is at the gateway: the account is whole, and what is open is what was.
    let (code, later) = run("close", &[]);
    assert_eq!((code, orders(&later, "symbol")), (4, orders(&bound, "symbol")), "{later}");
    assert_eq!(later["account_before"], bound["account_before"]);
}
