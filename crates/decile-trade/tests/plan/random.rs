//! What holds for every plan.

use crate::market::{position, quote, session, symbol, targets};
use crate::{Case, orders};
use decile_core::{Decimal, Money, Shares, Target, TargetSize, Targets, Weight};
use decile_trade::{PlanRules, Side};
use proptest::prelude::*;

/// One stock of a random case: price in cents, lots held, weight in thousandths.
fn stocks() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
    prop::collection::vec((1_i64..100_000, 0_i64..50, 0_i64..=100), 1..10)
}

fn random_case(stocks: &[(i64, i64, i64)], cash: i64, lot: i64) -> Case {
    let name = |index: usize| symbol(&format!("S{index}"));
    let mut case = Case::new(targets(&[]), "1", &[]);
    let mut equity = Money::new(Decimal::new(cash, 2));
    case.account.cash = equity;
    let mut wanted = Vec::new();
    for (index, (cents, lots, weight)) in stocks.iter().enumerate() {
        let price = Decimal::new(*cents, 2).to_string();
        let quote = quote(name(index).as_str(), &price);
        let held = Shares::new(lots * lot);
        equity += quote.last.unwrap().notional(held).unwrap();
        case.quotes.insert(name(index), quote);
        case.positions.push(position(name(index).as_str(), held.get()));
        let weight = Weight::new(Decimal::new(*weight, 3)).unwrap();
        wanted.push(Target { symbol: name(index), size: TargetSize::Weight(weight) });
    }
    case.account.equity = equity;
    case.targets = Targets::new(session(), wanted).unwrap();
    case
}

proptest! {
    #[test]
    fn no_plan_overspends_oversells_or_breaks_a_lot(
        stocks in stocks(),
        cash in 1_i64..100_000_000,
        lot in prop::sample::select(vec![1_i64, 10, 100]),
        buffer in 0_i64..20,
    ) {
        let case = random_case(&stocks, cash, lot);
        let rules = PlanRules {
            cash_buffer: Decimal::new(buffer, 2),
            lot: Shares::new(lot),
            ..PlanRules::default()
        };
        let plan = case.plan(&rules).unwrap();
        let reserve = case.account.equity.times(rules.cash_buffer).unwrap();
        // Buys never reach into the reserve. Without buys the cash only grows, whatever it was.
        let floor = if plan.orders().iter().any(|order| order.side == Side::Buy) {
            reserve
        } else {
            case.account.cash
        };
        prop_assert!(plan.cash_after() >= floor, "{} of {floor}", plan.cash_after());
        for order in plan.orders() {
            let held = case.positions.iter().find(|held| held.symbol == order.symbol).unwrap();
            prop_assert!(order.quantity > Shares::ZERO);
            prop_assert_eq!(order.quantity.get() % lot, 0);
            prop_assert!(order.side == Side::Buy || order.quantity <= held.quantity);
        }
        let sides: Vec<_> = plan.orders().iter().map(|order| order.side).collect();
        prop_assert!(sides.is_sorted_by(|a, b| a >= b), "sells first: {sides:?}");
    }

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_sell(
        stocks in stocks(),
        cash in 1_i64..100_000_000,
    ) {
            let mut case = random_case(&stocks, cash, 1);
        let rules = PlanRules { fee: Decimal::ZERO, ..PlanRules::default() };
        let plan = case.plan(&rules).unwrap();
        case.account.cash = plan.cash_after();
        let held = plan.positions_after().iter();
        case.positions = held.map(|(name, n)| position(name.as_str(), n.get())).collect();
        let again = case.plan(&rules).unwrap();
        prop_assert!(again.orders().iter().all(|order| order.side == Side::Buy), "{:?}", orders(&again));
    }
}
