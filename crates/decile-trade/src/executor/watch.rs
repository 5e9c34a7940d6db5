//! What is heard, and in silence asked, about the orders of a run.

use super::Executor;
use super::tracker::Tracker;
use crate::{BrokerEvent, ClientOrderId, OrderName};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// How many events are taken in at the end, should a broker never fall silent.
const DRAIN_MAX: usize = 10_000;
/// How often the kill switch is looked at while an order is waited for.
const KILL_LOOK: Duration = Duration::from_secs(1);
/// How often orders that were asked to be cancelled are looked up, and how far apart.
const CANCEL_LOOKS: usize = 20;
const CANCEL_PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Watch<'a> {
    executor: &'a Executor,
    events: Option<BoxStream<'static, BrokerEvent>>,
    pub(super) tracker: Tracker,
    /// The orders that the broker has shown when it was last asked for them.
    shown: BTreeSet<ClientOrderId>,
    /// What may have kept news of the orders back since they were last reconciled.
    missed: Option<Missed>,
}

/// What may have kept news of orders back; the greater, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missed {
    /// Some events, on a connection that stands.
    News,
    /// An answer.
    Answer,
    /// The connection was lost.
    Line,
}

impl Missed {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::News => "news of orders was lost",
            Self::Answer => "the broker did not answer for an order",
            Self::Line => "the connection was lost",
        }
    }
}

/// What an event is about.
enum Heard {
    Of(OrderName),
    /// Events were lost, or will be.
    Gap,
    /// The connection is gone.
    Lost,
}

/// How long nothing was heard of an order.
#[derive(Clone, Copy)]
struct Silence {
    asked: Option<Instant>,
    /// When to ask, unless it is heard of.
    ask_at: Instant,
}

/// When the first of the orders is to be asked for.
fn soonest(pending: &BTreeMap<ClientOrderId, Silence>) -> Option<Instant> {
    pending.values().map(|silence| silence.ask_at).min()
}

impl<'a> Watch<'a> {
    /// Begins to listen.
    pub(super) fn new(executor: &'a Executor) -> Self {
        let events = Some(executor.broker.events());
        Self { executor, events, tracker: Tracker::default(), shown: BTreeSet::new(), missed: None }
    }

    /// Waits until all of the orders are final or their time is up, listening and, in silence, asking.
    ///
    /// Only what is about an order counts as news of it: others may make all the noise they want. A
    /// gap makes it ask at once for all, but not twice within an interval. A connection that is lost ends
    /// the wait: it tells whether that was so.
    pub(super) async fn wait(&mut self, ids: &[ClientOrderId], most: Duration) -> bool {
        let (interval, began) = (self.executor.config.find_interval, Instant::now());
        let deadline = began + most;
        let silence = Silence { asked: None, ask_at: began + interval };
        let mut pending: BTreeMap<_, _> = ids.iter().map(|id| (id.clone(), silence)).collect();
        pending.retain(|id, _| !self.tracker.is_final(id));
        // No order is to be asked for before this. News moves it on, which is seen when it has come: to
        // look through all orders at each event would cost more than all else.
        let mut ask_at = silence.ask_at;
        loop {
            if self.executor.killed().is_some() {
                break;
            }
            if pending.is_empty() {
                return false;
            }
            let now = Instant::now();
            if now >= deadline {
                break;
            }
            if now >= ask_at {
                let due = pending.iter().filter(|(_, silence)| now >= silence.ask_at);
                let due: Vec<_> = due.map(|(id, _)| id.clone()).collect();
                if due.is_empty() {
                    ask_at = soonest(&pending).unwrap_or(deadline);
                    continue;
                }
                self.look_up_all(&due).await;
                let asked = Instant::now();
                for id in due {
                    pending.insert(id, Silence { asked: Some(asked), ask_at: asked + interval });
                }
                pending.retain(|id, _| !self.tracker.is_final(id));
                ask_at = soonest(&pending).unwrap_or(deadline);
                continue;
            }
            let until = match self.executor.kill {
                Some(_) => ask_at.min(deadline).min(now + KILL_LOOK),
                None => ask_at.min(deadline),
            };
            let Some(event) = self.next_event(until).await else { continue };
            match self.hear(event) {
                // No other order has come any further.
                Heard::Of(OrderName::Ours(id)) if self.tracker.is_final(&id) => {
                    pending.remove(&id);
                }
                Heard::Of(OrderName::Ours(id)) => {
                    if let Some(silence) = pending.get_mut(&id) {
                        silence.ask_at = Instant::now() + interval;
                    }
                }
                Heard::Of(OrderName::Foreign(_)) => {}
                Heard::Gap => {
                    for silence in pending.values_mut() {
                        let at = silence.asked.map_or(began, |at| at + interval);
                        silence.ask_at = silence.ask_at.min(at);
                    }
                    ask_at = soonest(&pending).unwrap_or(deadline);
                }
                Heard::Lost => return true,
            }
        }
        let left: Vec<_> = pending.into_keys().collect();
        self.look_up_all(&left).await;
        false
    }

