//! Orders: what is said of them, in which order and in which words.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_core::Quote;
use support::fields::Fields;
use support::{Client, Frame, gateway, id, limit, market, placed, stock, with_cash};

/// Bid and ask of KO become these.
fn quote(gateway: &decile_gateway::Gateway, bid: &str, ask: &str) {
    gateway.set_quotes([Quote {
        symbol: "KO".parse().unwrap(),
        bid: Some(bid.parse().unwrap()),
        ask: Some(ask.parse().unwrap()),
        last: Some(bid.parse().unwrap()),
        previous_close: None,
        currency: decile_core::Currency::USD,
        time: support::NOW.parse().unwrap(),
    }]);
}

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
fn what_is_wrong_with_an_order_is_said_in_the_recorded_words() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let unknown = "200 No security definition has been found for the request";
    let invalid = "321 Error validating request.-'v' : cause - ";
    let odd = "461 Order size is not correct; it must be a multiple of the lot size.";
    let price = "110 The price does not conform to the minimum price variation for this contract.";
    let cases = [
        ("ZZZZ", market("BUY", "1"), unknown.to_owned()),
        (
            "KO",
            market("BUY", "1").text(8, "FEELINGS"),
            format!("{invalid}Invalid order type was entered"),
        ),
        (
            "KO",
            market("BUY", "1").text(8, "STP"),
            "387 Unsupported order type for this exchange and security type.".to_owned(),
        ),
        ("KO", market("BUY", "0"), "434 The order size cannot be zero.".to_owned()),
        ("KO", market("BUY", "1").without(6), "434 The order size cannot be zero.".to_owned()),
        ("KO", market("BUY", "1.5"), odd.to_owned()),
        ("KO", market("BUY", "1").without(11), "10052 Invalid time in force:Empty".to_owned()),
        (
            "KO",
            market("BUY", "1").text(11, "NEVER"),
            "10052 Invalid time in force:NEVER".to_owned(),
        ),
        ("KO", limit("BUY", "1", 60.001), price.to_owned()),
        ("KO", limit("BUY", "1", 0.0), price.to_owned()),
        ("KO", market("HOLD", "1"), format!("{invalid}Invalid action was entered")),
        ("KO", market("BUY", "1").text(12, "DU9"), format!("{invalid}Invalid account code 'DU9'.")),
        (
            "KO",
            market("BUY", "1").int(7, 1),
            "10255 The 'Display Size' order attribute may not be specified for this order."
                .to_owned(),
        ),
        (
            "KO",
            market("BUY", "1").without(66),
            "10255 The 'Transmit' order attribute may not be specified for this order.".to_owned(),
        ),
    ];
    for (index, (symbol, order, text)) in cases.into_iter().enumerate() {
        let order_id = index as i32 + 1;
        // Nothing but the error, and the id is used up.
        assert_eq!(
            client.place(order_id, symbol, order.clone()),
            [format!("error {order_id} {text}")]
        );
        assert_eq!(client.next_id(), i64::from(order_id) + 1);
        let again = client.place(order_id, symbol, order);
        assert_eq!(again, [format!("error {order_id} 103 Duplicate order id")]);
    }
    let nothing = client.told(id::COMPLETED_ORDERS, Fields::new());
    assert_eq!(nothing, ["completedOrdersEnd"]);
}

#[test]
fn order_ids_rise_and_are_used_once() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.place(0, "KO", market("BUY", "1")), ["error 0 10149 Invalid order id: 0"]);
    assert_eq!(client.place(-3, "KO", market("BUY", "1")), ["error -3 10149 Invalid order id: -3"]);
    let last = client.place(i32::MAX, "KO", market("BUY", "1"));
    assert_eq!(last, ["error 2147483647 10149 Invalid order id: 2147483647"]);
    client.place(100, "KO", market("BUY", "1"));
    assert_eq!(client.next_id(), 101);
    assert_eq!(client.place(99, "KO", market("BUY", "1")), ["error 99 103 Duplicate order id"]);
    let again = client.place(100, "KO", market("BUY", "1"));
    assert_eq!(again, ["error 100 104 Cannot modify a filled order."]);
    // Ids belong to a client: another one begins at 1.
    let mut other = Client::connect(gateway.address(), 6);
    assert_eq!(other.next_id(), 1);
    assert_eq!(other.place(100, "KO", market("BUY", "1")).len(), 8);
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
fn an_order_cannot_become_another_one() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 50.0));
    let order = || limit("BUY", "10", 50.0);
    let cases = [
        ("PEP", order(), "105 Order being modified does not match original order"),
        (
            "KO",
            market("BUY", "10"),
            "329 Order modify failed. Cannot change to the new order type.",
        ),
        (
            "KO",
            order().text(11, "GTC"),
            "462 Order modify failed. Cannot change to the new Time in Force",
        ),
        ("KO", order().text(6, "0"), "434 The order size cannot be zero."),
    ];
    for (symbol, order, text) in cases {
        assert_eq!(client.place(1, symbol, order), [format!("error 1 {text}")]);
    }
    // What the account cannot bear is refused, and the order stays as it was.
    let told = client.place(1, "KO", limit("BUY", "1000000", 50.0));
    assert!(told[0].starts_with("error 1 201 Order rejected - reason:We are unable"), "{told:?}");
    assert_eq!(told[1..], ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/10"]);
}

