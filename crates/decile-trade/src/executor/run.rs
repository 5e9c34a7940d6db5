//! One run over the orders of a plan.

use super::report::{ExecutionReport, OrderReport, OrderStatus};
use super::tracker::Tracker;
use super::{Executor, StopSignal};
use crate::error::in_full;
use crate::{
    ApprovedOrder, BrokerEvent, ClientOrderId, Error, JournalRecord, OrderAck, OrderSnapshot,
    OrderState, PlannedOrder, Released, Side, SubmitError,
};
use decile_core::Money;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

pub(super) struct Run<'a> {
    executor: &'a Executor,
    events: Option<BoxStream<'static, BrokerEvent>>,
    tracker: Tracker,
    entries: Vec<Entry>,
    /// Cash that is left for buys; read when the first one comes.
    cash: Option<Money>,
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
    pub(super) fn new(executor: &'a Executor) -> Self {
        Self {
            executor,
            events: Some(executor.broker.events()),
            tracker: Tracker::default(),
            entries: Vec::new(),
            cash: None,
            halt: None,
            journal_failure: None,
            unknown_count: 0,
        }
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
        if stop.is_stopped() && self.halt.is_none() {
            self.halt = Some("stopped".to_owned());
        }
        if self.halt.is_none() && order.order().side == Side::Buy && self.cash.is_none() {
            self.read_cash(order.id()).await;
        }
        if self.halt.is_some() {
            return self.halt.clone();
        }
        let (cash, needed) = (self.cash?, order.cash_needed());
        // A sale needs less than nothing.
        (needed > Money::ZERO && needed > cash).then(|| {
            format!("it needs {:.2} and the cash is {:.2}", needed.to_cents(), cash.to_cents())
        })
    }

    /// Reads the cash as it is after the sells. Without it no buy is sent.
    async fn read_cash(&mut self, id: &ClientOrderId) {
        let account = self.executor.ask("account", self.executor.broker.account()).await;
        match account {
            Ok(account) if account.id == *id.account() => self.cash = Some(account.cash),
            Ok(account) => self.halt = Some(format!("the broker is at account {}", account.id)),
            Err(error) => self.halt = Some(format!("the cash is not known: {}", in_full(&error))),
        }
    }

    async fn send(&mut self, order: ApprovedOrder) -> Fate {
        let (id, planned) = (order.id().clone(), order.order().clone());
        let cash_needed = order.cash_needed();
        if let Some(fate) = self.intend(&id, &planned) {
            return fate;
        }
        self.tracker.watch(&id, &planned);
        let fate = match self.submit(order).await {
            Ok(_) => {
                self.wait(&id).await;
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
                self.tracker.see(OrderSnapshot {
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
        self.look_up(id).await;
        if self.tracker.snapshot(id).is_some() {
            self.wait(id).await;
        }
    }

    /// Waits until an order is final or its time is up, listening and, in silence, asking.
    async fn wait(&mut self, id: &ClientOrderId) {
        let config = &self.executor.config;
        let deadline = Instant::now() + config.fill_timeout;
        while !self.tracker.is_final(id) && Instant::now() < deadline {
            let until = deadline.min(Instant::now() + config.find_interval);
            match self.next_event(until).await {
                Some(BrokerEvent::Order(snapshot)) => self.tracker.see(snapshot),
                Some(BrokerEvent::Execution(execution)) => self.tracker.execute(execution),
                // Silence, a gap or a broken line says nothing about the order, so it is asked for.
                Some(_) | None => self.look_up(id).await,
            }
        }
    }

    /// Returns the next event, or `None` when it is time to ask.
    async fn next_event(&mut self, until: Instant) -> Option<BrokerEvent> {
        let Some(events) = &mut self.events else {
            sleep_until(until).await;
            return None;
        };
        let event = timeout_at(until, events.next()).await.ok()?;
        if event.is_none() {
            // The stream has ended and would end again at once, for ever.
            self.events = None;
        }
        event
    }

    /// Asks the broker for an order. No answer changes nothing.
    async fn look_up(&mut self, id: &ClientOrderId) {
        let found = self.executor.ask("order", self.executor.broker.find(id)).await;
        if let Ok(Some(snapshot)) = found {
            self.tracker.see(snapshot);
        }
    }

    /// Writes down how an order ended, and what that means for the ones after it.
    fn close(&mut self, id: &ClientOrderId, cash_needed: Money, fate: &Fate) {
        let at = self.executor.clock.now();
        let snapshot = self.tracker.snapshot(id);
        let mut records = self.tracker.news(id, at);
        if snapshot.is_none() {
            let reason = match fate {
                Fate::Sent(Some(reason)) => reason.clone(),
                _ => "the broker shows no state".to_owned(),
            };
            records.push(JournalRecord::Unknown { id: id.clone(), reason, at });
        }
        self.record(records);
        let spent = snapshot.as_ref().and_then(spent).unwrap_or(cash_needed);
        self.cash = self.cash.map(|cash| cash - spent);
        let status = snapshot.map(|snapshot| OrderReport::of(snapshot).status);
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

    /// Looks once more at what is not final, and reports.
    pub(super) async fn finish(mut self) -> ExecutionReport {
        let sent = self.entries.iter().filter(|entry| matches!(entry.fate, Fate::Sent(_)));
        let ids: Vec<_> = sent.map(|entry| entry.id.clone()).collect();
        for id in ids {
            if !self.tracker.is_final(&id) {
                self.look_up(&id).await;
            }
            // A fill may also have come while a later order was waited for.
            let news = self.tracker.news(&id, self.executor.clock.now());
            self.record(news);
        }
        let orders = self.entries.iter().map(|entry| self.report(entry)).collect();
        ExecutionReport { orders, journal_failure: self.journal_failure }
    }

    fn report(&self, entry: &Entry) -> OrderReport {
        let Entry { id, order, fate } = entry;
        let blank = |status, reason| OrderReport::blank(id, order, status, reason);
        match fate {
            Fate::NotSent(reason) => blank(OrderStatus::NotSent, Some(reason.clone())),
            Fate::Withheld(status, reason) => blank(*status, Some(reason.clone())),
            Fate::Sent(doubt) => match self.tracker.snapshot(id) {
                Some(snapshot) => OrderReport::of(snapshot),
                None => blank(OrderStatus::Unknown, doubt.clone()),
            },
        }
    }
}

/// Returns the cash that a final order took, if that is known; below 0 for a sale.
fn spent(snapshot: &OrderSnapshot) -> Option<Money> {
    if !snapshot.state.is_final() {
        return None;
    }
    let value = match snapshot.average_price {
        Some(price) => price.notional(snapshot.filled).ok()?,
        None if snapshot.filled.is_zero() => Money::ZERO,
        None => return None,
    };
    let commission = snapshot.commission?;
    Some(match snapshot.side {
        Side::Buy => value + commission,
        Side::Sell => commission - value,
    })
}
