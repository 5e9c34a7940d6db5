//! One run over the orders of a plan.

use super::purse::Purse;
use super::report::{ExecutionReport, OrderReport, OrderStatus};
use super::terms::Terms;
use super::watch::Watch;
use super::{Executor, StopSignal};
use crate::error::in_full;
use crate::{
    ApprovedOrder, Attempts, ClientOrderId, Error, JournalRecord, OrderAck, OrderSnapshot,
    OrderState, PlannedOrder, Position, Released, RunRecord, Side, SubmitError,
};
use decile_core::{Money, Shares};
use std::sync::Arc;
use tokio::time::timeout;

pub(super) struct Run<'a> {
    executor: &'a Executor,
    terms: Terms,
    watch: Watch<'a>,
    entries: Vec<Entry>,
    purse: Purse,
    /// Why nothing more is sent.
    halt: Option<String>,
    journal_failure: Option<String>,
    unknown_count: usize,
}

struct Entry {
    id: ClientOrderId,
    order: PlannedOrder,
    fate: Fate,
}

enum Fate {
    NotSent(String),
    /// With what to report, and why.
    Withheld(OrderStatus, String),
    /// Sent, or perhaps sent; the tracker knows more. What made it doubtful, if anything did.
    Sent(Option<String>),
}

impl<'a> Run<'a> {
    /// Begins to listen before anything is sent, so that no answer comes too early.
    pub(super) fn new(executor: &'a Executor, terms: Terms, attempts: &Attempts) -> Self {
        Self {
            executor,
            watch: Watch::new(executor),
            entries: Vec::new(),
            purse: Purse::reserving(attempts.cash_to_come(terms.fee)),
            terms,
            halt: None,
            journal_failure: None,
            unknown_count: 0,
        }
    }

    /// Writes down what is to be done. What cannot be written down is not done.
    pub(super) fn begin(&mut self, run: RunRecord) {
        let at = self.executor.clock.now();
        self.record(vec![JournalRecord::Began { run: Box::new(run), at }]);
    }

    /// Sends one order, unless something speaks against it, and waits for its end.
    pub(super) async fn step(&mut self, released: Released, stop: &StopSignal) {
        let order = match released {
            Released::Ready(order) => order,
            Released::Withheld(held) => {
                let fate = Fate::Withheld(held.status, held.reason);
                return self.entries.push(Entry { id: held.id, order: held.order, fate });
            }
        };
        let (id, planned) = (order.id().clone(), order.order().clone());
        let fate = match self.objection(&order, stop).await {
            Some(reason) => Fate::NotSent(reason),
            None => self.send(order).await,
        };
        self.entries.push(Entry { id, order: planned, fate });
    }

    /// Returns why the order must not be sent, if it must not.
    async fn objection(&mut self, order: &ApprovedOrder, stop: &StopSignal) -> Option<String> {
        if let Some(reason) = self.halted(stop) {
            return Some(reason);
        }
        let refusal = self.refusal(order).await;
        // Asking took its time.
        self.halted(stop).or(refusal)
    }

    /// Returns why nothing more is sent, if so.
    fn halted(&mut self, stop: &StopSignal) -> Option<String> {
        if self.halt.is_none() {
            self.halt = match stop.is_stopped() {
                true => Some("stopped".to_owned()),
                false => self.terms.objection(self.executor.clock.now()),
            };
        }
        self.halt.clone()
    }

    /// Looks at the account as it is now, which the plan has not seen. What cannot be known, or is
    /// another account, stops everything; else returns why this order must not be sent.
    async fn refusal(&mut self, order: &ApprovedOrder) -> Option<String> {
        let executor = self.executor;
        match executor.ask("account", executor.broker.account()).await {
            Ok(account) if account.id == self.terms.account => {
                // Sells come first, and what they bring is not there before the first buy.
                if order.order().side == Side::Buy {
                    self.purse.read(account.cash);
                }
            }
            Ok(account) => {
                self.halt = Some(format!("the broker is at account {}", account.id));
                return None;
            }
            Err(error) => {
                self.halt = Some(format!("the account is not known: {}", in_full(&error)));
                return None;
            }
        }
        if order.order().side == Side::Buy {
            return self.purse.objection(order.cash_needed());
        }
        match executor.ask("positions", executor.broker.positions()).await {
            Ok(positions) => oversold(order.order(), &positions),
            Err(error) => {
                self.halt = Some(format!("the positions are not known: {}", in_full(&error)));
                None
            }
        }
    }

    async fn send(&mut self, order: ApprovedOrder) -> Fate {
        let (id, planned) = (order.id().clone(), order.order().clone());
        let cash_needed = order.cash_needed();
        if let Some(fate) = self.intend(&id, &planned) {
            return fate;
        }
        self.watch.tracker.watch(&id, &planned);
        let fate = match self.submit(order).await {
            Ok(_) => {
                self.watch.wait(&id).await;
                Fate::Sent(None)
            }
            Err(error @ SubmitError::NotSent { .. }) => {
                let reason = in_full(&error);
                let at = self.executor.clock.now();
                self.record(vec![JournalRecord::NotSent { id, reason: reason.clone(), at }]);
                return Fate::NotSent(reason);
            }
            Err(error @ SubmitError::Rejected { .. }) => {
                let reason = Some(in_full(&error));
                let refused = OrderSnapshot::unfilled(&id, &planned, OrderState::Rejected);
                self.watch.tracker.see(OrderSnapshot {
                    commission: Some(Money::ZERO),
                    reason,
                    ..refused
                });
                Fate::Sent(None)
            }
            Err(error @ SubmitError::InDoubt { .. }) => {
                self.doubt(&id).await;
                Fate::Sent(Some(in_full(&error)))
            }
        };
        self.close(&id, cash_needed, &fate);
        fate
    }

