//! The ledgers of currencies in account summaries, in both dialects.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::fields::Fields;
use support::text::TextClient;
use support::{Client, id, market, with_cash};

/// What a recorded gateway told of a currency, in its order.
const RECORDED: [&str; 25] = [
    "Currency",
    "CashBalance",
    "TotalCashBalance",
    "AccruedCash",
    "StockMarketValue",
    "OptionMarketValue",
    "FutureOptionValue",
    "FuturesPNL",
    "NetLiquidationByCurrency",
    "UnrealizedPnL",
    "RealizedPnL",
    "ExchangeRate",
    "FundValue",
    "NetDividend",
    "MutualFundValue",
    "MoneyMarketFundValue",
    "CorporateBondValue",
    "TBondValue",
    "TBillValue",
    "WarrantValue",
    "FxCashBalance",
    "AccountOrGroup",
    "RealCurrency",
    "IssuerOptionValue",
    "Cryptocurrency",
];

/// Returns account, tag, value and currency of every row that a tag gives, in both dialects.
fn rows(client: &mut Client, text: &mut TextClient, tags: &str) -> Vec<[String; 4]> {
    let request = Fields::new().int(1, 1).text(2, "All").text(3, tags);
    let frames = client.ask(id::ACCOUNT_SUMMARY, request);
    client.send(id::CANCEL_ACCOUNT_SUMMARY, Fields::new().int(1, 1));
    let (end, frames) = frames.split_last().unwrap();
    assert_eq!(end.words(), "accountSummaryEnd");
    let row = |fields: &Fields| [2, 3, 4, 5].map(|tag| fields.text_of(tag).to_owned());
    let rows: Vec<[String; 4]> = frames.iter().map(|frame| row(&frame.fields)).collect();

    let told = text.ask(&format!("62|1|1|All|{tags}"));
    text.send("63|1|1");
    let told: Vec<Vec<&str>> = told.iter().map(|row| row.split('|').collect()).collect();
    let (end, told) = told.split_last().unwrap();
    assert_eq!(end[0], "64");
    let told: Vec<[String; 4]> =
        told.iter().map(|row| [3, 4, 5, 6].map(|place| row[place].to_owned())).collect();
    assert_eq!(rows, told);
    rows
}

#[test]
fn a_ledger_is_told_of_each_currency_as_recorded() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    client.place(1, "KO", market("BUY", "10"));

    let all = rows(&mut client, &mut text, "TotalCashValue,$LEDGER:ALL,AvailableFunds");
    assert_eq!(all.len(), 2 + 2 * RECORDED.len());
    // What is asked of the account comes first, sorted, and then the ledgers, which are the group's.
    assert_eq!(all[0][..2], ["DU0000001", "AvailableFunds"]);
    assert_eq!(all[1][..2], ["DU0000001", "TotalCashValue"]);
    for (rows, currency) in all[2..].chunks(RECORDED.len()).zip(["USD", "BASE"]) {
        let keys: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(keys, RECORDED);
        assert!(rows.iter().all(|row| row[0] == "All" && row[3] == currency), "{rows:?}");
        let value = |key: &str| rows.iter().find(|row| row[1] == key).unwrap()[2].as_str();
        // 10 * 60.02 + 1 paid, worth 10 * 60.
        assert_eq!(value("CashBalance"), "9398.80");
        assert_eq!(value("TotalCashBalance"), "9398.80");
        assert_eq!(value("StockMarketValue"), "600.00");
        assert_eq!(value("NetLiquidationByCurrency"), "9998.8000");
        assert_eq!(value("UnrealizedPnL"), "-1.20");
        assert_eq!((value("RealizedPnL"), value("ExchangeRate")), ("0.00", "1.00"));
        assert_eq!((value("Currency"), value("RealCurrency")), (currency, currency));
        assert_eq!((value("AccountOrGroup"), value("Cryptocurrency")), ("All", ""));
    }
}

#[test]
fn a_ledger_may_be_of_one_currency() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    for (tags, currency) in [("$LEDGER", "BASE"), ("$LEDGER:USD", "USD")] {
        let rows = rows(&mut client, &mut text, tags);
        assert_eq!(rows.len(), RECORDED.len(), "{tags}");
        assert!(rows.iter().all(|row| row[3] == currency), "{tags}");
    }
    // There is no such money in the account.
    assert_eq!(rows(&mut client, &mut text, "$LEDGER:EUR"), [[""; 4]; 0]);
    // And each is told once, however it is asked for.
    let both = rows(&mut client, &mut text, "$LEDGER:ALL,$LEDGER,$LEDGER:USD");
    assert_eq!(both.len(), 2 * RECORDED.len());
}

#[test]
fn a_ledger_is_told_again_where_it_changes() {
    let gateway = with_cash("10000");
    let mut client = Client::connect(gateway.address(), 5);
    let request = Fields::new().int(1, 1).text(2, "All").text(3, "$LEDGER");
    client.ask(id::ACCOUNT_SUMMARY, request);
    let told = client.place(1, "KO", market("BUY", "10"));
    assert_eq!(
        told[8..],
        [
            "accountSummary CashBalance 9398.80 BASE",
            "accountSummary TotalCashBalance 9398.80 BASE",
            "accountSummary StockMarketValue 600.00 BASE",
            "accountSummary NetLiquidationByCurrency 9998.8000 BASE",
            "accountSummary UnrealizedPnL -1.20 BASE",
        ]
    );
}
