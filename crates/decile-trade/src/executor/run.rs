//! One run over the orders of a plan.

use super::execution::ExecutionReport;
use super::purse::Purse;
use super::report::{OrderReport, OrderStatus};
use super::scribe::Scribe;
use super::terms::Terms;
use super::watch::Watch;
use super::window::Sent;
use super::{Executor, StopSignal};
use crate::error::in_full;
use crate::{
    ApprovedOrder, Attempts, ClientOrderId, Day, Error, JournalRecord, OrderSnapshot, PlannedOrder,
    Released, RunRecord,
};
use decile_core::Price;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct Run<'a> {
    pub(super) executor: &'a Executor,
    stop: &'a StopSignal,
    pub(super) terms: Arc<Terms>,
    pub(super) watch: Watch<'a>,
    pub(super) scribe: Scribe,
    pub(super) entries: Vec<Entry>,
    pub(super) purse: Purse,
    /// Why nothing more is sent.
    pub(super) halt: Option<String>,
    journal_failure: Option<String>,
    /// Why nothing is bought, by the journal.
    pub(super) latched: Option<String>,
    /// What has gone out in the session, or may have.
    pub(super) day: Day,
    pub(super) unknown_count: usize,
    /// How many orders were refused since the last that was not.
    pub(super) rejects_in_row: usize,
    /// When the broker last gave a sign of life.
    pub(super) alive_at: Option<Instant>,
    /// How often the connection was lost, how often all was known again afterwards, and for how long it
    /// was waited for that.
    pub(super) losses: usize,
    pub(super) recoveries: usize,
    pub(super) lost_for: Duration,
    /// Limits that were cancelled because they rested for too long.
    pub(super) stale: Vec<Sent>,
    /// What the broker calls the orders of this window.
    pub(super) numbers: BTreeMap<ClientOrderId, String>,
    /// What the plan asks for of orders that are tried again, which may have been made smaller.
    pub(super) planned: BTreeMap<ClientOrderId, PlannedOrder>,
    /// What was done about orders, for the report.
    pub(super) remarks: BTreeMap<ClientOrderId, String>,
}

pub(super) struct Entry {
    pub(super) id: ClientOrderId,
    pub(super) order: PlannedOrder,
    /// What the stock traded at when it was sent.
    pub(super) arrival: Option<Price>,
    pub(super) fate: Fate,
}

pub(super) enum Fate {
    NotSent(String),
    /// With what to report, and why.
    Withheld(OrderStatus, String),
    /// Sent, or perhaps sent; the tracker knows more. What made it doubtful, if anything did.
    Sent(Option<String>),
}

impl<'a> Run<'a> {
    /// Begins to listen before anything is sent, so that no answer comes too early.
    pub(super) fn new(
        executor: &'a Executor,
        terms: Terms,
        attempts: &Attempts,
        stop: &'a StopSignal,
    ) -> Self {
        Self {
            executor,
            stop,
            day: attempts.day(terms.session),
            watch: Watch::new(executor),
            scribe: Scribe::new(executor.journal.clone()),
            entries: Vec::new(),
            purse: Purse::reserving(attempts.cash_to_come(terms.fee)),
            terms: Arc::new(terms),
            halt: None,
            journal_failure: None,
            latched: attempts.latched().map(|reason| format!("too much was lost: {reason}")),
            unknown_count: 0,
            rejects_in_row: 0,
            alive_at: None,
            losses: 0,
            recoveries: 0,
            lost_for: Duration::ZERO,
            stale: Vec::new(),
            numbers: BTreeMap::new(),
            planned: BTreeMap::new(),
            remarks: BTreeMap::new(),
        }
    }

    /// Takes down what is to be done, to be written with the first intents, or with why there are none.
    pub(super) fn begin(&mut self, run: RunRecord) {
        let at = self.executor.clock.now();
        self.scribe.hold([JournalRecord::Began { run: Box::new(run), at }]);
    }

    /// Sends the orders, a window of them at a time, the sells before the buys.
    pub(super) async fn send_all(&mut self, released: Vec<Released>) {
        let most = self.executor.config.in_flight_max.max(1);
        let mut window: Vec<ApprovedOrder> = Vec::new();
        for released in released {
            let order = match released {
                Released::Ready(order) => order,
                Released::Withheld(held) => {
                    // In the order of the plan.
                    self.send_window(std::mem::take(&mut window)).await;
                    let fate = Fate::Withheld(held.status, held.reason);
                    self.entries.push(Entry {
                        id: held.id,
                        order: held.order,
                        arrival: None,
                        fate,
                    });
                    continue;
                }
            };
            let is_other_side =
                window.first().is_some_and(|first| first.order().side != order.order().side);
            if window.len() == most || is_other_side {
                self.send_window(std::mem::take(&mut window)).await;
            }
            window.push(order);
        }
        self.send_window(window).await;
    }

