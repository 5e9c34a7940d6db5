//! What is known about one attempt at an order.

use crate::{Clearance, Execution, JournalRecord, OrderSnapshot, OrderState, PlannedOrder};
use chrono::{DateTime, Utc};
use decile_core::{Money, Price, Shares};
use std::collections::BTreeMap;

/// What is known about one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) order: PlannedOrder,
    /// What the stock traded at when it was sent.
    pub(crate) arrival: Option<Price>,
    pub(crate) intended_at: DateTime<Utc>,
    pub(crate) snapshot: Option<OrderSnapshot>,
    pub(crate) executions: BTreeMap<String, Execution>,
    /// How many shares corrections of executions have taken back.
    pub(super) taken_back: Shares,
    pub(super) not_sent: bool,
    /// When it was last heard of.
    pub(super) seen_at: Option<DateTime<Utc>>,
    pub(super) lapsed: bool,
    /// What a person said became of it, until the broker says more.
    pub(super) cleared: Option<Clearance>,
}

impl Standing {
    /// Tells whether it never left or, as a person says, never arrived. Whatever the broker says of it since is the later truth.
    pub(super) fn is_not_sent(&self) -> bool {
        let is_said = self.not_sent || self.cleared == Some(Clearance::NeverArrived);
        is_said && self.snapshot.is_none() && self.executions.is_empty()
    }

    /// Tells whether it is proven that nothing more can happen, or a person says so.
    pub(super) fn is_final(&self) -> bool {
        self.is_not_sent()
            || self.is_cleared()
            || self.snapshot.as_ref().is_some_and(|seen| seen.state.is_final())
    }

    /// Tells whether its fate is not known and may still matter.
    pub(super) fn is_open(&self) -> bool {
        !self.is_final() && !self.lapsed
    }

    /// Returns how many of its shares have filled at its height.
    pub(crate) fn filled(&self) -> Shares {
        let seen = self.snapshot.as_ref().map_or(Shares::ZERO, |seen| seen.filled);
        seen.max(self.executed()).max(self.cleared_with().unwrap_or_default())
    }

    /// Returns how many of its shares are known to have filled, without what corrections took back.
    pub(crate) fn kept(&self) -> Shares {
        if let Some(cleared) = self.cleared_with() {
            return cleared.max(self.executed());
        }
        let seen = self.snapshot.as_ref().map_or(Shares::ZERO, |seen| seen.filled);
        (seen - self.taken_back).max(self.executed())
    }

    pub(super) fn executed(&self) -> Shares {
        let executed = self.executions.values().map(|execution| execution.quantity);
        executed.fold(Shares::ZERO, |sum, quantity| sum + quantity)
    }

    /// Returns what it is worth: what has filled if it is final, else all of it.
    pub(super) fn value(&self) -> Money {
        let price = self.average_price().unwrap_or(self.order.reference);
        let quantity = if self.is_final() { self.filled() } else { self.order.quantity };
        // A value out of range cannot come up: the whole order was approved by its value.
        price.notional(quantity).unwrap_or(self.order.notional)
    }

    /// Returns the average price of what has filled, if anybody has said it.
    pub(super) fn average_price(&self) -> Option<Price> {
        let said = self.cleared.as_ref().and_then(Clearance::average_price);
        // That of fewer shares is no answer for more of them.
        let is_of_all =
            |seen: &&OrderSnapshot| self.cleared_with().is_none_or(|it| it == seen.filled);
        said.or_else(|| self.snapshot.as_ref().filter(is_of_all)?.average_price)
    }

    /// Returns how many shares were not filled when it was cancelled; `None` if it was not.
    pub(super) fn left(&self) -> Option<Shares> {
        let seen = self.snapshot.as_ref().filter(|seen| seen.state == OrderState::Cancelled)?;
        Some(self.order.quantity - seen.filled)
    }

    /// Tells whether it has filled wholly.
    pub(super) fn is_filled(&self) -> bool {
        // A broker that has forgotten what was ordered says 0 of 0.
        let has_all = |seen: &OrderSnapshot| !seen.filled.is_zero() && seen.filled >= seen.quantity;
        let is_filled = |seen: &OrderSnapshot| seen.state == OrderState::Filled || has_all(seen);
        let is_all = |cleared: Shares| cleared >= self.order.quantity;
        self.snapshot.as_ref().is_some_and(is_filled) || self.cleared_with().is_some_and(is_all)
    }

    /// Tells whether some of it filled without a plan of `then` knowing of it.
    pub(super) fn has_filled_since(&self, then: DateTime<Utc>) -> bool {
        let seen = self.snapshot.as_ref().map_or(Shares::ZERO, |seen| seen.filled);
        let filled = seen.max(self.cleared_with().unwrap_or_default());
        filled > Shares::ZERO && self.seen_at > Some(then)
    }
}

impl Standing {
    pub(super) fn intended(
        order: PlannedOrder,
        arrival: Option<Price>,
        intended_at: DateTime<Utc>,
    ) -> Self {
        Self {
            order,
            arrival,
            intended_at,
            snapshot: None,
            executions: BTreeMap::new(),
            taken_back: Shares::ZERO,
            not_sent: false,
            seen_at: None,
            lapsed: false,
            cleared: None,
        }
    }

    pub(super) fn learn(&mut self, record: JournalRecord) {
        match record {
            JournalRecord::NotSent { .. } => self.not_sent = true,
            JournalRecord::Lapsed { .. } => self.lapsed = true,
            JournalRecord::Cleared { clearance, at, .. } => self.clear(clearance, at),
            JournalRecord::Executed { execution } => {
                let fewer = learn(&mut self.executions, execution);
                self.taken_back = (self.taken_back + fewer).max(Shares::ZERO);
                self.hold_against(fewer);
            }
            JournalRecord::Seen { snapshot, at } => {
                // Where it is open it may still fill, and where it has ended nobody need say so.
                self.cleared = None;
                self.seen_at = self.seen_at.max(Some(at));
                match &mut self.snapshot {
                    Some(known) => known.merge(snapshot),
                    None => self.snapshot = Some(snapshot),
                }
            }
            // An intent starts a standing, a doubt takes nothing back that was proven, the broker's
            // number says nothing of how far it came, and what is about a whole run does not come here.
            _ => {}
        }
    }
}

/// Adds an execution to the known ones, and returns by how many shares a correction makes a known one
/// smaller; below zero, larger. Its commission may come later, and is not lost again.
pub(crate) fn learn(known: &mut BTreeMap<String, Execution>, mut execution: Execution) -> Shares {
    let before = known.get(&execution.execution_id);
    let fewer = before.map_or(Shares::ZERO, |known| known.quantity - execution.quantity);
    execution.commission = execution.commission.or(before.and_then(|known| known.commission));
    known.insert(execution.execution_id.clone(), execution);
    fewer
}
