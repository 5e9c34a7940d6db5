//! Statements, announcements and ratios.

use super::{client, day, functions, serving, symbol, transport};
use decile_core::ReportTime;
use decile_core::source::{FilingSource, SecuritySource, StatsSource};
use decile_providers::Secret;
use decile_providers::alphavantage::AlphaVantage;

/// Two quarters of a company whose year of 52 weeks ends at the end of July.
pub(super) const INCOME: &str = r#"{"symbol": "QZA",
    "annualReports": [{"fiscalDateEnding": "2023-07-30", "reportedCurrency": "USD"}],
    "quarterlyReports": [
        {"fiscalDateEnding": "2023-10-29", "reportedCurrency": "USD", "netIncome": "-120",
         "totalRevenue": "None", "grossProfit": "300"},
        {"fiscalDateEnding": "2023-07-30", "reportedCurrency": "USD", "netIncome": "100",
         "totalRevenue": "1000", "grossProfit": "-"}]}"#;
pub(super) const BALANCE: &str = r#"{"symbol": "QZA", "annualReports": [],
    "quarterlyReports": [
        {"fiscalDateEnding": "2023-10-29", "reportedCurrency": "USD",
         "totalShareholderEquity": "-50", "commonStockSharesOutstanding": "40",
         "totalAssets": "900"},
        {"fiscalDateEnding": "2023-07-30", "reportedCurrency": "EUR",
         "totalShareholderEquity": "70", "commonStockSharesOutstanding": "41"}]}"#;
pub(super) const CASH_FLOW: &str = r#"{"symbol": "QZA", "annualReports": [],
    "quarterlyReports": [{"fiscalDateEnding": "2023-10-29", "reportedCurrency": "USD",
        "operatingCashflow": "80", "dividendPayout": "None"}]}"#;
pub(super) const EARNINGS: &str = r#"{"symbol": "QZA", "annualEarnings": [
        {"fiscalDateEnding": "2023-10-31", "reportedEPS": "-3"},
        {"fiscalDateEnding": "2023-07-31", "reportedEPS": "9.5"},
        {"fiscalDateEnding": "2022-07-31", "reportedEPS": "8"}],
    "quarterlyEarnings": [
        {"fiscalDateEnding": "2024-01-31", "reportedDate": "2024-07-20", "reportedEPS": "None",
         "estimatedEPS": "1.5"},
        {"fiscalDateEnding": "2023-10-31", "reportedDate": "2023-12-06", "reportedEPS": "-3",
         "estimatedEPS": "None", "reportTime": "post-market"},
        {"fiscalDateEnding": "2023-07-31", "reportedDate": "2023-07-31", "reportedEPS": "2.5",
         "reportTime": "pre-market"}]}"#;

#[tokio::test]
async fn statements_are_dated_by_the_announcement_of_their_month() {
    let replies =
        [("INCOME_STATEMENT", INCOME), ("BALANCE_SHEET", BALANCE), ("EARNINGS", EARNINGS)];
    let server = serving(&replies);
    let filings = client(&server).filings(&symbol("QZA")).await.expect("filings");
    assert_eq!(functions(&server), ["INCOME_STATEMENT", "BALANCE_SHEET", "EARNINGS"]);
    let [year, quarter] = &filings.rows[..] else { panic!("{:?}", filings.rows) };
    assert_eq!((quarter.period_end, quarter.form.as_str()), (day("2023-10-29"), "10-Q"));
    assert_eq!((quarter.filed, quarter.report_time), (Some(day("2023-12-06")), ReportTime::Post));
    assert_eq!((quarter.net_income, quarter.revenue), (Some(-120.0), None));
    assert_eq!((quarter.gross_profit, quarter.total_assets), (Some(300.0), Some(900.0)));
    assert_eq!((quarter.book_equity, quarter.shares), (Some(-50.0), Some(40.0)));
    assert_eq!((quarter.operating_cash_flow, quarter.source.as_str()), (None, "alphavantage"));

    // Announced on its last day: that cannot be, and the rule takes its place.
    assert_eq!((year.period_end, year.form.as_str()), (day("2023-07-30"), "10-K"));
    assert!(year.is_imputed());
    // Its balance is in another currency: what stands there is not added to dollars.
    assert_eq!((year.net_income, year.gross_profit), (Some(100.0), None));
    assert_eq!((year.book_equity, year.shares), (None, None));
    assert_eq!(filings.warnings.len(), 2, "{:?}", filings.warnings);
}

