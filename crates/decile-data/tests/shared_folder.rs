//! Reads the market folders outside this repository; the numbers were looked up in their files.

use chrono::NaiveDate;
use decile_core::{ActionKind, Filing, Market, ReportTime, Stock};
use decile_data::{average_daily_volume, read_folder, write_folder};
use std::path::PathBuf;

fn shared(folder: &str) -> Market {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the directory that holds golden/inputs and datasets/us30");
    let path = PathBuf::from(root).join(folder);
    read_folder(&path)
        .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn stock<'a>(market: &'a Market, symbol: &str) -> &'a Stock {
    market.stock(&symbol.parse().expect("a symbol")).unwrap_or_else(|| panic!("no {symbol}"))
}

fn count<T>(market: &Market, rows: impl Fn(&Stock) -> &[T]) -> usize {
    market.stocks().iter().map(|stock| rows(stock).len()).sum()
}

/// Rows of calendar, securities, prices, actions, fundamentals, estimates and fx.
fn rows(market: &Market) -> [usize; 7] {
    [
        market.calendar().len(),
        market.stocks().len(),
        count(market, Stock::bars),
        count(market, Stock::actions),
        count(market, Stock::filings),
        count(market, Stock::estimates),
        market.fx_rates().count(),
    ]
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn golden_is_read_as_it_stands() {
    let market = shared("golden/inputs");
    assert_eq!(rows(&market), [763, 40, 29_476, 329, 828, 1314, 1488]);
    let s01 = stock(&market, "S01");
    assert_eq!((s01.bars()[0].close, s01.bars()[0].volume), (82.39, Some(25_579_464.0)));
    assert_eq!((s01.bars()[0].open, s01.membership()), (None, None));
    let oldest = &s01.filings()[0];
    assert_eq!((oldest.form.as_str(), oldest.filed), ("10-K", Some(day("2018-11-28"))));
    assert_eq!((oldest.report_time, oldest.net_income), (ReportTime::Post, Some(-924_692_750.0)));
    let estimate = &s01.estimates()[0];
    assert_eq!((estimate.as_of, estimate.fy1_90d), (day("2021-01-04"), None));
    assert_eq!((estimate.fy1, estimate.analysts), (Some(3.2009), Some(22)));
    assert_eq!((estimate.fy2_up_30d, estimate.fy2_down_30d), (Some(1), Some(11)));
    assert_eq!((estimate.recommendation, estimate.recommendation_30d), (Some(1.55), Some(1.92)));
    let last = stock(&market, "S39").actions().last().expect("an action");
    assert_eq!((last.ex_date, last.value), (day("2023-10-23"), 1.2283));
    let xtt = "XTT".parse().expect("a currency");
    let usd = decile_core::Currency::USD;
    assert_eq!(market.exchange(xtt, usd, day("2023-12-29")), Some(1.38789063));
    // The 6th of January has no rate, so that of the 5th holds.
    let xts = "XTS".parse().expect("a currency");
    assert_eq!(market.exchange(xts, usd, day("2021-01-06")), Some(0.03303598));
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn us30_is_read_as_it_stands() {
    let market = shared("datasets/us30");
    assert_eq!(rows(&market), [1838, 30, 55_140, 676, 1089, 0, 0]);
    let apple = stock(&market, "AAPL");
    assert_eq!(apple.security().issuer, "Apple Inc.");
    let first = apple.bars()[0];
    let prices = [first.open, first.high, first.low, Some(first.close), first.volume];
    assert_eq!(prices, [154.89, 158.85, 154.23, 157.92, 37_039_700.0].map(Some));
    assert_eq!(apple.close_at(day("2020-08-28")), Some((day("2020-08-28"), 499.23)));
    assert_eq!(apple.close_at(day("2020-08-31")), Some((day("2020-08-31"), 129.04)));
    let split = apple.actions().iter().find(|action| action.kind == ActionKind::Split);
    assert_eq!(split.map(|split| (split.ex_date, split.value)), Some((day("2020-08-31"), 4.0)));
    let filing: &Filing = &apple.filings()[0];
    assert_eq!((filing.period_end, filing.filed), (day("2017-04-01"), Some(day("2017-05-03"))));
    assert_eq!((filing.report_time, filing.shares), (ReportTime::Unknown, Some(5_261_688_000.0)));
    let exxon = stock(&market, "XOM").bars().last().copied().expect("a bar");
    assert_eq!((exxon.date, exxon.close), (day("2026-04-24"), 148.91));
    assert_eq!((exxon.open, exxon.volume), (None, None));
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn the_volume_of_us30_is_known_where_every_bar_has_one() {
    let market = shared("datasets/us30");
    let average = |symbol, as_of| {
        average_daily_volume(stock(&market, symbol), market.calendar(), day(as_of), 20)
    };
    // The 20 volumes of AAPL from 2025-10-31 to 2025-11-28 add up to 963,745,300.
    assert_eq!(average("AAPL", "2025-11-28"), Some(48_187_265.0));
    assert_eq!(average("AAPL", "2025-12-05"), None); // the first session without a volume
    assert_eq!(average("AMZN", "2025-11-28"), None); // never has one
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn both_come_back_from_the_folder_they_are_written_to() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for folder in ["golden/inputs", "datasets/us30"] {
        let market = shared(folder);
        let written = scratch.path().join(folder);
        write_folder(&market, &written).expect("writes");
        assert_eq!(read_folder(&written).expect("reads"), market, "{folder}");
    }
}
