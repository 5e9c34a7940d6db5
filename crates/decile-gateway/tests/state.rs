//! An account that outlives its gateway, and its way from session to session.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::{NaiveDate, TimeDelta};
use decile_core::{
    ActionKind, Bar, Calendar, Clock, CorporateAction, Market, Security, Symbol, Tables,
};
use decile_gateway::{Error, Gateway, GatewayConfig, Trouble, Venue};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use support::fields::Fields;
use support::{Client, Frame, clock, config, id, limit, market};
use tempfile::TempDir;

fn start(path: &Path) -> Gateway {
    Gateway::start(config(&clock()).state(path)).unwrap()
}

fn refused(path: &Path) -> Error {
    Gateway::start(config(&clock()).state(path)).unwrap_err()
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    (folder, path)
}

fn all_executions(client: &mut Client) -> Vec<Frame> {
    client.ask(id::EXECUTIONS, Fields::new().int(1, 1).message(2, Fields::new().int(8, 30)))
}

/// Buys ten shares of KO and returns the file.
fn traded(path: &Path) -> String {
    let gateway = start(path);
    Client::connect(gateway.address(), 5).place(1, "KO", market("BUY", "10"));
    gateway.stop().unwrap();
    fs::read_to_string(path).unwrap()
}

#[test]
fn everything_is_there_again() {
    let (_folder, path) = folder();
    let gateway = start(&path);
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10").text(28, "a"));
    client.place(2, "KO", market("SELL", "4"));
    client.place(3, "KO", limit("BUY", "1", 50.0).text(28, "resting"));
    client.place(4, "KO", limit("BUY", "1", 50.0));
    client.place(4, "KO", limit("BUY", "2", 51.0));
    client.place(5, "KO", limit("BUY", "1", 52.0));
    client.cancel(5);
    client.place(6, "KO", market("BUY", "1").text(11, "FOK"));
    client.place(7, "ZZZZ", market("BUY", "1"));
    client.place(8, "KO", market("BUY", "1").int(65, 1));
    let everything = |client: &mut Client| {
        let mut frames = all_executions(client);
        for message in [id::ALL_OPEN_ORDERS, id::COMPLETED_ORDERS, id::POSITIONS] {
            frames.extend(client.ask(message, Fields::new()));
        }
        frames.extend(client.ask(id::ACCOUNT_UPDATES, Fields::new().int(1, 1)));
        frames
    };
    let before = everything(&mut client);
    gateway.stop().unwrap();

    let gateway = start(&path);
    let (mut client, greeting) = Client::greeted(gateway.address(), 5);
    assert_eq!(greeting[..2], ["openOrder 3 Submitted", "orderStatus 3 Submitted 0/1"]);
    assert_eq!(greeting[2..4], ["openOrder 4 Submitted", "orderStatus 4 Submitted 0/2"]);
    assert!(greeting.contains(&"nextValidId 9".to_owned()));
    assert_eq!(everything(&mut client), before);
    // The numbers go on: six orders and a what-if, two executions.
    let frames =
        client.ask(id::PLACE_ORDER, support::placed(9, support::stock("KO"), market("BUY", "1")));
    assert_eq!(frames[0].fields.inner(3).number(3), 1_700_000_008);
    assert_eq!(frames[2].fields.inner(3).text_of(2), "0000dec1.6a000003.01.01");
}

#[test]
fn a_gateway_that_forgets_gives_no_id_twice() {
    let ids = |gateway: &Gateway| {
        let mut client = Client::connect(gateway.address(), 5);
        let order = support::placed(1, support::stock("KO"), market("BUY", "1"));
        let frames = client.ask(id::PLACE_ORDER, order);
        let execution = frames[2].fields.inner(3);
        (execution.number(9), execution.text_of(2))
    };
    let clock: Arc<dyn Clock> = clock();
    let config = || GatewayConfig::new(Venue::large_us(1)).clock(clock.clone());
    let (one, two) = (Gateway::start(config()).unwrap(), Gateway::start(config()).unwrap());
    let mut all = vec![ids(&one), ids(&two)];
    for _ in 0..3 {
        one.cause(Trouble::RestartEmpty);
        all.push(ids(&one));
    }
    let perm_ids: BTreeSet<i64> = all.iter().map(|(perm_id, _)| *perm_id).collect();
    let executions: BTreeSet<&str> = all.iter().map(|(_, execution)| &**execution).collect();
    assert_eq!((perm_ids.len(), executions.len()), (5, 5), "{all:?}");
    // Unless its lives are numbered: then they are the same every time.
    let numbered = || {
        let gateway = Gateway::start(config().life(3)).unwrap();
        let first = ids(&gateway);
        gateway.cause(Trouble::RestartEmpty);
        (first, ids(&gateway))
    };
    let (first, second) = numbered();
    assert_ne!(first, second);
    assert_eq!(numbered(), (first, second));
}

