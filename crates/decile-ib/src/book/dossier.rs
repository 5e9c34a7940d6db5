//! What is known of one order.

use super::fills::{Commissions, Fill, Fills};
use super::news::{Executed, Facts, Notice, Open, Stage, Status};
use crate::codes::Meaning;
use decile_core::{Money, Price, Shares};
use decile_trade::{ClientOrderId, OrderName, OrderSnapshot, OrderState};
use std::collections::BTreeSet;

/// Collects what is told of an order. Nothing that it is told takes anything back, so the same
/// things in any order, however often, come to the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Dossier {
    /// The id that this session sent it under: recorded gateways do not always echo it.
    pub(super) sent_as: Option<ClientOrderId>,
    pub(super) order_id: i32,
    pub(super) client_id: i32,
    pub(super) perm_id: i64,
    facts: Option<Facts>,
    stage: Stage,
    /// Whether the order itself was told to be inactive, without the status that says why.
    inactive: bool,
    filled: Shares,
    average: Option<(Shares, Price)>,
    commission: Option<Money>,
    pub(super) fills: Fills,
    /// Messages by what they mean; of several the greatest is shown.
    messages: BTreeSet<(Meaning, String)>,
    /// What was last told of it to the listeners.
    told: Option<Standing>,
}

/// The part of a snapshot that changes.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    state: OrderState,
    filled: Shares,
    average_price: Option<Price>,
    commission: Option<Money>,
    reason: Option<String>,
}

impl Dossier {
    pub(super) fn sent(id: ClientOrderId, facts: Facts) -> Self {
        Self { sent_as: Some(id), facts: Some(facts), ..Self::default() }
    }

    /// Takes in an order with its state; tells whether that was news.
    pub(super) fn open(&mut self, open: Open) -> bool {
        let had_facts = self.facts.is_some();
        self.facts.get_or_insert(open.facts);
        let is_new = !had_facts
            | match open.stage {
                // Orders that wait for shares to borrow are inactive too, and only the status says so.
                Stage::Inactive => raise(&mut self.inactive, true),
                stage => raise(&mut self.stage, stage),
            }
            | raise(&mut self.stage, Stage::Pending)
            | raise(&mut self.filled, open.filled)
            | raise(&mut self.commission, open.commission);
        let reason = open.reason.map(|reason| (Meaning::Refused, reason));
        is_new | reason.is_some_and(|reason| self.messages.insert(reason))
    }

    /// Takes in an order that the gateway calls completed, so that inactive means refused.
    pub(super) fn completed(&mut self, open: Open) -> bool {
        raise(&mut self.stage, open.stage) | self.open(open)
    }

    pub(super) fn status(&mut self, status: &Status) -> bool {
        let average = status.average.map(|average| (status.filled, average));
        raise(&mut self.stage, status.stage.max(Stage::Pending))
            | raise(&mut self.filled, status.filled)
            | raise(&mut self.average, average)
    }

    /// Takes in an execution; returns it if it was news.
    pub(super) fn execution(&mut self, executed: Executed) -> Option<&Fill> {
        self.stage = self.stage.max(Stage::Pending);
        self.fills.add(executed)
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.messages.insert((notice.meaning, notice.text));
    }

    /// Tells whether the broker has shown that it has the order.
    pub(super) fn is_shown(&self) -> bool {
        self.stage > Stage::Unseen
    }

    /// Tells whether the broker says that the order does nothing, and not yet why.
    pub(super) fn is_inactive(&self) -> bool {
        self.stage == Stage::Inactive || (self.inactive && self.stage == Stage::Pending)
    }

    fn is_refused(&self) -> bool {
        let refused = self.messages.iter().any(|(meaning, _)| *meaning == Meaning::Refused);
        self.stage == Stage::Inactive || (refused && (self.inactive || !self.is_shown()))
    }

    /// The reference that was told of it; empty if the broker showed it without one.
    pub(super) fn order_ref(&self) -> Option<&str> {
        let told = self.facts.as_ref().map(|facts| &facts.order_ref);
        told.or_else(|| self.fills.first().map(|first| &first.order_ref)).map(String::as_str)
    }

    /// Tells whether a reference is that of the order.
    pub(super) fn bears(&self, order_ref: &str) -> bool {
        let is_sent_as =
            |id: &ClientOrderId| order_ref.parse().is_ok_and(|told: ClientOrderId| told == *id);
        !order_ref.is_empty()
            && (self.order_ref() == Some(order_ref)
                || self.sent_as.as_ref().is_some_and(is_sent_as))
    }

    /// Tells whether a reference is the name of another order of ours. Any other text says nothing:
    /// recorded gateways do not always echo what was sent.
    pub(super) fn contradicts(&self, order_ref: &str) -> bool {
        let is_known =
            self.sent_as.is_some() || self.order_ref().is_some_and(|told| !told.is_empty());
        is_known && !self.bears(order_ref) && order_ref.parse::<ClientOrderId>().is_ok()
    }

