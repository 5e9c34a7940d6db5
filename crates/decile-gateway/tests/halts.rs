//! Halts as clients hear of them, and what becomes of orders, in both dialects.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::TimeDelta;
use decile_core::{ManualClock, Symbol};
use decile_gateway::{Gateway, GatewayConfig, HaltKind, Scenario};
use std::sync::Arc;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, clock, config, id, limit, market, placed, stock};

fn ko() -> Symbol {
    "KO".parse().unwrap()
}

/// A client of each dialect that watches KO.
fn watching(gateway: &Gateway, kind: i32) -> (Client, TextClient) {
    let mut client = Client::connect(gateway.address(), 5);
    client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, kind));
    client.ask(id::MARKET_DATA, Fields::new().int(1, 9).message(2, stock("KO")));
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    text.send(&format!("59|1|{kind}"));
    text.ask("1|11|9|0|KO|STK||0.0|||SMART||USD|||0||0|0|");
    (client, text)
}

/// Returns what both are told of halts, which is the same.
fn told(client: &mut Client, text: &mut TextClient) -> Vec<String> {
    let frames = client.rest();
    let told: Vec<String> =
        frames.iter().filter(|frame| frame.id == 45).map(support::Frame::words).collect();
    let in_text: Vec<String> = text
        .rest()
        .iter()
        .filter_map(|message| message.strip_prefix("45|6|9|"))
        .map(|rest| format!("tickGeneric {}", rest.replace('|', " ").replace(".0", "")))
        .collect();
    assert_eq!(told, in_text);
    told
}

fn minutes(gateway: &Gateway, clock: &ManualClock, minutes: i64) {
    clock.advance(TimeDelta::minutes(minutes));
    gateway.pass_time();
}

#[test]
fn halts_of_a_scenario_are_told_as_they_begin_and_end() {
    let text = r#"
        [[halt]]
        symbol = "KO"
        from = "1m"
        until = "2m"

        [[halt]]
        symbol = "KO"
        kind = "volatility"
        from = "3m"

        [[halt]]
        symbol = "PEP"
        from = "1m"
    "#;
    let clock = clock();
    let scenario = Scenario::read("halts.toml", text).unwrap();
    let gateway = Gateway::start(scenario.apply(config(&clock))).unwrap();
    let (mut client, mut text) = watching(&gateway, 1);
    minutes(&gateway, &clock, 1);
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 49 1"]);
    minutes(&gateway, &clock, 1);
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 49 0"]);
    minutes(&gateway, &clock, 1);
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 49 2"]);
    // Once; a quote does not tell it again, nor does a halt that is there.
    support::quote(&gateway, "60.00", "60.05");
    gateway.halt_as(&ko(), HaltKind::Volatility);
    assert_eq!(told(&mut client, &mut text), [""; 0]);
    gateway.halt(&ko());
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 49 1"]);
    gateway.resume(&ko());
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 49 0"]);
    // Who no longer watches hears nothing.
    client.ask(id::CANCEL_MARKET_DATA, Fields::new().int(1, 9));
    text.ask("2|2|9");
    gateway.halt(&ko());
    assert_eq!(told(&mut client, &mut text), [""; 0]);
}

#[test]
fn who_comes_into_a_halt_is_told_of_it() {
    let gateway = support::gateway();
    gateway.halt(&ko());
    let mut client = Client::connect(gateway.address(), 5);
    let request = || Fields::new().int(1, 9).message(2, stock("KO"));
    let stream = client.told(id::MARKET_DATA, request());
    assert_eq!(stream.last().unwrap(), "tickGeneric 49 1");
    client.send(id::CANCEL_MARKET_DATA, Fields::new().int(1, 9));
    let snapshot = client.told(id::MARKET_DATA, request().int(4, 1));
    assert_eq!(snapshot[snapshot.len() - 2..], ["tickGeneric 49 1", "tickSnapshotEnd"]);
    gateway.resume(&ko());
    let snapshot = client.told(id::MARKET_DATA, request().int(4, 1));
    assert!(!snapshot.iter().any(|words| words.starts_with("tickGeneric")), "{snapshot:?}");
}

#[test]
fn delayed_data_have_a_tick_of_their_own() {
    let gateway = Gateway::start(config(&clock()).live_data(false)).unwrap();
    let (mut client, mut text) = watching(&gateway, 3);
    gateway.halt(&ko());
    gateway.resume(&ko());
    assert_eq!(told(&mut client, &mut text), ["tickGeneric 90 1", "tickGeneric 90 0"]);
}

#[test]
fn orders_wait_for_the_end_of_a_halt_and_hear_of_it_before_they_fill() {
    let gateway = support::gateway();
    let (mut client, mut text) = watching(&gateway, 1);
    client.place(1, "KO", limit("BUY", "10", 59.0));
    gateway.halt(&ko());
    told(&mut client, &mut text);
    // A new one, a change and a cancel are taken as at any time; nothing is dealt.
    assert_eq!(client.place(2, "KO", market("BUY", "10")).len(), 4);
    assert_eq!(client.place(1, "KO", limit("BUY", "10", 61.0)).len(), 4);
    assert_eq!(client.place(3, "KO", market("BUY", "10")).len(), 4);
    assert_eq!(client.cancel(3).len(), 4);
    gateway.resume(&ko());
    let heard: Vec<String> = client.rest().iter().map(support::Frame::words).collect();
    assert_eq!(heard[0], "tickGeneric 49 0");
    assert_eq!(heard.iter().filter(|words| words.starts_with("execDetails")).count(), 2);
}

fn refusing(clock: &Arc<ManualClock>) -> GatewayConfig {
    config(clock).refuse_in_halt(true)
}

#[test]
fn a_halt_may_refuse_orders() {
    let clock = clock();
    let gateway = Gateway::start(refusing(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    client.place(1, "KO", limit("BUY", "10", 59.0));
    gateway.halt(&ko());
    let refused = |order: i32| {
        [format!("error {order} 154 Orders cannot be transmitted for a halted security.")]
    };
    assert_eq!(client.place(2, "KO", market("BUY", "10")), refused(2));
    assert_eq!(client.place(1, "KO", limit("BUY", "10", 61.0)), refused(1));
    let told = text.place(1, "KO", "BUY|10|MKT|||DAY|");
    assert_eq!(told, ["4|2|1|154|Orders cannot be transmitted for a halted security.|"]);
    // What only asks is answered, what is cancelled is cancelled, and other stocks trade.
    let what_if = placed(4, stock("KO"), market("BUY", "10").int(65, 1));
    assert_eq!(client.ask(id::PLACE_ORDER, what_if)[0].id, 5);
    assert_eq!(client.cancel(1).len(), 4);
    assert_eq!(client.place(5, "PEP", market("BUY", "10")).len(), 8);
    gateway.resume(&ko());
    assert_eq!(client.place(6, "KO", market("BUY", "10")).len(), 8);
}
