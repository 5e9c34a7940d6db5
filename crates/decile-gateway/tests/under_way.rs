//! Orders that the exchange has not acknowledged yet, in both dialects.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_gateway::{Gateway, Scenario};
use std::time::Duration;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, Frame, clock, config, encoded, id, limit, market, placed, stock};

const BUSY: &str = "Unable to modify this order as its still being processed.";

/// So long that nothing arrives during a test, and so short that it is waited for.
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(500);

fn gateway(takes: Duration) -> Gateway {
    Gateway::start(config(&clock()).acknowledge_after(takes)).unwrap()
}

fn send(client: &mut Client, order: i32, terms: Fields) {
    client.send(id::PLACE_ORDER, placed(order, stock("KO"), terms));
}

fn words(frames: &[Frame]) -> Vec<String> {
    frames.iter().map(Frame::words).collect()
}

fn until_status(client: &mut Client, status: &str) -> Vec<String> {
    let told = client.until(|frame| frame.words() == format!("orderStatus {status}"));
    words(&told)
}

#[test]
fn an_order_under_way_cannot_be_changed() {
    let gateway = gateway(LONG);
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    assert_eq!(client.place(1, "KO", limit("BUY", "10", 59.0)), [""; 0]);
    assert_eq!(client.place(1, "KO", limit("BUY", "10", 58.0)), [format!("error 1 2102 {BUSY}")]);
    assert_eq!(text.place(1, "KO", "BUY|10|LMT|59.0||DAY|"), [""; 0]);
    assert_eq!(text.place(1, "KO", "BUY|10|LMT|58.0||DAY|"), [format!("4|2|1|2102|{BUSY}|")]);
    // A cancel waits behind it, its id is used, and no list has it yet.
    assert_eq!(client.cancel(1), [""; 0]);
    assert_eq!(client.next_id(), 2);
    assert_eq!(client.told(id::OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
    // Another one is another.
    assert_eq!(client.place(2, "KO", limit("BUY", "10", 58.0)), [""; 0]);
    // What is refused here is refused at once, and so is what only asks answered.
    let none = client.place(3, "KO", market("BUY", "0"));
    assert_eq!(none, ["error 3 434 The order size cannot be zero."]);
    assert_eq!(client.place(3, "KO", market("BUY", "1")), ["error 3 103 Duplicate order id"]);
    let what_if = client.place(4, "KO", market("BUY", "10").int(65, 1));
    assert_eq!(what_if, ["openOrder 4 PreSubmitted"]);
}

#[test]
fn an_order_is_told_and_dealt_when_it_is_there() {
    let gateway = gateway(SHORT);
    let mut client = Client::connect(gateway.address(), 5);
    send(&mut client, 1, limit("BUY", "10", 59.0));
    let rests = ["openOrder 1 PreSubmitted", "orderStatus 1 PreSubmitted 0/10"];
    assert_eq!(until_status(&mut client, "1 Submitted 0/10")[..2], rests);
    // Now it can be changed, and not again before the change is there.
    let changes = [58.0, 57.0].map(|price| limit("BUY", "10", price));
    let changes = changes.map(|change| encoded(id::PLACE_ORDER, &placed(1, stock("KO"), change)));
    client.write(&changes.concat());
    let frames = client.until(|frame| frame.id == 3);
    assert_eq!(frames[0].words(), format!("error 1 2102 {BUSY}"));
    assert_eq!(frames[1].fields.inner(3).double_of(9), 58.0);
    client.until(|frame| frame.id == 3);
    // One that fills in the meantime cannot be changed any more.
    send(&mut client, 1, limit("BUY", "10", 57.0));
    client.rest();
    support::quote(&gateway, "57.50", "57.55");
    let told = client.until(|frame| frame.is_error(104));
    assert_eq!(told.len(), 7);
}

#[test]
fn a_cancel_comes_after_the_order_that_it_cancels() {
    let gateway = gateway(SHORT);
    let mut client = Client::connect(gateway.address(), 5);
    send(&mut client, 1, limit("BUY", "10", 59.0));
    client.send(id::CANCEL_ORDER, Fields::new().int(1, 1).message(2, Fields::new()));
    let told = words(&client.until(|frame| frame.is_error(202)));
    assert_eq!(told[3..5], ["orderStatus 1 Submitted 0/10", "openOrder 1 PendingCancel"]);
    assert_eq!(told.len(), 8);
    // What fills as it arrives is past cancelling.
    send(&mut client, 2, market("BUY", "10"));
    client.send(id::GLOBAL_CANCEL, Fields::new());
    let told = words(&client.until(|frame| frame.is_error(10148)));
    assert!(told.last().unwrap().ends_with("state: Filled."), "{told:?}");
    assert!(told.contains(&"execDetails -1 2 BOT 10".to_owned()));
}

#[test]
fn a_bracket_goes_on_its_way_as_one() {
    let gateway = gateway(SHORT);
    let mut client = Client::connect(gateway.address(), 5);
    send(&mut client, 1, limit("BUY", "10", 59.0).int(66, 0));
    send(&mut client, 2, limit("SELL", "10", 65.0).int(4, 1));
    let told = until_status(&mut client, "2 PreSubmitted 0/10");
    assert_eq!(told[3..5], ["orderStatus 1 Submitted 0/10", "openOrder 2 PreSubmitted"]);
}

#[test]
fn what_is_under_way_is_lost_with_the_gateway() {
    let text = "[habits]\nacknowledge_after = \"200ms\"";
    let scenario = Scenario::read("slow.toml", text).unwrap();
    let gateway = Gateway::start(scenario.apply(config(&clock()))).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    gateway.cause(decile_gateway::Trouble::Restart);
    std::thread::sleep(Duration::from_millis(400));
    let (mut client, greeting) = support::greeted_again(gateway.address(), 5);
    assert_eq!(greeting[..2], ["managedAccounts DU0000001", "nextValidId 2"]);
    assert_eq!(client.positions(), ["positionEnd"]);
}
