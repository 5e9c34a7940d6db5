//! The twelve cases of `golden/orders_cases.json`, order by order and to the last digit.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

use decile_core::{
    Currency, Decimal, Money, Price, Quote, Shares, Symbol, Target, TargetSize, Targets,
};
use decile_trade::{Account, Plan, PlanInputs, PlanRules, Position};
use serde::Deserialize;
use std::collections::BTreeMap;

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
use market::{quote, session, strategy};

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    equity: Money,
    cash: Money,
    holdings: BTreeMap<Symbol, Shares>,
    config: Config,
    lot: Option<Shares>,
    prices: BTreeMap<Symbol, Price>,
    weights: BTreeMap<Symbol, decile_core::Weight>,
    adv: Option<BTreeMap<Symbol, Shares>>,
    expected: Expected,
}

#[derive(Debug, Deserialize)]
struct Config {
    cash_buffer: Decimal,
    band: Decimal,
    min_notional: Money,
    fee_bps: Decimal,
    max_order_notional: Money,
    max_adv_frac: Decimal,
}

#[derive(Debug, Deserialize)]
struct Expected {
    orders: Vec<(String, String, i64)>,
    notes: Vec<(String, String)>,
    cash_after: Money,
}

impl Case {
    fn plan(&self) -> Plan {
        let weighted = self.weights.iter().map(|(symbol, weight)| Target {
            symbol: symbol.clone(),
            size: TargetSize::Weight(*weight),
        });
        let held = self.holdings.iter().map(|(symbol, quantity)| Position {
            symbol: symbol.clone(),
            quantity: *quantity,
            average_cost: Money::ZERO,
        });
        let quoted = self.prices.iter().map(|(symbol, price)| {
            let quote = Quote { last: Some(*price), ..quote(symbol.as_str(), "1") };
            (symbol.clone(), quote)
        });
        let rules = PlanRules {
            cash_buffer: self.config.cash_buffer,
            band: self.config.band,
            min_notional: self.config.min_notional,
            fee: self.config.fee_bps / Decimal::from(10_000),
            order_notional_max: self.config.max_order_notional,
            adv_fraction_max: self.config.max_adv_frac,
            lot: self.lot.unwrap_or(Shares::new(1)),
            ..PlanRules::default()
        };
        let inputs = PlanInputs {
            strategy: &strategy(),
            session: session(),
            targets: &Targets::new(session(), weighted.collect()).unwrap(),
            account: &Account {
                id: "DU1234567".parse().unwrap(),
                currency: Currency::USD,
                cash: self.cash,
                equity: self.equity,
                settled_cash: None,
            },
            positions: &held.collect::<Vec<_>>(),
            quotes: &quoted.collect(),
            average_daily_volume: self.adv.as_ref(),
        };
        Plan::toward(&inputs, &rules).unwrap()
    }
}

#[test]
fn golden_orders_cases() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/orders_cases.json")).unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let plan = case.plan();
        let orders = plan.orders().iter().map(|order| {
            let side = order.side.to_string().to_uppercase();
            (order.symbol.to_string(), side, order.quantity.get())
        });
        assert_eq!(orders.collect::<Vec<_>>(), case.expected.orders, "{}", case.name);
        let notes =
            plan.notes().iter().map(|note| (note.symbol.to_string(), note.kind.to_string()));
        assert_eq!(notes.collect::<Vec<_>>(), case.expected.notes, "{}", case.name);
        assert_eq!(plan.cash_after(), case.expected.cash_after, "{}", case.name);
    }
}
