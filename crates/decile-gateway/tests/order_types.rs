//! Order types beside market and limit, and times in force beside the day.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_core::{Clock, ManualClock, Shares};
use decile_gateway::{Gateway, MarketRules};
use std::sync::Arc;
use support::fields::Fields;
use support::text::{self, TextClient};
use support::{Client, Frame, clock, config, gateway, id, limit, market, placed, quote, stock};

fn stop(action: &str, quantity: &str, price: f64) -> Fields {
    market(action, quantity).text(8, "STP").double(10, price)
}

fn words(frames: &[Frame]) -> Vec<String> {
    frames.iter().map(Frame::words).collect()
}

fn with_rules(clock: &Arc<ManualClock>, rules: MarketRules) -> Gateway {
    Gateway::start(config(clock).rules(rules)).unwrap()
}

fn pair(order: i32, status: &str, filled: &str) -> [String; 2] {
    [format!("openOrder {order} {status}"), format!("orderStatus {order} {status} {filled}")]
}

/// What is told of a fill, of which this is the whole.
fn filled(order: i32, side: &str, quantity: i32) -> Vec<String> {
    let pair = pair(order, "Filled", &format!("{quantity}/0"));
    let execution = format!("execDetails -1 {order} {side} {quantity}");
    [&[execution][..], &pair, &pair, &["commission 1 USD".to_owned()]].concat()
}

#[test]
fn a_stop_waits_for_its_trigger_and_then_is_a_market_order() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), stop("SELL", "10", 59.0)));
    let held = pair(2, "PreSubmitted", "0/10");
    assert_eq!(words(&frames), [&held[..], &held].concat());
    // As recorded: held for its trigger, and the stop stands in both places.
    assert_eq!(frames[1].fields.text_of(10), "trigger");
    let order = frames[0].fields.inner(3);
    assert_eq!((order.double_of(10), order.double_of(23)), (59.0, 59.0));
    quote(&gateway, "59.01", "59.05");
    assert_eq!(client.rest(), []);
    quote(&gateway, "58.90", "58.95");
    let frames = client.rest();
    let submitted = pair(2, "Submitted", "0/10");
    assert_eq!(words(&frames), [&submitted[..], &filled(2, "SLD", 10)].concat());
    assert_eq!(frames[1].fields.text_of(10), "");
    assert_eq!(frames[2].fields.inner(3).double_of(8), 58.9);
}

#[test]
fn a_stop_that_is_reached_already_trades_at_once() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", stop("BUY", "10", 59.0));
    let begin = [pair(1, "PreSubmitted", "0/10"), pair(1, "Submitted", "0/10")].concat();
    assert_eq!(told, [begin, filled(1, "BOT", 10)].concat());
}

#[test]
fn a_stop_limit_rests_at_its_limit_once_it_is_triggered() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let order = stop("BUY", "10", 61.0).text(8, "STP LMT").double(9, 61.1);
    client.place(1, "KO", order);
    quote(&gateway, "61.20", "61.25");
    assert_eq!(words(&client.rest()), pair(1, "Submitted", "0/10"));
    quote(&gateway, "61.00", "61.05");
    assert_eq!(words(&client.rest()), filled(1, "BOT", 10));
}

#[test]
fn a_trailing_stop_follows_the_market_and_never_back() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    let order = market("SELL", "10").text(8, "TRAIL").double(10, 1.0);
    let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), order));
    assert_eq!(frames[3].fields.text_of(10), "trigger");
    assert_eq!(frames[2].fields.inner(3).double_of(23), 59.0);
    for (bid, ask) in [("62.00", "62.05"), ("61.10", "61.15")] {
        quote(&gateway, bid, ask);
        assert_eq!(client.rest(), []);
    }
    let open = client.ask(id::OPEN_ORDERS, Fields::new());
    assert_eq!(open[0].fields.inner(3).double_of(23), 61.0);
    quote(&gateway, "60.95", "61.00");
    assert_eq!(client.rest().len(), 8);
}

/// Where a trailing stop stands, as open orders show it.
fn standing(client: &mut Client) -> f64 {
    client.ask(id::OPEN_ORDERS, Fields::new())[0].fields.inner(3).double_of(23)
}

