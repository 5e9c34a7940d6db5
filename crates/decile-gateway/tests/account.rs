//! Money and positions: once, and again when they change.

mod support;

use decile_core::Decimal;
use support::fields::Fields;
use support::{Client, Frame, gateway, id, market, with_cash};

fn words(frames: &[Frame]) -> Vec<String> {
    frames.iter().map(Frame::words).collect()
}

fn summary(request: i32, tags: &str) -> Fields {
    Fields::new().int(1, request).text(2, "All").text(3, tags)
}

#[test]
fn a_summary_is_sorted_by_tag_and_told_again_when_it_changes() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    let tags = "NetLiquidation,TotalCashValue,BuyingPower,AccountType,NoSuchTag";
    assert_eq!(
        client.told(id::ACCOUNT_SUMMARY, summary(1, tags)),
        [
            "accountSummary AccountType INDIVIDUAL ",
            "accountSummary BuyingPower 10000.00 USD",
            "accountSummary NetLiquidation 10000.00 USD",
            "accountSummary TotalCashValue 10000.00 USD",
            "accountSummaryEnd",
        ]
    );
    let told = client.place(1, "KO", market("BUY", "10"));
    // 10 * 60.02 + 1 paid, worth 10 * 60.
    assert_eq!(
        told[8..],
        [
            "accountSummary BuyingPower 9398.80 USD",
            "accountSummary NetLiquidation 9998.80 USD",
            "accountSummary TotalCashValue 9398.80 USD",
        ]
    );
    client.send(id::CANCEL_ACCOUNT_SUMMARY, Fields::new().int(1, 1));
    assert_eq!(client.place(2, "KO", market("BUY", "10")).len(), 8);
}

#[test]
fn a_third_summary_at_a_time_is_one_too_many() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    for request in [1, 2, 1] {
        assert_eq!(client.told(id::ACCOUNT_SUMMARY, summary(request, "SettledCash")).len(), 2);
    }
    assert_eq!(
        client.told(id::ACCOUNT_SUMMARY, summary(3, "SettledCash")),
        ["error 3 322 Error processing request.-'Q' : cause - Maximum number of account summary \
          requests exceeded; desubscribe to previous request first"]
    );
    client.send(id::CANCEL_ACCOUNT_SUMMARY, Fields::new().int(1, 2));
    assert_eq!(client.told(id::ACCOUNT_SUMMARY, summary(3, "SettledCash")).len(), 2);
}

#[test]
fn positions_go_on_and_show_what_was_closed_today() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.told(id::POSITIONS, Fields::new()), ["positionEnd"]);
    let frames = client
        .ask(id::PLACE_ORDER, support::placed(1, support::stock("BRK B"), market("BUY", "10")));
    let position = &frames.last().unwrap().fields;
    assert_eq!(frames.last().unwrap().words(), "position BRK B 10");
    // 10 * 500.10 and a commission of 1.
    assert_eq!(position.double_of(4), 500.2);
    assert_eq!(position.inner(2).text_of(8), "NYSE");
    client.place(2, "BRK B", market("SELL", "10"));
    client.send(id::CANCEL_POSITIONS, Fields::new());
    assert_eq!(client.positions(), ["position BRK B 0", "positionEnd"]);
}

#[test]
fn account_updates_come_in_the_recorded_order() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    client.place(2, "PEP", market("BUY", "10"));
    let subscribe = Fields::new().int(1, 1).text(2, "DU0000001");
    let told = client.told(id::ACCOUNT_UPDATES, subscribe);
    let values = told.iter().filter(|line| line.starts_with("accountValue"));
    let keys: Vec<&str> = values.clone().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(keys.len(), 82);
    assert_eq!(told[0], "accountValue AccountCode DU0000001 ");
    assert_eq!(
        told[1..3],
        ["accountValue AccountOrGroup DU0000001 BASE", "accountValue AccountOrGroup DU0000001 USD"]
    );
    assert!(told.contains(&"accountValue NetLiquidationByCurrency 9997.5000 BASE".to_owned()));
    assert_eq!(
        told[82..],
        [
            "portfolio KO 10",
            "accountTime",
            "portfolio PEP 10",
            "accountTime",
            "accountTime",
            "accountDownloadEnd",
        ]
    );
    let told = client.place(3, "KO", market("SELL", "10"));
    assert!(told.contains(&"accountValue RealizedPnL -2.40 USD".to_owned()), "{told:?}");
    assert_eq!(told[told.len() - 3..], ["portfolio KO 0", "accountTime", "accountTime"]);
    // Some clients leave `subscribe` out to unsubscribe.
    client.send(id::ACCOUNT_UPDATES, Fields::new().text(2, "DU0000001"));
    assert_eq!(client.place(4, "KO", market("BUY", "1")).len(), 8);
    let told = client.told(id::ACCOUNT_UPDATES, Fields::new().int(1, 1).text(2, "DU9"));
    assert_eq!(
        told,
        ["error -1 321 Error validating request.-'v' : cause - Invalid account code 'DU9'."]
    );
}

#[test]
fn updates_multi_tell_the_account_and_then_each_currency() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    let all = client.told(id::ACCOUNT_MULTI, Fields::new().int(1, 4).text(2, "DU0000001"));
    assert_eq!(all.len(), 83);
    let base = all.iter().position(|line| line == "accountMulti Currency BASE BASE").unwrap();
    let dollars = all.iter().position(|line| line == "accountMulti Currency USD USD").unwrap();
    assert!(all[..base].iter().all(|line| !line.ends_with("BASE")));
    assert!(all[base..dollars].iter().all(|line| line.ends_with("BASE")));
    assert_eq!(all[82], "accountMultiEnd");
    let ledger = client.told(id::ACCOUNT_MULTI, Fields::new().int(1, 5).int(4, 1));
    assert_eq!(ledger[0], "accountMulti NetLiquidation 10000.00 USD");
    assert_eq!(ledger[1], all[base]);
    let told = client.told(id::ACCOUNT_MULTI, Fields::new().int(1, 6).text(3, "Target2030"));
    assert_eq!(
        told,
        ["error 6 321 Error validating request.-'v' : cause - Invalid model code 'Target2030'."]
    );
    // Both feeds hear of a trade.
    let told = client.place(1, "KO", market("BUY", "10"));
    let cash = |line: &&String| line.starts_with("accountMulti TotalCashValue 9398.80");
    assert_eq!(told.iter().filter(cash).count(), 1);
    let cash = |line: &&String| line.starts_with("accountMulti TotalCashBalance 9398.80");
    assert_eq!(told.iter().filter(cash).count(), 4);
}

#[test]
fn a_quote_that_moves_moves_the_equity() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    client.place(1, "KO", market("BUY", "10"));
    client.ask(id::ACCOUNT_SUMMARY, summary(1, "NetLiquidation,TotalCashValue"));
    client.ask(id::ACCOUNT_UPDATES, Fields::new().int(1, 1));
    gateway.set_quotes([decile_core::Quote::centred(
        "KO".parse().unwrap(),
        "61".parse().unwrap(),
        Decimal::ZERO,
        decile_core::Currency::USD,
        support::NOW.parse().unwrap(),
    )]);
    let told = words(&client.rest());
    assert_eq!(told[0], "accountSummary NetLiquidation 10008.80 USD");
    assert!(told.contains(&"accountValue UnrealizedPnL 8.80 USD".to_owned()), "{told:?}");
    assert!(told.contains(&"portfolio KO 10".to_owned()));
    assert!(!told.iter().any(|line| line.contains("TotalCash")));
}