#[tokio::test]
async fn cash_flows_cost_a_call_more() {
    let server = serving(&[
        ("INCOME_STATEMENT", INCOME),
        ("BALANCE_SHEET", BALANCE),
        ("CASH_FLOW", CASH_FLOW),
        ("EARNINGS", EARNINGS),
    ]);
    let client = AlphaVantage::new(transport(&server), Secret::new(super::KEY)).with_cash_flows();
    let filings = client.filings(&symbol("QZA")).await.expect("filings");
    assert_eq!(filings.rows[1].operating_cash_flow, Some(80.0));
    assert_eq!(filings.rows[1].dividends_paid, None);
    assert_eq!(functions(&server).len(), 4);
}

#[tokio::test]
async fn what_the_provider_will_not_give_is_missing_and_said_so() {
    let server = serving(&[("INCOME_STATEMENT", INCOME), ("EARNINGS", "{}")]);
    let filings = client(&server).filings(&symbol("QZA")).await.expect("filings");
    assert!(filings.rows.iter().all(|row| row.is_imputed() && row.book_equity.is_none()));
    assert_eq!(filings.rows[1].net_income, Some(-120.0));
    assert!(filings.warnings[0].starts_with("there are no balance sheets: "));
    assert!(filings.warnings[1].starts_with("there are no announcements: "));
}

#[tokio::test]
async fn a_limit_in_the_middle_is_an_error_of_the_whole() {
    let limit = r#"{"Note": "Our standard API call frequency is 5 calls per minute"}"#;
    let server = serving(&[("INCOME_STATEMENT", INCOME), ("BALANCE_SHEET", limit)]);
    let error = client(&server).filings(&symbol("QZA")).await.expect_err("a limit");
    assert_eq!(error.kind(), "rate_limited");
    assert_eq!(functions(&server).len(), 2);
}

#[tokio::test]
async fn the_year_so_far_is_no_year_and_a_scheduled_quarter_is_not_reported() {
    let server = serving(&[("EARNINGS", EARNINGS)]);
    let earnings = client(&server).earnings(&symbol("QZA")).await.expect("earnings");
    let years: Vec<_> = earnings.annual.iter().map(|year| (year.end, year.eps)).collect();
    assert_eq!(years, [(day("2023-07-31"), Some(9.5)), (day("2022-07-31"), Some(8.0))]);
    assert_eq!(earnings.dropped, ["2023-10-31: a year so far, not a fiscal year"]);
    let pending = earnings.quarterly[0];
    assert_eq!((pending.announced, pending.is_reported()), (Some(day("2024-07-20")), false));
    assert_eq!(earnings.quarterly[1].eps_estimated, None);
}

#[tokio::test]
async fn what_a_stock_is_and_its_ratios_come_from_one_reply() {
    let overview = r#"{"Symbol": "BRK-B", "AssetType": "Common Stock", "Name": "Quartz Holdings",
        "Currency": "USD", "Country": "USA", "Sector": "FINANCE", "PERatio": "None",
        "EPS": "56027.15", "BookValue": "-", "ReturnOnEquityTTM": "-99999.99",
        "MarketCapitalization": "600000000000"}"#;
    let server = serving(&[("OVERVIEW", overview)]);
    let client = client(&server);
    let security = client.security(&symbol("BRK.B")).await.expect("a security");
    assert_eq!(
        (security.issuer.as_str(), security.sector.as_str()),
        ("Quartz Holdings", "FINANCE")
    );
    assert_eq!((security.symbol.as_str(), security.adr_ratio), ("BRK.B", 1.0));
    let stats = client.stats(&symbol("BRK.B")).await.expect("ratios");
    assert_eq!((stats.trailing_pe, stats.book_value, stats.return_on_equity), (None, None, None));
    assert_eq!(stats.market_cap, Some(6e11));
    assert!(server.received()[0].target.contains("symbol=BRK-B&"));

    let server = serving(&[("OVERVIEW", "{}")]);
    let unknown = super::client(&server).stats(&symbol("QZA")).await;
    assert_eq!(unknown.expect_err("unknown").kind(), "not_found");

    // A statement has the symbol too, and no field of an overview.
    let server = serving(&[("OVERVIEW", BALANCE)]);
    let client = super::client(&server);
    let strange = [
        client.stats(&symbol("QZA")).await.expect_err("no ratios"),
        client.profile(&symbol("QZA")).await.expect_err("no profile"),
    ];
    assert!(strange.iter().all(|error| error.kind() == "decode"), "{strange:?}");
}
