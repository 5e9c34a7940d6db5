//! What is paid with.

use crate::market::{self, account, money, position, quote, symbol, targets};
use crate::{Case, one};
use decile_core::{Decimal, Quote, Shares};
use decile_trade::{Account, AccountKind, CheckName, OrderStyle, Plan, PlanRules, RiskLimits};

#[test]
fn gross_and_cash_stop_a_plan_that_borrows() {
    let case = Case::new().fixed(&[("KO", 110), ("PEP", 31)]);
    // 5,500 and 4,650 of 10,000; a commission of 1.00 each, more than the fee of 1.015 together.
    let mut case = Case { account: Account { cash: money("12000"), ..account("10000") }, ..case };
    case.limits.name_weight_max = Some("1".parse().unwrap());
    case.limits.day_buys_max = Decimal::TWO;
    let reason = "101.50 % of at most 100.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::GrossMax, reason));
    case.account.equity = money("10150");
    case.account.cash = money("10151");
    let reason = "-1.00 is left after fees: leave a larger cash buffer";
    assert_eq!(case.broken(case.plan()), one(CheckName::CashNotNegative, reason));
    case.account.cash = money("10152");
    assert_eq!(case.broken(case.plan()), []);
}

#[test]
fn sells_pay_for_buys_at_the_bid_and_buys_cost_the_ask() {
    let mut case = Case::new().fixed(&[("PEP", 33)]);
    case.rules.fee = Decimal::ZERO;
    case.account.cash = money("0");
    case.positions = vec![position("KO", 100)];
    case.limits.name_weight_max = Some("1".parse().unwrap());
    // 5,000 for KO and 4,950 for PEP, and a commission of 1.00 each.
    assert_eq!(case.broken(case.plan()), []);
    let bid = Some("49.49".parse().unwrap());
    case.quotes.insert(symbol("KO"), Quote { bid, ..quote("KO", "50") });
    case.limits.spread_max = Decimal::ONE;
    let reason = "-3.00 is left after fees: leave a larger cash buffer";
    assert_eq!(case.broken(case.plan()), one(CheckName::CashNotNegative, reason));
}

#[test]
fn an_order_with_a_limit_is_reckoned_at_the_worst_that_it_can_get() {
    let mut case = Case::new().fixed(&[("KO", 100)]);
    case.rules.order = OrderStyle::MarketableLimit;
    case.limits.name_weight_max = Some("1".parse().unwrap());
    let (bid, ask) = (Some("49.99".parse().unwrap()), Some("50.01".parse().unwrap()));
    case.quotes.insert(symbol("KO"), Quote { bid, ask, ..quote("KO", "50") });
    // 50 and three spreads of 0.02; a commission of 1.00.
    case.account.cash = money("5007");
    assert_eq!(case.plan().orders()[0].to_string(), "buy 100 KO at about 50, limit 50.06");
    assert_eq!(case.broken(case.plan()), []);
    case.account.cash = money("5006.99");
    let reason = "-0.01 is left after fees: leave a larger cash buffer";
    assert_eq!(case.broken(case.plan()), one(CheckName::CashNotNegative, reason));
}

/// All in KO but for 2,000, to be changed into PEP, with so much of the cash settled.
fn rotation(settled: Option<&str>) -> Case {
    Case {
        targets: targets(&["PEP"]),
        account: Account {
            cash: money("2000"),
            settled_cash: settled.map(money),
            ..account("10000")
        },
        positions: vec![position("KO", 160)],
        limits: RiskLimits { account_kind: AccountKind::Cash, ..market::wide_limits() },
        ..Case::new()
    }
}

#[test]
fn a_cash_account_buys_with_what_is_settled_and_leaves_the_buffer() {
    // 63 PEP at 150, paid with what 160 KO bring.
    let case = rotation(Some("2000"));
    let reason = "buys of 9450.95 and 2000.00 is settled, of which 500.00 stays: what is sold pays \
                  from the next session on, buys may take 9451.00 and 2000.00 is settled";
    assert_eq!(case.broken(case.plan()), one(CheckName::SettledCash, reason));
    // A margin account may do so, and a cash account once it has settled.
    let margin = Case { limits: market::wide_limits(), ..rotation(Some("2000")) };
    assert_eq!(margin.broken(margin.plan()), []);
    let cash = PlanRules { account_kind: AccountKind::Cash, ..PlanRules::default() };
    let case = Case { rules: cash.clone(), ..rotation(Some("2000")) };
    assert_eq!(case.broken(case.plan()), []);
    let bought = |plan: &Plan| plan.orders().last().unwrap().quantity;
    // 10 at 150 and their fee are more than 1,500.
    assert_eq!(bought(&case.plan()), Shares::new(9));
    // Cash that others took is not there, settled or not.
    let spent = Account { cash: money("1400"), ..rotation(Some("2000")).account };
    let spent = Case { account: spent, rules: cash.clone(), ..rotation(None) };
    assert_eq!(bought(&spent.plan()), Shares::new(5));

    // The buffer is for worse prices than those of the plan.
    let mut dear = Case { rules: cash.clone(), ..rotation(Some("2000")) };
    let plan = dear.plan();
    dear.quotes.get_mut(&symbol("PEP")).unwrap().ask = Some("150.2".parse().unwrap());
    assert_eq!(dear.broken(plan.clone()), []);
    // Less is settled than when it was planned: 9 x 150 and a fee of 0.135, beside 500.
    for (settled, is_fine) in [("1850.135", true), ("1850.13", false)] {
        let case = Case { rules: cash.clone(), ..rotation(Some(settled)) };
        assert_eq!(case.broken(plan.clone()).is_empty(), is_fine, "{settled}");
    }
}

#[test]
fn settled_cash_that_is_not_told_pays_for_nothing() {
    let case = rotation(None);
    let reason = "the broker does not tell the settled cash";
    assert_eq!(case.broken(case.plan()), one(CheckName::SettledCash, reason));
    // To sell needs none.
    let sells = case.plan().without_buys();
    assert_eq!(case.broken(sells), []);
}