    /// Asks for the orders among these to be cancelled that may still fill, once, and waits a while for
    /// word of it. An order may fill first; one of which there is no word stays as it was.
    pub(super) async fn cancel_all(&mut self, ids: &[ClientOrderId]) {
        let mut open: Vec<_> =
            ids.iter().filter(|id| !self.tracker.is_final(id)).cloned().collect();
        let executor = self.executor;
        // A request that fails is told by the order, which then stays open.
        let cancel = |id| executor.ask("cancel", executor.broker.cancel(id));
        join_all(open.iter().map(cancel)).await;
        for _ in 0..CANCEL_LOOKS {
            self.drain();
            open.retain(|id| !self.tracker.is_final(id));
            if open.is_empty() {
                return;
            }
            self.look_up_all(&open).await;
            sleep(CANCEL_PAUSE).await;
        }
    }

    /// Returns the next event, or `None` when it is time to look at the clock.
    async fn next_event(&mut self, until: Instant) -> Option<BrokerEvent> {
        let Some(events) = &mut self.events else {
            sleep_until(until).await;
            return None;
        };
        let event = timeout_at(until, events.next()).await.ok()?;
        Some(event.unwrap_or_else(|| self.ended()))
    }

    /// Leaves a stream that has ended, which must not be asked again, and would end at once, for ever.
    fn ended(&mut self) -> BrokerEvent {
        self.events = None;
        BrokerEvent::Gap
    }

    fn hear(&mut self, event: BrokerEvent) -> Heard {
        match event {
            BrokerEvent::Order(snapshot) => {
                let heard = Heard::Of(snapshot.id.clone());
                self.tracker.see(snapshot);
                heard
            }
            BrokerEvent::Execution(execution) => {
                let heard = Heard::Of(execution.id.clone());
                self.tracker.execute(execution);
                heard
            }
            BrokerEvent::Disconnected => {
                self.missed = Some(Missed::Line);
                Heard::Lost
            }
            BrokerEvent::Gap | BrokerEvent::Reconnected => {
                self.missed = self.missed.max(Some(Missed::News));
                Heard::Gap
            }
        }
    }

    /// Returns what may have kept news of the orders back, as far as it was heard.
    pub(super) fn missed(&self) -> Option<Missed> {
        self.missed
    }

    /// Begins anew to note what keeps news back, and to listen, should the events have ended.
    pub(super) fn listen_anew(&mut self) {
        self.drain();
        self.missed = None;
        if self.events.is_none() {
            self.events = Some(self.executor.broker.events());
        }
    }

    /// Takes in what has come without being waited for, as late commissions do.
    pub(super) fn drain(&mut self) {
        for _ in 0..DRAIN_MAX {
            let Some(events) = &mut self.events else { return };
            // Outside of tokio's budget, which would make a full stream look empty.
            let next = tokio::task::unconstrained(events.next()).now_or_never();
            let Some(event) = next else { return };
            let event = event.unwrap_or_else(|| self.ended());
            self.hear(event);
        }
    }

    /// Asks for the executions of orders that were intended then or later. Without an answer there is what
    /// is known.
    pub(super) async fn collect_executions(&mut self, intended_at: DateTime<Utc>) {
        let executions = self.executor.executions_of(intended_at).await;
        executions.into_iter().flatten().for_each(|execution| self.tracker.execute(execution));
    }

    /// Tells whether the broker has shown an order when it was last asked for it. What it said before may
    /// not be so any more.
    pub(super) fn shows(&self, id: &ClientOrderId) -> bool {
        self.shown.contains(id)
    }

    /// Asks the broker for some orders at once. No answer changes nothing that is known.
    pub(super) async fn look_up_all(&mut self, ids: &[ClientOrderId]) {
        if ids.is_empty() {
            return;
        }
        for id in ids {
            self.shown.remove(id);
        }
        match self.executor.find_all(ids).await {
            Ok(found) => {
                for (id, snapshot) in ids.iter().zip(found) {
                    let Some(snapshot) = snapshot else { continue };
                    self.shown.insert(id.clone());
                    self.tracker.see(snapshot);
                }
            }
            Err(_) => self.missed = self.missed.max(Some(Missed::Answer)),
        }
    }
}
