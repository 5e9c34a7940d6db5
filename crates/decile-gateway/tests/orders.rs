//! Orders: what is said of them, in which order and in which words.

mod support;

use support::fields::Fields;
use support::text::TextClient;
use support::{Client, Frame, gateway, id, limit, market, placed, quote, stock, with_cash};

#[test]
fn a_market_order_fills_in_the_recorded_sequence() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10").text(28, "q:1"));
    assert_eq!(
        told,
        [
            "openOrder 1 Submitted",
            "orderStatus 1 Submitted 0/10",
            "execDetails -1 1 BOT 10",
            "openOrder 1 Filled",
            "orderStatus 1 Filled 10/0",
            "openOrder 1 Filled",
            "orderStatus 1 Filled 10/0",
            "commission 1 USD",
        ]
    );
}

#[test]
fn executions_carry_what_the_order_said() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let order = market("BUY", "10").text(28, "q:1");
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), order));
    let (open, execution) = (&frames[0].fields, frames[2].fields.inner(3));
    let (order, done) = (open.inner(3), frames[3].fields.inner(4));
    assert_eq!((order.number(1), order.number(2)), (5, 1));
    assert_eq!(order.number(3), 1_700_000_001);
    assert_eq!(order.text_of(28), "q:1");
    assert_eq!(order.text_of(12), "DU0000001");
    assert_eq!(done.text_of(29), "20260825 10:30:00 US/Eastern");
    assert_eq!(done.text_of(30), "Filled Size: 10");
    assert_eq!(execution.text_of(2), "0000dec1.6a000001.01.01");
    assert_eq!(execution.text_of(3), "20260825 10:30:00 US/Eastern");
    assert_eq!(execution.text_of(5), "NYSE");
    assert_eq!(execution.double_of(8), 60.02);
    assert_eq!(execution.number(9), 1_700_000_001);
    assert_eq!(execution.text_of(14), "q:1");
    // The commission shows only in the second of the two.
    assert_eq!(frames[3].fields.inner(4).get(11), None);
    assert_eq!(frames[5].fields.inner(4).double_of(11), 1.0);
    let report = &frames[7].fields;
    assert_eq!(report.text_of(1), execution.text_of(2));
    // A purchase realises nothing.
    assert_eq!(report.get(4), None);
}

#[test]
fn a_sale_realises_a_gain_less_both_commissions() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), market("SELL", "10")));
    let report = &frames.last().unwrap().fields;
    // (59.98 - 60.02) * 10 - 1 - 1
    assert_eq!(report.double_of(4), -2.4);
}

#[test]
fn a_limit_order_rests_and_fills_when_the_market_comes_to_it() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", limit("BUY", "10", 59.5));
    assert_eq!(
        told,
        [
            "openOrder 1 PreSubmitted",
            "orderStatus 1 PreSubmitted 0/10",
            "openOrder 1 Submitted",
            "orderStatus 1 Submitted 0/10",
        ]
    );
    quote(&gateway, "59.49", "59.51");
    assert_eq!(client.rest(), []);
    quote(&gateway, "59.40", "59.42");
    let frames = client.rest();
    let words: Vec<String> = frames.iter().map(Frame::words).collect();
    assert_eq!(
        words,
        [
            "execDetails -1 1 BOT 10",
            "openOrder 1 Filled",
            "orderStatus 1 Filled 10/0",
            "openOrder 1 Filled",
            "orderStatus 1 Filled 10/0",
            "commission 1 USD",
        ]
    );
    // At the quote, which is better than the limit.
    assert_eq!(frames[0].fields.inner(3).double_of(8), 59.42);
}

#[test]
fn a_limit_beyond_the_quote_fills_at_the_quote() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), limit("BUY", "10", 70.0)));
    assert_eq!(frames[2].fields.inner(3).double_of(8), 60.02);
    // It is shown with its limit, and with the limit plus 1 as recorded.
    let order = frames[0].fields.inner(3);
    assert_eq!((order.double_of(9), order.double_of(23)), (70.0, 71.0));
}

#[test]
fn a_cancel_passes_through_pending_and_ends_with_202() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 50.0));
    let frames = client.ask(id::CANCEL_ORDER, Fields::new().int(1, 1));
    let words: Vec<String> = frames.iter().map(Frame::words).collect();
    assert_eq!(
        words,
        [
            "openOrder 1 PendingCancel",
            "orderStatus 1 PendingCancel 0/10",
            "orderStatus 1 Cancelled 0/10",
            "error 1 202 Order Canceled - reason:",
        ]
    );
    // It comes from a server, whose times are whole seconds.
    assert_eq!(frames[3].fields.number(2), 1_787_668_200_000);
}

#[test]
fn cancels_that_come_too_late_or_to_nothing() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    client.place(2, "KO", limit("BUY", "10", 50.0));
    client.place(3, "KO", market("BUY", "1").text(11, "FOK"));
    client.place(4, "KO", market("BUY", "0"));
    client.cancel(2);
    let text = |order: i32, state: &str| {
        vec![format!(
            "error {order} 10148 OrderId {order} that needs to be cancelled cannot be cancelled, state: {state}."
        )]
    };
    assert_eq!(client.cancel(1), text(1, "Filled"));
    assert_eq!(client.cancel(2), text(2, "Cancelled"));
    assert_eq!(client.cancel(3), text(3, "Cancelled"));
    let unknown = |order: i32| {
        vec![format!(
            "error {order} 10147 OrderId {order} that needs to be cancelled is not found."
        )]
    };
    assert_eq!(client.cancel(4), unknown(4));
    assert_eq!(client.cancel(987_654), unknown(987_654));
    // Another client's order is as unknown.
    client.place(5, "KO", limit("BUY", "10", 50.0));
    let mut other = Client::connect(gateway.address(), 6);
    assert_eq!(other.cancel(5), unknown(5));
}

