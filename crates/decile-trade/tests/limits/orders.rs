//! The orders by themselves: how large, how many, of what is held, and when.

use crate::market::{money, position};
use crate::{Case, one};
use chrono::{DateTime, Utc};
use decile_trade::{CheckName, OrderStyle};

#[test]
fn order_value_and_count_are_limited_at_the_limit() {
    let mut case = Case::new();
    case.limits.order_notional_max = money("4750");
    case.limits.order_count_max = 2;
    assert_eq!(case.broken(case.plan()), []);
    case.limits.order_notional_max = money("4749.99");
    let reason = "buy KO is 4750 of at most 4749.99";
    assert_eq!(case.broken(case.plan()), one(CheckName::OrderNotionalMax, reason));
    let mut case = Case::new();
    case.limits.order_count_max = 1;
    let reason = "2 orders of at most 1";
    assert_eq!(case.broken(case.plan()), one(CheckName::OrderCountMax, reason));
}

#[test]
fn shares_that_are_gone_since_the_plan_are_not_sold() {
    let mut case = Case::new().fixed(&[]);
    case.positions = vec![position("KO", 10)];
    let plan = case.plan();
    assert_eq!(case.broken(plan.clone()), []);
    case.positions = vec![position("KO", 9)];
    let reason = "10 of 9 KO are sold";
    let broken = case.broken(plan);
    assert_eq!(broken, one(CheckName::NoOversell, reason));
}

#[test]
fn orders_go_out_in_the_hours_of_their_kind() {
    let at = |text: &str| -> DateTime<Utc> { format!("{text}Z").parse().unwrap() };
    let broken = |style: OrderStyle, text: &str| {
        let mut case = Case::new().fixed(&[("KO", 10)]);
        case.rules.order = style;
        case.now = at(text);
        case.quotes.values_mut().for_each(|quote| quote.time = case.now);
        case.broken(case.plan()).into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
    };
    use OrderStyle::{Adaptive, LimitOnClose, Market, MarketOnClose, MarketableLimit};
    // Seconds in and out of it; the session is open from 14:30 to 21:00.
    let cases = [
        (Market, "14:35:00", "20:54:59", "14:34:59", "20:55:00", "from 14:35 to 20:55"),
        (Adaptive, "14:35:00", "20:54:59", "14:34:59", "20:55:00", "from 14:35 to 20:55"),
        (MarketableLimit, "14:30:00", "20:59:59", "14:29:59", "21:00:00", "from 14:30 to 21:00"),
        (MarketOnClose, "14:30:00", "20:44:59", "14:29:59", "20:45:00", "from 14:30 to 20:45"),
        (LimitOnClose, "14:30:00", "20:44:59", "14:29:59", "20:45:00", "from 14:30 to 20:45"),
    ];
    for (style, first, last, early, late, hours) in cases {
        for time in [first, last] {
            assert!(broken(style, &format!("2025-12-01T{time}")).is_empty(), "{style:?} {time}");
        }
        for time in [early, late] {
            let reason = format!("buy KO may go out {hours} UTC");
            assert_eq!(broken(style, &format!("2025-12-01T{time}")), [reason], "{style:?} {time}");
        }
    }
    let other = broken(Market, "2025-12-02T15:00:00");
    assert_eq!(other, ["the plan is for 2025-12-01, and it is 2025-12-02"]);
}
