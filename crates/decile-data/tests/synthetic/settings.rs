//! The synthetic market's settings, and that the same ones make the same market everywhere.

use super::default_market;
use chrono::NaiveDate;
use decile_core::{Market, Stock};
use decile_data::{Error, SyntheticMarket};
use std::fmt::Write;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

/// Writes every value of a stock; numbers as the shortest text that reads back as the same bits.
fn render(stock: &Stock, text: &mut String) {
    let security = stock.security();
    writeln!(text, "{} {} {}", security.symbol, security.issuer, security.sector).unwrap();
    for bar in stock.bars() {
        let (open, high, low) = (bar.open, bar.high, bar.low);
        writeln!(text, "{} {open:?} {high:?} {low:?} {} {:?}", bar.date, bar.close, bar.volume)
            .unwrap();
    }
    for action in stock.actions() {
        writeln!(text, "{} {} {}", action.ex_date, action.kind, action.value).unwrap();
    }
    for f in stock.filings() {
        let when = (f.period_end, f.filed, f.report_time);
        let flows =
            (f.net_income, f.revenue, f.gross_profit, f.operating_cash_flow, f.dividends_paid);
        let stocks = (f.book_equity, f.shares, f.total_assets);
        writeln!(text, "{} {when:?} {flows:?} {stocks:?}", f.form).unwrap();
    }
    for e in stock.estimates() {
        let means = (e.fy1, e.fy2, e.fy1_90d, e.fy2_90d, e.fy1_std, e.fy2_std);
        let counts = (e.analysts, e.fy2_up_30d, e.fy2_down_30d);
        let advice = (e.recommendation, e.recommendation_30d);
        writeln!(text, "{} {} {means:?} {counts:?} {advice:?}", e.as_of, e.fy1_end).unwrap();
    }
}

/// FNV-1a, 64 bits.
fn checksum(market: &Market) -> u64 {
    let mut text = String::new();
    market.stocks().iter().for_each(|stock| render(stock, &mut text));
    for close in market.benchmark() {
        writeln!(text, "{} {}", close.date, close.close).unwrap();
    }
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[test]
fn the_default_market_is_the_same_to_the_byte_everywhere() {
    // If you changed the market on purpose: take the number from the failure, and say in the
    // changelog that the synthetic market is another one. If you didn't, the platform or a
    // dependency has changed it, and that is a bug.
    let market = default_market();
    assert_eq!(checksum(market), 10_500_875_551_600_182_434);
}

#[test]
fn seeds_make_the_market() {
    let market = |seed| SyntheticMarket::default().seed(seed).generate().unwrap();
    assert_eq!(market(5), market(5));
    assert_ne!(checksum(&market(5)), checksum(&market(6)));
}

#[test]
fn all_settings_that_are_allowed_make_a_market() {
    for (seed, alpha, years) in [(0, 0.05, 2), (u64::MAX, -0.05, 20), (11, 0.0, 3)] {
        let settings = SyntheticMarket::default().seed(seed).planted_alpha(alpha).years(years);
        let market = settings.generate().unwrap();
        let sessions = market.calendar().len();
        assert!((250..=253).contains(&(sessions / years as usize)), "{sessions}");
        assert_eq!(market.stocks().len(), 30);
    }
    for seed in 100..110 {
        SyntheticMarket::default().seed(seed).planted_alpha(0.02).generate().unwrap();
    }
}

#[test]
fn the_span_ends_where_it_is_told() {
    let settings = SyntheticMarket::default().last_session(day(2024, 7, 3)).years(4);
    let market = settings.generate().unwrap();
    assert_eq!(market.calendar().first(), day(2020, 7, 6)); // 3 to 5 July 2020 were no sessions
    assert_eq!(market.calendar().last(), day(2024, 7, 3));
    assert!(
        market.stocks().iter().flat_map(Stock::estimates).all(|row| row.as_of <= day(2024, 7, 3))
    );
}

#[test]
fn settings_out_of_bounds_are_named() {
    let plain = SyntheticMarket::default();
    let cases = [
        (plain.planted_alpha(f64::NAN), "planted_alpha"),
        (plain.planted_alpha(0.051), "planted_alpha"),
        (plain.planted_alpha(-1.0), "planted_alpha"),
        (plain.years(1), "years"),
        (plain.years(21), "years"),
        (plain.last_session(day(2025, 12, 25)), "last_session"),
        (plain.last_session(day(2036, 1, 2)), "last_session"),
        (plain.last_session(day(1995, 6, 1)), "last_session"),
        (plain.last_session(NaiveDate::MIN), "last_session"),
    ];
    for (settings, expected) in cases {
        let Err(Error::InvalidSetting { setting, .. }) = settings.generate() else {
            panic!("{settings:?} makes a market");
        };
        assert_eq!(setting, expected);
    }
    let message = plain.years(1).generate().unwrap_err().to_string();
    assert_eq!(message, "the years of a synthetic market cannot be 1: give 2 to 20");
}

#[test]
fn most_stocks_can_be_scored_on_the_last_session() {
    let market = default_market();
    let calendar = market.calendar();
    let last = calendar.last();
    let year_ago = calendar.sessions()[calendar.len() - 253];
    let ready = |stock: &&Stock| {
        let fresh = stock.close_at(last).is_some_and(|(date, _)| date == last);
        let momentum = stock.close_at(year_ago).is_some();
        let newest = stock.filings().iter().map(|filing| filing.period_end).max();
        let filed = newest.is_some_and(|end| (last - end).num_days() <= 200);
        fresh && momentum && filed && stock.filings().len() >= 8
    };
    assert!(market.stocks().iter().filter(ready).count() >= 25);
    let covered = |stock: &&Stock| {
        let newest = stock.estimates().iter().rfind(|row| row.as_of < last);
        newest.is_some_and(|row| (last - row.as_of).num_days() <= 45 && row.fy1_90d.is_some())
    };
    assert!(market.stocks().iter().filter(covered).count() >= 22);
}