#[test]
fn a_trailing_stop_stays_where_it_is_given_until_the_price_moves_it() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    let order = |stop: f64| market("SELL", "10").text(8, "TRAIL").double(10, 1.0).double(23, stop);
    client.place(2, "KO", order(57.5));
    assert_eq!(standing(&mut client), 57.5);
    quote(&gateway, "59.00", "59.05");
    assert_eq!(standing(&mut client), 57.5);
    quote(&gateway, "60.50", "60.55");
    assert_eq!(standing(&mut client), 59.5);
    // Moved by its client: away from the market, and then to it.
    for stop in [58.25, 60.0] {
        let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), order(stop)));
        assert_eq!(
            words(&frames),
            [pair(2, "PreSubmitted", "0/10"), pair(2, "PreSubmitted", "0/10")].concat()
        );
        assert_eq!(frames[0].fields.inner(3).double_of(23), stop);
        quote(&gateway, "60.40", "60.45");
        assert_eq!(standing(&mut client), stop);
    }
    let told = client.place(2, "KO", order(60.005));
    assert!(told[0].starts_with("error 2 110 "), "{told:?}");
    quote(&gateway, "60.00", "60.05");
    assert_eq!(client.rest().len(), 8);
}

#[test]
fn a_trailing_stop_follows_at_another_distance() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let order = || market("BUY", "10").text(8, "TRAIL");
    client.place(1, "KO", order().double(10, 1.0));
    assert_eq!(standing(&mut client), 61.0);
    // Further away and in percent; the stop that a client gives back is no wish of its own.
    let wider = order().double(10, 3.0).double(23, 61.0);
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), wider));
    assert_eq!(frames[0].fields.inner(3).double_of(23), 63.0);
    client.place(1, "KO", order().double(22, 2.0));
    assert_eq!(standing(&mut client), 61.2);
    quote(&gateway, "59.00", "59.05");
    assert_eq!(standing(&mut client), 60.18);
    // In text, where the stop stands behind the reference prices.
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let order = |distance| text::placed(1, "KO", &format!("BUY|10|TRAIL||{distance}|DAY|"), 178);
    let given = |stop| text::with_field(&order("1.0"), text::TRAIL_STOP, stop);
    for (message, stop) in
        [(given("62.5"), "62.5"), (given("61.5"), "61.5"), (order("4.0"), "63.0")]
    {
        text.ask(&message);
        let open = text.ask("5|1");
        // There, and among the adjustments, which clients read last.
        assert_eq!(open[0].matches(&format!("|{stop}|")).count(), 2, "{stop}: {open:?}");
    }
}

#[test]
fn an_order_with_a_date_is_held_before_it_is_rejected() {
    let clock = clock();
    // 7:30 in New York.
    clock.advance(chrono::TimeDelta::hours(-3));
    let gateway = with_rules(&clock, MarketRules { hours: true, ..MarketRules::default() });
    let mut client = Client::connect(gateway.address(), 5);
    let order = |date: &str| limit("BUY", "1", 50.0).text(11, "GTD").text(26, date);
    let reject = |client: &mut Client, id: i32, date: &str, reason: &str| {
        let frames = client.ask(id::PLACE_ORDER, placed(id, stock("KO"), order(date)));
        let (held, end) = (pair(id, "PreSubmitted", "0/1"), pair(id, "Inactive", "0/1"));
        let notice = format!("error {id} 201 Order rejected - reason:{reason}");
        assert_eq!(words(&frames), [&held[..], &end, &[notice], &end].concat());
        frames[2].fields.inner(3).text_of(26)
    };
    let expired = "Order will be expired before market opens.";
    let date = reject(&mut client, 1, "20260825-13:00:00", expired);
    assert_eq!(date, "20260825 09:00:00 US/Eastern");
    let cannot =
        "Error OrderId 1 that needs to be cancelled cannot be cancelled, state: Cancelled.";
    assert_eq!(client.cancel(1), [cannot.replace("Error", "error 1 10148")]);
    // In text the date stands before the short sale's slot.
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let dated = text::placed(1, "KO", "BUY|1|LMT|50.0||GTD|", 178);
    let told = text.ask(&text::with_field(&dated, text::GOOD_TILL, "20260825 09:00:00 US/Eastern"));
    let kinds: Vec<&str> = told.iter().map(|message| &message[..1]).collect();
    assert_eq!(kinds, ["5", "3", "5", "3", "4", "5", "3"], "{told:?}");
    assert!(told[4].ends_with(&format!("{expired}|")), "{told:?}");
    assert!(
        told.iter().filter(|message| message.contains("|20260825 09:00:00 US/Eastern|")).count()
            == 3
    );
}

#[test]
fn a_stop_can_be_moved() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", stop("BUY", "10", 61.0));
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), stop("BUY", "10", 62.0)));
    let held = pair(1, "PreSubmitted", "0/10");
    assert_eq!(words(&frames), [&held[..], &held].concat());
    assert_eq!(frames[0].fields.inner(3).double_of(10), 62.0);
    quote(&gateway, "61.50", "61.55");
    assert_eq!(client.rest(), []);
}

