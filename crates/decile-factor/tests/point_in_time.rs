//! What was known when: each rule on a market small enough to see.

use chrono::{Days, NaiveDate};
use decile_core::{
    ActionKind, Bar, BenchmarkClose, Calendar, CorporateAction, Currency, EstimateSnapshot, Filing,
    FxRate, Market, ReportTime, Security, Symbol, Tables,
};
use decile_factor::{Consensus, Field, Grouping, Item, Panel, Series};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

fn symbol(text: &str) -> Symbol {
    text.parse().expect("a symbol")
}

/// Every session of 2023 and 2024, one stock KO that closes at 50 on each.
fn tables() -> Tables {
    let mut tables = Tables::default();
    list(&mut tables, "KO", "Coca-Cola", 50.0);
    tables
}

fn list(tables: &mut Tables, name: &str, issuer: &str, close: f64) {
    tables.securities.push(Security::us(symbol(name), issuer, "Staples"));
    let bars = sessions().into_iter().map(|date| (symbol(name), Bar::close_only(date, close)));
    tables.prices.extend(bars);
}

fn sessions() -> Vec<NaiveDate> {
    Calendar::nyse().between(day(2023, 1, 1), day(2024, 12, 31)).to_vec()
}

fn market(tables: Tables) -> Market {
    Market::new(Calendar::from_sessions(sessions()).expect("sessions"), tables).expect("a market")
}

/// One field of one stock at one session.
fn value(market: &Market, name: &str, field: Field, date: NaiveDate) -> f64 {
    let panel = Panel::new(market, std::slice::from_ref(&field));
    let row = panel.session_index(date).expect("a session");
    let column = panel.symbols().iter().position(|known| *known == name).expect("listed");
    panel.row(&field, row).expect("held")[column]
}

/// The field of KO at one session.
fn of_coke(tables: &Tables, field: Field, date: NaiveDate) -> f64 {
    value(&market(tables.clone()), "KO", field, date)
}

/// A quarter with this end and income, filed post market 30 days after its end.
fn quarter(name: &str, end: NaiveDate, income: f64) -> Filing {
    let mut filing = Filing::new(symbol(name), end, "10-Q".parse().expect("a form"));
    filing.filed = Some(end + Days::new(30));
    filing.report_time = ReportTime::Post;
    filing.net_income = Some(income);
    filing.book_equity = Some(10.0 * income);
    filing.shares = Some(100.0);
    filing
}

/// Twelve quarters that end with March 2024 and earn 1, 2, 3 … 12.
fn quarters() -> Vec<Filing> {
    let ends = (2021..=2024).flat_map(|year| {
        [(3, 31), (6, 30), (9, 30), (12, 31)].map(|(month, last)| day(year, month, last))
    });
    let ends = ends.skip_while(|end| *end < day(2021, 6, 1)).take(12);
    ends.zip(1..).map(|(end, income)| quarter("KO", end, f64::from(income))).collect()
}

const INCOME: Field = Field::Ttm(Item::NetIncome);
const INCOME_YEAR_AGO: Field = Field::TtmYearAgo(Item::NetIncome);

#[test]
fn newest_filing_is_not_newest_period() {
    let mut tables = tables();
    tables.filings = quarters();
    // June 2023, the ninth quarter, filed again in July 2024 with 100 for 9.
    let mut restated = quarter("KO", day(2023, 6, 30), 100.0);
    restated.filed = Some(day(2024, 7, 1));
    restated.shares = Some(7.0);
    tables.filings.push(restated);
    let after = day(2024, 7, 2);
    // Quarters 9, 10, 11, 12, of which the first is now 100; the newest quarter is still the twelfth.
    assert_eq!(of_coke(&tables, INCOME, day(2024, 7, 1)), 9.0 + 10.0 + 11.0 + 12.0);
    assert_eq!(of_coke(&tables, INCOME, after), 100.0 + 10.0 + 11.0 + 12.0);
    assert_eq!(of_coke(&tables, Field::Quarter(Item::NetIncome, 0), after), 12.0);
    assert_eq!(of_coke(&tables, Field::Quarter(Item::BookEquity, 0), after), 120.0);
    assert_eq!(of_coke(&tables, Field::ListedShares, after), 100.0);
    // What is stale is the period, not the day of filing: 200 days after March are 17 October.
    assert_eq!(of_coke(&tables, Field::ListedShares, day(2024, 10, 17)), 100.0);
    assert!(of_coke(&tables, Field::ListedShares, day(2024, 10, 18)).is_nan());
}