    /// Returns why nothing more is sent, if so.
    pub(super) fn halted(&mut self) -> Option<String> {
        if self.halt.is_none() {
            self.halt = match self.stop.is_stopped() {
                true => Some("stopped".to_owned()),
                false => {
                    let expired = || self.terms.objection(self.executor.clock.now());
                    self.executor.killed().or_else(expired)
                }
            };
        }
        self.halt.clone()
    }

    /// Writes records down, unless the journal has failed before.
    pub(super) async fn record(&mut self, records: Vec<JournalRecord>) {
        if self.journal_failure.is_some() || records.is_empty() {
            return;
        }
        if let Err(error) = self.scribe.write(records).await {
            self.fail(&error);
        }
    }

    /// Waits until all that was written down aside is durable.
    pub(super) async fn settle(&mut self) {
        if let Err(error) = self.scribe.settle().await {
            self.fail(&error);
        }
    }

    /// Begins to write records down beside what else is done, unless the journal has failed before.
    pub(super) async fn record_aside(&mut self, records: Vec<JournalRecord>) {
        if self.journal_failure.is_some() || records.is_empty() {
            return;
        }
        if let Err(error) = self.scribe.begin(records).await {
            self.fail(&error);
        }
    }

    pub(super) fn fail(&mut self, error: &Error) {
        let failure = in_full(error);
        self.halt = Some(format!("the journal failed: {failure}"));
        self.journal_failure = Some(failure);
    }

    /// Looks once more at what is not final or has no commission yet, and reports.
    pub(super) async fn finish(mut self) -> ExecutionReport {
        // Fills and commissions may have come while a later order was waited for.
        self.watch.drain();
        let sent = self.entries.iter().filter(|entry| self.is_out(entry));
        let ids: Vec<_> = sent.map(|entry| entry.id.clone()).collect();
        if self.executor.killed().is_some() {
            self.watch.cancel_all(&ids).await;
        }
        let is_incomplete = |id: &&ClientOrderId| !self.watch.tracker.is_complete(id);
        let incomplete: Vec<_> = ids.iter().filter(is_incomplete).cloned().collect();
        self.watch.look_up_all(&incomplete).await;
        // The word that an order has filled may come before its executions do.
        if ids.iter().any(|id| self.watch.tracker.lacks_executions(id)) {
            self.watch.collect_executions(self.terms.approved_at()).await;
        }
        let at = self.executor.clock.now();
        let news = self.watch.tracker.all_news(at);
        self.record(news).await;
        let orders: Vec<_> = self.entries.iter().map(|entry| self.report(entry)).collect();
        let at = self.executor.clock.now();
        self.record(vec![JournalRecord::Ended { orders: orders.clone(), at }]).await;
        ExecutionReport { orders, journal_failure: self.journal_failure, margin: None }
    }

    /// Tells whether an order is out, or may be. If the broker shows one that it said had not left, that
    /// is the later truth.
    fn is_out(&self, entry: &Entry) -> bool {
        matches!(entry.fate, Fate::Sent(_)) || self.watch.tracker.snapshot(&entry.id).is_some()
    }

    fn report(&self, entry: &Entry) -> OrderReport {
        let Entry { id, order, arrival, fate } = entry;
        let blank = |status, reason| OrderReport::blank(id, order, status, reason);
        let report = match (fate, self.watch.tracker.snapshot(id)) {
            (Fate::Withheld(status, reason), _) => blank(*status, Some(reason.clone())),
            (_, Some(snapshot)) => self.remarked(self.told(id, order, snapshot)),
            (Fate::NotSent(reason), None) => blank(OrderStatus::NotSent, Some(reason.clone())),
            (Fate::Sent(doubt), None) => blank(OrderStatus::Unknown, doubt.clone()),
        };
        OrderReport { arrival: *arrival, ..report }
    }

    /// Reports an order that the broker knows.
    pub(super) fn told(
        &self,
        id: &ClientOrderId,
        order: &PlannedOrder,
        snapshot: OrderSnapshot,
    ) -> OrderReport {
        let may_wait = self.executor.may_wait(order.kind) && self.watch.shows(id);
        OrderReport::of(id, order, snapshot, may_wait)
    }

    /// Keeps what was done about an order for its report, behind what was done before.
    pub(super) fn remark(&mut self, id: &ClientOrderId, done: &str) {
        let remarks = self.remarks.entry(id.clone()).or_default();
        if !remarks.is_empty() {
            remarks.push_str(", ");
        }
        remarks.push_str(done);
    }

    /// Adds what was done about an order that has not simply filled.
    fn remarked(&self, report: OrderReport) -> OrderReport {
        let remark = self.remarks.get(&report.id).filter(|_| report.status != OrderStatus::Filled);
        let reason = match (remark, &report.reason) {
            (Some(remark), Some(reason)) => Some(format!("{reason}: {remark}")),
            (remark, reason) => remark.or(reason.as_ref()).cloned(),
        };
        OrderReport { reason, ..report }
    }
}
