//! Which plans are the same.

use crate::market::{self, money, position, session, symbol, targets};
use crate::{Case, rules};
use decile_core::{Decimal, Shares, Targets, Weight};
use decile_trade::{OrderStyle, Plan, PlanId, PlanRules, RiskLimits};
use std::time::Duration;

/// A change of one thing, which must give another id.
type Change<T> = (&'static str, fn(&mut T));

#[test]
fn another_rule_another_limit_and_buys_that_are_left_out_make_another_plan_id() {
    let plan = || market::plan("10000", &[("KO", "50"), ("PEP", "150")]);
    let wanted = targets(&["KO", "PEP"]);
    let (rules, limits) = (PlanRules::default(), RiskLimits::default());
    let id = PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits));
    assert_eq!(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)), id);
    let amount = |text: &str| text.parse::<Decimal>().unwrap();
    assert_ne!(rules.cash_buffer, amount("0.01"));
    let of_rules: [Change<PlanRules>; 3] = [
        ("cash_buffer", |rules| rules.cash_buffer = Decimal::new(1, 2)),
        ("min_notional", |rules| rules.min_notional = money("1234")),
        ("order", |rules| rules.order = OrderStyle::MarketOnClose),
    ];
    let of_limits: [Change<RiskLimits>; 4] = [
        ("order_notional_max", |limits| limits.order_notional_max = money("999")),
        ("name_weight_max", |limits| limits.name_weight_max = Weight::new(Decimal::ONE).ok()),
        ("quote_age_max", |limits| limits.quote_age_max = Duration::from_millis(59_999)),
        ("losses", |limits| limits.losses.daily_max = Decimal::new(1, 2)),
    ];
    let mut ids = vec![id];
    for (name, change) in of_rules {
        let mut rules = rules.clone();
        change(&mut rules);
        ids.push(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)));
        assert!(!ids[..ids.len() - 1].contains(&ids[ids.len() - 1]), "{name}");
    }
    for (name, change) in of_limits {
        let mut limits = limits.clone();
        change(&mut limits);
        ids.push(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)));
        assert!(!ids[..ids.len() - 1].contains(&ids[ids.len() - 1]), "{name}");
    }
    let without = plan().without_buys();
    let without = PlanId::of(&without, &wanted, "q_core", (&rules, &limits));
    assert!(!ids.contains(&without), "without buys");
}

#[test]
fn a_plan_that_sells_what_it_bought_is_another_and_one_that_trades_much_more_has_moved() {
    let (rules, limits) = (rules(), RiskLimits::default());
    let (names, as_of) = ([symbol("KO"), symbol("PEP")], session().pred_opt().unwrap());
    let wanted = Targets::equal_shares(as_of, &names, Shares::new(200)).unwrap();
    let plan = |held: i64| {
        let mut case = Case::new(wanted.clone(), "100000", &[("KO", "50"), ("PEP", "150")]);
        case.positions = vec![position("KO", held)];
        case.plan(&rules).unwrap()
    };
    let id = |plan: &Plan| PlanId::of(plan, &wanted, "q_core", (&rules, &limits));
    let (buys, sells) = (plan(100), plan(300));
    let of = |plan: &Plan| PlanId::quantities(plan)[&symbol("KO")].get();
    assert_eq!((of(&buys), of(&sells)), (100, -100));
    assert_ne!(id(&buys), id(&sells));
    // The same names on the same sides, a little more of one of them, and much more.
    let shown = PlanId::quantities(&buys);
    for (held, moved) in [(95, None), (90, None), (89, Some("111 KO by now, and 100 were shown"))] {
        let now = plan(held);
        assert_eq!(id(&now), id(&buys));
        assert_eq!(PlanId::moved(&now, &shown).as_deref(), moved);
    }
    assert!(PlanId::moved(&sells, &shown).unwrap().starts_with("-100 KO by now"));
}
