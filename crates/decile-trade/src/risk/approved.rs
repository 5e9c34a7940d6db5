use super::cost::Cost;
use super::{Approval, Check, RiskLimits};
use crate::journal::Blocked;
use crate::plan::Sizing;
use crate::{
    AccountKind, Attempts, Circumstances, ClientOrderId, Consent, ConsentError, Day, History,
    OrderName, OrderStatus, Plan, PlannedOrder,
};
use chrono::{DateTime, Utc};
use decile_core::Money;
use std::sync::Arc;

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
/// let released = approved.into_orders(&Attempts::replay(&MemoryJournal::default())?)?;
/// let [Released::Ready(order)] = &released[..] else { panic!("one order") };
/// assert_eq!(order.id().to_string(), "q-core:DU1234567:20251201:KO:B:1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "an approved plan that is dropped trades nothing"]
pub struct ApprovedPlan {
    plan: Plan,
    checks: Vec<Check>,
    /// With the cash that each order needs, reckoned once: fractions of big integers take their time.
    costs: Vec<(Cost, Money)>,
    grounds: Grounds,
    consent: Option<Consent>,
}

/// By what a plan was approved, and when.
#[derive(Debug)]
pub(super) struct Grounds {
    pub(super) limits: RiskLimits,
    pub(super) known: Circumstances,
    pub(super) approved_at: DateTime<Utc>,
    pub(super) day_caps: Day,
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
    cost: Cost,
    cash_needed: Money,
    /// How it may be made smaller; `None` if it goes as it is or not at all.
    sizing: Option<Arc<Sizing>>,
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
/// journal.append(&[JournalRecord::Intent { id, order, arrival: None, at: now() }])?;
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
/// let released = approved.into_orders(&Attempts::replay(&journal)?)?;
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
        (checks, costs): (Vec<Check>, Vec<(Cost, Money)>),
        grounds: Grounds,
    ) -> Self {
        Self { plan, checks, costs, grounds, consent: None }
    }

    /// Adds a person's consent, without which real money is not traded.
    ///
    /// # Errors
    /// [`ConsentError::OtherApproval`] if it was given to another plan, or to an earlier approval of this.
    pub fn with_consent(self, consent: Consent) -> Result<Self, ConsentError> {
        match consent.is_to(&self) {
            true => Ok(Self { consent: Some(consent), ..self }),
            false => Err(ConsentError::OtherApproval { plan: consent.plan_id().clone() }),
        }
    }

    /// Returns the consent, if a person has given it.
    #[must_use]
    pub fn consent(&self) -> Option<&Consent> {
        self.consent.as_ref()
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
        self.grounds.approved_at
    }

    /// Returns what the rest of an order has to keep to.
    pub(crate) fn approval(&self) -> Approval {
        let Grounds { limits, known, .. } = &self.grounds;
        Approval::new(self.plan.clone(), limits.clone(), known.clone())
    }

    /// Returns the limits that it keeps to.
    pub(crate) fn limits(&self) -> &RiskLimits {
        &self.grounds.limits
    }

    /// Returns the runs before, as they were known then.
    pub(crate) fn history(&self) -> &History {
        &self.grounds.known.history
    }

    /// Returns the names of the orders that were open when it was approved.
    pub(crate) fn open_orders(&self) -> impl Iterator<Item = &OrderName> {
        self.grounds.known.open_orders.iter().map(|order| &order.id)
    }

    /// Returns what the account may buy with.
    pub(crate) fn account_kind(&self) -> AccountKind {
        self.grounds.limits.account_kind
    }

    /// Returns what may go out in its session at most, earlier runs included.
    #[must_use]
    pub fn day_caps(&self) -> Day {
        self.grounds.day_caps
    }

    /// Gives the orders out, in the order in which they are to be sent.
    ///
    /// `attempts` must be the replay of the journal that their intents will go to.
    ///
    /// # Errors
    /// [`ConsentError::Missing`] if the account is not a paper account and nobody has agreed.
    pub fn into_orders(self, attempts: &Attempts) -> Result<Vec<Released>, ConsentError> {
        let Self { plan, costs, grounds, consent, .. } = self;
        if consent.is_none() && !plan.account().is_paper() {
            return Err(ConsentError::Missing { account: plan.account().clone() });
        }
        let owner = (plan.strategy(), plan.account());
        let sizing = Arc::new(plan.sizing().clone());
        let release = |(order, (cost, cash_needed)): (PlannedOrder, (Cost, Money))| {
            let what = (&order.symbol, order.side);
            let first = ClientOrderId::first(owner, plan.session(), what);
            match attempts.next(first, grounds.approved_at) {
                Ok(id) => {
                    let may_shrink = !sizing.fixed.contains(&order.symbol);
                    let sizing = may_shrink.then(|| Arc::clone(&sizing));
                    Released::Ready(ApprovedOrder { id, order, cost, cash_needed, sizing })
                }
                Err(Blocked { id, status, reason }) => {
                    Released::Withheld(Withheld { order, id, status, reason })
                }
            }
        };
        Ok(plan.orders().iter().cloned().zip(costs).map(release).collect())
    }
}

impl ApprovedOrder {
    /// Makes an order that goes as it is or not at all.
    pub(super) fn new(id: ClientOrderId, order: PlannedOrder, cost: Cost) -> Self {
        let cash_needed = cost.of(order.quantity);
        Self { id, order, cost, cash_needed, sizing: None }
    }

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

    /// Names a further attempt at an order that never left.
    pub(crate) fn again_as(self, id: ClientOrderId) -> Self {
        Self { id, ..self }
    }

    /// Makes a buy as small as the cash for it is, of which the plan's buffer stays. Tells whether it is
    /// worth sending then: if not, or if its number of shares is fixed, it stays as it is.
    pub(crate) fn shrink_to(&mut self, cash: Money) -> bool {
        let Some(sizing) = &self.sizing else { return false };
        let quantity = self.cost.affordable(cash - sizing.cash_kept, sizing.lot);
        let Ok(notional) = self.order.reference.notional(quantity) else { return false };
        let is_smaller = !quantity.is_zero() && quantity < self.order.quantity;
        if !is_smaller || notional < sizing.min_notional {
            return false;
        }
        (self.order.quantity, self.order.notional) = (quantity, notional);
        self.cash_needed = self.cost.of(quantity);
        true
    }
}
