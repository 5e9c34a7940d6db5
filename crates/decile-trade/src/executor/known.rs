//! What is known about one order of a run.

use crate::{ClientOrderId, Execution, OrderSnapshot, OrderState, PlannedOrder};
use decile_core::{Decimal, Money, Price, Shares};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(super) struct Known {
    pub(super) order: PlannedOrder,
    pub(super) snapshot: Option<OrderSnapshot>,
    pub(super) executions: BTreeMap<String, Execution>,
    /// How many shares corrections of executions have taken back. What the broker said had filled
    /// before is so much too high.
    pub(super) taken_back: Shares,
    /// What the journal has of it, so that it is not written again.
    pub(super) recorded: Option<OrderSnapshot>,
    /// The executions that the journal has not, or not as they are now.
    pub(super) unwritten: Vec<String>,
    /// Nothing was heard since `recorded`.
    pub(super) is_written: bool,
}

impl Known {
    /// How far it has come, and how many shares have filled: all that most events change. `None` if
    /// nothing shows that it arrived.
    ///
    /// What the broker said at its height is put down to what it has left of it. What was filled is then
    /// filled no more: nobody says whether the rest may still fill, so it counts as open.
    pub(super) fn progress(&self) -> Option<(OrderState, Shares)> {
        let executed = self.executed();
        let (mut state, told) = match &self.snapshot {
            Some(snapshot) => (snapshot.state, snapshot.filled),
            None if executed.is_zero() => return None,
            None => (OrderState::Submitted, Shares::ZERO),
        };
        if self.taken_back > Shares::ZERO && state == OrderState::Filled {
            state = OrderState::Working;
        }
        let filled = (told - self.taken_back).max(Shares::ZERO).max(executed);
        if filled >= self.quantity() {
            state = OrderState::Filled;
        } else if filled > Shares::ZERO && !state.is_final() {
            state = OrderState::PartiallyFilled;
        }
        Some((state, filled))
    }

    pub(super) fn state(&self) -> Option<OrderState> {
        self.progress().map(|(state, _)| state)
    }

    pub(super) fn executed(&self) -> Shares {
        let executed = self.executions.values().map(|execution| execution.quantity);
        executed.fold(Shares::ZERO, |sum, quantity| sum + quantity)
    }

    /// How many shares were ordered. A broker that has forgotten says 0.
    fn quantity(&self) -> Shares {
        let told = self.snapshot.as_ref().map(|snapshot| snapshot.quantity);
        told.filter(|told| !told.is_zero()).unwrap_or(self.order.quantity)
    }

    pub(super) fn combined(&self, id: &ClientOrderId) -> Option<OrderSnapshot> {
        let (state, filled) = self.progress()?;
        let (executed, quantity) = (self.executed(), self.quantity());
        let blank = || OrderSnapshot::unfilled(id, &self.order, state);
        let told = self.snapshot.clone().unwrap_or_else(blank);
        let mut combined = OrderSnapshot { state, filled, quantity, ..told };
        let mut counted = self.snapshot.as_ref().map_or(Shares::ZERO, |seen| seen.filled);
        if self.taken_back > Shares::ZERO {
            counted = counted - self.taken_back;
            (combined.average_price, combined.commission) = (None, None);
            let taken_back = self.taken_back;
            combined.reason =
                Some(format!("the broker has taken {taken_back} executed shares back"));
        }
        if executed > Shares::ZERO && executed == filled {
            // A commission of fewer shares is no answer for more of them.
            let told = combined.commission.filter(|_| executed == counted);
            combined.average_price = self.average_price(executed);
            combined.commission = self.commission().or(told);
        }
        Some(combined)
    }

    /// The average price, rounded to eight decimals.
    fn average_price(&self, executed: Shares) -> Option<Price> {
        let mut value = Money::ZERO;
        for execution in self.executions.values() {
            value += execution.price.notional(execution.quantity).ok()?;
        }
        let average = value.get().checked_div(Decimal::from(executed.get()))?;
        Price::new(average.round_dp(8)).ok()
    }

    fn commission(&self) -> Option<Money> {
        self.executions.values().map(|execution| execution.commission).sum()
    }
}