#[test]
fn what_is_not_filled_at_once_is_cancelled() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let order = limit("BUY", "10", 59.0).text(11, "IOC");
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), order));
    // As recorded, the second of them is outside regular hours.
    let outside = [0, 2, 4].map(|index: usize| frames[index].fields.inner(3).number(19));
    assert_eq!(outside, [0, 1, 0]);
    let told = words(&frames);
    let end = [
        "orderStatus 1 Cancelled 0/10".to_owned(),
        "error 1 202 Order Canceled - reason:".to_owned(),
    ];
    let submitted = pair(1, "Submitted", "0/10");
    let pending = pair(1, "PendingCancel", "0/10");
    assert_eq!(told, [&submitted[..], &submitted, &pending, &end].concat());
    let told = client.place(2, "KO", limit("BUY", "10", 61.0).text(11, "IOC"));
    assert_eq!(told.len(), 8);
}

#[test]
fn what_can_only_be_filled_in_part_is_filled_in_parts() {
    let rules = MarketRules { shares_per_quote: Some(Shares::new(300)), ..MarketRules::default() };
    let gateway = with_rules(&clock(), rules);
    quote(&gateway, "59.98", "60.02");
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "1000"));
    let expected = [
        &pair(1, "Submitted", "0/1000")[..],
        &["execDetails -1 1 BOT 300".to_owned()],
        &pair(1, "Submitted", "300/700"),
        // 300 shares at half a cent.
        &["commission 1.5 USD".to_owned()],
    ];
    assert_eq!(told, expected.concat());
    quote(&gateway, "60.00", "60.10");
    client.rest();
    quote(&gateway, "60.00", "60.10");
    client.rest();
    quote(&gateway, "60.00", "60.10");
    let frames = client.rest();
    let execution = frames[0].fields.inner(3);
    assert_eq!(
        (execution.text_of(7), execution.text_of(12)),
        ("100".to_owned(), "1000".to_owned())
    );
    // 300 at 60.02 and 700 at 60.10.
    assert_eq!(execution.double_of(13), 60.076);
    assert_eq!(frames[2].fields.double_of(5), 60.076);
    assert_eq!(frames[2].fields.double_of(8), 60.1);
    // The commission of the whole is 5; 4.50 has been charged.
    assert_eq!(frames[5].words(), "commission 0.5 USD");
    assert_eq!(frames[3].fields.inner(4).double_of(11), 5.0);
    // Two prints of one order have numbers that follow each other.
    assert_eq!(frames[0].fields.inner(3).text_of(2), "0000dec1.6a000004.01.01");
    let executions = client.ask(id::EXECUTIONS, Fields::new().int(1, 1));
    let so_far: Vec<String> =
        executions[..4].iter().map(|frame| frame.fields.inner(3).text_of(12)).collect();
    assert_eq!(so_far, ["300", "600", "900", "1000"]);
}

#[test]
fn a_part_of_what_is_to_be_filled_at_once_is_kept() {
    let rules = MarketRules {
        shares_per_quote: Some(Shares::new(4)),
        fill_or_kill: true,
        ..MarketRules::default()
    };
    let gateway = with_rules(&clock(), rules);
    quote(&gateway, "59.98", "60.02");
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10").text(11, "FOK"));
    assert_eq!(told[6..], ["orderStatus 1 Cancelled 0/10", "error 1 202 Order Canceled - reason:"]);
    let told = client.place(2, "KO", market("BUY", "10").text(11, "IOC"));
    assert_eq!(told[2], "execDetails -1 2 BOT 4");
    assert_eq!(told[8..], ["orderStatus 2 Cancelled 4/6", "error 2 202 Order Canceled - reason:"]);
    quote(&gateway, "59.98", "60.02");
    assert_eq!(client.place(3, "KO", market("BUY", "4").text(11, "FOK")).len(), 8);
}

#[test]
fn orders_for_the_close_are_dealt_at_its_bell() {
    let clock = clock();
    let gateway = with_rules(&clock, MarketRules::default());
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10").text(8, "MOC"));
    client.place(2, "KO", limit("BUY", "10", 61.0).text(8, "LOC"));
    client.place(3, "KO", limit("BUY", "10", 59.0).text(8, "LOC"));
    quote(&gateway, "60.50", "60.52");
    assert_eq!(client.rest(), []);
    // 16:00 in New York.
    clock.advance(
        "2026-08-25T20:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - clock.now(),
    );
    gateway.pass_time();
    let frames = client.rest();
    let end = [
        "orderStatus 3 Cancelled 0/10".to_owned(),
        "error 3 202 Order Canceled - reason:".to_owned(),
    ];
    assert_eq!(words(&frames), [filled(1, "BOT", 10), filled(2, "BOT", 10), end.to_vec()].concat());
    // At the last price, which everybody gets.
    assert_eq!(frames[0].fields.inner(3).double_of(8), 60.5);
}

