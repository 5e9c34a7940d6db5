//! Orders that are good till a date: traded until then, and cancelled by the clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::{TimeDelta, Utc};
use decile_core::ManualClock;
use decile_gateway::{Gateway, MarketRules};
use std::sync::Arc;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, clock, config, connect_again, id, limit, placed, quote, stock, text};

fn till(price: f64, date: &str) -> Fields {
    limit("BUY", "10", price).text(11, "GTD").text(26, date)
}

/// Advances to a time of New York's summer.
fn go_to(gateway: &Gateway, clock: &ManualClock, time: &str) {
    let time: chrono::DateTime<Utc> = format!("{time}-04:00").parse().unwrap();
    clock.advance(time - decile_core::Clock::now(clock));
    gateway.pass_time();
}

fn expired(order: i32) -> [String; 2] {
    [
        format!("orderStatus {order} Cancelled 0/10"),
        format!("error {order} 202 Order Canceled - reason:"),
    ]
}

#[test]
fn an_order_is_cancelled_when_its_date_has_come() {
    let clock = clock();
    let gateway = Gateway::start(config(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let order = till(59.0, "20260825 11:00:00 US/Eastern");
    let told = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), order));
    assert_eq!(told.len(), 4);
    assert_eq!(told[3].words(), "orderStatus 1 Submitted 0/10");
    let shown = told[2].fields.inner(3);
    assert_eq!(
        (shown.text_of(11), shown.text_of(26)),
        ("GTD".to_owned(), "20260825 11:00:00 US/Eastern".to_owned())
    );
    go_to(&gateway, &clock, "2026-08-25T10:59:59");
    assert_eq!(client.rest(), []);
    go_to(&gateway, &clock, "2026-08-25T11:00:00");
    let told: Vec<String> = client.rest().iter().map(support::Frame::words).collect();
    assert_eq!(told, expired(1));
    assert_eq!(
        client.cancel(1),
        [
            "error 1 10148 OrderId 1 that needs to be cancelled cannot be cancelled, state: Cancelled."
        ]
    );
    // A quote that comes after it, before anybody has looked at the clock, finds it no more.
    client.place(2, "KO", till(59.0, "11:30:00 US/Eastern"));
    let half_past: chrono::DateTime<Utc> = "2026-08-25T11:30:00-04:00".parse().unwrap();
    clock.advance(half_past - decile_core::Clock::now(&*clock));
    quote(&gateway, "58.00", "58.05");
    let told: Vec<String> = client.rest().iter().map(support::Frame::words).collect();
    assert_eq!(told, expired(2));
}