#[test]
fn ids_of_a_state_go_on_in_the_next_run() {
    let (_folder, path) = folder();
    let perm_id = |run: i32| {
        let config = GatewayConfig::new(Venue::large_us(1)).clock(clock()).state(&path);
        let gateway = Gateway::start(config).unwrap();
        let mut client = Client::connect(gateway.address(), 5);
        let order = support::placed(run, support::stock("KO"), market("BUY", "1"));
        let execution = client.ask(id::PLACE_ORDER, order)[2].fields.inner(3);
        gateway.stop().unwrap();
        (execution.number(9), execution.text_of(2))
    };
    let (first, second) = (perm_id(1), perm_id(2));
    assert_eq!(second.0, first.0 + 1);
    assert_eq!(second.1, first.1.replace(".6a000001.", ".6a000002."));
}

#[test]
fn a_leg_whose_parent_ended_as_the_file_did_ends_too() {
    let (_folder, path) = folder();
    let gateway = start(&path);
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "1", 50.0).text(11, "GTC"));
    client.place(2, "KO", limit("SELL", "1", 65.0).text(11, "GTC").int(4, 1));
    client.cancel(1);
    gateway.stop().unwrap();
    // A kill between the two ends.
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[lines.len() - 1].contains("cancelled"), "{text}");
    fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    let gateway = start(&path);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.told(id::ALL_OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
}

#[test]
fn the_first_cash_stays() {
    let (_folder, path) = folder();
    Gateway::start(config(&clock()).cash("5000".parse().unwrap()).state(&path)).unwrap();
    let gateway = start(&path);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.summary("NetLiquidation"), "5000".parse().unwrap());
}

#[test]
fn a_torn_last_line_is_cut_off() {
    let (_folder, path) = folder();
    let whole = traded(&path).into_bytes();
    let mut torn = whole.clone();
    torn.extend(b"{\"event\":\"placed\",\"clie");
    fs::write(&path, torn).unwrap();
    let gateway = start(&path);
    assert_eq!(fs::read(&path).unwrap(), whole);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
}

