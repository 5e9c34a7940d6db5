//! Statements and announcements.

use super::{client, day, number, sibling, symbol, text};
use crate::shelf::{Recording, Shelf, wait};
use chrono::NaiveDate;
use decile_core::Filing;
use decile_core::source::{Basis, FilingSource};
use serde_json::Value;
use std::collections::BTreeMap;

const STATEMENTS: [(&str, [&str; 2]); 4] = [
    ("INCOME_STATEMENT", ["_income_statement.json", "INCOME_STATEMENT.json"]),
    ("BALANCE_SHEET", ["_balance_sheet.json", "BALANCE_SHEET.json"]),
    ("CASH_FLOW", ["_cash_flow.json", "CASH_FLOW.json"]),
    ("EARNINGS", ["_earnings.json", "-EARNINGS.json"]),
];

/// The quarters of a reply by their ends.
fn by_end<'a>(json: &'a Value, list: &str) -> BTreeMap<NaiveDate, &'a Value> {
    let rows = json[list].as_array().into_iter().flatten();
    rows.map(|row| (day(text(&row["fiscalDateEnding"])), row)).collect()
}

/// Fetches the filings of the stock, with every statement of it that is recorded.
fn filings(shelf: &Shelf, recording: &Recording) -> (Vec<Filing>, BTreeMap<&'static str, Value>) {
    let recorded = STATEMENTS.into_iter().filter_map(|(function, endings)| {
        let found = endings.iter().find_map(|ending| sibling(shelf, recording, ending));
        Some((function, found?))
    });
    let recorded: Vec<_> = recorded.collect();
    let jsons: BTreeMap<_, _> = recorded.iter().map(|(name, it)| (*name, it.json())).collect();
    let stock = symbol(text(&recording.json()["symbol"]));
    let fetched = wait(client(&recorded).with_cash_flows().filings(&stock)).expect("filings");
    assert_eq!(fetched.basis, Basis::AsFiled);
    assert!(fetched.dropped.is_empty(), "{:?}", fetched.dropped);
    (fetched.rows, jsons)
}

pub(super) fn quarters(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (filings, jsons) = filings(shelf, recording);
    let absent = Value::Null;
    let quarterly = |name: &str| by_end(jsons.get(name).unwrap_or(&absent), "quarterlyReports");
    let [income, balance, cash] = ["INCOME_STATEMENT", "BALANCE_SHEET", "CASH_FLOW"].map(quarterly);
    let announced = by_end(jsons.get("EARNINGS").unwrap_or(&absent), "quarterlyEarnings");
    let years = by_end(&jsons["INCOME_STATEMENT"], "annualReports");
    assert!(filings.iter().map(|filing| filing.period_end).eq(income.keys().copied()));
    let mut dated = 0;
    for filing in &filings {
        let end = filing.period_end;
        let field = |rows: &BTreeMap<_, &Value>, name: &str| {
            rows.get(&end).and_then(|row: &&Value| number(&row[name]))
        };
        assert_eq!(filing.net_income, field(&income, "netIncome"), "{end}");
        assert_eq!(filing.revenue, field(&income, "totalRevenue"), "{end}");
        assert_eq!(filing.gross_profit, field(&income, "grossProfit"), "{end}");
        assert_eq!(filing.book_equity, field(&balance, "totalShareholderEquity"), "{end}");
        assert_eq!(filing.shares, field(&balance, "commonStockSharesOutstanding"), "{end}");
        assert_eq!(filing.total_assets, field(&balance, "totalAssets"), "{end}");
        assert_eq!(filing.operating_cash_flow, field(&cash, "operatingCashflow"), "{end}");
        assert_eq!(filing.dividends_paid, field(&cash, "dividendPayout"), "{end}");
        assert_eq!(filing.currency.as_str(), text(&income[&end]["reportedCurrency"]));
        let reported = announced.get(&end).map(|row| day(text(&row["reportedDate"])));
        assert_eq!(filing.filed, reported, "{end}");
        assert_eq!(filing.is_imputed(), !jsons.contains_key("EARNINGS"), "{end}");
        dated += usize::from(filing.filed.is_some());
        if years.contains_key(&end) {
            assert_eq!(filing.form.as_str(), "10-K", "{end}");
        }
    }
    let forms = filings.iter().filter(|filing| filing.form.as_str() == "10-K").count();
    // One quarter in four ends a year.
    assert_eq!(forms, filings.len() / 4);
    let told = format!("{} quarters equal in eight columns, {dated} dated", filings.len());
    vec![format!("{told}; from {:?}", jsons.keys().collect::<Vec<_>>())]
}

/// From before the provider renamed its fields.
pub(super) fn quarters_before_2021(_: &Shelf, recording: &Recording) -> Vec<String> {
    let raw = recording.json();
    let client = client(&[("INCOME_STATEMENT", recording.clone())]);
    let fetched = wait(client.filings(&symbol("IBM"))).expect("filings");
    let income = by_end(&raw, "quarterlyReports");
    assert!(fetched.rows.iter().map(|filing| filing.period_end).eq(income.keys().copied()));
    for filing in &fetched.rows {
        let row = income[&filing.period_end];
        assert_eq!(filing.net_income, number(&row["netIncomeApplicableToCommonShares"]));
        assert_eq!(filing.revenue, number(&row["totalRevenue"]));
        assert!(filing.book_equity.is_none() && filing.is_imputed());
    }
    assert_eq!(fetched.warnings.len(), 2, "{:?}", fetched.warnings);
    vec![format!("{} quarters equal; no balance and no announcement, said so", income.len())]
}

pub(super) fn announcements(_: &Shelf, recording: &Recording) -> Vec<String> {
    let raw = recording.json();
    let stock = symbol(text(&raw["symbol"]));
    let client = client(&[("EARNINGS", recording.clone())]);
    let earnings = wait(client.earnings(&stock)).expect("earnings");
    let quarters = by_end(&raw, "quarterlyEarnings");
    assert_eq!(earnings.quarterly.len(), quarters.len());
    for quarter in &earnings.quarterly {
        let row = quarters[&quarter.end];
        let reported = day(text(&row["reportedDate"]));
        // Announced on its last day, Apple's of 2000: that cannot be.
        assert_eq!(quarter.announced, (reported > quarter.end).then_some(reported));
        assert_eq!(quarter.eps, number(&row["reportedEPS"]));
        assert_eq!(quarter.eps_estimated, number(&row["estimatedEPS"]));
    }
    // By hand: the fiscal years of Amazon and JPMorgan end in December, Microsoft's in June, and
    // all three were recorded in autumn. Apple's ends in September, Agilent's in October.
    let so_far = matches!(stock.as_str(), "AMZN" | "JPM" | "MSFT");
    let years = by_end(&raw, "annualEarnings");
    let ends: Vec<_> = earnings.annual.iter().map(|year| year.end).collect();
    let expected: Vec<_> = years.keys().rev().copied().skip(usize::from(so_far)).collect();
    assert_eq!(ends, expected);
    for year in &earnings.annual {
        assert_eq!(year.eps, number(&years[&year.end]["reportedEPS"]));
    }
    let pending = earnings.quarterly.iter().filter(|quarter| !quarter.is_reported()).count();
    assert_eq!(pending, usize::from(stock.as_str() == "A"));
    let told = format!("{} quarters, {} years equal", quarters.len(), ends.len());
    vec![format!("{told}; year so far left out: {so_far}; pending: {pending}")]
}
