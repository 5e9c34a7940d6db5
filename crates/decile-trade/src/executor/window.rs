//! Some orders at once: looked at again, written down, sent, and followed to their ends.

use super::report::{OrderReport, OrderStatus};
use super::run::{Entry, Fate, Run};
use super::{Executor, StopSignal};
use crate::error::in_full;
use crate::{
    ApprovedOrder, ClientOrderId, Day, Error, JournalRecord, OrderAck, OrderSnapshot, OrderState,
    PlannedOrder, Position, Side, SubmitError,
};
use decile_core::{Money, Shares, Symbol};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::timeout;

/// An order whose intent is in the journal.
struct Sent {
    id: ClientOrderId,
    order: PlannedOrder,
    cash_needed: Money,
}

type Outcome = Result<OrderAck, SubmitError>;

impl Run<'_> {
    /// Sends orders of one side at once, unless something speaks against it, and waits for all of
    /// them.
    pub(super) async fn send(&mut self, orders: Vec<ApprovedOrder>, stop: &StopSignal) {
        let Some(first) = orders.first() else { return };
        let side = first.order().side;
        let mut held = BTreeMap::new();
        if self.halted(stop).is_none() {
            held = self.look(side).await;
        }
        // Asking took its time.
        let halted = self.halted(stop);
        let (mut fates, mut ready) = (Vec::new(), Vec::new());
        for order in orders {
            let (id, planned) = (order.id().clone(), order.order().clone());
            let refused = halted.clone().or_else(|| self.refusal(&order, &mut held));
            let fate = refused.map(Fate::NotSent);
            if fate.is_none() {
                ready.push(order);
            }
            fates.push((id, planned, fate));
        }
        let mut sent = self.send_ready(ready).await.into_iter();
        for (id, order, fate) in fates {
            // Those without a fate are the ready ones, in their order.
            let fate = fate.or_else(|| sent.next());
            let fate = fate.unwrap_or_else(|| Fate::NotSent("nothing was tried".to_owned()));
            self.entries.push(Entry { id, order, fate });
        }
    }

    /// Looks at the account as it is now, which the plan has not seen, and for sells at what is
    /// held. What cannot be known, or is another account, stops everything.
    async fn look(&mut self, side: Side) -> BTreeMap<Symbol, Shares> {
        let executor = self.executor;
        match executor.ask("account", executor.broker.account()).await {
            Ok(account) if account.id == self.terms.account => {
                // Sells come first, and what they bring is not there before the first buy.
                if side == Side::Buy {
                    self.purse.read(account.cash);
                }
            }
            Ok(account) => {
                self.halt = Some(format!("the broker is at account {}", account.id));
                return BTreeMap::new();
            }
            Err(error) => {
                self.halt = Some(format!("the account is not known: {}", in_full(&error)));
                return BTreeMap::new();
            }
        }
        if side == Side::Buy {
            return BTreeMap::new();
        }
        match executor.ask("positions", executor.broker.positions()).await {
            Ok(positions) => summed(positions),
            Err(error) => {
                self.halt = Some(format!("the positions are not known: {}", in_full(&error)));
                BTreeMap::new()
            }
        }
    }

    /// Returns why this order must not be sent, if it must not; else its cash or shares are spoken
    /// for.
    fn refusal(
        &mut self,
        order: &ApprovedOrder,
        held: &mut BTreeMap<Symbol, Shares>,
    ) -> Option<String> {
        let PlannedOrder { symbol, side, quantity, notional, .. } = order.order();
        let (day, caps) = (self.day, self.terms.day_caps);
        if day.orders >= caps.orders {
            return Some(format!("{} orders of the session are out: the limit", day.orders));
        }
        if *side == Side::Buy {
            let (bought, most) = (day.bought + *notional, caps.bought);
            let too_much = (bought > most)
                .then(|| format!("{bought} would be bought in the session, of at most {most}"));
            let objection = self.latched.clone().or(too_much);
            let objection = objection.or_else(|| self.purse.objection(order.cash_needed()));
            if objection.is_none() {
                self.purse.hold(order.cash_needed());
                self.day = Day { orders: day.orders + 1, bought };
            }
            return objection;
        }
        let left = held.entry(symbol.clone()).or_default();
        if *quantity > *left {
            return Some(format!("{quantity} {symbol} to sell and {left} held"));
        }
        *left = *left - *quantity;
        self.day.orders += 1;
        None
    }

    /// Writes the intents down in one batch, sends the orders, and follows them to their ends;
    /// returns what became of each.
    async fn send_ready(&mut self, orders: Vec<ApprovedOrder>) -> Vec<Fate> {
        if orders.is_empty() {
            return Vec::new();
        }
        if let Some(fates) = self.intend(&orders) {
            return fates;
        }
        let sent: Vec<_> = orders
            .iter()
            .map(|order| Sent {
                id: order.id().clone(),
                order: order.order().clone(),
                cash_needed: order.cash_needed(),
            })
            .collect();
        sent.iter().for_each(|sent| self.watch.tracker.watch(&sent.id, &sent.order));
        let outcomes = join_all(orders.into_iter().map(|order| submit(self.executor, order))).await;
        let mut fates = Vec::new();
        for (sent, outcome) in sent.iter().zip(outcomes) {
            fates.push(self.answered(sent, outcome).await);
        }
        // What nobody knows anything of is not waited for.
        let out = sent.iter().zip(&fates).filter(|(sent, fate)| match fate {
            Fate::Sent(None) => true,
            Fate::Sent(Some(_)) => self.watch.tracker.snapshot(&sent.id).is_some(),
            _ => false,
        });
        let out: Vec<_> = out.map(|(sent, _)| sent.id.clone()).collect();
        self.watch.wait(&out).await;
        self.close(&sent, &fates);
        fates
    }

    /// Writes down that orders are about to be sent; returns their fates if they must not be.
    fn intend(&mut self, orders: &[ApprovedOrder]) -> Option<Vec<Fate>> {
        let at = self.executor.clock.now();
        let intent = |order: &ApprovedOrder| JournalRecord::Intent {
            id: order.id().clone(),
            order: order.order().clone(),
            at,
        };
        let intents: Vec<_> = orders.iter().map(intent).collect();
        let error = self.executor.journal.append(&intents).err()?;
        let reason = in_full(&error);
        let Error::DuplicateIntent { id: taken } = &error else {
            self.fail(&error);
            let halt = self.halt.clone().unwrap_or(reason);
            return Some(orders.iter().map(|_| Fate::NotSent(halt.clone())).collect());
        };
        // The journal works, and took none of them. But another run is sending, and what this one
        // saw is no longer so.
        self.halt = Some(reason.clone());
        let fate = |order: &ApprovedOrder| match order.id() == taken {
            true => Fate::Withheld(OrderStatus::Unknown, reason.clone()),
            false => Fate::NotSent(reason.clone()),
        };
        Some(orders.iter().map(fate).collect())
    }

    /// Takes in what the broker answered to an order.
    async fn answered(&mut self, sent: &Sent, outcome: Outcome) -> Fate {
        let Sent { id, order, .. } = sent;
        match outcome {
            Ok(_) => Fate::Sent(None),
            Err(error @ SubmitError::NotSent { .. }) => {
                let reason = in_full(&error);
                let (id, at) = (id.clone(), self.executor.clock.now());
                self.record(vec![JournalRecord::NotSent { id, reason: reason.clone(), at }]);
                Fate::NotSent(reason)
            }
            Err(error @ SubmitError::Rejected { .. }) => {
                let reason = Some(in_full(&error));
                let refused = OrderSnapshot::unfilled(id, order, OrderState::Rejected);
                let commission = Some(Money::ZERO);
                self.watch.tracker.see(OrderSnapshot { commission, reason, ..refused });
                Fate::Sent(None)
            }
            Err(error @ SubmitError::InDoubt { .. }) => {
                self.watch.look_up(id).await;
                Fate::Sent(Some(in_full(&error)))
            }
        }
    }

    /// Writes down how the orders ended, and what that means for the ones after them.
    fn close(&mut self, sent: &[Sent], fates: &[Fate]) {
        let at = self.executor.clock.now();
        let mut records = Vec::new();
        for (Sent { id, cash_needed, .. }, fate) in sent.iter().zip(fates) {
            let Fate::Sent(doubt) = fate else {
                self.purse.release(id.side(), *cash_needed);
                continue;
            };
            let snapshot = self.watch.tracker.snapshot(id);
            records.extend(self.watch.tracker.news(id, at));
            if snapshot.is_none() {
                let silence = || "the broker shows no state".to_owned();
                let reason = doubt.clone().unwrap_or_else(silence);
                records.push(JournalRecord::Unknown { id: id.clone(), reason, at });
            }
            self.purse.settle(id.side(), snapshot.as_ref(), (*cash_needed, self.terms.fee));
            let status = snapshot.map(|snapshot| OrderReport::of(id, snapshot).status);
            if status.unwrap_or(OrderStatus::Unknown) == OrderStatus::Unknown {
                self.unknown_count += 1;
                if self.unknown_count > self.executor.config.unknown_max && self.halt.is_none() {
                    let unknown = || Some(format!("what became of {id} is not known"));
                    // Whoever stopped the wait is the better reason.
                    self.halt = self.executor.killed().or_else(unknown);
                }
            }
        }
        self.record(records);
    }
}

/// Sends an order in a task of its own, which nothing drops half-way.
async fn submit(executor: &Executor, order: ApprovedOrder) -> Outcome {
    let id = order.id().clone();
    let broker = Arc::clone(&executor.broker);
    let task = tokio::spawn(async move { broker.submit(&order).await });
    let after = executor.config.submit_timeout;
    match timeout(after, task).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(SubmitError::InDoubt { id, source: panic.into() }),
        Err(_) => {
            let source = format!("no answer within {} s", after.as_secs_f64()).into();
            Err(SubmitError::InDoubt { id, source })
        }
    }
}

fn summed(positions: Vec<Position>) -> BTreeMap<Symbol, Shares> {
    let mut held: BTreeMap<_, Shares> = BTreeMap::new();
    for position in positions {
        let quantity = held.entry(position.symbol).or_default();
        *quantity = *quantity + position.quantity;
    }
    held
}
