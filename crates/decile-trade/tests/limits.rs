//! Each limit, denied and allowed.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Decimal, Quote, Shares, Symbol, Target, TargetSize, Targets, Weight};
use decile_trade::{
    Account, AccountKind, Check, CheckName, Circumstances, Classification, OrderStyle, Plan,
    PlanRules, Position, RiskInputs, RiskLimits,
};
use market::{account, money, now, position, quote, quotes, session, symbol, targets};
use std::collections::BTreeMap;

/// Everything around an approval, to be bent one thing at a time.
struct Case {
    targets: Targets,
    rules: PlanRules,
    account: Account,
    positions: Vec<Position>,
    quotes: BTreeMap<Symbol, Quote>,
    limits: RiskLimits,
    now: DateTime<Utc>,
}

impl Case {
    fn new() -> Self {
        Self {
            targets: targets(&["KO", "PEP"]),
            rules: PlanRules::default(),
            account: account("10000"),
            positions: Vec::new(),
            quotes: quotes(&[("KO", "50"), ("PEP", "150")]),
            limits: RiskLimits::default(),
            now: now(),
        }
    }

    fn fixed(mut self, counts: &[(&str, i64)]) -> Self {
        let target = |(text, count): &(&str, i64)| Target {
            symbol: symbol(text),
            size: TargetSize::Shares(Shares::new(*count)),
        };
        self.targets = Targets::new(session(), counts.iter().map(target).collect()).unwrap();
        self
    }

    fn plan(&self) -> Plan {
        let held = (&self.account, &self.positions[..]);
        market::plan_toward(&self.targets, held, &self.quotes, &self.rules)
    }

    fn approve(&self, plan: Plan) -> Vec<Check> {
        let inputs = RiskInputs {
            account: &self.account,
            positions: &self.positions,
            quotes: &self.quotes,
            now: self.now,
            known: &Circumstances::default(),
        };
        match self.limits.approve(plan, &inputs) {
            Ok(approved) => {
                assert!(approved.checks().iter().all(|check| check.allowed));
                approved.checks().to_vec()
            }
            Err(denied) => {
                assert!(denied.broken().count() > 0);
                denied.checks().to_vec()
            }
        }
    }

    /// The checks that deny, after making sure that each check appears once.
    fn broken(&self, plan: Plan) -> Vec<(CheckName, String)> {
        let checks = self.approve(plan);
        let mut names: Vec<_> = checks.iter().map(|check| check.name).collect();
        names.dedup();
        assert_eq!(names.len(), 29);
        let broken = checks.into_iter().filter(|check| !check.allowed);
        broken.map(|check| (check.name, check.reason)).collect()
    }
}

fn one(name: CheckName, reason: &str) -> Vec<(CheckName, String)> {
    vec![(name, reason.to_owned())]
}

#[test]
fn an_ordinary_plan_passes_and_every_check_says_its_numbers() {
    let case = Case::new();
    let checks = case.approve(case.plan());
    let told: Vec<_> = checks.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "allow account: DU1234567 with 10000",
            "allow order_notional_max: buy KO is 4750 of at most 1000000",
            "allow order_count_max: 2 orders of at most 50",
            "allow name_weight_max: KO has 47.50 % of at most 50.00 %",
            "allow issuer_weight_max: no company is held by two names",
            "allow sector_weight_max: no limit is set",
            "allow gross_max: 94.00 % of at most 100.00 %",
            "allow price_move_max: PEP is 0.00 % from its previous close 150, of at most 10.00 %",
            "allow quote_age_max: the oldest quote is 0 s old of at most 60 s",
            "allow spread_max: PEP has 0.00 % of at most 0.20 %",
            "allow session_hours: 15:00 UTC, between 14:30 and 21:00",
            "allow no_oversell: 0 sales of what is held",
            "allow cash_not_negative: 598.00 is left after fees",
            "allow settled_cash: not a cash account: what is sold pays at once",
            "allow day_order_count_max: 0 orders before and 2 now, of at most 100",
            "allow day_buys_max: 94.00 % of at most 100.00 %",
            "allow turnover_max: 0.00 % of at most 70.00 %",
            "allow loss_latch: no look at the account is written down",
            "allow open_orders: 0 of others, in no name of the plan",
            "allow own_positions: the journal explains all 0 names",
            "allow price_min: KO is 50 of at least 5",
            "allow adv_fraction_max: the daily volume of 2 of 2 orders is not known",
            "allow day_value_min: the value traded in a day of 2 of 2 orders is not known",
            "allow market_cap_min: the market value of 2 of 2 orders is not known",
            "allow corporate_action: no split or spin-off is known from 2025-11-30 to 2025-12-01",
            "allow tradable: 0 of 2 are known to trade",
            "allow earnings_near: none; 0 of 2 dates are known",
            "allow day_trades: none in five sessions",
            "allow wash_sales: none",
        ]
    );
}