#[test]
fn a_market_order_whose_fill_was_not_written_is_dealt_at_the_next_start() {
    let (_folder, path) = folder();
    let text = traded(&path);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[lines.len() - 1].contains("filled"), "{text}");
    fs::write(&path, format!("{}\n", lines[..lines.len() - 1].join("\n"))).unwrap();
    let gateway = start(&path);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_file_that_cannot_be_right_is_refused_with_its_line() {
    let (_folder, path) = folder();
    let text = traded(&path);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4); // begin, session, placed, filled
    let write = |lines: &[&str]| fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();

    write(&[lines[0], "not json", lines[2]]);
    assert!(matches!(refused(&path), Error::StateCorrupt { line: 2, .. }));
    write(&[lines[0], lines[1], lines[3]]);
    assert!(matches!(refused(&path), Error::StateBroken { line: 3, .. }));
    write(&[lines[0], lines[1], lines[2], lines[2]]);
    assert!(matches!(refused(&path), Error::StateBroken { line: 4, .. }));
    write(&[lines[0], lines[1], lines[2], lines[3], lines[3]]);
    assert!(matches!(refused(&path), Error::StateBroken { line: 5, .. }));
    write(&lines[1..]);
    assert!(matches!(refused(&path), Error::StateBroken { line: 1, .. }));
    write(&[&lines[0].replace("\"version\":1", "\"version\":9")]);
    assert!(matches!(refused(&path), Error::FormatVersion { version: 9, .. }));
    // The file is left as it was each time, and the right one is read.
    write(&lines);
    start(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_file_belongs_to_one_account_and_one_gateway() {
    let (_folder, path) = folder();
    let gateway = start(&path);
    assert!(matches!(refused(&path), Error::StateInUse { .. }));
    drop(gateway);
    let other = config(&clock()).account("DU7").state(&path);
    let error = Gateway::start(other).unwrap_err();
    assert!(matches!(&error, Error::StateAccount { found, .. } if found == "DU0000001"), "{error}");
    let nowhere = path.with_file_name("no").join("state");
    assert!(matches!(refused(&nowhere), Error::File { .. }));
}

#[test]
fn a_file_cannot_go_back_to_an_earlier_session() {
    let (_folder, path) = folder();
    let clock = clock();
    clock.advance(TimeDelta::days(1));
    Gateway::start(config(&clock).state(&path)).unwrap();
    assert!(matches!(refused(&path), Error::SessionPassed { .. }));
}

#[test]
fn orders_of_the_day_end_with_their_session() {
    let clock = clock();
    let gateway = Gateway::start(config(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    client.place(2, "KO", market("SELL", "10"));
    client.place(3, "KO", limit("BUY", "1", 50.0));
    let frames = client.ask(
        id::PLACE_ORDER,
        support::placed(4, support::stock("KO"), limit("BUY", "1", 50.0).text(11, "GTC")),
    );
    assert_eq!(frames[0].fields.inner(3).text_of(114), "20261231 16:00:00 US/Eastern");
    assert_eq!(client.positions(), ["position KO 0", "positionEnd"]);
    // To 16:00, when the session of the next day begins.
    clock.advance(TimeDelta::minutes(5 * 60 + 30));
    let told: Vec<String> = client.rest().iter().map(Frame::words).collect();
    assert_eq!(told, ["orderStatus 3 Cancelled 0/1", "error 3 202 Order Canceled - reason:"]);
    let told = client.told(id::OPEN_ORDERS, Fields::new());
    assert_eq!(told, ["openOrder 4 Submitted", "orderStatus 4 Submitted 0/1", "openOrderEnd"]);
    // The new session has no closed positions; completed orders and executions are still of the
    // same day.
    assert_eq!(client.positions(), ["positionEnd"]);
    let completed = client.ask(id::COMPLETED_ORDERS, Fields::new());
    assert_eq!(completed.len(), 5);
    assert_eq!(completed[3].fields.inner(3).text_of(30), "Cancelled by System:\nOrder expired");
    let today = client.ask(id::EXECUTIONS, Fields::new().int(1, 1));
    assert_eq!(today.len(), 5);
    clock.advance(TimeDelta::days(1));
    assert_eq!(client.told(id::COMPLETED_ORDERS, Fields::new()), ["completedOrdersEnd"]);
    assert_eq!(client.ask(id::EXECUTIONS, Fields::new().int(1, 1)).len(), 1);
    assert_eq!(all_executions(&mut client).len(), 5);
    // Into the next year, when good-till-cancelled ends too.
    clock.advance(TimeDelta::days(130));
    let told: Vec<String> = client.rest().iter().map(Frame::words).collect();
    assert_eq!(told[0], "orderStatus 4 Cancelled 0/1");
}

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 7, d).unwrap()
}

/// Two stocks over a week: AA splits 3 for 2 on the 3rd and pays 0.50 on the 5th, BB pays nothing.
fn small_market() -> Market {
    let sessions = vec![day(1), day(2), day(3), day(5), day(8)];
    let [aa, bb]: [Symbol; 2] = ["AA".parse().unwrap(), "BB".parse().unwrap()];
    let mut tables = Tables::default();
    for symbol in [&aa, &bb] {
        tables.securities.push(Security::us(symbol.clone(), "Example Inc", "Industrials"));
    }
    for (date, close) in sessions.iter().zip([60.0, 60.0, 40.0, 41.0, 42.0]) {
        tables.prices.push((aa.clone(), Bar::close_only(*date, close)));
        tables.prices.push((bb.clone(), Bar::close_only(*date, 10.0)));
    }
    let action =
        |ex_date, kind, value| CorporateAction { symbol: aa.clone(), ex_date, kind, value };
    tables.actions.push(action(day(3), ActionKind::Split, 1.5));
    tables.actions.push(action(day(5), ActionKind::Dividend, 0.5));
    Market::new(Calendar::from_sessions(sessions).unwrap(), tables).unwrap()
}

fn on(as_of: NaiveDate, path: &Path) -> Gateway {
    let venue = Venue::market(&small_market(), as_of).unwrap();
    let clock: Arc<dyn Clock> = clock();
    Gateway::start(GatewayConfig::new(venue).clock(clock).state(path)).unwrap()
}

#[test]
fn splits_and_payouts_are_applied_between_sessions() {
    let (_folder, path) = folder();
    let gateway = on(day(2), &path);
    assert_eq!(gateway.since(), []);
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "AA", market("BUY", "5")); // at 60.02, and 1.00
    client.place(2, "AA", limit("BUY", "1", 30.0).text(11, "GTC"));
    client.place(3, "BB", limit("BUY", "1", 5.0).text(11, "GTC"));
    drop(gateway);

    // The same session again changes nothing.
    assert_eq!(on(day(2), &path).since(), []);

    let gateway = on(day(5), &path);
    let since: Vec<String> = gateway.since().iter().map(ToString::to_string).collect();
    assert_eq!(
        since,
        [
            // 7.5 shares, half of one at the close of 41; the dividend on the whole ones.
            "split of AA on 2024-07-03: 5 to 7 shares, 20.5 in cash",
            "dividend of AA on 2024-07-05: 7 shares, 3.5 in cash",
        ]
    );
    let mut client = Client::connect(gateway.address(), 6);
    assert_eq!(client.positions(), ["position AA 7", "positionEnd"]);
    // 1,000,000 - 5 * 60.02 - 1.00 + 20.50 + 3.50
    assert_eq!(client.summary("TotalCashValue"), "999722.90".parse().unwrap());
    // The order in the stock that split is gone, the other one is there.
    let told = client.told(id::ALL_OPEN_ORDERS, Fields::new());
    assert_eq!(told, ["openOrder 3 Submitted", "orderStatus 3 Submitted 0/1", "openOrderEnd"]);
    drop(gateway);
    assert_eq!(on(day(5), &path).since(), []);
    let venue = Venue::market(&small_market(), day(3)).unwrap();
    let error = Gateway::start(GatewayConfig::new(venue).state(&path)).unwrap_err();
    assert!(matches!(error, Error::SessionPassed { .. }), "{error}");
}

