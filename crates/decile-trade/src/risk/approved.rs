use super::Check;
use crate::journal::Blocked;
use crate::{Attempts, ClientOrderId, Day, OrderStatus, Plan, PlannedOrder};
use chrono::{DateTime, Utc};
use decile_core::Money;

/// A plan that passed every check. Only [`RiskLimits::approve`](crate::RiskLimits::approve) makes
/// one; it cannot be copied, or read from a file.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Attempts, Circumstances, MemoryJournal, Released, RiskInputs, RiskLimits};
///
/// let (account, quotes) = (account("10000"), quotes(&[("KO", "50")]));
/// let inputs = RiskInputs {
///     account: &account,
///     positions: &[],
///     quotes: &quotes,
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let approved = RiskLimits::default().approve(plan("10000", &[("KO", "50")]), &inputs)?;
/// assert!(approved.checks().iter().all(|check| check.allowed));
///
/// // What an executor does, once, with the journal before it.
/// let released = approved.into_orders(&Attempts::replay(&MemoryJournal::default())?);
/// let [Released::Ready(order)] = &released[..] else { panic!("one order") };
/// assert_eq!(order.id().to_string(), "q-core:DU1234567:20251201:KO:B:1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "an approved plan that is dropped trades nothing"]
pub struct ApprovedPlan {
    plan: Plan,
    checks: Vec<Check>,
    costs: Vec<Money>,
    approved_at: DateTime<Utc>,
    day_caps: Day,
}

/// An order that may be sent, once. Only an [`ApprovedPlan`] gives it out, and brokers take nothing
/// else; it cannot be copied, or read from a file.
///
/// See [`ApprovedPlan`] for an example.
///
/// ```
/// fn describe(order: &decile_trade::ApprovedOrder) -> String {
///     format!("{}: {}", order.id(), order.order())
/// }
/// ```
#[derive(Debug)]
pub struct ApprovedOrder {
    id: ClientOrderId,
    order: PlannedOrder,
    cash_needed: Money,
}

/// An order that must not be sent: an earlier attempt has filled, or nobody knows what became of it.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Attempts, Journal, JournalRecord, MemoryJournal, Released};
/// use decile_trade::{Circumstances, RiskInputs, RiskLimits};
///
/// let journal = MemoryJournal::default();
/// let plan = plan("10000", &[("KO", "50")]);
/// let id = "q-core:DU1234567:20251201:KO:B:1".parse()?;
/// let order = plan.orders()[0].clone();
/// journal.append(&[JournalRecord::Intent { id, order, at: now() }])?;
///
/// let (account, quotes) = (account("10000"), quotes(&[("KO", "50")]));
/// let inputs = RiskInputs {
///     account: &account,
///     positions: &[],
///     quotes: &quotes,
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let approved = RiskLimits::default().approve(plan, &inputs)?;
/// let released = approved.into_orders(&Attempts::replay(&journal)?);
/// assert!(matches!(&released[..], [Released::Withheld(_)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Withheld {
    /// The order.
    pub order: PlannedOrder,
    /// The attempt that stands in its way.
    pub id: ClientOrderId,
    /// What to report: [`Unknown`](OrderStatus::Unknown) if that attempt may still fill, else
    /// [`NotSent`](OrderStatus::NotSent).
    pub status: OrderStatus,
    /// Why.
    pub reason: String,
}

/// One order of an approved plan.
///
/// See [`ApprovedPlan`] and [`Withheld`] for examples.
///
/// ```
/// use decile_trade::Released;
///
/// fn may_be_sent(released: &Released) -> bool {
///     matches!(released, Released::Ready(_))
/// }
/// ```
#[derive(Debug)]
pub enum Released {
    /// May be sent.
    Ready(ApprovedOrder),
    /// Must not be sent.
    Withheld(Withheld),
}

impl ApprovedPlan {
    pub(super) fn new(
        plan: Plan,
        (checks, costs): (Vec<Check>, Vec<Money>),
        (approved_at, day_caps): (DateTime<Utc>, Day),
    ) -> Self {
        Self { plan, checks, costs, approved_at, day_caps }
    }

    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the outcomes of all checks.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Returns when it was approved: the instant of its [`RiskInputs`](crate::RiskInputs).
    #[must_use]
    pub fn approved_at(&self) -> DateTime<Utc> {
        self.approved_at
    }

    /// Returns what may go out in its session at most, earlier runs included.
    #[must_use]
    pub fn day_caps(&self) -> Day {
        self.day_caps
    }

    /// Gives the orders out, in the order in which they are to be sent.
    ///
    /// `attempts` must be the replay of the journal that their intents will go to.
    #[must_use]
    pub fn into_orders(self, attempts: &Attempts) -> Vec<Released> {
        let Self { plan, costs, approved_at, .. } = self;
        let owner = (plan.strategy(), plan.account());
        let release = |(order, cash_needed): (PlannedOrder, Money)| {
            let what = (&order.symbol, order.side);
            let first = ClientOrderId::first(owner, plan.session(), what);
            match attempts.next(first, approved_at) {
                Ok(id) => Released::Ready(ApprovedOrder { id, order, cash_needed }),
                Err(Blocked { id, status, reason }) => {
                    Released::Withheld(Withheld { order, id, status, reason })
                }
            }
        };
        plan.orders().iter().cloned().zip(costs).map(release).collect()
    }
}

impl ApprovedOrder {
    /// Returns the name of the order.
    #[must_use]
    pub fn id(&self) -> &ClientOrderId {
        &self.id
    }

    /// Returns what it asks for.
    #[must_use]
    pub fn order(&self) -> &PlannedOrder {
        &self.order
    }

    /// Returns the cash that it was approved with, fees included; below 0 for a sale.
    #[must_use]
    pub fn cash_needed(&self) -> Money {
        self.cash_needed
    }
}
