//! Orders that depend on each other: brackets, groups, and orders that are released together.

mod support;

use support::fields::Fields;
use support::text::{self, TextClient};
use support::{Client, Frame, gateway, id, limit, market, placed, quote, stock};

/// A purchase with a target and a stop behind it, let go with the last of the three.
fn bracket(client: &mut Client, entry: f64) -> Vec<Frame> {
    bracket_of(client, "10", entry)
}

fn bracket_of(client: &mut Client, quantity: &str, entry: f64) -> Vec<Frame> {
    let parent = limit("BUY", quantity, entry).without(66);
    let target = limit("SELL", quantity, 65.0).int(4, 1).without(66);
    let stop = market("SELL", quantity).text(8, "STP").double(10, 55.0).int(4, 1);
    assert_eq!(client.place(1, "KO", parent), [""; 0]);
    assert_eq!(client.place(2, "KO", target), [""; 0]);
    assert_eq!(client.told(id::OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
    client.ask(id::PLACE_ORDER, placed(3, stock("KO"), stop))
}

fn held(frames: &[Frame], order: i64) -> Vec<String> {
    let statuses = frames.iter().filter(|frame| frame.id == 3 && frame.fields.number(1) == order);
    statuses
        .map(|frame| format!("{} {}", frame.fields.text_of(2), frame.fields.text_of(10)))
        .collect()
}

#[test]
fn the_legs_of_a_bracket_wait_for_their_parent() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = bracket(&mut client, 59.0);
    assert_eq!(held(&frames, 1), ["PreSubmitted ", "Submitted "]);
    assert_eq!(held(&frames, 2), ["PreSubmitted child", "PreSubmitted child"]);
    assert_eq!(held(&frames, 3), ["PreSubmitted child,trigger", "PreSubmitted child,trigger"]);
    // As recorded the group of the legs is the permanent id of their parent.
    let leg = frames.iter().find(|frame| frame.id == 5 && frame.fields.number(1) == 2).unwrap();
    let order = leg.fields.inner(3);
    assert_eq!(order.text_of(27), "1700000001");
    assert_eq!((order.number(4), order.number(121)), (1, 1_700_000_001));

    quote(&gateway, "58.90", "58.95");
    let frames = client.rest();
    assert_eq!(held(&frames, 1), ["Filled ", "Filled "]);
    assert_eq!(held(&frames, 2), ["Submitted "]);
    assert_eq!(held(&frames, 3), ["PreSubmitted trigger"]);

    quote(&gateway, "65.10", "65.15");
    let frames = client.rest();
    assert_eq!(held(&frames, 2), ["Filled ", "Filled "]);
    assert_eq!(held(&frames, 3), ["Cancelled "]);
    assert!(frames.last().unwrap().is_error(202));
    assert_eq!(client.positions(), ["position KO 0", "positionEnd"]);
}

#[test]
fn the_end_of_a_parent_ends_its_legs() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    bracket(&mut client, 59.0);
    assert_eq!(
        client.cancel(1),
        [
            "openOrder 1 PendingCancel",
            "orderStatus 1 PendingCancel 0/10",
            "orderStatus 1 Cancelled 0/10",
            "error 1 202 Order Canceled - reason:",
            "orderStatus 2 Cancelled 0/10",
            "error 2 202 Order Canceled - reason:",
            "orderStatus 3 Cancelled 0/10",
            "error 3 202 Order Canceled - reason:",
        ]
    );
    assert_eq!(client.told(id::OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
}

#[test]
fn the_legs_of_a_parent_that_is_rejected_are_refused() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = bracket_of(&mut client, "100000", 59.0);
    assert_eq!(held(&frames, 1), ["Inactive ", "Inactive "]);
    let told: Vec<String> = frames.iter().map(Frame::words).collect();
    let missing = |order| format!("error {order} 135 Can't find order with id = 1");
    assert_eq!(told[5..], [missing(2), missing(3)]);
    assert_eq!(client.told(id::OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
}

#[test]
fn a_leg_is_not_placed_behind_a_parent_that_has_ended() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 59.0));
    client.cancel(1);
    let leg = |parent| limit("SELL", "10", 65.0).int(4, parent);
    let missing = ["error 2 135 Can't find order with id = 1"];
    assert_eq!(client.place(2, "KO", leg(1)), missing);
    // One that has filled lets its legs go at once.
    client.place(3, "KO", market("BUY", "10"));
    let told = client.place(4, "KO", leg(3));
    assert_eq!(told[3], "orderStatus 4 Submitted 0/10");
    // In text as well.
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    text.place(1, "KO", "BUY|10|LMT|59.0||DAY|");
    text.ask("4|1|1|");
    let leg = text::placed(2, "KO", "SELL|10|LMT|65.0||DAY|", 178);
    let told = text.ask(&text::with_field(&leg, text::PARENT, "1"));
    assert_eq!(told, ["4|2|2|135|Can't find order with id = 1|"]);
}

#[test]
fn one_of_a_group_cancels_the_others() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let order = |price| limit("BUY", "10", price).text(27, "one").int(30, 1);
    client.place(1, "KO", order(59.0));
    client.place(2, "KO", order(58.0));
    quote(&gateway, "58.90", "58.95");
    let frames = client.rest();
    assert_eq!(held(&frames, 1), ["Filled ", "Filled "]);
    assert_eq!(held(&frames, 2), ["Cancelled "]);
    let told = client.place(3, "KO", order(57.0));
    assert_eq!(told[2], "error 3 201 Order rejected - reason:OCA group is already filled.");
    // Groups belong to a client.
    let mut other = Client::connect(gateway.address(), 6);
    assert_eq!(other.place(1, "KO", order(57.0)).len(), 4);
}

#[test]
fn the_type_of_a_group_is_told_as_it_was_sent() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    for kind in 1..=3 {
        let order = limit("BUY", "1", 50.0).text(27, &format!("g{kind}")).int(30, kind);
        let frames = client.ask(id::PLACE_ORDER, placed(kind, stock("KO"), order));
        assert_eq!(frames[0].fields.inner(3).number(30), i64::from(kind));
        let order = text::placed(kind, "KO", &format!("BUY|1|LMT|50.0||DAY|g{kind}"), 178);
        let told = text.ask(&text::with_field(&order, text::OCA_TYPE, &kind.to_string()));
        let fields: Vec<&str> = told[0].split('|').collect();
        assert_eq!(fields[53], kind.to_string(), "{fields:?}");
    }
}

#[test]
fn an_order_that_is_kept_back_can_be_cancelled_and_used_once() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "1").without(66));
    assert_eq!(client.next_id(), 2);
    assert_eq!(client.cancel(1), ["error 1 202 Order Canceled - reason:"]);
    assert_eq!(client.place(1, "KO", market("BUY", "1")), ["error 1 103 Duplicate order id"]);
    // Kept back, and released by its own number.
    client.place(2, "KO", market("BUY", "1").without(66));
    assert_eq!(client.place(2, "KO", market("BUY", "2")).len(), 8);
    assert_eq!(client.positions(), ["position KO 2", "positionEnd"]);
}

#[test]
fn a_global_cancel_takes_brackets_too() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    bracket(&mut client, 59.0);
    let told = client.told(id::GLOBAL_CANCEL, Fields::new());
    assert_eq!(told.iter().filter(|words| words.contains("Cancelled")).count(), 3);
    assert_eq!(told.len(), 6);
}
