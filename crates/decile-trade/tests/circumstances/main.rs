//! The limits that look beyond the plan: at the session, the journal, others and the stocks.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod holdings;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod session;
mod stocks;

use decile_core::{Money, Shares};
use decile_trade::{
    Account, CheckName, Circumstances, ClientOrderId, History, JournalRecord, OrderSnapshot,
    OrderState, PlanRules, PlannedOrder, Position, RiskInputs, RiskLimits, StockFacts,
};
use market::{account, money, now, plan, quotes, symbol, targets};

/// A plan to hold KO and PEP, and what it is checked against.
struct Case {
    account: Account,
    positions: Vec<Position>,
    known: Circumstances,
    limits: RiskLimits,
    prices: [(&'static str, &'static str); 2],
}

impl Case {
    fn new() -> Self {
        Self {
            account: account("10000"),
            positions: Vec::new(),
            known: Circumstances::default(),
            limits: RiskLimits::default(),
            prices: [("KO", "50"), ("PEP", "150")],
        }
    }

    fn live() -> Self {
        let mut case = Self::new();
        case.account.id = "U1234567".parse().unwrap();
        let facts = StockFacts {
            average_daily_volume: Some(Shares::new(1_000_000)),
            market_cap: Some(money("1000000000")),
            ..StockFacts::default()
        };
        case.known.stocks =
            case.prices.map(|(name, _)| (symbol(name), facts.clone())).into_iter().collect();
        case
    }

    fn facts(&mut self, name: &str) -> &mut StockFacts {
        self.known.stocks.entry(symbol(name)).or_default()
    }

    fn records(mut self, records: Vec<JournalRecord>) -> Self {
        self.known.history = History::of(records).unwrap();
        self
    }

    /// What denies the plan.
    fn broken(&self, wanted: &[&str]) -> Vec<(CheckName, String)> {
        let quotes = quotes(&self.prices);
        let held = (&self.account, &self.positions[..]);
        let plan = market::plan_toward(&targets(wanted), held, &quotes, &PlanRules::default());
        let inputs = RiskInputs {
            account: &self.account,
            positions: &self.positions,
            quotes: &quotes,
            now: now(),
            known: &self.known,
        };
        match self.limits.approve(plan, &inputs) {
            Ok(_) => Vec::new(),
            Err(denied) => {
                denied.broken().map(|check| (check.name, check.reason.clone())).collect()
            }
        }
    }
}

const BOTH: [&str; 2] = ["KO", "PEP"];

fn one(name: CheckName, reason: &str) -> Vec<(CheckName, String)> {
    vec![(name, reason.to_owned())]
}

fn id(name: &str) -> ClientOrderId {
    format!("q-core:DU1234567:20251201:{name}:B:1").parse().unwrap()
}

fn order(name: &str, count: i64) -> PlannedOrder {
    let first = plan("10000", &[("KO", "50")]).orders()[0].clone();
    let notional = Money::new((count * 50).into());
    PlannedOrder { symbol: symbol(name), quantity: Shares::new(count), notional, ..first }
}

/// An order of an earlier run of the session, of which nothing more is known.
fn sent(name: &str, count: i64) -> JournalRecord {
    JournalRecord::Intent { id: id(name), order: order(name, count), arrival: None, at: now() }
}

fn filled(name: &str, count: i64) -> [JournalRecord; 2] {
    let snapshot = OrderSnapshot {
        filled: Shares::new(count),
        average_price: Some("50".parse().unwrap()),
        ..OrderSnapshot::unfilled(&id(name), &order(name, count), OrderState::Filled)
    };
    [sent(name, count), JournalRecord::Seen { snapshot, at: now() }]
}
