//! Statements.

use super::{serve, symbol};
use crate::shelf::{Recording, Shelf, number, wait};
use decile_core::Filing;
use decile_core::source::{Basis, Fetched, FilingSource};
use serde_json::Value;
use std::collections::BTreeMap;

/// Values of one series by the ends of its periods.
type Column = BTreeMap<String, (f64, String)>;

/// Read off by hand: file, end, net income, book equity, shares, revenue.
const BY_HAND: &[(&str, &str, [Option<f64>; 4])] = &[
    (
        "fundamentalsTimeSeries-AAPL-financials-quarterly.json",
        "2024-09-30",
        [Some(14_736e6), None, None, Some(94_930e6)],
    ),
    (
        "fundamentalsTimeSeries-AAPL-balance-sheet-quarterly.json",
        "2024-03-31",
        [None, Some(74_194e6), Some(15_337_686_000.0), None],
    ),
    (
        "fundamentalsTimeSeries-ORSTED.CO-financials-quarterly.json",
        "2023-09-30",
        [Some(-22_596e6), None, None, Some(15_298e6)],
    ),
    (
        "yfrs-timeseries_balance_sheet_annual_MSFT.json",
        "2023-06-30",
        [None, Some(206_223e6), Some(7_432e6), None],
    ),
];

pub(super) fn quarters(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let fetched = fetch(shelf, recording);
    let series = Series(recording.json());
    let flows = [
        series.column("quarterlyNetIncomeCommonStockholders", "quarterlyNetIncome"),
        series.column("quarterlyTotalRevenue", ""),
        series.column("quarterlyGrossProfit", ""),
    ];
    let told = compare(recording, &fetched, &series, "quarterly", &flows);
    assert!(fetched.rows.iter().all(|filing| filing.form.as_str() == "10-Q"));
    vec![told, "quarters, as 10-Q without a filing date".to_owned()]
}

pub(super) fn years(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let fetched = fetch(shelf, recording);
    let series = Series(recording.json());
    let none = [Column::new(), Column::new(), Column::new()];
    let told = compare(recording, &fetched, &series, "annual", &none);
    assert!(fetched.rows.iter().all(|filing| filing.form.as_str() == "10-K"));
    vec![told, "ends of fiscal years, as 10-K without flows".to_owned()]
}

/// A year's flows are not a quarter's, so nothing of them is left.
pub(super) fn flows_of_years(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let fetched = fetch(shelf, recording);
    let revenue = Series(recording.json()).column("annualTotalRevenue", "");
    assert!(fetched.rows.is_empty(), "{:?}", fetched.rows);
    assert_eq!(fetched.dropped.len(), revenue.len());
    let is_named = |end: &String| fetched.dropped.iter().any(|line| line.starts_with(end));
    assert!(revenue.keys().all(is_named), "{:?}", fetched.dropped);
    vec![format!("{} years of flows dropped by name", revenue.len())]
}

pub(super) fn none(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    let error = wait(yahoo.filings(&symbol(recording.last()))).expect_err("no statements");
    assert_eq!(error.kind(), "not_found", "{error}");
    vec!["no statement in it".to_owned()]
}

fn fetch(shelf: &Shelf, recording: &Recording) -> Fetched<Filing> {
    let (_server, yahoo) = serve(shelf, recording);
    wait(yahoo.filings(&symbol(recording.last()))).expect("statements")
}

fn compare(
    recording: &Recording,
    fetched: &Fetched<Filing>,
    series: &Series,
    prefix: &str,
    [income, revenue, gross]: &[Column; 3],
) -> String {
    let of = |name: &str| format!("{prefix}{name}");
    let equity = series.column(&of("CommonStockEquity"), &of("StockholdersEquity"));
    let shares = series.column(&of("OrdinarySharesNumber"), "");
    let assets = series.column(&of("TotalAssets"), "");
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    let mut numbers = 0;
    for filing in &fetched.rows {
        let end = filing.period_end.to_string();
        let raw = |column: &Column| column.get(&end).map(|(value, _)| *value);
        let found = [
            filing.net_income,
            filing.revenue,
            filing.gross_profit,
            filing.book_equity,
            filing.shares,
            filing.total_assets,
        ];
        let expected = [income, revenue, gross, &equity, &shares, &assets].map(raw);
        assert_eq!(found, expected, "{} {end}", recording.file);
        let amounts = [income, revenue, &equity, &assets];
        let currency = amounts.iter().find_map(|column| column.get(&end)).map(|(_, code)| code);
        assert_eq!(Some(filing.currency.as_str()), currency.map(String::as_str));
        assert!(filing.filed.is_none() && filing.is_imputed());
        numbers += found.iter().flatten().count();
    }
    let ends: std::collections::BTreeSet<&String> = [income, revenue, &equity, &shares, &assets]
        .iter()
        .flat_map(|column| column.keys())
        .collect();
    assert_eq!(fetched.rows.len(), ends.len(), "{}", recording.file);
    assert!(numbers > 0, "nothing was compared");
    let mut told = format!("{} rows, {numbers} numbers as in the body", fetched.rows.len());
    for (name, end, expected) in BY_HAND.iter().filter(|(name, ..)| *name == recording.name()) {
        let filing = fetched.rows.iter().find(|filing| filing.period_end.to_string() == *end);
        let filing = filing.unwrap_or_else(|| panic!("{name} has no {end}"));
        let found = [filing.net_income, filing.book_equity, filing.shares, filing.revenue];
        let known = found.iter().zip(expected).filter(|(_, expected)| expected.is_some());
        assert!(known.clone().all(|(found, expected)| found == expected), "{found:?}");
        told.push_str(&format!(", those of {end} as read by hand"));
    }
    told
}

/// The body of a reply.
struct Series(Value);

impl Series {
    /// Returns the values of a series; where it has none, those of another.
    fn column(&self, name: &str, otherwise: &str) -> Column {
        let mut column = self.points(otherwise);
        column.extend(self.points(name));
        column
    }

    fn points(&self, name: &str) -> Column {
        let all = self.0["timeseries"]["result"].as_array().expect("series");
        let one = all.iter().find(|one| one["meta"]["type"][0] == name);
        let points = one.and_then(|one| one[name].as_array()).into_iter().flatten();
        let entry = |point: &Value| {
            let end = point["asOfDate"].as_str().expect("a date").to_owned();
            let currency = point["currencyCode"].as_str().expect("a currency").to_owned();
            Some((end, (number(&point["reportedValue"])?, currency)))
        };
        points.filter_map(entry).collect()
    }
}