#[test]
fn a_snapshot_does_not_leak_into_the_past() {
    let mut tables = tables();
    for (as_of, fy1, analysts) in [(day(2024, 3, 1), 2.0, 5), (day(2024, 4, 2), 3.0, 7)] {
        let mut snapshot = EstimateSnapshot::new(symbol("KO"), as_of, day(2024, 12, 31));
        snapshot.fy1 = Some(fy1);
        snapshot.analysts = Some(analysts);
        tables.estimates.push(snapshot);
    }
    let fy1 = |date| of_coke(&tables, Field::Estimate(Consensus::Fy1), date);
    // Friday, the day of the first snapshot, does not know it; Monday does.
    assert!(fy1(day(2023, 3, 6)).is_nan() && fy1(day(2024, 3, 1)).is_nan());
    assert_eq!(fy1(day(2024, 3, 4)), 2.0);
    assert_eq!((fy1(day(2024, 4, 2)), fy1(day(2024, 4, 3))), (2.0, 3.0));
    let analysts = of_coke(&tables, Field::Estimate(Consensus::Analysts), day(2024, 4, 2));
    assert_eq!(analysts, 5.0);
    // 45 days after 2 April are 17 May.
    assert_eq!(fy1(day(2024, 5, 17)), 3.0);
    assert!(fy1(day(2024, 5, 20)).is_nan());
}

#[test]
fn of_two_versions_of_one_day_the_later_row_counts() {
    let mut tables = tables();
    tables.filings = quarters();
    let mut again = tables.filings[11].clone();
    again.net_income = Some(13.0);
    tables.filings.push(again);
    let newest = Field::Quarter(Item::NetIncome, 0);
    assert_eq!(of_coke(&tables, newest, day(2024, 6, 3)), 13.0);
}

#[test]
fn four_quarters_must_follow_one_another() {
    let mut tables = tables();
    tables.filings = quarters();
    let date = day(2024, 6, 3);
    assert_eq!(of_coke(&tables, INCOME, date), 9.0 + 10.0 + 11.0 + 12.0);
    assert_eq!(of_coke(&tables, INCOME_YEAR_AGO, date), 5.0 + 6.0 + 7.0 + 8.0);
    // The tenth is gone: never three quarters of a year. The year ago does not need it.
    let gone = tables.filings.remove(9);
    assert!(of_coke(&tables, INCOME, date).is_nan());
    assert_eq!(of_coke(&tables, INCOME_YEAR_AGO, date), 5.0 + 6.0 + 7.0 + 8.0);
    // Filed without its income: the same.
    let mut hollow = gone;
    hollow.net_income = None;
    tables.filings.push(hollow);
    assert!(of_coke(&tables, INCOME, date).is_nan());
}

#[test]
fn quarters_of_12_and_16_weeks_and_years_of_53_weeks_are_matched() {
    let mut tables = tables();
    let mut end = day(2022, 1, 1);
    // 12, 12, 12 and 17 weeks, then 12, 12, 12 and 16: a year of 53 weeks and one of 52.
    for (weeks, income) in [12, 12, 12, 17, 12, 12, 12, 16].into_iter().zip(1..) {
        end = end + Days::new(7 * weeks);
        tables.filings.push(quarter("KO", end, f64::from(income)));
    }
    let date = Calendar::nyse().session_after(end + Days::new(30)).expect("a session");
    assert_eq!(of_coke(&tables, INCOME, date), 5.0 + 6.0 + 7.0 + 8.0);
    // 52 weeks before the end: 364 days.
    assert_eq!(of_coke(&tables, INCOME_YEAR_AGO, date), 1.0 + 2.0 + 3.0 + 4.0);
}

#[test]
fn unexpected_earnings_come_out_by_hand() {
    let mut tables = tables();
    let mut end = day(2021, 1, 1);
    // A quarter earns 1, 2 or 3 more than a year before, in turn, but in the first year.
    let mut incomes = vec![10.0; 4];
    for quarter in 4..14 {
        incomes.push(incomes[quarter - 4] + f64::from(quarter as u32 % 3) + 1.0);
    }
    for income in incomes {
        end = end + Days::new(91);
        tables.filings.push(quarter("KO", end, income));
    }
    let date = Calendar::nyse().session_after(end + Days::new(30)).expect("a session");
    let deviation =
        |tables: &Tables| of_coke(tables, Field::ChangeDeviation(Item::NetIncome), date);
    // Quarters 5 to 12 changed by 3, 1, 2, 3, 1, 2, 3, 1: mean 2, squares 6 over 7.
    assert!((deviation(&tables) - (6.0_f64 / 7.0).sqrt()).abs() < 1e-15);
    // The first three gone: 6 changes are left, and then 5.
    tables.filings.drain(..3);
    let six: [f64; 6] = [2.0, 3.0, 1.0, 2.0, 3.0, 1.0];
    let by_hand = (six.iter().map(|c| (c - 2.0) * (c - 2.0)).sum::<f64>() / 5.0).sqrt();
    assert!((deviation(&tables) - by_hand).abs() < 1e-15);
    tables.filings.remove(0);
    assert!(deviation(&tables).is_nan());
}

