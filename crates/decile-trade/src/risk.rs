mod approved;
mod check;
mod review;

pub use approved::{ApprovedOrder, ApprovedPlan, Released, Withheld};
pub use check::{Check, CheckName, Denied};

use crate::{Account, Plan, Position};
use chrono::{DateTime, Utc};
use decile_core::{Decimal, FixedCommission, Money, Quote, Symbol, Weight};
use review::Review;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a plan is checked against: the account and the market at the moment of approval.
///
/// Read anew rather than taken over from the plan: a plan may have been looked at for a while.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{RiskInputs, RiskLimits};
///
/// let inputs = RiskInputs {
///     account: &account("10000"),
///     positions: &[],
///     quotes: &quotes(&[("KO", "50"), ("PEP", "150")]),
///     now: now(),
/// };
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
/// assert!(RiskLimits::default().approve(plan, &inputs).is_ok());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RiskInputs<'a> {
    /// What the account has.
    pub account: &'a Account,
    /// What the account holds.
    pub positions: &'a [Position],
    /// What the stocks trade at.
    pub quotes: &'a BTreeMap<Symbol, Quote>,
    /// The current instant.
    pub now: DateTime<Utc>,
}

/// The limits that no plan may cross. Each is a named check that allows or denies, with a reason.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{CheckName, RiskInputs, RiskLimits};
///
/// let limits = RiskLimits { order_notional_max: money("4700"), ..RiskLimits::default() };
/// let quotes = quotes(&[("KO", "50"), ("PEP", "150")]);
/// let account = account("10000");
/// let inputs = RiskInputs { account: &account, positions: &[], quotes: &quotes, now: now() };
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
///
/// let denied = limits.approve(plan, &inputs).expect_err("95 x 50 is more than 4,700");
/// let broken: Vec<_> = denied.broken().collect();
/// assert_eq!(broken.len(), 1);
/// assert_eq!(broken[0].name, CheckName::OrderNotionalMax);
/// assert_eq!(broken[0].reason, "buy KO is 4750 of at most 4700");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskLimits {
    /// Largest value of one order, at the larger of the two prices that `price_move_max` names.
    pub order_notional_max: Money,
    /// Most orders of one plan.
    pub order_count_max: usize,
    /// Largest part of the equity in one name after the trades; `None`: 15 %, or 1/N of N names if
    /// that is more.
    pub name_weight_max: Option<Weight>,
    /// Largest part of the equity in all names after the trades.
    pub gross_max: Decimal,
    /// Largest move from the previous close to the price that an order is sized with, and to the
    /// one that it is likely to get: the ask for a buy, the bid for a sell. A stock whose previous
    /// close is not known is denied.
    pub price_move_max: Decimal,
    /// Oldest quote that an order may rest on.
    pub quote_age_max: Duration,
    /// How far ahead of our clock a quote may be before one of the two must be wrong.
    pub quote_lead_max: Duration,
    /// What the broker charges. The cash must pay for it, or for the plan's fee if that is more.
    pub commission: FixedCommission,
}

impl Default for RiskLimits {
    fn default() -> Self {
        Self {
            order_notional_max: Money::new(Decimal::from(1_000_000)),
            order_count_max: 50,
            name_weight_max: None,
            gross_max: Decimal::ONE,
            price_move_max: Decimal::new(1, 1),
            quote_age_max: Duration::from_secs(60),
            quote_lead_max: Duration::from_secs(2),
            commission: FixedCommission::default(),
        }
    }
}

impl RiskLimits {
    /// Allows a plan, or denies it as a whole.
    ///
    /// Every check of [`CheckName`] is made and reported, whether the ones before it allowed the
    /// plan or not. They look at what is held after the trades, not only at the orders; but what
    /// only reduces a holding is never denied for the size of that holding.
    ///
    /// # Errors
    /// [`Denied`], which gives the plan back, if at least one check does not allow it.
    pub fn approve(
        &self,
        plan: Plan,
        inputs: &RiskInputs<'_>,
    ) -> Result<ApprovedPlan, Box<Denied>> {
        let (checks, costs) = {
            let review = Review::new(self, &plan, inputs);
            (review.checks(), review.costs())
        };
        if checks.iter().all(|check| check.allowed) {
            Ok(ApprovedPlan::new(plan, (checks, costs), inputs.now))
        } else {
            Err(Box::new(Denied::new(plan, checks)))
        }
    }
}
