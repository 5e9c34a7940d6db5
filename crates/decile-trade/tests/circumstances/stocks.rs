//! What is known of the stocks.

use crate::market::{money, symbol};
use crate::{BOTH, Case, one};
use decile_core::{ActionKind, CorporateAction, Money, Shares};
use decile_trade::CheckName;

#[test]
fn cheap_thin_and_small_stocks_are_not_bought() {
    let mut case = Case::live();
    case.prices[0].1 = "4.99";
    assert_eq!(case.broken(&["KO"]), one(CheckName::PriceMin, "KO is 4.99 of at least 5"));
    let mut case = Case::live();
    case.facts("KO").average_daily_volume = Some(Shares::new(25_000));
    assert!(case.broken(&["PEP"]).is_empty());
    // 95 of 25,000 are within 1 %; 250 x 50 dollars a day are too few.
    case.facts("KO").average_daily_volume = Some(Shares::new(9_500));
    let broken = case.broken(&BOTH);
    assert_eq!(broken, one(CheckName::DayValueMin, "KO has 475000 of at least 1000000"));
    case.limits.day_value_min = Money::ZERO;
    assert!(case.broken(&BOTH).is_empty());
    case.facts("KO").average_daily_volume = Some(Shares::new(9_499));
    let reason = "95 KO of 9499 a day, at most 1.00 %";
    assert_eq!(case.broken(&BOTH), one(CheckName::AdvFractionMax, reason));
    let mut case = Case::live();
    case.facts("KO").market_cap = Some(money("299999999"));
    let reason = "KO has 299999999 of at least 300000000";
    assert_eq!(case.broken(&BOTH), one(CheckName::MarketCapMin, reason));
}

#[test]
fn what_is_not_known_of_a_stock_denies_live_and_is_told_on_paper() {
    let mut case = Case::live();
    case.known.stocks.clear();
    let names: Vec<_> = case.broken(&["KO"]).into_iter().map(|(name, _)| name).collect();
    let expected = [CheckName::AdvFractionMax, CheckName::DayValueMin, CheckName::MarketCapMin];
    assert_eq!(names, expected);
    case.account.id = "DU1234567".parse().unwrap();
    assert!(case.broken(&["KO"]).is_empty());
}

#[test]
fn splits_halts_and_reports_are_seen() {
    let mut case = Case::live();
    let action = |kind, day: &str| CorporateAction {
        symbol: symbol("KO"),
        ex_date: day.parse().unwrap(),
        kind,
        value: 4.0,
    };
    // The data end on 30 November: what was before is in them, and a dividend changes no share.
    case.facts("KO").actions = vec![
        action(ActionKind::Split, "2025-11-30"),
        action(ActionKind::Dividend, "2025-12-01"),
        action(ActionKind::Split, "2025-12-02"),
    ];
    assert!(case.broken(&BOTH).is_empty());
    case.facts("KO").actions.push(action(ActionKind::Split, "2025-12-01"));
    let reason = "KO has a split on 2025-12-01";
    assert_eq!(case.broken(&BOTH), one(CheckName::CorporateAction, reason));
    let mut case = Case::live();
    case.facts("KO").is_tradable = Some(false);
    assert_eq!(case.broken(&BOTH), one(CheckName::Tradable, "KO is halted"));
    // A report is a warning.
    let mut case = Case::live();
    case.facts("KO").earnings = Some("2025-12-02".parse().unwrap());
    assert!(case.broken(&BOTH).is_empty());
}