#[test]
fn a_receipt_and_a_currency_come_out_by_hand() {
    let mut tables = tables();
    tables.filings = quarters();
    let franc: Currency = "CHF".parse().expect("a currency");
    tables.securities[0].adr_ratio = 4.0;
    tables.securities[0].report_currency = franc;
    for filing in &mut tables.filings {
        filing.currency = franc;
    }
    let rate = |date, usd_per_unit| FxRate { date, currency: franc, usd_per_unit };
    tables.fx = vec![rate(day(2024, 5, 31), 1.1), rate(day(2024, 6, 4), 1.2)];
    let date = day(2024, 6, 3);
    // 100 ordinary shares behind 25 receipts; the rate of Friday holds on Monday.
    assert_eq!(of_coke(&tables, Field::ListedShares, date), 25.0);
    assert_eq!(of_coke(&tables, Field::Fx, date), 1.1);
    assert_eq!(of_coke(&tables, Field::Fx, day(2024, 6, 4)), 1.2);
    assert!(of_coke(&tables, Field::Fx, day(2024, 5, 30)).is_nan(), "no rate yet");
    assert_eq!(of_coke(&tables, Field::UsdRate, date), 1.0, "it trades in dollars");
}

#[test]
fn shares_and_estimates_follow_the_splits_since() {
    let mut tables = tables();
    tables.filings = quarters();
    let mut snapshot = EstimateSnapshot::new(symbol("KO"), day(2024, 5, 1), day(2024, 12, 31));
    (snapshot.fy1, snapshot.fy2) = (Some(2.0), Some(4.0));
    tables.estimates.push(snapshot);
    let split = CorporateAction {
        symbol: symbol("KO"),
        ex_date: day(2024, 5, 6),
        kind: ActionKind::Split,
        value: 2.0,
    };
    tables.actions.push(split);
    assert_eq!(of_coke(&tables, Field::ListedShares, day(2024, 5, 3)), 100.0);
    assert_eq!(of_coke(&tables, Field::ListedShares, day(2024, 5, 6)), 200.0);
    // 242 and 239 of 365 days to the end of the first year.
    let by_hand = |days: f64| 2.0 * (days / 365.0) + 4.0 * (1.0 - days / 365.0);
    let forward = |date| of_coke(&tables, Field::ForwardEps, date);
    assert!((forward(day(2024, 5, 3)) - by_hand(242.0)).abs() < 1e-14);
    assert!((forward(day(2024, 5, 6)) - by_hand(239.0) / 2.0).abs() < 1e-14);
    tables.estimates[0].fy2 = None;
    assert!(of_coke(&tables, Field::ForwardEps, day(2024, 5, 3)).is_nan());
}

/// GOOGL at 50 and GOOG at 40, 100 and 75 shares, whole company on file under both.
fn alphabet() -> Tables {
    let mut tables = Tables::default();
    list(&mut tables, "GOOGL", "Alphabet", 50.0);
    list(&mut tables, "GOOG", "Alphabet", 40.0);
    for (name, shares) in [("GOOGL", 100.0), ("GOOG", 75.0)] {
        let mut filing = quarter(name, day(2024, 3, 31), 8.0);
        filing.shares = Some(175.0);
        filing.class_shares = Some(shares);
        tables.filings.push(filing);
    }
    tables
}

#[test]
fn share_classes_are_summed_to_the_issuer() {
    let date = day(2024, 6, 3);
    let of = |tables: &Tables, name, field| value(&market(tables.clone()), name, field, date);
    // 100 x 50 + 75 x 40 = 8000, at either price.
    let tables = alphabet();
    assert_eq!(of(&tables, "GOOGL", Field::ListedShares), 8000.0 / 50.0);
    assert_eq!(of(&tables, "GOOG", Field::ListedShares), 8000.0 / 40.0);
    assert_eq!(of(&tables, "GOOGL", Field::ClassShares), 100.0);
    // Not told apart: all shares at the price of the symbol, never the two added.
    let mut whole = alphabet();
    whole.filings.iter_mut().for_each(|filing| filing.class_shares = None);
    assert_eq!(of(&whole, "GOOG", Field::ListedShares), 175.0);
    assert_eq!(of(&whole, "GOOG", Field::ClassShares), 175.0);
    // Half told apart: a class whose shares nobody knows makes the sum unknown.
    let mut half = alphabet();
    let mut earlier = half.filings[1].clone();
    earlier.period_end = day(2023, 12, 31);
    half.filings[1].class_shares = None;
    half.filings.push(earlier);
    assert!(of(&half, "GOOGL", Field::ListedShares).is_nan());
    let panel = Panel::new(&market(tables), &[]);
    assert_eq!(panel.group(Grouping::Issuer), [0, 0]);
}