#[test]
fn an_order_that_the_cash_does_not_pay_for_is_inactive() {
    let gateway = with_cash("600");
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10"));
    let text = "We are unable to accept your order. Your Available Funds are in sufficient to \
                cover the change in the account's margin requirements if this order executes. In \
                order to obtain the desired position your Equity with Loan Value [600.00 USD] must \
                exceed the new total Initial Margin of [601.20 USD].";
    assert_eq!(
        told,
        [
            "openOrder 1 Inactive".to_owned(),
            "orderStatus 1 Inactive 0/10".to_owned(),
            format!("error 1 201 Order rejected - reason:{text}"),
            "openOrder 1 Inactive".to_owned(),
            "orderStatus 1 Inactive 0/10".to_owned(),
        ]
    );
    // 9 * 60.02 + 1 is 541.18.
    assert_eq!(client.place(2, "KO", market("BUY", "9")).len(), 8);
}

#[test]
fn open_buys_reserve_their_cash_and_open_sales_their_shares() {
    let gateway = with_cash("1299");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", limit("BUY", "10", 59.0)); // 591
    assert!(client.place(2, "KO", limit("BUY", "12", 59.0))[0].ends_with("Inactive"));
    client.cancel(1);
    assert_eq!(client.place(3, "KO", market("BUY", "20")).len(), 8);
    client.place(4, "KO", limit("SELL", "15", 65.0));
    let told = client.place(5, "KO", market("SELL", "6"));
    assert!(told[2].contains("The account has 5 KO to sell and the order sells 6."), "{told:?}");
    assert_eq!(client.place(6, "KO", market("SELL", "5")).len(), 8);
}

#[test]
fn times_in_force_that_are_not_simulated_are_rejected() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    for (order_id, tif) in [(1, "FOK"), (2, "IOC"), (3, "GTD"), (4, "OPG")] {
        let frames = client.ask(
            id::PLACE_ORDER,
            placed(order_id, stock("KO"), limit("BUY", "1", 50.0).text(11, tif)),
        );
        assert_eq!(frames[0].fields.inner(3).text_of(11), tif);
        assert_eq!(
            frames[2].words(),
            format!(
                "error {order_id} 201 Order rejected - reason:The time-in-force {tif} is invalid \
                 for this combination of exchange and security type."
            )
        );
    }
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
fn open_orders_are_ones_own_or_everybodys() {
    let gateway = gateway();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(1, "KO", limit("BUY", "1", 50.0).text(28, "mine"));
    two.place(9, "PEP", limit("BUY", "1", 50.0));
    let pair = |order: i32| {
        [format!("openOrder {order} Submitted"), format!("orderStatus {order} Submitted 0/1")]
    };
    let end = ["openOrderEnd".to_owned()];
    let frames = one.ask(id::OPEN_ORDERS, Fields::new());
    assert_eq!(frames[0].fields.inner(3).text_of(28), "mine");
    assert_eq!(frames[0].fields.inner(3).double_of(9), 50.0);
    let words: Vec<String> = frames.iter().map(Frame::words).collect();
    assert_eq!(words, [&pair(1)[..], &end].concat());
    let told = one.told(id::ALL_OPEN_ORDERS, Fields::new());
    assert_eq!(told, [&pair(1)[..], &pair(9), &end].concat());
}

