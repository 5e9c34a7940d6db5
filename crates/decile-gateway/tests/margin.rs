//! A margin account: half of a purchase is borrowed, and shares are too.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_gateway::{Gateway, MarketRules};
use support::fields::Fields;
use support::{Client, clock, config, id, limit, market, placed, quote, stock};

fn with_margin(cash: &str) -> Gateway {
    Gateway::start(config(&clock()).cash(cash.parse().unwrap()).margin(true)).unwrap()
}

#[test]
fn half_of_a_purchase_is_enough() {
    let gateway = with_margin("10000");
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.summary("BuyingPower").to_string(), "20000.00");
    // 300 * 60.02 + 1.50 is 18,007.50.
    assert_eq!(client.place(1, "KO", market("BUY", "300")).len(), 8);
    let values = [
        "TotalCashValue",
        "NetLiquidation",
        "InitMarginReq",
        "MaintMarginReq",
        "AvailableFunds",
        "ExcessLiquidity",
    ];
    let values = values.map(|tag| client.summary(tag).to_string());
    assert_eq!(values, ["-8007.50", "9992.50", "9000.00", "4500.00", "992.50", "5492.50"]);
    let told = client.place(2, "KO", market("BUY", "40"));
    assert!(told[2].contains("Equity with Loan Value [9991.50 USD] must exceed the new total Initial Margin of [10200.40 USD]"), "{told:?}");
    // What makes a holding smaller is always borne.
    assert_eq!(client.place(3, "KO", market("SELL", "300")).len(), 8);
}

#[test]
fn what_is_not_held_can_be_sold() {
    let gateway = with_margin("10000");
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.place(1, "KO", market("SELL", "100")).len(), 8);
    assert_eq!(client.positions(), ["position KO -100", "positionEnd"]);
    // 100 * 59.98 - 1 came in; 100 * 60 is owed.
    let values = [
        "TotalCashValue",
        "NetLiquidation",
        "GrossPositionValue",
        "InitMarginReq",
        "MaintMarginReq",
    ];
    let values = values.map(|tag| client.summary(tag).to_string());
    assert_eq!(values, ["15997.00", "9997.00", "6000.00", "3000.00", "1800.00"]);
    let portfolio = client.ask(id::ACCOUNT_UPDATES, Fields::new().int(1, 1));
    let row = portfolio.iter().find(|frame| frame.id == 7).unwrap();
    // The average is what a share brought in.
    assert_eq!((row.fields.double_of(5), row.fields.double_of(6)), (59.97, -3.0));
    client.send(id::ACCOUNT_UPDATES, Fields::new());

    quote(&gateway, "54.98", "55.00");
    client.rest();
    let frames =
        client.ask(id::PLACE_ORDER, support::placed(2, support::stock("KO"), market("BUY", "150")));
    // 100 are covered: 59.97 - 55 each, less two thirds of the commission of 1.00.
    let report = frames.iter().find(|frame| frame.id == 59).unwrap();
    assert_eq!(report.fields.double_of(4), 496.333333);
    assert_eq!(client.positions(), ["position KO 50", "positionEnd"]);
}

#[test]
fn a_cash_account_cannot_sell_short_and_waits_for_its_sales_to_settle() {
    let rules = MarketRules { next_day_settlement: true, ..MarketRules::default() };
    let clock = clock();
    let gateway =
        Gateway::start(config(&clock).cash("1000".parse().unwrap()).rules(rules)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let told = client.place(1, "KO", market("SELL", "1"));
    assert!(told[2].contains("A cash account cannot sell short."), "{told:?}");
    client.place(2, "KO", market("BUY", "16"));
    client.place(3, "KO", market("SELL", "16"));
    // 16 * 59.98 less 1 is not settled yet.
    assert_eq!(client.summary("SettledCash").to_string(), "38.68");
    // Nor may it be traded with, by any name: 38.68 are there.
    for tag in ["AvailableFunds", "BuyingPower", "FullAvailableFunds", "EquityWithLoanValue"] {
        assert_eq!(client.summary(tag).to_string(), "38.68", "{tag}");
    }
    assert_eq!(client.summary("NetLiquidation"), client.summary("TotalCashValue"));
    let asked = placed(4, stock("KO"), market("BUY", "1").int(65, 1));
    let state = client.ask(id::PLACE_ORDER, asked)[0].fields.inner(4);
    // Equity before and after, and what would be bound: more than there is.
    assert_eq!(
        (state.double_of(4), state.double_of(10), state.double_of(8)),
        (38.68, 38.08, 60.02)
    );
    let told = client.place(5, "KO", market("BUY", "1"));
    let short = "Equity with Loan Value [38.68 USD] must exceed the new total Initial Margin of [60.62 USD].";
    assert!(told[2].ends_with(short), "{told:?}");
    clock.advance(chrono::TimeDelta::days(1));
    gateway.pass_time();
    assert_eq!(client.summary("SettledCash"), client.summary("TotalCashValue"));
    assert_eq!(client.place(6, "KO", market("BUY", "1")).len(), 8);
}

#[test]
fn open_orders_of_a_margin_account_bind_half_of_their_value() {
    let gateway = with_margin("10000");
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.place(1, "KO", limit("BUY", "100", 50.0)).len(), 4);
    // 100 * 50 + 1.
    assert_eq!(client.summary("AvailableFunds").to_string(), "7499.50");
}
