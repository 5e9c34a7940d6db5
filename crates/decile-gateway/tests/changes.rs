//! Changes of open orders: those that only ask, those that are kept back, those of a part.

mod support;

use decile_core::Shares;
use decile_gateway::{Gateway, MarketRules};
use support::fields::Fields;
use support::text::{self, TextClient, with_field};
use support::{Client, clock, config, gateway, id, limit, market, placed, quote, stock, with_cash};

fn what_if(order: Fields) -> Fields {
    order.int(65, 1)
}

/// Nobody has dealt, and the order stands as it was placed.
fn stands(client: &mut Client, order: i64, quantity: &str, price: f64) {
    let open = client.ask(id::OPEN_ORDERS, Fields::new());
    assert_eq!(open[0].fields.number(1), order);
    let shown = open[0].fields.inner(3);
    assert_eq!((shown.text_of(6).as_str(), shown.double_of(9)), (quantity, price));
    assert_eq!(client.positions(), ["positionEnd"]);
}

#[test]
fn a_what_if_with_the_id_of_an_open_order_changes_nothing() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "100", 50.0));
    for transmits in [1, 0] {
        let order = what_if(limit("BUY", "110", 61.0)).int(66, transmits);
        let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), order));
        assert_eq!(frames.len(), 1, "{frames:?}");
        assert_eq!(frames[0].words(), "openOrder 1 PreSubmitted");
        let (order, state) = (frames[0].fields.inner(3), frames[0].fields.inner(4));
        assert_eq!((order.number(3), order.number(65)), (1_700_000_001, 1));
        // What the change would bind in place of 100 * 50 and its commission.
        let margins: Vec<f64> = (2..=11).map(|tag| state.double_of(tag)).collect();
        let expected = [5001.0, 0.0, 10000.0, 1709.0, 6710.0, -1.0, 6710.0, 6710.0, 9999.0, 1.0];
        assert_eq!(margins, expected);
        stands(&mut client, 1, "100", 50.0);
    }
    // A change that cannot be is refused as a change is.
    let told = client.place(1, "KO", what_if(limit("SELL", "100", 50.0)));
    assert_eq!(told, ["error 1 105 Order being modified does not match original order"]);
    stands(&mut client, 1, "100", 50.0);
}

#[test]
fn a_what_if_is_answered_whatever_its_id_and_its_transmission() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "1"));
    client.place(2, "KO", market("BUY", "1").without(66));
    // Of an order that has filled, of one that is kept back, of none, and of one that asked before.
    for order in [1, 2, 3, 3] {
        for transmits in [1, 0] {
            let told = client.place(order, "KO", what_if(market("BUY", "1")).int(66, transmits));
            assert_eq!(told, [format!("openOrder {order} PreSubmitted")]);
        }
    }
    assert_eq!(client.positions(), ["position KO 1", "positionEnd"]);
    assert_eq!(client.next_id(), 4);
    // The order that is kept back is still there.
    assert_eq!(client.place(2, "KO", market("BUY", "2")).len(), 8);
}

#[test]
fn a_what_if_in_text_changes_nothing_either() {
    let gateway = gateway();
    let mut client = TextClient::connect(gateway.address(), 5, 178);
    client.place(1, "KO", "BUY|1|LMT|50.0||DAY|");
    let order = text::placed(1, "KO", "BUY|5|LMT|61.0||DAY|", 178);
    let asked = with_field(&order, text::WHAT_IF, "1");
    for message in [asked.clone(), with_field(&asked, text::TRANSMIT, "0")] {
        let told = client.ask(&message);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("5|1|") && told[0].contains("|PreSubmitted|"), "{told:?}");
    }
    let open = client.ask("5|1");
    assert!(open[0].contains("|BUY|1|LMT|50.0|"), "{open:?}");
    // Kept back, and then let go with the next.
    let held = with_field(&order, text::TRANSMIT, "0");
    assert_eq!(client.ask(&held), [""; 0]);
    assert_eq!(client.ask(&order).len(), 8);
}

#[test]
fn a_change_that_is_kept_back_waits_until_it_is_let_go() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 50.0));
    assert_eq!(client.place(1, "KO", limit("BUY", "20", 61.0).without(66)), [""; 0]);
    stands(&mut client, 1, "10", 50.0);
    // What cannot be is refused at once.
    let told = client.place(1, "KO", limit("SELL", "10", 50.0).without(66));
    assert_eq!(told, ["error 1 105 Order being modified does not match original order"]);
    // The next one takes its place.
    assert_eq!(client.place(1, "KO", limit("BUY", "30", 51.0)).len(), 4);
    stands(&mut client, 1, "30", 51.0);
    assert_eq!(client.place(1, "KO", limit("BUY", "20", 61.0).without(66)), [""; 0]);
    assert_eq!(client.cancel(1).len(), 4);
    let told = client.place(1, "KO", limit("BUY", "20", 61.0));
    assert_eq!(told, ["error 1 104 Cannot modify a filled order."]);
    assert_eq!(client.place(1, "KO", limit("BUY", "1", 61.0).without(66)), told);
}

#[test]
fn a_change_that_is_kept_back_goes_with_what_belongs_to_it() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 50.0));
    client.place(1, "KO", limit("BUY", "20", 51.0).without(66));
    let told = client.place(2, "KO", limit("SELL", "20", 65.0).int(4, 1));
    assert_eq!(told[..2], ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/20"]);
    assert_eq!(told[4..6], ["openOrder 2 PreSubmitted", "orderStatus 2 PreSubmitted 0/20"]);
    stands(&mut client, 1, "20", 51.0);
}

#[test]
fn a_change_of_what_is_filled_in_part_asks_for_the_rest() {
    let rules = MarketRules { shares_per_quote: Some(Shares::new(6)), ..MarketRules::default() };
    let account = config(&clock()).cash("1000".parse().unwrap()).rules(rules);
    let gateway = Gateway::start(account).unwrap();
    quote(&gateway, "59.98", "60.02");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "16", 60.02));
    // 6 of 16 are paid with 361.12, and 10 at 60.50 cost 605.
    assert_eq!(client.place(1, "KO", limit("BUY", "16", 60.50)).len(), 4);
    quote(&gateway, "60.00", "60.02");
    quote(&gateway, "60.00", "60.02");
    client.rest();
    assert_eq!(client.positions(), ["position KO 16", "positionEnd"]);
    client.place(2, "KO", limit("SELL", "16", 60.00));
    quote(&gateway, "60.00", "60.02");
    client.rest();
    assert_eq!(client.place(2, "KO", limit("SELL", "16", 61.0)).len(), 4);
    let told = client.place(2, "KO", limit("SELL", "17", 61.0));
    assert!(told[0].contains("A cash account cannot sell short."), "{told:?}");
}