#[test]
fn completed_orders_come_after_the_statuses_of_cancelled_ones() {
    let gateway = gateway();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(1, "KO", market("BUY", "1").text(28, "filled"));
    one.place(2, "KO", limit("BUY", "1", 50.0).text(28, "cancelled"));
    one.cancel(2);
    one.place(3, "KO", market("BUY", "1").text(11, "FOK").text(28, "rejected"));
    two.place(1, "KO", limit("BUY", "1", 50.0).text(28, "other"));
    two.cancel(1);
    let frames = one.ask(id::COMPLETED_ORDERS, Fields::new().int(1, 1));
    assert_eq!(frames[0].words(), "orderStatus 2 Cancelled 0/1");
    let rows: Vec<[String; 3]> = frames[1..5]
        .iter()
        .map(|frame| {
            let (order, state) = (frame.fields.inner(2), frame.fields.inner(3));
            [order.text_of(28), state.text_of(1), state.text_of(30)]
        })
        .collect();
    let reason =
        "The time-in-force FOK is invalid for this combination of exchange and security type.";
    let row = |order_ref: &str, status: &str, how: &str| {
        [order_ref.to_owned(), status.to_owned(), how.to_owned()]
    };
    assert_eq!(
        rows,
        [
            row("filled", "Filled", "Filled Size: 1"),
            row("cancelled", "Cancelled", "Cancelled by Trader"),
            row("rejected", "Inactive", &format!("Rejected by System:\n{reason}")),
            row("other", "Cancelled", "Cancelled by Trader"),
        ]
    );
    assert_eq!(frames[5].words(), "completedOrdersEnd");
    assert_eq!(frames.len(), 6);
}

#[test]
fn executions_are_told_through_a_filter() {
    let gateway = gateway();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(1, "KO", market("BUY", "3").text(28, "a"));
    one.place(2, "PEP", market("BUY", "2"));
    two.place(1, "KO", market("SELL", "1"));
    let mut found = |filter: Fields| {
        let frames = one.ask(id::EXECUTIONS, Fields::new().int(1, 8).message(2, filter));
        frames.iter().map(Frame::words).collect::<Vec<_>>()
    };
    let all = [
        "execDetails 8 1 BOT 3",
        "execDetails 8 2 BOT 2",
        "execDetails 8 1 SLD 1",
        "commission 1 USD",
        "commission 1 USD",
        "commission 0.6 USD",
        "execDetailsEnd",
    ];
    // PEP trades at 150, so 1 % of a share of KO is the only commission below a dollar.
    assert_eq!(found(Fields::new()), all);
    assert_eq!(found(Fields::new().int(1, 0).text(2, "DU0000001").int(8, 1)), all);
    assert_eq!(found(Fields::new().int(1, 2))[0], "execDetails 8 1 SLD 1");
    assert_eq!(found(Fields::new().text(4, "PEP"))[0], "execDetails 8 2 BOT 2");
    assert_eq!(found(Fields::new().text(7, "SELL")).len(), 3);
    assert_eq!(found(Fields::new().text(3, "20260825 10:30:00 US/Eastern")), all);
    for none in [
        Fields::new().int(1, 3),
        Fields::new().text(2, "DU9"),
        Fields::new().text(3, "20260825-14:30:01"),
        Fields::new().text(5, "OPT"),
        Fields::new().int(9, 20_260_824),
    ] {
        assert_eq!(found(none), ["execDetailsEnd"]);
    }
    assert_eq!(found(Fields::new().int(9, 20_260_825)), all);
    let told = found(Fields::new().text(3, "noon"));
    assert_eq!(told, ["error 8 321 Error validating request.-'v' : cause - Invalid time noon"]);
}

#[test]
fn the_same_requests_give_the_same_bytes() {
    let run = || {
        let gateway = gateway();
        let mut client = Client::connect(gateway.address(), 5);
        let mut frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "10")));
        frames
            .extend(client.ask(id::PLACE_ORDER, placed(2, stock("KO"), limit("SELL", "5", 61.0))));
        frames.extend(
            client.ask(
                id::HISTORY,
                Fields::new()
                    .int(1, 3)
                    .message(2, stock("KO"))
                    .text(4, "1 day")
                    .text(5, "1 M")
                    .text(7, "TRADES"),
            ),
        );
        frames.extend(client.ask(id::COMPLETED_ORDERS, Fields::new()));
        frames
    };
    assert_eq!(run(), run());
}
