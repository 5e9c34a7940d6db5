//! Quarterly statements.

use super::{day, symbol, told};
use decile_core::source::{Basis, FilingSource};
use serde_json::{Value, json};

/// A series of values by the ends of their periods, in a currency.
fn series(name: &str, currency: &str, points: &[(&str, Value)]) -> Value {
    let period = if name.starts_with("annual") { "12M" } else { "3M" };
    let points = points.iter().map(|(end, value)| {
        json!({"asOfDate": end, "periodType": period, "currencyCode": currency, "reportedValue": value})
    });
    json!({"meta": {"symbol": ["KO"], "type": [name]}, "timestamp": [0],
        name: points.collect::<Vec<_>>()})
}

fn amount(value: f64) -> Value {
    json!({"raw": value, "fmt": value.to_string()})
}

fn reply(series: &[Value]) -> Value {
    json!({"timeseries": {"result": series, "error": null}})
}

#[tokio::test]
async fn items_become_quarters() {
    let (q3, q4) = ("2024-09-30", "2024-12-31");
    let body = reply(&[
        series(
            "quarterlyNetIncomeCommonStockholders",
            "USD",
            &[(q3, amount(10.0)), (q4, amount(11.0))],
        ),
        series("quarterlyNetIncome", "USD", &[(q3, amount(99.0))]),
        series("quarterlyStockholdersEquity", "USD", &[(q4, amount(80.0))]),
        series("quarterlyPreferredStockEquity", "USD", &[(q4, amount(5.0))]),
        series("quarterlyOrdinarySharesNumber", "USD", &[(q4, amount(7.0))]),
        series("quarterlyTotalRevenue", "USD", &[(q4, json!({"raw": 0, "fmt": null}))]),
        series("quarterlyCashDividendsPaid", "USD", &[(q4, amount(-3.0))]),
        json!({"meta": {"symbol": ["KO"], "type": ["quarterlyGrossProfit"]}}),
        series("annualNetIncome", "USD", &[("2023-12-31", amount(40.0)), (q4, amount(42.0))]),
        series(
            "annualCommonStockEquity",
            "USD",
            &[("2023-12-31", amount(70.0)), (q4, amount(75.0))],
        ),
    ]);
    let (server, yahoo) = told(&body);
    let fetched = yahoo.filings(&symbol("KO")).await.expect("statements");
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    let rows: Vec<_> = fetched.rows.iter().map(|r| (r.period_end, r.form.to_string())).collect();
    let expected = [("2023-12-31", "10-K"), (q3, "10-Q"), (q4, "10-K")];
    assert_eq!(rows, expected.map(|(end, form)| (day(end), form.to_owned())));

    // A year without quarters has what it owns, not what it earned.
    let year = &fetched.rows[0];
    assert_eq!((year.book_equity, year.net_income), (Some(70.0), None));
    let autumn = &fetched.rows[1];
    assert_eq!((autumn.net_income, autumn.book_equity), (Some(10.0), None));
    let winter = &fetched.rows[2];
    assert_eq!((winter.net_income, winter.book_equity), (Some(11.0), Some(75.0)));
    assert_eq!((winter.shares, winter.revenue, winter.gross_profit), (Some(7.0), None, None));
    assert_eq!((winter.dividends_paid, winter.filed), (Some(3.0), None));
    assert!(winter.is_imputed() && winter.retrieved_at.is_some());
    assert_eq!(winter.source, "yahoo");
    assert_eq!(server.received().len(), 1, "no crumb is needed");
}

#[tokio::test]
async fn two_currencies_in_one_quarter_are_no_quarter() {
    let body = reply(&[
        series(
            "quarterlyNetIncome",
            "EUR",
            &[("2024-09-30", amount(10.0)), ("2024-12-31", amount(9.0))],
        ),
        series("quarterlyTotalRevenue", "USD", &[("2024-12-31", amount(90.0))]),
        // The label of a share count means nothing.
        series("quarterlyOrdinarySharesNumber", "USD", &[("2024-09-30", amount(7.0))]),
    ]);
    let (_server, yahoo) = told(&body);
    let fetched = yahoo.filings(&symbol("SPOT")).await.expect("statements");
    assert_eq!(fetched.rows.len(), 1);
    assert_eq!(fetched.rows[0].currency.as_str(), "EUR");
    assert_eq!(fetched.dropped, ["2024-12-31: its amounts are in more than one currency"]);
}

#[tokio::test]
async fn a_fund_has_no_statements() {
    let body = reply(&[
        json!({"meta": {"symbol": ["QQQ"], "type": ["quarterlyNetIncome"]}}),
        json!({"meta": {"symbol": ["QQQ"], "type": ["quarterlyTotalRevenue"]}}),
    ]);
    let (_server, yahoo) = told(&body);
    let error = yahoo.filings(&symbol("QQQ")).await.expect_err("a fund");
    assert_eq!(error.to_string(), "Yahoo has no data for quarterly statements of QQQ");
}

#[tokio::test]
async fn a_value_of_another_length_or_without_a_date_is_dropped() {
    let mut odd = series(
        "quarterlyNetIncome",
        "USD",
        &[("2024-09-30", amount(10.0)), ("2024-12-31", amount(9.0))],
    );
    odd["quarterlyNetIncome"][0]["periodType"] = "6M".into();
    odd["quarterlyNetIncome"][1]["asOfDate"] = Value::Null;
    let good = series("quarterlyTotalRevenue", "USD", &[("2024-09-30", amount(50.0))]);
    let (_server, yahoo) = told(&reply(&[odd, good]));
    let fetched = yahoo.filings(&symbol("KO")).await.expect("statements");
    assert_eq!((fetched.rows.len(), fetched.rows[0].net_income), (1, None));
    assert_eq!(fetched.dropped.len(), 2, "{:?}", fetched.dropped);
}
