//! Orders that are refused, and what the account cannot bear.

mod support;

use decile_gateway::Gateway;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, clock, config, gateway, id, limit, market, placed, stock, with_cash};

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
            market("BUY", "1").text(8, "MIT"),
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
        ("KO", market("BUY", "1").text(8, "STP"), price.to_owned()),
        ("KO", limit("BUY", "1", 60.0).text(8, "STP LMT"), price.to_owned()),
        ("KO", market("BUY", "1").text(8, "TRAIL"), price.to_owned()),
        ("KO", market("BUY", "1").int(4, 77), "135 Can't find order with id = 77".to_owned()),
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
    for (order_id, tif) in [(1, "FOK"), (2, "DTC"), (3, "GTX"), (4, "AUC")] {
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
fn an_error_may_come_before_its_order() {
    let config = config(&clock()).cash("600".parse().unwrap()).error_first(true);
    let gateway = Gateway::start(config).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("BUY", "10"));
    assert!(told[0].starts_with("error 1 201 "), "{told:?}");
    assert_eq!(told[1..], ["openOrder 1 Inactive", "orderStatus 1 Inactive 0/10"]);
}

#[test]
fn orders_of_others_may_be_ones_own_to_cancel() {
    let gateway = Gateway::start(config(&clock()).cancels_of_others(true)).unwrap();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(7, "KO", limit("BUY", "1", 50.0));
    // Its owner hears of it.
    assert_eq!(two.cancel(7), [""; 0]);
    assert_eq!(one.rest().len(), 4);
}

#[test]
fn both_dialects_refuse_the_same_attributes_by_the_same_names() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    // The field of protobuf, a value, the field of text, and the name.
    let attributes = [
        (68, "C", 24, "Open Close"),
        (17, "1", 29, "Block Order"),
        (20, "1", 30, "Sweep To Fill"),
        (7, "5", 31, "Display Size"),
        (18, "1", 34, "Hidden"),
        (25, "20260825 12:00:00", 37, "Good After Time"),
        (103, "model", 42, "Model Code"),
        (71, "elsewhere", 44, "Designated Location"),
        (29, "I", 47, "Rule 80A"),
        (13, "X", 48, "Settling Firm"),
        (16, "1", 49, "All Or None"),
        (24, "5", 50, "Minimum Quantity"),
        (67, "1", 61, "Override Percentage Constraints"),
    ];
    for (order, (tag, value, index, name)) in (1..).zip(attributes) {
        let fields = market("BUY", "10");
        let fields = match value.parse() {
            Ok(number) => fields.int(tag, number),
            Err(_) => fields.text(tag, value),
        };
        let refusal = format!("The '{name}' order attribute may not be specified for this order.");
        let told = client.place(order, "KO", fields);
        assert_eq!(told, [format!("error {order} 10255 {refusal}")]);
        let message = support::text::placed(order, "KO", "BUY|10|MKT|||DAY|", 178);
        let mut fields: Vec<&str> = message.split('|').collect();
        fields[index] = value;
        assert_eq!(text.ask(&fields.join("|")), [format!("4|2|{order}|10255|{refusal}|")]);
    }
}
