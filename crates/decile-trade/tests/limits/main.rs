//! Each limit, denied and allowed.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod cash;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod names;
mod orders;
mod prices;

use chrono::{DateTime, Utc};
use decile_core::{Quote, Shares, Symbol, Target, TargetSize, Targets};
use decile_trade::{
    Account, Check, CheckName, Circumstances, Plan, PlanRules, Position, RiskInputs, RiskLimits,
};
use market::{account, now, quotes, session, symbol, targets};
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
