//! What an order would trade at, and how well that is known.

use crate::market::{self, account, money, now, position, quote, symbol};
use crate::{Case, one};
use chrono::TimeDelta;
use decile_core::{Decimal, Quote};
use decile_trade::{CheckName, OrderStyle};

#[test]
fn a_price_far_from_its_previous_close_is_denied_and_so_is_an_unknown_one() {
    let mut case = Case::new();
    let close = |text: &str| Quote { previous_close: text.parse().ok(), ..quote("KO", "50") };
    // 50 is 9.99 % above 45.46 and 10.01 % above 45.45.
    case.quotes.insert(symbol("KO"), close("45.46"));
    assert_eq!(case.broken(case.plan()), []);
    case.quotes.insert(symbol("KO"), close("45.45"));
    let reason = "KO is 10.01 % from its previous close 45.45, of at most 10.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::PriceMoveMax, reason));
    case.quotes.insert(symbol("KO"), close(""));
    let reason = "the previous close of KO is not known";
    assert_eq!(case.broken(case.plan()), one(CheckName::PriceMoveMax, reason));
}

#[test]
fn an_ask_or_bid_far_from_the_last_trade_counts() {
    // 95 KO were sized with the last trade of 50; each check sees the price that they would get.
    let mut case = Case::new();
    case.limits.spread_max = Decimal::ONE;
    case.account = account("100000");
    let plan = market::plan("10000", &[("KO", "50"), ("PEP", "150")]);
    let ask = Some("100".parse().unwrap());
    case.quotes.insert(symbol("KO"), Quote { ask, ..quote("KO", "50") });
    let reason = "KO is 100.00 % from its previous close 50, of at most 10.00 %";
    assert_eq!(case.broken(plan.clone()), one(CheckName::PriceMoveMax, reason));
    case.limits.price_move_max = Decimal::ONE;
    case.limits.order_notional_max = money("9499");
    let reason = "buy KO is 9500 of at most 9499";
    assert_eq!(case.broken(plan.clone()), one(CheckName::OrderNotionalMax, reason));
    case.limits.order_notional_max = money("9500");
    case.limits.name_weight_max = Some("0.09".parse().unwrap());
    let reason = "KO has 9.50 % of at most 9.00 %";
    assert_eq!(case.broken(plan.clone()), one(CheckName::NameWeightMax, reason));
    case.limits.name_weight_max = None;
    case.limits.gross_max = "0.14".parse().unwrap();
    // 95 x 100 and 31 x 150.
    let reason = "14.15 % of at most 14.00 %";
    assert_eq!(case.broken(plan), one(CheckName::GrossMax, reason));
    // A sale at a low bid.
    let mut case = Case::new().fixed(&[]);
    case.limits.spread_max = Decimal::ONE;
    case.positions = vec![position("KO", 10)];
    let bid = Some("20".parse().unwrap());
    case.quotes.insert(symbol("KO"), Quote { bid, ..quote("KO", "50") });
    let reason = "KO is 60.00 % from its previous close 50, of at most 10.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::PriceMoveMax, reason));
}

#[test]
fn a_quote_of_another_stock_is_denied() {
    let mut case = Case::new();
    let plan = case.plan();
    case.quotes.insert(symbol("KO"), quote("PEP", "50"));
    let reason = "the quote of KO is one of PEP";
    assert_eq!(case.broken(plan), one(CheckName::QuoteAgeMax, reason));
}

#[test]
fn quotes_must_be_fresh_and_not_from_the_future() {
    let mut case = Case::new();
    let aged = |seconds| Quote { time: now() - TimeDelta::seconds(seconds), ..quote("KO", "50") };
    for fresh in [60, 0, -2] {
        case.quotes.insert(symbol("KO"), aged(fresh));
        assert_eq!(case.broken(case.plan()), [], "{fresh}");
    }
    case.quotes.insert(symbol("KO"), aged(61));
    let reason = "the quote of KO is 61 s old of at most 60 s";
    assert_eq!(case.broken(case.plan()), one(CheckName::QuoteAgeMax, reason));
    case.quotes.insert(symbol("KO"), aged(-3));
    let reason = "the quote of KO is 3 s from the future";
    assert_eq!(case.broken(case.plan()), one(CheckName::QuoteAgeMax, reason));
}

#[test]
fn a_market_order_needs_a_narrow_spread_and_an_order_with_a_limit_does_not() {
    let mut case = Case::new();
    let spread = |bid: &str, ask: &str| Quote {
        bid: bid.parse().ok(),
        ask: ask.parse().ok(),
        ..quote("KO", "50")
    };
    for order in [OrderStyle::Market, OrderStyle::Adaptive] {
        case.rules.order = order;
        // 0.0999 of 49.95, and 0.1001 of 50.05: 20 basis points are 0.1.
        case.quotes.insert(symbol("KO"), spread("49.9500", "50.0499"));
        assert_eq!(case.broken(case.plan()), [], "{order:?}");
        case.quotes.insert(symbol("KO"), spread("49.95", "50.0502"));
        let reason = "KO has 0.20 % of at most 0.20 %";
        assert_eq!(case.broken(case.plan()), one(CheckName::SpreadMax, reason), "{order:?}");
        case.quotes.insert(symbol("KO"), spread("", "50.01"));
        let reason = "the spread of KO is not known";
        assert_eq!(case.broken(case.plan()), one(CheckName::SpreadMax, reason), "{order:?}");
    }
    case.rules.order = OrderStyle::MarketableLimit;
    assert_eq!(case.broken(case.plan()), []);
}