#[test]
fn another_account_is_denied() {
    let mut case = Case::new();
    let plan = case.plan();
    case.account.id = "DU7654321".parse().unwrap();
    let reason = "the plan is for DU1234567, not for DU7654321";
    assert_eq!(case.broken(plan), one(CheckName::Account, reason));
}

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
fn a_name_may_weigh_fifteen_percent_or_its_equal_part() {
    // Ten names of which the first is to be 31 x 50 = 15.5 %, the others small.
    let names = ["KO", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    let mut counts: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
    counts[0].1 = 31;
    let mut case = Case::new().fixed(&counts);
    case.quotes = names.iter().map(|name| (symbol(name), quote(name, "50"))).collect();
    let reason = "KO has 15.50 % of at most 15.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
    // Of six names each may have a sixth, 16.67 %.
    let mut case = Case::new().fixed(&counts[..6]);
    case.quotes = names.iter().map(|name| (symbol(name), quote(name, "50"))).collect();
    assert_eq!(case.broken(case.plan()), []);
    case.limits.name_weight_max = Some("0.1549".parse().unwrap());
    let reason = "KO has 15.50 % of at most 15.49 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
}

#[test]
fn what_is_held_counts_but_what_is_reduced_is_let_go() {
    // OLD, 80 % of the equity, has no price. PEP is bought: the plan adds to a heavy book.
    let mut case = Case::new().fixed(&[("PEP", 4)]);
    case.account.cash = money("2000");
    case.positions = vec![Position { average_cost: money("100"), ..position("OLD", 80) }];
    case.limits.name_weight_max = Some("0.5".parse().unwrap());
    let reason = "OLD has 80.00 % of at most 50.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
    // With a price it is sold down to 60 %, which is still too much, but better.
    let mut case = case.fixed(&[("OLD", 60)]);
    case.quotes.insert(symbol("OLD"), quote("OLD", "100"));
    assert_eq!(case.broken(case.plan()), []);
}

/// KO and PEP as one company, or as two of one sector.
fn described(plan: Plan, issuers: [&str; 2]) -> Plan {
    let classification = |(name, issuer): (&str, &str)| {
        let sector = "Staples".to_owned();
        (symbol(name), Classification { issuer: issuer.to_owned(), sector })
    };
    plan.with_classifications(["KO", "PEP"].into_iter().zip(issuers).map(classification))
}

#[test]
fn classes_of_one_company_count_together() {
    let mut case = Case::new();
    let reason = "One has 94.00 % of at most 50.00 %";
    let one_company = || described(case.plan(), ["One", "One"]);
    assert_eq!(case.broken(one_company()), one(CheckName::IssuerWeightMax, reason));
    assert_eq!(case.broken(described(case.plan(), ["One", "Two"])), []);
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(94, 2)).unwrap());
    assert_eq!(case.broken(described(case.plan(), ["One", "One"])), []);
    // A limit of companies of its own holds for those of one name too.
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(47, 2)).unwrap());
    let reason = "One has 47.50 % of at most 47.00 %";
    let apart = described(case.plan(), ["One", "Two"]);
    assert_eq!(case.broken(apart), one(CheckName::IssuerWeightMax, reason));
    // Half of it is held already, and counts.
    case.positions = vec![position("KO", 95)];
    case.account.cash = money("5250");
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(93, 2)).unwrap());
    let reason = "One has 94.00 % of at most 93.00 %";
    let more = described(case.plan(), ["One", "One"]);
    assert_eq!(more.orders().len(), 1);
    assert_eq!(case.broken(more), one(CheckName::IssuerWeightMax, reason));
}

#[test]
fn sectors_are_limited_if_a_limit_is_set_and_every_sector_must_be_known() {
    let mut case = Case::new();
    case.limits.sector_weight_max = Some(Weight::new(Decimal::new(40, 2)).unwrap());
    let reason = "Staples has 94.00 % of at most 40.00 %";
    let plan = described(case.plan(), ["One", "Two"]);
    assert_eq!(case.broken(plan), one(CheckName::SectorWeightMax, reason));
    let reason = "the sector of KO is not known, the sector of PEP is not known";
    assert_eq!(case.broken(case.plan()), one(CheckName::SectorWeightMax, reason));
    // What only sells is let through, too large or not known as it may be.
    case.positions = vec![position("KO", 100), position("PEP", 30)];
    case.account.cash = money("500");
    let selling = case.fixed(&[("KO", 90), ("PEP", 30)]);
    assert_eq!(selling.broken(described(selling.plan(), ["One", "Two"])), []);
    assert_eq!(selling.broken(selling.plan()), []);
}

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