    pub(super) fn name(&self) -> OrderName {
        if let Some(id) = &self.sent_as {
            return id.clone().into();
        }
        match self.order_ref().and_then(|text| text.parse().ok()) {
            Some(id) => OrderName::Ours(id),
            // The reference of a stranger need not be there, nor be the only one of its kind.
            None => OrderName::Foreign(match self.perm_id {
                0 => format!("order {} of client {}", self.order_id, self.client_id),
                perm_id => format!("permId {perm_id}"),
            }),
        }
    }

    fn state(&self, filled: Shares, quantity: Shares) -> OrderState {
        let has_filled = filled > Shares::ZERO;
        match self.stage {
            Stage::Filled => OrderState::Filled,
            // Lists of completed orders may leave the quantity out, and nothing is no fill of nothing.
            _ if has_filled && filled >= quantity => OrderState::Filled,
            Stage::Cancelled => OrderState::Cancelled,
            _ if self.is_refused() && has_filled => OrderState::Cancelled,
            _ if self.is_refused() => OrderState::Rejected,
            _ if has_filled => OrderState::PartiallyFilled,
            Stage::Unseen | Stage::Pending => OrderState::Submitted,
            Stage::Working | Stage::Inactive => OrderState::Working,
        }
    }

    /// Returns a copy that no number leads to yet.
    pub(super) fn unnumbered(&self) -> Self {
        Self { client_id: 0, order_id: 0, perm_id: 0, ..self.clone() }
    }

    /// Takes over from another dossier of the same order what it was sent as.
    pub(super) fn learn_name(&mut self, other: &Self) {
        self.sent_as.clone_from(&other.sent_as);
        self.facts = self.facts.take().or_else(|| other.facts.clone());
    }

    /// Returns what is known, if the broker has shown the order or refused it.
    ///
    /// `None` too while nobody has said what the order asks for: executions alone do not.
    pub(super) fn snapshot(&self, commissions: &Commissions) -> Option<OrderSnapshot> {
        self.standing(commissions).and_then(|standing| self.in_full(standing))
    }

    /// Returns what is known if that is not what was returned the last time.
    pub(super) fn news(&mut self, commissions: &Commissions) -> Option<OrderSnapshot> {
        let standing = self.standing(commissions);
        if standing == self.told {
            return None;
        }
        self.told.clone_from(&standing);
        self.in_full(standing?)
    }

    /// Tells whether the last that was told is that nothing more can happen.
    pub(super) fn is_told_final(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.state.is_final())
    }

    fn standing(&self, commissions: &Commissions) -> Option<Standing> {
        let quantity = self.facts.as_ref()?.quantity;
        if !self.is_shown() && !self.is_refused() {
            return None;
        }
        let executed = self.fills.quantity();
        let seen = self.filled.max(executed);
        let filled = if self.stage == Stage::Filled { seen.max(quantity) } else { seen };
        let state = self.state(filled, quantity);
        let told = self.average.filter(|(of, _)| *of == filled).map(|(_, average)| average);
        let is_whole = executed == filled;
        let of_fills = is_whole.then(|| self.fills.average()).flatten();
        Some(Standing {
            state,
            filled,
            average_price: of_fills.or(told),
            commission: self.cost(state, (filled, is_whole), commissions),
            reason: self.reason(state),
        })
    }

    fn in_full(&self, standing: Standing) -> Option<OrderSnapshot> {
        let Facts { symbol, side, quantity, .. } = self.facts.as_ref()?;
        let Standing { state, filled, average_price, commission, reason } = standing;
        Some(OrderSnapshot {
            id: self.name(),
            symbol: symbol.clone(),
            side: *side,
            quantity: *quantity,
            state,
            filled,
            average_price,
            commission,
            reason,
        })
    }

    fn cost(
        &self,
        state: OrderState,
        (filled, is_whole): (Shares, bool),
        commissions: &Commissions,
    ) -> Option<Money> {
        if filled.is_zero() {
            return state.is_final().then_some(Money::ZERO);
        }
        let of_fills = is_whole.then(|| self.fills.commission(commissions)).flatten();
        of_fills.or(self.commission.filter(|_| state == OrderState::Filled))
    }

    fn reason(&self, state: OrderState) -> Option<String> {
        if state == OrderState::Filled {
            return None;
        }
        let weighty = |(meaning, _): &&(Meaning, String)| {
            *meaning > Meaning::CancelAnswer || !state.is_final()
        };
        self.messages.iter().rfind(weighty).map(|(_, text)| text.clone())
    }
}

/// Replaces what is known by what is more; tells whether it is.
fn raise<T: PartialOrd>(known: &mut T, told: T) -> bool {
    let is_more = told > *known;
    if is_more {
        *known = told;
    }
    is_more
}
