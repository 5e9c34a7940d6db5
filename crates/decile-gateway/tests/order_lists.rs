//! Open orders, completed orders and executions, for whoever asks.

mod support;

use support::fields::Fields;
use support::{Client, Frame, gateway, id, limit, market, placed, stock};

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