#[test]
fn until_its_date_it_fills() {
    let clock = clock();
    let gateway = Gateway::start(config(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let at_once = client.place(1, "KO", till(61.0, "20260825 11:00:00 US/Eastern"));
    assert_eq!(at_once.len(), 8);
    client.place(2, "KO", till(59.0, "20260825-15:00:00"));
    quote(&gateway, "58.00", "58.05");
    assert_eq!(client.rest()[2].words(), "orderStatus 2 Filled 10/0");
    // And its date is nothing to it any more.
    go_to(&gateway, &clock, "2026-08-25T12:00:00");
    assert_eq!(client.rest(), []);
}

#[test]
fn it_outlives_sessions_and_ends_between_bells() {
    let clock = clock();
    let rules = MarketRules { hours: true, ..MarketRules::default() };
    let gateway = Gateway::start(config(&clock).rules(rules)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", till(59.0, "20260827 11:00:00 US/Eastern"));
    client.place(2, "KO", till(59.0, "20260826 03:00:00 US/Eastern"));
    client.place(3, "KO", limit("BUY", "10", 59.0));
    let told = |client: &mut Client| -> Vec<String> {
        client.rest().iter().map(support::Frame::words).collect()
    };
    // The order of the day ends at the bell, the one till the night in it.
    go_to(&gateway, &clock, "2026-08-25T16:00:00");
    assert_eq!(told(&mut client), expired(3));
    go_to(&gateway, &clock, "2026-08-26T09:00:00");
    assert_eq!(told(&mut client), expired(2));
    // One jump of the clock passes the bells of two days, and does not bring the end forward.
    go_to(&gateway, &clock, "2026-08-27T10:59:00");
    assert_eq!(told(&mut client), [""; 0]);
    go_to(&gateway, &clock, "2026-08-28T10:00:00");
    assert_eq!(told(&mut client), expired(1));
    let done = client.told(id::COMPLETED_ORDERS, Fields::new());
    assert_eq!(done.last().unwrap(), "completedOrdersEnd");
}

#[test]
fn it_ends_while_the_gateway_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let open = || Gateway::start(config(&clock).state(folder.path().join("s.jsonl"))).unwrap();
    let gateway = open();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", till(59.0, "20260825 11:00:00 US/Eastern"));
    client.place(2, "KO", till(59.0, "20260901 11:00:00 US/Eastern"));
    drop(client);
    gateway.stop().unwrap();
    clock.advance(TimeDelta::days(1));
    let gateway = open();
    let mut client = connect_again(gateway.address(), 5);
    let open: Vec<String> = client.told(id::OPEN_ORDERS, Fields::new());
    assert_eq!(open, ["openOrder 2 Submitted", "orderStatus 2 Submitted 0/10", "openOrderEnd"]);
}

#[test]
fn a_change_moves_its_date() {
    let clock = clock();
    let gateway = Gateway::start(config(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", till(59.0, "20260825 11:00:00 US/Eastern"));
    let frames = client
        .ask(id::PLACE_ORDER, placed(1, stock("KO"), till(59.0, "20260825 12:00:00 US/Eastern")));
    assert_eq!(frames[0].fields.inner(3).text_of(26), "20260825 12:00:00 US/Eastern");
    // Into the past it cannot go: the order stays as it was.
    let told = client.place(1, "KO", till(59.0, "20260825 10:00:00 US/Eastern"));
    assert_eq!(
        told[0],
        "error 1 201 Order rejected - reason:Order will be expired before market opens."
    );
    go_to(&gateway, &clock, "2026-08-25T11:30:00");
    assert_eq!(client.rest(), []);
    let told = client.place(1, "KO", limit("BUY", "10", 59.0));
    assert!(told[0].starts_with("error 1 462 "), "{told:?}");
    go_to(&gateway, &clock, "2026-08-25T12:00:00");
    assert_eq!(client.rest().len(), 2);
}

#[test]
fn dates_that_a_gateway_cannot_read_are_refused_in_its_words() {
    let gateway = Gateway::start(config(&clock())).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let dated = |order: i32, tif: &str, date: &str| {
        let order = text::placed(order, "KO", &format!("BUY|10|LMT|59.0||{tif}|"), 178);
        text::with_field(&order, text::GOOD_TILL, date)
    };
    let bad = ["tomorrow", "20260930", "20260930 16:00:00 US/Pacific", "20260930 16:00:00 EST5EDT"];
    for (order, date) in (1..).zip(bad) {
        let told = client.place(order, "KO", till(59.0, date));
        let start = "End Time: The date, time, or time-zone entered is invalid.\n";
        assert!(told[0].starts_with(&format!("error {order} 343 {start}")), "{date}: {told:?}");
        assert_eq!(told.len(), 1);
        let told = text.ask(&dated(order, "GTD", date));
        assert!(told[0].starts_with(&format!("4|2|{order}|343|{start}")), "{date}: {told:?}");
    }
    // None at all, and one in a time in force that has none.
    let told = client.place(5, "KO", till(59.0, ""));
    assert!(told[0].starts_with("error 5 321 Error validating request.-'v' : cause - The time "));
    let told = text.ask(&dated(5, "GTD", ""));
    assert!(told[0].starts_with("4|2|5|321|"), "{told:?}");
    let told = client.place(6, "KO", limit("BUY", "1", 50.0).text(26, "20261231 23:59:59 UTC"));
    assert!(told[0].starts_with("error 6 10255 The 'Good Till Date' "), "{told:?}");
    let told = text.ask(&dated(6, "DAY", "20261231 23:59:59 UTC"));
    assert!(told[0].starts_with("4|2|6|10255|The 'Good Till Date' "), "{told:?}");
}

#[test]
fn a_date_without_its_zone_is_new_yorks_and_warned_of() {
    let gateway = Gateway::start(config(&clock())).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let frames =
        client.ask(id::PLACE_ORDER, placed(1, stock("KO"), till(59.0, "20260825 11:00:00")));
    assert!(frames[0].words().starts_with("error 1 2174 Warning: "), "{frames:?}");
    assert_eq!(frames[1].fields.inner(3).text_of(26), "20260825 11:00:00 US/Eastern");
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let order = text::placed(1, "KO", "BUY|10|LMT|59.0||GTD|", 178);
    let told = text.ask(&text::with_field(&order, text::GOOD_TILL, "11:00:00"));
    assert!(told[0].starts_with("4|2|1|2174|"), "{told:?}");
    assert!(told[1].contains("|20260825 11:00:00 US/Eastern|"), "{told:?}");
    assert_eq!(told.len(), 5);
}

#[test]
fn the_clock_alone_ends_it() {
    // Nobody steps it: the gateway looks at its clock ten times a second.
    let running = decile_gateway::RunningClock::new("2026-08-25T14:59:59Z".parse().unwrap(), 1);
    let config = config(&clock()).clock(Arc::new(running));
    let gateway = Gateway::start(config).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client
        .send(id::PLACE_ORDER, placed(1, stock("KO"), till(59.0, "20260825 11:00:00 US/Eastern")));
    let told = client.until(|frame| frame.is_error(202));
    assert_eq!(told.len(), 6);
}