#[test]
fn a_changed_order_is_echoed_and_fills_if_it_reaches_the_quote() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 50.0));
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), limit("BUY", "7", 51.0)));
    let words: Vec<String> = frames.iter().map(Frame::words).collect();
    let pair = ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/7"];
    assert_eq!(words, [pair, pair].concat());
    assert_eq!(frames[0].fields.inner(3).double_of(9), 51.0);
    assert_eq!(frames[0].fields.inner(3).number(3), 1_700_000_001);
    let told = client.place(1, "KO", limit("BUY", "7", 61.0));
    assert_eq!(told[2], "execDetails -1 1 BOT 7");
    let told = client.place(1, "KO", limit("BUY", "7", 62.0));
    assert_eq!(told, ["error 1 104 Cannot modify a filled order."]);
}

#[test]
fn outside_regular_hours_is_ignored_with_a_warning() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10").int(19, 1));
    assert_eq!(
        told[0],
        "error 1 2109 Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored \
         based on the order type and destination. PlaceOrder is now being processed."
    );
    assert_eq!(told.len(), 9);
}

#[test]
fn a_what_if_says_what_an_order_would_do_and_does_nothing() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10")); // 601.20; the shares are worth 600.00
    let order = market("BUY", "100").int(65, 1);
    let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), order));
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].words(), "openOrder 2 PreSubmitted");
    let (order, state) = (frames[0].fields.inner(3), frames[0].fields.inner(4));
    assert_eq!((order.number(65), order.number(143)), (1, 1));
    assert_eq!(order.number(3), 1_700_000_002);
    let margins: Vec<f64> = (2..=11).map(|tag| state.double_of(tag)).collect();
    let expected = [600.0, 600.0, 9998.8, 6002.0, 6002.0, -1.0, 6602.0, 6602.0, 9997.8, 1.0];
    assert_eq!(margins, expected);
    assert_eq!((state.text_of(14), state.text_of(15)), ("USD".to_owned(), "USD".to_owned()));
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
    assert_eq!(client.next_id(), 3);
}

#[test]
fn a_global_cancel_takes_every_clients_orders_and_cannot_take_rejected_ones() {
    let gateway = gateway();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(1, "KO", market("BUY", "1").text(11, "FOK"));
    one.place(2, "KO", limit("BUY", "1", 50.0));
    one.place(3, "KO", limit("BUY", "1", 51.0));
    one.place(4, "KO", market("BUY", "1"));
    two.place(1, "KO", limit("BUY", "1", 52.0));
    let told = two.told(id::GLOBAL_CANCEL, Fields::new().message(1, Fields::new()));
    assert_eq!(told, ["orderStatus 1 Cancelled 0/1", "error 1 202 Order Canceled - reason:"]);
    let told: Vec<String> = one.rest().iter().map(Frame::words).collect();
    assert_eq!(
        told,
        [
            "error 1 161 Cancel attempted when order is not in a cancellable state.  Order permId =1700000001",
            "orderStatus 3 Cancelled 0/1",
            "error 3 202 Order Canceled - reason:",
            "orderStatus 2 Cancelled 0/1",
            "error 2 202 Order Canceled - reason:",
        ]
    );
}

#[test]
fn an_order_goes_to_the_exchange_that_it_names() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let routed = || stock("KO").text(8, "ARCA");
    let frames = client.ask(id::PLACE_ORDER, placed(1, routed(), market("BUY", "10")));
    assert_eq!(frames.len(), 8);
    assert_eq!(frames[0].fields.inner(2).text_of(8), "ARCA");
    let execution = &frames[2].fields;
    assert_eq!(execution.inner(2).text_of(8), "ARCA");
    assert_eq!(execution.inner(3).text_of(5), "ARCA");
    let of = |exchange: &str| Fields::new().int(1, 1).message(2, Fields::new().text(6, exchange));
    assert_eq!(client.ask(id::EXECUTIONS, of("ARCA")).len(), 3);
    assert_eq!(client.ask(id::EXECUTIONS, of("NYSE")).len(), 1);
    // It stays there.
    client.ask(id::PLACE_ORDER, placed(2, routed(), limit("BUY", "10", 50.0)));
    let moved = placed(2, stock("KO"), limit("BUY", "10", 51.0));
    let told = client.told(id::PLACE_ORDER, moved);
    assert!(told[0].starts_with("error 2 105 "), "{told:?}");
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let order = support::text::placed(1, "KO", "BUY|10|MKT|||DAY|", 178);
    let told = text.ask(&order.replace("SMART", "ISLAND"));
    assert!(told[2].contains("|ISLAND|USD|KO|"), "{told:?}");
    let elsewhere =
        text.ask(&support::text::placed(2, "KO", "BUY|10|MKT|||DAY|", 178).replace("SMART", "LSE"));
    assert!(elsewhere[0].starts_with("4|2|2|200|"), "{elsewhere:?}");
}
