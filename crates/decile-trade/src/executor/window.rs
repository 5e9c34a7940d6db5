//! Some orders at once: looked at again, written down, sent, and followed to their ends.

use super::market::arrival;
use super::report::{OrderReport, OrderStatus};
use super::run::{Entry, Fate, Run};
use super::{Executor, StopSignal};
use crate::error::in_full;
use crate::{
    ApprovedOrder, ClientOrderId, Error, JournalRecord, KillSwitch, OrderAck, OrderSnapshot,
    OrderState, PlannedOrder, SubmitError,
};
use decile_core::{Money, Price, Symbol};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::timeout;

/// An order whose intent is in the journal.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) id: ClientOrderId,
    pub(super) order: PlannedOrder,
    pub(super) cash_needed: Money,
}

type Outcome = Result<OrderAck, SubmitError>;

impl Run<'_> {
    /// Sends orders of one side at once, unless something speaks against it, and waits for all of
    /// them.
    pub(super) async fn send(&mut self, orders: Vec<ApprovedOrder>, stop: &StopSignal) {
        let Some(first) = orders.first() else { return };
        let side = first.order().side;
        let (mut held, mut arrivals) = (BTreeMap::new(), BTreeMap::new());
        if self.halted(stop).is_none() {
            arrivals = self.arrivals(&orders).await;
            held = self.look(side).await;
        }
        // Asking took its time.
        let halted = self.halted(stop);
        let (mut fates, mut ready) = (Vec::new(), Vec::new());
        for mut order in orders {
            let (id, planned) = (order.id().clone(), order.order().clone());
            let allowed = match &halted {
                Some(reason) => Err(reason.clone()),
                None => self.allow(&mut order, &mut held),
            };
            let fate = match allowed {
                Ok(()) => {
                    ready.push(order);
                    None
                }
                Err(reason) => Some(Fate::NotSent(reason)),
            };
            fates.push((id, planned, fate));
        }
        let mut sent = self.send_ready(ready, &arrivals).await.into_iter();
        for (id, order, fate) in fates {
            // Those without a fate are the ready ones, in their order.
            let fate = fate.or_else(|| sent.next());
            let fate = fate.unwrap_or_else(|| Fate::NotSent("nothing was tried".to_owned()));
            let is_sent = matches!(fate, Fate::Sent(_));
            let arrival = arrivals.get(&order.symbol).copied().filter(|_| is_sent);
            self.entries.push(Entry { id, order, arrival, fate });
        }
    }

    /// Asks what the stocks of the orders trade at.
    async fn arrivals(&self, orders: &[ApprovedOrder]) -> BTreeMap<Symbol, Price> {
        let symbols: Vec<_> = orders.iter().map(|order| order.order().symbol.clone()).collect();
        let quotes = self.executor.market(&symbols).await;
        let price = |(symbol, quote)| Some((symbol, arrival(&quote)?));
        quotes.into_iter().filter_map(price).collect()
    }

    /// Writes the intents down in one batch, sends the orders, and follows them to their ends;
    /// returns what became of each.
    async fn send_ready(
        &mut self,
        orders: Vec<ApprovedOrder>,
        arrivals: &BTreeMap<Symbol, Price>,
    ) -> Vec<Fate> {
        if orders.is_empty() {
            return Vec::new();
        }
        if let Some(fates) = self.intend(&orders, arrivals) {
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
        let out: Vec<_> = out.map(|(sent, _)| sent).collect();
        self.follow(&out).await;
        self.close(&sent, &fates);
        fates
    }

    /// Writes down that orders are about to be sent; returns their fates if they must not be.
    fn intend(
        &mut self,
        orders: &[ApprovedOrder],
        arrivals: &BTreeMap<Symbol, Price>,
    ) -> Option<Vec<Fate>> {
        let at = self.executor.clock.now();
        let intent = |order: &ApprovedOrder| JournalRecord::Intent {
            id: order.id().clone(),
            order: order.order().clone(),
            arrival: arrivals.get(&order.order().symbol).copied(),
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
        for (Sent { id, order, cash_needed }, fate) in sent.iter().zip(fates) {
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
            snapshot.iter().for_each(|snapshot| self.count_reject(id, snapshot));
            let status = snapshot.map(|snapshot| OrderReport::of(id, order, snapshot).status);
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

    /// Stops the run once the broker has refused too many orders one after the other.
    fn count_reject(&mut self, id: &ClientOrderId, snapshot: &OrderSnapshot) {
        if snapshot.state != OrderState::Rejected {
            self.rejects_in_row = 0;
            return;
        }
        self.rejects_in_row += 1;
        if self.rejects_in_row >= self.executor.config.rejects_max && self.halt.is_none() {
            let (count, why) = (self.rejects_in_row, snapshot.reason.as_deref());
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            self.halt =
                Some(format!("{count} orders in a row were refused, the last is {id}{why}"));
        }
    }
}

/// Sends an order in a task of its own, which nothing drops half-way. The kill switch is looked at once
/// more: writing the intent took its time, and so did the orders of the window before this one.
async fn submit(executor: &Executor, order: ApprovedOrder) -> Outcome {
    let id = order.id().clone();
    let (broker, kill) = (Arc::clone(&executor.broker), executor.kill.clone());
    let task = tokio::spawn(async move {
        match kill.as_ref().and_then(KillSwitch::engaged) {
            Some(told) => Err(SubmitError::NotSent { id: order.id().clone(), source: told.into() }),
            None => broker.submit(&order).await,
        }
    });
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
