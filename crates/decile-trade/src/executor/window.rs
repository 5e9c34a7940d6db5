//! Some orders at once: looked at again, written down, sent, and followed to their ends.

use super::market::arrival;
use super::report::OrderStatus;
use super::run::{Entry, Fate, Run};
use super::sending::{Outcome, Sending};
use crate::error::in_full;
use crate::{
    ApprovedOrder, Attempts, ClientOrderId, Error, JournalRecord, OrderSnapshot, OrderState,
    PlannedOrder, SubmitError,
};
use decile_core::{Money, Price, Symbol};
use std::collections::BTreeMap;

/// How many intents the first flush takes; each further one takes as many as there are orders out.
const FIRST: usize = 100;
/// How often an order is tried that a lost connection keeps back.
const ATTEMPTS: usize = 3;
/// How many orders that have ended are flushed at once beside the others, at least.
const ENDED: usize = 200;

/// How many orders have their ends written down beside what comes next. For fewer it takes longer to begin
/// with it than to do it.
const ASIDE: usize = 20;

/// An order whose intent is in the journal.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) id: ClientOrderId,
    pub(super) order: PlannedOrder,
    pub(super) cash_needed: Money,
}

impl Run<'_> {
    /// Sends orders of one side at once, unless something speaks against it, and waits for all of
    /// them. Those that a lost connection has kept back, which is proven, are tried again once it is back.
    pub(super) async fn send(&mut self, orders: Vec<ApprovedOrder>) {
        let mut recoveries = self.recoveries;
        let mut unsent = self.send_once(orders).await;
        for _ in 1..ATTEMPTS {
            if unsent.is_empty() || self.halted().is_some() {
                return;
            }
            // Whether it was the connection that kept them back.
            self.alive_at = None;
            self.probe().await;
            if self.recoveries == recoveries || self.halt.is_some() {
                return;
            }
            recoveries = self.recoveries;
            let again = self.again(unsent).await;
            unsent = self.send_once(again).await;
        }
    }

    /// Sends orders, and returns those that never left.
    async fn send_once(&mut self, orders: Vec<ApprovedOrder>) -> Vec<ApprovedOrder> {
        let Some(first) = orders.first() else { return Vec::new() };
        let side = first.order().side;
        let (mut held, mut arrivals) = (BTreeMap::new(), BTreeMap::new());
        if self.halted().is_none() {
            arrivals = self.arrivals(&orders).await;
            held = self.look(side).await;
        }
        // Asking took its time.
        let halted = self.halted();
        let (mut fates, mut ready) = (Vec::new(), Vec::new());
        for mut order in orders {
            let id = order.id().clone();
            let planned = self.planned.remove(&id).unwrap_or_else(|| order.order().clone());
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
        let (sent, unsent) = self.send_ready(ready, &arrivals).await;
        let mut sent = sent.into_iter();
        for (id, order, fate) in fates {
            // Those without a fate are the ready ones, in their order.
            let fate = fate.or_else(|| sent.next());
            let fate = fate.unwrap_or_else(|| Fate::NotSent("nothing was tried".to_owned()));
            let is_sent = matches!(fate, Fate::Sent(_));
            let arrival = arrivals.get(&order.symbol).copied().filter(|_| is_sent);
            self.entries.push(Entry { id, order, arrival, fate });
        }
        unsent
    }

    /// Names further attempts at orders that never left, by the journal, which have their places in the
    /// report.
    async fn again(&mut self, unsent: Vec<ApprovedOrder>) -> Vec<ApprovedOrder> {
        // An earlier attempt may have filled by what was heard since, which stands in the way of another.
        let news = self.watch.tracker.all_news(self.executor.clock.now());
        self.record(news).await;
        self.settle().await;
        // If it cannot be read, they stay what they are: not sent.
        let Ok(attempts) = Attempts::replay(&*self.executor.journal) else { return Vec::new() };
        let mut orders = Vec::new();
        for order in unsent {
            let before = order.id().clone();
            let Ok(next) = attempts.next(before.clone(), self.terms.approved_at()) else {
                continue;
            };
            let Some(index) = self.entries.iter().position(|entry| entry.id == before) else {
                continue;
            };
            let Entry { order: planned, fate, .. } = self.entries.remove(index);
            // It may have been made smaller, which the plan was not.
            if let Some(remark) = self.remarks.remove(&before) {
                self.remark(&next, &remark);
            }
            if let Fate::NotSent(reason) = fate {
                self.remark(&next, &format!("{before} did not leave: {reason}"));
            }
            self.planned.insert(next.clone(), planned);
            orders.push(order.again_as(next));
        }
        orders
    }

    /// Asks what the stocks of the orders trade at.
    async fn arrivals(&self, orders: &[ApprovedOrder]) -> BTreeMap<Symbol, Price> {
        let symbols: Vec<_> = orders.iter().map(|order| order.order().symbol.clone()).collect();
        let quotes = self.executor.market(&symbols).await;
        let price = |(symbol, quote)| Some((symbol, arrival(&quote)?));
        quotes.into_iter().filter_map(price).collect()
    }

    /// Writes the intents down, sends the orders, and follows them to their ends; returns what became
    /// of each, and those that did not leave though their intents are written. While the orders of one
    /// batch go out, the intents of the next are written.
    async fn send_ready(
        &mut self,
        orders: Vec<ApprovedOrder>,
        arrivals: &BTreeMap<Symbol, Price>,
    ) -> (Vec<Fate>, Vec<ApprovedOrder>) {
        let mut left = orders.into_iter();
        let (mut sent, mut sendings, mut unintended) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let batch: Vec<_> = left.by_ref().take(sent.len().max(FIRST)).collect();
            if batch.is_empty() {
                break;
            }
            if let Err(fates) = self.intend(&batch, arrivals, sent.is_empty()).await {
                unintended = fates;
                let halt = self.halt.clone().unwrap_or_default();
                unintended.extend(left.map(|_| Fate::NotSent(halt.clone())));
                break;
            }
            for order in batch {
                let intended = Sent::of(&order);
                self.watch.tracker.watch(&intended.id, &intended.order);
                sent.push(intended);
                sendings.push(Sending::begin(self.executor, &self.terms, order));
            }
        }
        let (mut fates, unsent) = self.answers(&sent, sendings).await;
        if self.watch.missed().is_some() {
            self.recover(None).await;
        }
        // What nobody knows anything of is not waited for.
        let out = sent.iter().zip(&fates).filter(|(sent, fate)| match fate {
            Fate::Sent(None) => true,
            Fate::Sent(Some(_)) => self.watch.tracker.snapshot(&sent.id).is_some(),
            _ => false,
        });
        let out: Vec<_> = out.map(|(sent, _)| sent).collect();
        if !out.is_empty() {
            self.follow(&out).await;
        }
        self.close(&sent, &fates).await;
        fates.extend(unintended);
        (fates, unsent)
    }

    /// Writes down that orders are about to be sent; returns their fates if they must not be.
    async fn intend(
        &mut self,
        orders: &[ApprovedOrder],
        arrivals: &BTreeMap<Symbol, Price>,
        is_first: bool,
    ) -> Result<(), Vec<Fate>> {
        let at = self.executor.clock.now();
        let intent = |order: &ApprovedOrder| JournalRecord::Intent {
            id: order.id().clone(),
            order: order.order().clone(),
            arrival: arrivals.get(&order.order().symbol).copied(),
            at,
        };
        let intents: Vec<_> = orders.iter().map(intent).collect();
        let written = match is_first {
            true => self.scribe.write(intents).await,
            // The orders before these are going out meanwhile.
            false => match self.scribe.begin(intents).await {
                Ok(()) => self.scribe.settle().await,
                failed => failed,
            },
        };
        let Err(error) = written else { return Ok(()) };
        let reason = in_full(&error);
        let Error::DuplicateIntent { id: taken } = &error else {
            self.fail(&error);
            let halt = self.halt.clone().unwrap_or(reason);
            return Err(orders.iter().map(|_| Fate::NotSent(halt.clone())).collect());
        };
        // The journal works, and took none of them. But another run is sending, and what this one
        // saw is no longer so.
        self.halt = Some(reason.clone());
        let fate = |order: &ApprovedOrder| match order.id() == taken {
            true => Fate::Withheld(OrderStatus::Unknown, reason.clone()),
            false => Fate::NotSent(reason.clone()),
        };
        Err(orders.iter().map(fate).collect())
    }

    /// Takes in what the broker answers to orders, and meanwhile begins to write down how they ended if
    /// they are many.
    async fn answers(
        &mut self,
        sent: &[Sent],
        sendings: Vec<Sending>,
    ) -> (Vec<Fate>, Vec<ApprovedOrder>) {
        let (mut fates, mut unsent, mut written, mut ended) = (Vec::new(), Vec::new(), 0, 0);
        for (order, sending) in sent.iter().zip(sendings) {
            let (outcome, approved) = sending.outcome().await;
            let is_unsent = matches!(outcome, Err(SubmitError::NotSent { .. }));
            unsent.extend(approved.filter(|_| is_unsent));
            fates.push(self.answered(order, outcome).await);
            if sent.len() <= ENDED {
                continue;
            }
            self.watch.drain();
            while sent.get(ended).is_some_and(|sent| self.watch.tracker.is_complete(&sent.id)) {
                ended += 1;
            }
            if ended - written >= ENDED {
                let at = self.executor.clock.now();
                let tracker = &mut self.watch.tracker;
                let news = sent[written..ended].iter().flat_map(|sent| tracker.news(&sent.id, at));
                let news: Vec<_> = news.collect();
                self.record_aside(news).await;
                written = ended;
            }
        }
        let doubtful =
            sent.iter().zip(&fates).filter(|(_, fate)| matches!(fate, Fate::Sent(Some(_))));
        let doubtful: Vec<_> = doubtful.map(|(sent, _)| sent.id.clone()).collect();
        self.watch.look_up_all(&doubtful).await;
        (fates, unsent)
    }

    /// Takes in what the broker answered to an order.
    async fn answered(&mut self, sent: &Sent, outcome: Outcome) -> Fate {
        let Sent { id, order, .. } = sent;
        match outcome {
            Ok(ack) => {
                self.numbers.extend(ack.broker_order_id.map(|number| (id.clone(), number)));
                Fate::Sent(None)
            }
            Err(error @ SubmitError::NotSent { .. }) => {
                let reason = in_full(&error);
                let (id, at) = (id.clone(), self.executor.clock.now());
                self.record(vec![JournalRecord::NotSent { id, reason: reason.clone(), at }]).await;
                Fate::NotSent(reason)
            }
            Err(error @ SubmitError::Rejected { .. }) => {
                let reason = Some(in_full(&error));
                let refused = OrderSnapshot::unfilled(id, order, OrderState::Rejected);
                let commission = Some(Money::ZERO);
                self.watch.tracker.see(OrderSnapshot { commission, reason, ..refused });
                Fate::Sent(None)
            }
            Err(error @ SubmitError::InDoubt { .. }) => Fate::Sent(Some(in_full(&error))),
        }
    }

    /// Writes down how the orders ended, and what that means for the ones after them.
    async fn close(&mut self, sent: &[Sent], fates: &[Fate]) {
        let at = self.executor.clock.now();
        let mut records = Vec::new();
        let numbers = std::mem::take(&mut self.numbers);
        if !numbers.is_empty() {
            records.push(JournalRecord::Acknowledged { numbers, at });
        }
        for (Sent { id, order, cash_needed }, fate) in sent.iter().zip(fates) {
            let Fate::Sent(doubt) = fate else {
                self.purse.release(id.side(), *cash_needed);
                self.day.take_back(order);
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
            let status = snapshot.map(|snapshot| self.told(id, order, snapshot).status);
            if status.unwrap_or(OrderStatus::Unknown) == OrderStatus::Unknown {
                self.unknown_count += 1;
                if self.unknown_count > self.executor.config.unknown_max && self.halt.is_none() {
                    let unknown = || Some(format!("what became of {id} is not known"));
                    // Whoever stopped the wait is the better reason.
                    self.halt = self.executor.killed().or_else(unknown);
                }
            }
        }
        // Of many orders the reports are made meanwhile, or the account is asked for the next ones.
        match sent.len() > ASIDE {
            true => self.record_aside(records).await,
            false => self.record(records).await,
        }
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

impl Sent {
    fn of(order: &ApprovedOrder) -> Self {
        let (id, planned) = (order.id().clone(), order.order().clone());
        Self { id, order: planned, cash_needed: order.cash_needed() }
    }
}