#[test]
fn bars_of_a_market_are_on_todays_shares_and_end_at_as_of() {
    let (_folder, path) = folder();
    let gateway = on(day(5), &path);
    let mut client = Client::connect(gateway.address(), 5);
    let query = Fields::new().int(1, 7).message(2, support::stock("AA")).text(4, "1 day");
    let query = query.text(5, "10 D").text(7, "TRADES");
    // The clock stands in 2026, and nothing after the fifth is known all the same.
    let bars = client.ask(id::HISTORY, query)[0].fields.all(2);
    let closes: Vec<(String, f64)> =
        bars.iter().map(|bar| (bar.text_of(1), bar.double_of(5))).collect();
    let close = |date: &str, close: f64| (date.to_owned(), close);
    assert_eq!(
        closes,
        [
            close("20240701", 40.0),
            close("20240702", 40.0),
            close("20240703", 40.0),
            close("20240705", 41.0),
        ]
    );
    let frames = client.ask(9, Fields::new().int(1, 1).message(2, support::stock("AA")));
    let hours = frames[0].fields.inner(3).text_of(14);
    assert!(hours.starts_with("20240708:0930-20240708:1600;20240709:"), "{hours}");
}

#[test]
fn a_market_is_looked_at_from_one_of_its_sessions() {
    let error = Venue::market(&small_market(), day(4)).unwrap_err();
    assert!(matches!(error, Error::NotASession { .. }), "{error}");
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    for text in ["junk", "{\"event\":\"filled\"", "x\n"] {
        fs::write(&path, text).unwrap();
        let error = Gateway::start(config(&clock()).state(&path)).unwrap_err();
        assert!(
            matches!(error, Error::StateForeign { .. } | Error::StateCorrupt { .. }),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    // What a kill in the first write leaves is ours.
    fs::write(&path, "{\"event\":\"beg").unwrap();
    assert!(start(&path).is_running());
}

#[tokio::test]
async fn a_gateway_that_cannot_start_is_an_error_inside_a_runtime_too() {
    let (_folder, path) = folder();
    fs::write(&path, "junk").unwrap();
    assert!(Gateway::start(config(&clock()).state(&path)).is_err());
    fs::remove_file(&path).unwrap();
    assert!(Gateway::start(config(&clock()).state(&path)).unwrap().stop().is_ok());
}
