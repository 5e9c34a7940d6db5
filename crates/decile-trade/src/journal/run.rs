use crate::{AccountId, ApprovedPlan, Check, PlanId, PlannedOrder, StrategyId};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Money;
use serde::{Deserialize, Serialize};

/// What was approved: enough to tell, years later, what was to be done and why it was allowed.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::RunRecord;
///
/// let run = RunRecord::of(&approved("10000", &[("KO", "50")]));
/// assert_eq!(run.orders[0].to_string(), "buy 189 KO at about 50");
/// assert!(run.checks.iter().all(|check| check.allowed));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Whose plan it is.
    pub strategy: StrategyId,
    /// The account that trades.
    pub account: AccountId,
    /// The session in which the orders are to trade.
    pub session: NaiveDate,
    /// The session whose close the targets were made of.
    pub as_of: NaiveDate,
    /// When the checks were made.
    pub approved_at: DateTime<Utc>,
    /// The checks, with their reasons.
    pub checks: Vec<Check>,
    /// The orders as they are to be sent.
    pub orders: Vec<PlannedOrder>,
    /// The cash when all of them have filled at their reference prices.
    pub cash_after: Money,
    /// The broker's number of the first order of the run, as far as it is known before one is sent; each
    /// intent takes one at most. `None` if the broker has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers_from: Option<u64>,
    /// The id of the plan that a person has agreed to; `None` if nobody was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<PlanId>,
}

impl RunRecord {
    /// Writes an approved plan down.
    #[must_use]
    pub fn of(approved: &ApprovedPlan) -> Self {
        let plan = approved.plan();
        Self {
            strategy: plan.strategy().clone(),
            account: plan.account().clone(),
            session: plan.session(),
            as_of: plan.as_of(),
            approved_at: approved.approved_at(),
            checks: approved.checks().to_vec(),
            orders: plan.orders().to_vec(),
            cash_after: plan.cash_after(),
            numbers_from: None,
            agreed: approved.consent().map(|consent| consent.plan_id().clone()),
        }
    }
}
