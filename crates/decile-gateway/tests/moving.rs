//! A market that moves by itself: ticks, halts and bells as the clock comes to them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{ManualClock, Shares};
use decile_gateway::{Gateway, GatewayConfig, MarketRules, RunningClock, Ticks, Venue};
use std::sync::Arc;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, Frame, NOW, clock, config, id, limit, market, placed, stock};

fn start() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

/// A recorded path of KO: seconds after the start, bid, ask, last and size.
fn path(rows: &[(i64, &str)]) -> Ticks {
    let line =
        |(seconds, rest): &(i64, &str)| format!("{},KO,{rest}\n", after(*seconds).to_rfc3339());
    let lines: String = rows.iter().map(line).collect();
    Ticks::read("ko.csv", &format!("time,symbol,bid,ask,last,size\n{lines}")).unwrap()
}

fn pass(gateway: &Gateway, clock: &ManualClock, seconds: i64) {
    clock.advance(TimeDelta::seconds(seconds));
    gateway.pass_time();
}

fn words(frames: &[Frame]) -> Vec<String> {
    frames.iter().map(Frame::words).collect()
}

fn watch(client: &mut Client) -> Vec<String> {
    client.told(id::MARKET_DATA, Fields::new().int(1, 9).message(2, stock("KO")))
}

fn stop(price: f64) -> Fields {
    market("SELL", "10").text(8, "STP").double(10, price)
}

/// The prices that a client hears of a walk in so many steps of a second each.
fn walked(seed: u64, steps: &[i64]) -> Vec<String> {
    let clock = clock();
    let gateway = Gateway::start(config(&clock).ticks(Ticks::walk(seed))).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    watch(&mut client);
    steps.iter().for_each(|seconds| pass(&gateway, &clock, *seconds));
    words(&client.rest())
}

#[test]
fn prices_walk_with_the_clock_on_the_path_of_their_seed() {
    let told = walked(7, &[1; 20]);
    // Each second all that is known of a stock.
    assert_eq!(told.len(), 20 * 9);
    let of = |tick: &str| {
        let of_tick = told.iter().filter_map(|words| words.strip_prefix(tick));
        of_tick.map(|price| price.parse().unwrap()).collect::<Vec<f64>>()
    };
    let (last, bid, ask) = (of("tickPrice 4 "), of("tickPrice 1 "), of("tickPrice 2 "));
    assert!(last.windows(2).filter(|pair| pair[0] != pair[1]).count() > 5, "{last:?}");
    for ((last, bid), ask) in last.iter().zip(&bid).zip(&ask) {
        assert!((59.0..61.0).contains(last), "{last}");
        assert!(*bid < *last && *last < *ask && ask - bid < 0.05, "{bid} {last} {ask}");
    }
    // It begins where its venue does, and goes off by a basis point or so each second.
    assert!((59.96..60.05).contains(&last[0]), "{last:?}");
    assert!(of("tickSize 8 ").windows(2).all(|pair| pair[0] + 99.0 < pair[1]));
    assert_eq!(walked(7, &[1; 20]), told);
    assert_ne!(walked(8, &[1; 20]), told);
    // However the clock is looked at.
    assert_eq!(walked(7, &[5, 1, 14]), told);
}

#[test]
fn a_quote_that_is_set_is_walked_on_from() {
    let clock = clock();
    let gateway = Gateway::start(config(&clock).ticks(Ticks::walk(7))).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    support::quote(&gateway, "89.98", "90.02");
    pass(&gateway, &clock, 1);
    let last = watch(&mut client)[2].clone();
    let last: f64 = last.strip_prefix("tickPrice 4 ").unwrap().parse().unwrap();
    assert!((89.9..90.1).contains(&last), "{last}");
}

