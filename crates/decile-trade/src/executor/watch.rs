//! What is heard, and in silence asked, about the orders of a run.

use super::Executor;
use super::tracker::Tracker;
use crate::{BrokerEvent, ClientOrderId, OrderName};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout_at};

/// How many events are taken in at the end, should a broker never fall silent.
const DRAIN_MAX: usize = 10_000;

pub(super) struct Watch<'a> {
    executor: &'a Executor,
    events: Option<BoxStream<'static, BrokerEvent>>,
    pub(super) tracker: Tracker,
}

/// What an event is about.
enum Heard {
    /// The order that is waited for.
    It,
    /// Something else.
    Other,
    /// Events were lost, or will be.
    Gap,
}

impl<'a> Watch<'a> {
    /// Begins to listen.
    pub(super) fn new(executor: &'a Executor) -> Self {
        let events = Some(executor.broker.events());
        Self { executor, events, tracker: Tracker::default() }
    }

    /// Waits until an order is final or its time is up, listening and, in silence, asking.
    ///
    /// Only what is about this order counts as news of it: others may make all the noise they
    /// want. A gap makes it ask at once, but not twice within an interval.
    pub(super) async fn wait(&mut self, id: &ClientOrderId) {
        let (interval, began) = (self.executor.config.find_interval, Instant::now());
        let deadline = began + self.executor.config.fill_timeout;
        let mut asked: Option<Instant> = None;
        let mut ask_at = began + interval;
        while !self.tracker.is_final(id) && Instant::now() < deadline {
            if Instant::now() >= ask_at {
                self.look_up(id).await;
                let now = Instant::now();
                (asked, ask_at) = (Some(now), now + interval);
                continue;
            }
            let Some(event) = self.next_event(ask_at.min(deadline)).await else { continue };
            match self.hear(event, id) {
                Heard::It => ask_at = Instant::now() + interval,
                Heard::Other => {}
                Heard::Gap => ask_at = ask_at.min(asked.map_or(began, |at| at + interval)),
            }
        }
        if !self.tracker.is_final(id) {
            self.look_up(id).await;
        }
    }

    /// Returns the next event, or `None` when it is time to look at the clock.
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
        Some(event.unwrap_or(BrokerEvent::Gap))
    }

    fn hear(&mut self, event: BrokerEvent, id: &ClientOrderId) -> Heard {
        let about = |name: &OrderName| if name == id { Heard::It } else { Heard::Other };
        match event {
            BrokerEvent::Order(snapshot) => {
                let heard = about(&snapshot.id);
                self.tracker.see(snapshot);
                heard
            }
            BrokerEvent::Execution(execution) => {
                let heard = about(&execution.id);
                self.tracker.execute(execution);
                heard
            }
            BrokerEvent::Gap | BrokerEvent::Disconnected | BrokerEvent::Reconnected => Heard::Gap,
        }
    }

    /// Takes in what has come without being waited for, as late commissions do.
    pub(super) fn drain(&mut self) {
        for _ in 0..DRAIN_MAX {
            let Some(events) = &mut self.events else { return };
            // Outside of tokio's budget, which would make a full stream look empty.
            match tokio::task::unconstrained(events.next()).now_or_never() {
                Some(Some(BrokerEvent::Order(snapshot))) => self.tracker.see(snapshot),
                Some(Some(BrokerEvent::Execution(execution))) => self.tracker.execute(execution),
                Some(Some(_)) => {}
                Some(None) | None => return,
            }
        }
    }

    /// Asks the broker for an order. No answer changes nothing.
    pub(super) async fn look_up(&mut self, id: &ClientOrderId) {
        let found = self.executor.ask("order", self.executor.broker.find(id)).await;
        if let Ok(Some(snapshot)) = found {
            self.tracker.see(snapshot);
        }
    }
}