#[test]
fn a_class_without_a_price_is_not_a_class_that_has_gone() {
    let mut halted = alphabet();
    let goog = symbol("GOOG");
    halted.prices.retain(|(name, bar)| *name != goog || bar.date < day(2024, 5, 1));
    let shares =
        |tables: &Tables, date| value(&market(tables.clone()), "GOOGL", Field::ListedShares, date);
    assert!(shares(&halted, day(2024, 6, 3)).is_nan());
    // A quarter more of GOOGL alone: the statement of GOOG is stale in November, so it has gone.
    let mut newer = halted.filings[0].clone();
    newer.period_end = day(2024, 6, 30);
    newer.filed = Some(day(2024, 7, 30));
    halted.filings.push(newer);
    assert!(shares(&halted, day(2024, 10, 17)).is_nan());
    assert_eq!(shares(&halted, day(2024, 11, 1)), 100.0);
}

#[test]
fn a_return_needs_a_trade_and_a_price_before() {
    let mut tables = tables();
    let gone = [day(2024, 3, 5), day(2024, 3, 6)];
    let long = day(2024, 4, 1)..=day(2024, 4, 9);
    tables.prices.retain(|(_, bar)| !gone.contains(&bar.date) && !long.contains(&bar.date));
    let after = tables.prices.iter_mut().filter(|(_, bar)| bar.date >= day(2024, 3, 7));
    after.for_each(|(_, bar)| bar.close = 55.0);
    let gain = |date| of_coke(&tables, Field::DailyReturn, date);
    assert_eq!(gain(day(2024, 3, 4)), 0.0);
    assert!(gain(day(2024, 3, 5)).is_nan() && gain(day(2024, 3, 6)).is_nan());
    assert!((gain(day(2024, 3, 7)) - 0.1).abs() < 1e-15);
    // Seven sessions without a trade: the price before was too old.
    assert!(gain(day(2024, 4, 10)).is_nan());
    assert_eq!(gain(day(2024, 4, 11)), 0.0);
    assert!(gain(day(2023, 1, 3)).is_nan(), "the first session of all");
}

#[test]
fn dividends_of_a_year_are_on_the_basis_of_the_price() {
    let mut tables = tables();
    let action =
        |ex_date, kind, value| CorporateAction { symbol: symbol("KO"), ex_date, kind, value };
    tables.actions = vec![
        action(day(2023, 3, 1), ActionKind::Dividend, 1.0),
        action(day(2024, 1, 16), ActionKind::Dividend, 2.0),
        action(day(2024, 2, 1), ActionKind::Split, 4.0),
        action(day(2024, 2, 1), ActionKind::Dividend, 0.5),
        action(day(2024, 2, 2), ActionKind::Spinoff, 9.0),
    ];
    let paid = |date| of_coke(&tables, Field::DividendsYear, date);
    // The first close is of 3 January 2023, so a year is full on 3 January 2024.
    assert!(paid(day(2024, 1, 2)).is_nan());
    assert_eq!(paid(day(2024, 1, 3)), 1.0);
    assert_eq!((paid(day(2024, 1, 12)), paid(day(2024, 1, 16))), (1.0, 3.0));
    // After the split a quarter of what was paid, and the new dividend as it is.
    assert_eq!(paid(day(2024, 2, 1)), 3.0 / 4.0 + 0.5);
    // 365 days after 1 March 2023 are 29 February 2024, which no longer counts it.
    assert_eq!((paid(day(2024, 2, 28)), paid(day(2024, 2, 29))), (1.25, 1.0));
    assert_eq!(of_coke(&self::tables(), Field::DividendsYear, day(2024, 6, 3)), 0.0);
}

#[test]
fn the_benchmark_is_missing_where_it_has_no_close() {
    let mut tables = tables();
    let level = |date, close| BenchmarkClose { date, close };
    tables.benchmark = vec![level(day(2023, 1, 4), 100.0), level(day(2023, 1, 6), 101.0)];
    let panel = Panel::new(&market(tables), &[]);
    let levels = panel.series(Series::Benchmark);
    assert_eq!((levels[1], levels[3]), (100.0, 101.0));
    assert!([0, 2, 4].iter().all(|row| levels[*row].is_nan()));
    assert_eq!(levels.len(), panel.sessions().len());
    let shorter = panel.clone().with_series(Series::Benchmark, vec![1.0]).unwrap_err().to_string();
    assert!(shorter.contains("benchmark") && shorter.contains("1 values"), "{shorter}");
}