#[test]
fn recorded_ticks_move_stops_at_their_times() {
    let ticks = path(&[
        (-60, "59.90,59.94,59.92,"),
        (10, "59.20,59.24,59.22,"),
        // A bid alone: what was last traded stays.
        (15, "58.00,,,"),
        (20, ",,58.90,"),
    ]);
    let clock = clock();
    let gateway = Gateway::start(config(&clock).ticks(ticks)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    // What was before the beginning is what it trades at.
    let told = watch(&mut client);
    assert!(told.contains(&"tickPrice 1 59.9".to_owned()), "{told:?}");
    client.place(1, "KO", market("BUY", "10"));
    client.place(2, "KO", stop(59.0));
    pass(&gateway, &clock, 19);
    let heard: Vec<i32> = client.rest().iter().map(|frame| frame.id).collect();
    assert!(!heard.contains(&11) && !heard.contains(&3), "{heard:?}");
    pass(&gateway, &clock, 1);
    let frames = client.rest();
    let of_order = frames.iter().filter(|frame| matches!(frame.id, 3 | 11)).collect::<Vec<_>>();
    assert_eq!(of_order[0].words(), "orderStatus 2 Submitted 0/10");
    assert_eq!(of_order[1].words(), "execDetails -1 2 SLD 10");
    // At the bid of that time, and dated so.
    let execution = of_order[1].fields.inner(3);
    assert_eq!(execution.double_of(8), 58.0);
    assert_eq!(execution.text_of(3), "20260825 10:30:20 US/Eastern");
}

#[test]
fn what_is_left_of_an_order_is_filled_from_new_sizes() {
    let rules = MarketRules { shares_per_quote: Some(Shares::new(300)), ..MarketRules::default() };
    let clock = clock();
    let gateway = Gateway::start(config(&clock).rules(rules).ticks(Ticks::walk(7))).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "1000"));
    assert!(told.contains(&"orderStatus 1 Submitted 300/700".to_owned()), "{told:?}");
    pass(&gateway, &clock, 3);
    let told = words(&client.rest());
    let statuses: Vec<&String> =
        told.iter().filter(|words| words.starts_with("orderStatus")).collect();
    let expected = ["Submitted 600/400", "Submitted 900/100", "Filled 1000/0", "Filled 1000/0"];
    assert_eq!(
        statuses,
        expected.map(|status| format!("orderStatus 1 {status}")).iter().collect::<Vec<_>>()
    );

    // And of the sizes of a file, told in the other dialect.
    gateway.set_ticks(path(&[(3, "59.90,59.94,59.92,40"), (10, ",,,60"), (20, ",,,500")]));
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let statuses = |told: Vec<String>| {
        let of = |words: &String| words.starts_with("3|").then(|| words[..].to_owned());
        let short = |words: String| words.split('|').skip(2).take(3).collect::<Vec<_>>().join(" ");
        told.iter().filter_map(of).map(short).collect::<Vec<String>>()
    };
    let told = statuses(text.place(1, "KO", "BUY|150|MKT|||DAY|"));
    assert_eq!(told, ["Submitted 0 150", "Submitted 40 110"]);
    pass(&gateway, &clock, 7);
    assert_eq!(statuses(text.rest()), ["Submitted 100 50"]);
    pass(&gateway, &clock, 10);
    assert_eq!(statuses(text.rest()), ["Filled 150 0", "Filled 150 0"]);
}

#[test]
fn a_halt_holds_orders_from_one_time_to_another() {
    let clock = clock();
    let ko = || "KO".parse().unwrap();
    let halted = config(&clock).ticks(Ticks::walk(7)).halt(ko(), after(10), Some(after(20)));
    let gateway = Gateway::start(halted).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    pass(&gateway, &clock, 9);
    assert_eq!(client.place(1, "KO", market("BUY", "10")).len(), 8);
    pass(&gateway, &clock, 1);
    let told = client.place(2, "KO", market("BUY", "10"));
    assert!(!told.iter().any(|words| words.starts_with("execDetails")), "{told:?}");
    assert_eq!(client.place(3, "PEP", market("BUY", "10")).len(), 8);
    pass(&gateway, &clock, 9);
    assert_eq!(client.rest(), []);
    pass(&gateway, &clock, 1);
    assert_eq!(client.rest()[0].words(), "execDetails -1 2 BOT 10");
}

#[test]
fn orders_for_the_close_fill_at_the_close_of_a_clock_that_runs() {
    // A second and a half before the bell.
    let begin = "2026-08-25T19:59:58.500Z".parse().unwrap();
    let rules = MarketRules { hours: true, next_day_settlement: true, ..MarketRules::default() };
    let running = GatewayConfig::new(Venue::large_us(1))
        .rules(rules)
        .ticks(Ticks::walk(7))
        .clock(Arc::new(RunningClock::new(begin, 1)));
    let gateway = Gateway::start(running).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let close = market("BUY", "10").text(8, "MOC");
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), close));
    client.send(id::PLACE_ORDER, placed(2, stock("KO"), limit("BUY", "10", 50.0)));
    let frames = client.until(|frame| frame.is_error(202));
    let filled = frames.iter().find(|frame| frame.id == 11).unwrap();
    assert_eq!(filled.words(), "execDetails -1 1 BOT 10");
    assert_eq!(filled.fields.inner(3).text_of(3), "20260825 16:00:00 US/Eastern");
    // The order of the day ends with it.
    let last = frames.len() - 2;
    assert_eq!(frames[last].words(), "orderStatus 2 Cancelled 0/10");
}

#[test]
fn a_day_is_caught_up_with_in_its_order() {
    // Ten minutes before the open, and then at once an hour after the close.
    let early = Arc::new(ManualClock::new("2026-08-25T13:20:00Z".parse().unwrap()));
    let rules = MarketRules { hours: true, ..MarketRules::default() };
    let gateway = Gateway::start(config(&early).rules(rules).ticks(Ticks::walk(7))).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    client.place(2, "KO", market("BUY", "10").text(11, "OPG"));
    client.place(3, "KO", market("BUY", "10").text(8, "MOC"));
    assert_eq!(client.rest(), []);
    pass(&gateway, &early, 27_600 + 400);
    let frames = client.rest();
    let of = |frame: &&Frame| frame.id == 11;
    let told: Vec<(i64, String)> = frames
        .iter()
        .filter(of)
        .map(|frame| frame.fields.inner(3))
        .map(|execution| (execution.number(1), execution.text_of(3)))
        .collect();
    let at = |order, time: &str| (order, format!("20260825 {time} US/Eastern"));
    assert_eq!(told, [at(2, "09:30:00"), at(1, "09:30:00"), at(3, "16:00:00")]);
}