    /// Writes down that an order is about to be sent; returns its fate if it must not be.
    fn intend(&mut self, id: &ClientOrderId, order: &PlannedOrder) -> Option<Fate> {
        let at = self.executor.clock.now();
        let intent = JournalRecord::Intent { id: id.clone(), order: order.clone(), at };
        let error = self.executor.journal.append(&[intent]).err()?;
        let reason = in_full(&error);
        if matches!(error, Error::DuplicateIntent { .. }) {
            // The journal works. But another run is sending, and what this one saw is no longer so.
            self.halt = Some(reason.clone());
            return Some(Fate::Withheld(OrderStatus::Unknown, reason));
        }
        self.fail(&error);
        self.halt.clone().map(Fate::NotSent)
    }

    /// Sends an order in a task of its own, which nothing drops half-way.
    async fn submit(&self, order: ApprovedOrder) -> Result<OrderAck, SubmitError> {
        let id = order.id().clone();
        let broker = Arc::clone(&self.executor.broker);
        let task = tokio::spawn(async move { broker.submit(&order).await });
        let after = self.executor.config.submit_timeout;
        match timeout(after, task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(SubmitError::InDoubt { id, source: panic.into() }),
            Err(_) => {
                let source = format!("no answer within {} s", after.as_secs_f64()).into();
                Err(SubmitError::InDoubt { id, source })
            }
        }
    }

    /// Looks an order up that may have arrived; if it did, waits for its end.
    async fn doubt(&mut self, id: &ClientOrderId) {
        self.watch.look_up(id).await;
        if self.watch.tracker.snapshot(id).is_some() {
            self.watch.wait(id).await;
        }
    }

    /// Writes down how an order ended, and what that means for the ones after it.
    fn close(&mut self, id: &ClientOrderId, cash_needed: Money, fate: &Fate) {
        let at = self.executor.clock.now();
        let snapshot = self.watch.tracker.snapshot(id);
        let mut records = self.watch.tracker.news(id, at);
        if snapshot.is_none() {
            let reason = match fate {
                Fate::Sent(Some(reason)) => reason.clone(),
                _ => "the broker shows no state".to_owned(),
            };
            records.push(JournalRecord::Unknown { id: id.clone(), reason, at });
        }
        self.record(records);
        self.purse.settle(id.side(), snapshot.as_ref(), (cash_needed, self.terms.fee));
        let status = snapshot.map(|snapshot| OrderReport::of(id, snapshot).status);
        if status.unwrap_or(OrderStatus::Unknown) == OrderStatus::Unknown {
            self.unknown_count += 1;
            if self.unknown_count > self.executor.config.unknown_max && self.halt.is_none() {
                self.halt = Some(format!("what became of {id} is not known"));
            }
        }
    }

    fn record(&mut self, records: Vec<JournalRecord>) {
        if self.journal_failure.is_some() || records.is_empty() {
            return;
        }
        if let Err(error) = self.executor.journal.append(&records) {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &Error) {
        let failure = in_full(error);
        self.halt = Some(format!("the journal failed: {failure}"));
        self.journal_failure = Some(failure);
    }

    /// Looks once more at what is not final or has no commission yet, and reports.
    pub(super) async fn finish(mut self) -> ExecutionReport {
        let sent = self.entries.iter().filter(|entry| matches!(entry.fate, Fate::Sent(_)));
        let ids: Vec<_> = sent.map(|entry| entry.id.clone()).collect();
        // Fills and commissions may have come while a later order was waited for.
        self.watch.drain();
        for id in ids {
            if !self.watch.tracker.is_complete(&id) {
                self.watch.look_up(&id).await;
            }
            let news = self.watch.tracker.news(&id, self.executor.clock.now());
            self.record(news);
        }
        let orders: Vec<_> = self.entries.iter().map(|entry| self.report(entry)).collect();
        let at = self.executor.clock.now();
        self.record(vec![JournalRecord::Ended { orders: orders.clone(), at }]);
        ExecutionReport { orders, journal_failure: self.journal_failure }
    }

    fn report(&self, entry: &Entry) -> OrderReport {
        let Entry { id, order, fate } = entry;
        let blank = |status, reason| OrderReport::blank(id, order, status, reason);
        match fate {
            Fate::NotSent(reason) => blank(OrderStatus::NotSent, Some(reason.clone())),
            Fate::Withheld(status, reason) => blank(*status, Some(reason.clone())),
            Fate::Sent(doubt) => match self.watch.tracker.snapshot(id) {
                Some(snapshot) => OrderReport::of(id, snapshot),
                None => blank(OrderStatus::Unknown, doubt.clone()),
            },
        }
    }
}

fn oversold(order: &PlannedOrder, positions: &[Position]) -> Option<String> {
    let lots = positions.iter().filter(|position| position.symbol == order.symbol);
    let held = lots.fold(Shares::ZERO, |sum, position| sum + position.quantity);
    (order.quantity > held)
        .then(|| format!("{} {} to sell and {held} held", order.quantity, order.symbol))
}