#[test]
fn the_algorithm_adaptive_is_taken_and_shown_and_no_other() {
    let gateway = with_rules(&clock(), MarketRules::default());
    let mut client = Client::connect(gateway.address(), 5);
    let parameter = |name: &str, value: &str| Fields::new().text(1, name).text(2, value);
    let by = |order: Fields, algorithm: &str, parameter: Fields| {
        order.text(61, algorithm).message(62, parameter)
    };
    let priority = |text: &str| parameter("adaptivePriority", text);
    for (number, text) in [(1, "Urgent"), (2, "Normal"), (3, "Patient")] {
        let order = by(market("BUY", "10"), "Adaptive", priority(text));
        let told = client.place(number, "KO", order);
        assert!(told.ends_with(&filled(number, "BOT", 10)), "{text}: {told:?}");
    }
    let resting = by(limit("BUY", "10", 50.0), "Adaptive", priority("Patient"));
    let frames = client.ask(id::PLACE_ORDER, placed(4, stock("KO"), resting));
    let shown = frames[0].fields.inner(3);
    assert_eq!(shown.text_of(61), "Adaptive");
    let parameter_shown = shown.inner(62);
    let told = (parameter_shown.text_of(1), parameter_shown.text_of(2));
    assert_eq!(told, ("adaptivePriority".to_owned(), "Patient".to_owned()));

    let refusal = "10255 The 'Algo Strategy' order attribute may not be specified for this order.";
    let refused = [
        by(market("BUY", "10"), "Vwap", priority("Normal")),
        by(market("BUY", "10"), "Adaptive", priority("Soon")),
        by(market("BUY", "10"), "Adaptive", parameter("maxPctVol", "0.1")),
        market("BUY", "10").text(61, "Adaptive"),
        by(market("BUY", "10").text(8, "MOC"), "Adaptive", priority("Normal")),
    ];
    for (number, order) in (5..).zip(refused) {
        assert_eq!(client.place(number, "KO", order), [format!("error {number} {refusal}")]);
    }
}

#[test]
fn orders_wait_for_the_exchange_to_open() {
    let clock = clock();
    // 7:30 in New York.
    clock.advance(chrono::TimeDelta::hours(-3));
    let gateway = with_rules(&clock, MarketRules { hours: true, ..MarketRules::default() });
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10"));
    let notice = "error 1 399 Order Message:\nBUY 10 KO NYSE.KO\nWarning: Your order will not be \
                  placed at the exchange until 2026-08-25 09:30:00 US/Eastern.";
    let held = pair(1, "PreSubmitted", "0/10");
    assert_eq!(told, [&[notice.to_owned()][..], &held, &held].concat());
    client.place(2, "KO", market("BUY", "10").text(11, "OPG"));
    client.place(3, "KO", limit("BUY", "10", 59.0).text(11, "OPG"));
    clock.advance(chrono::TimeDelta::hours(2));
    gateway.pass_time();
    let frames = client.rest();
    let end = [
        "orderStatus 3 Cancelled 0/10".to_owned(),
        "error 3 202 Order Canceled - reason:".to_owned(),
    ];
    assert_eq!(words(&frames), [filled(2, "BOT", 10), end.to_vec(), filled(1, "BOT", 10)].concat());
    // The auction deals at the last price, the market after it at the ask.
    assert_eq!(frames[0].fields.inner(3).double_of(8), 60.0);
    assert_eq!(frames[8].fields.inner(3).double_of(8), 60.02);
}

#[test]
fn a_limit_beyond_the_band_is_cancelled_with_the_reason() {
    let band = Some("0.0294".parse().unwrap());
    let gateway = with_rules(&clock(), MarketRules { price_band: band, ..MarketRules::default() });
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", limit("BUY", "1", 61.77));
    let reason = "We cannot accept an order at a limit price at or more aggressive than 61.764. \
                  Please submit your order using a limit price that is closer to the current \
                  market price of 60.";
    let (held, pending) = (pair(1, "PreSubmitted", "0/1"), pair(1, "PendingCancel", "0/1"));
    let end = [
        "orderStatus 1 Cancelled 0/1".to_owned(),
        format!("error 1 202 Order Canceled - reason:{reason}"),
    ];
    assert_eq!(told, [held, pending, end].concat());
    assert_eq!(client.place(2, "KO", limit("BUY", "1", 61.76)).len(), 8);
}

#[test]
fn a_halted_stock_does_not_trade() {
    let gateway = gateway();
    let symbol = "KO".parse().unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    gateway.halt(&symbol);
    assert_eq!(client.place(1, "KO", market("BUY", "10")).len(), 4);
    quote(&gateway, "60.00", "60.10");
    assert_eq!(client.rest(), []);
    gateway.resume(&symbol);
    assert_eq!(words(&client.rest()), filled(1, "BOT", 10));
}
