//! Which filings and estimates count at a session.

use chrono::NaiveDate;
use decile_core::{
    Bar, Calendar, EstimateSnapshot, Filing, Market, ReportTime, Security, Symbol, Tables,
};
use decile_factor::{KnownFiling, Panel};

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).expect("a date")
}

fn period(m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, m, d).expect("a date")
}

/// Filed after the close, so it counts from the day after.
fn filed(period_end: NaiveDate, filed: u32) -> KnownFiling {
    KnownFiling { period_end, filed: Some(day(filed)), known_on: day(filed + 1) }
}

#[test]
fn each_period_has_the_version_that_counts_and_nothing_comes_early() {
    let symbol: Symbol = "KO".parse().expect("a symbol");
    let (june, september) = (period(6, 30), period(9, 29));
    let mut tables = Tables::default();
    tables.securities.push(Security::us(symbol.clone(), "Coca-Cola", "Staples"));
    tables.prices.push((symbol.clone(), Bar::close_only(day(2), 50.0)));
    // The restatement of June comes after September.
    for (period_end, on) in [(june, 3), (september, 5), (june, 8)] {
        let mut filing = Filing::new(symbol.clone(), period_end, "10-Q".parse().expect("a form"));
        (filing.filed, filing.report_time) = (Some(day(on)), ReportTime::Post);
        tables.filings.push(filing);
    }
    for on in [4, 10] {
        tables.estimates.push(EstimateSnapshot::new(symbol.clone(), day(on), day(31)));
    }
    let calendar = Calendar::from_sessions((2..=20).map(day).collect()).expect("sessions");
    let market = Market::new(calendar, tables).expect("a market");
    let panel = Panel::new(&market, &[]);
    let on = |d: u32| panel.session_index(day(d)).expect("a session");

    assert_eq!(panel.filings(0, on(3)), Some(vec![]));
    assert_eq!(panel.filings(0, on(4)), Some(vec![filed(june, 3)]));
    assert_eq!(panel.filings(0, on(8)), Some(vec![filed(june, 3), filed(september, 5)]));
    assert_eq!(panel.filings(0, on(9)), Some(vec![filed(june, 8), filed(september, 5)]));
    assert_eq!((panel.filings(1, on(9)), panel.filings(0, 99)), (None, None));

    // A snapshot counts from the session after its day.
    let estimates = [4, 5, 10, 11].map(|d| panel.estimate(0, on(d)));
    assert_eq!(estimates, [None, Some(day(4)), Some(day(4)), Some(day(10))]);
}
