//! Orders and changes that the gateway works at: its client hears of them when the exchange has them.

use super::notice::Refusal;
use super::request::PlaceOrder;
use super::{ConnectionId, Engine};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// How many orders may be under way at a time.
const UNDER_WAY_MAX: usize = 100_000;

/// Orders in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// How long each takes.
    takes: Duration,
    orders: VecDeque<Going>,
    /// Client and order id of each, and whether it is cancelled as soon as it is there.
    ids: HashMap<(i32, i32), bool>,
}

#[derive(Debug)]
struct Going {
    due: Instant,
    at: ConnectionId,
    client: i32,
    order: PlaceOrder,
}

impl UnderWay {
    pub(super) fn new(takes: Option<Duration>) -> Self {
        Self { takes: takes.unwrap_or_default(), ..Self::default() }
    }

    pub(super) fn contains(&self, client: i32, order: i32) -> bool {
        self.ids.contains_key(&(client, order))
    }

    /// Returns when the next of them is there, by the machine's clock.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.orders.front().map(|going| going.due)
    }

    /// Lets an order be cancelled as soon as it is there; tells whether it is under way.
    pub(super) fn cancel(&mut self, client: i32, order: i32) -> bool {
        self.ids.get_mut(&(client, order)).map(|is_cancelled| *is_cancelled = true).is_some()
    }

    pub(super) fn cancel_all(&mut self) {
        self.ids.values_mut().for_each(|is_cancelled| *is_cancelled = true);
    }

    /// Loses what is under way.
    pub(super) fn clear(&mut self) {
        self.orders.clear();
        self.ids.clear();
    }
}

impl Engine {
    /// Sends an order or a change on its way. What the gateway itself refuses it refuses at once.
    pub(super) fn send_off(&mut self, at: ConnectionId, client: i32, order: PlaceOrder) {
        if self.under_way.takes.is_zero() {
            return self.release(at, client, &order);
        }
        let id = order.id;
        if !self.is_well_formed(at, client, &order) {
            return;
        }
        if self.under_way.orders.len() >= UNDER_WAY_MAX {
            let refusal = Refusal::invalid("Too many orders are being processed.");
            return self.refuse(at, id, refusal);
        }
        let due = Instant::now() + self.under_way.takes;
        self.under_way.orders.push_back(Going { due, at, client, order });
        self.under_way.ids.insert((client, id), false);
        self.faulty.wake.notify_one();
    }

    /// Lets the orders reach the exchange that have been under way long enough.
    pub(super) fn acknowledge(&mut self) {
        if self.under_way.orders.is_empty() {
            return;
        }
        let now = Instant::now();
        while self.under_way.next_due().is_some_and(|due| due <= now) {
            let Some(Going { at, client, order, .. }) = self.under_way.orders.pop_front() else {
                return;
            };
            let is_cancelled = self.under_way.ids.remove(&(client, order.id));
            self.release(at, client, &order);
            if is_cancelled == Some(true) {
                self.cancel_known(at, client, order.id);
            }
        }
    }
}
