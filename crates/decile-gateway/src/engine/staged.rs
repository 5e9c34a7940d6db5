//! Orders and changes of orders that are written and not released: a client may put several
//! together and let them go at once with the last.

use super::request::PlaceOrder;
use super::{ConnectionId, Engine, Event};
use std::collections::BTreeMap;

/// How many orders a client may keep back.
const STAGED_MAX: usize = 1000;

/// Orders by client and order id.
#[derive(Debug, Default)]
pub(super) struct Staged(BTreeMap<(i32, i32), PlaceOrder>);

impl Staged {
    pub(super) fn contains(&self, client: i32, order: i32) -> bool {
        self.0.contains_key(&(client, order))
    }

    /// Takes an order out; tells whether it was there.
    pub(super) fn remove(&mut self, client: i32, order: i32) -> bool {
        self.0.remove(&(client, order)).is_some()
    }

    /// Returns the orders of a client that wait for another one.
    fn waiting_for(&self, client: i32, parent: i32) -> Vec<i32> {
        let waiting = self.of(client).filter(|(_, order)| order.parent == parent);
        waiting.map(|((_, id), _)| *id).collect()
    }

    fn of(&self, client: i32) -> impl Iterator<Item = (&(i32, i32), &PlaceOrder)> {
        self.0.range((client, i32::MIN)..=(client, i32::MAX))
    }
}

impl Engine {
    /// Keeps an order, or a change of one, until it is released. As recorded, nobody hears of it
    /// before, and an open order works on as it was.
    pub(super) fn stage(&mut self, at: ConnectionId, client: i32, order: PlaceOrder) {
        let id = order.id;
        if !self.is_well_formed(at, client, &order) {
            return;
        }
        if self.staged.of(client).count() >= STAGED_MAX {
            let text = "Too many orders wait to be transmitted.";
            return self.refuse(at, id, super::notice::Refusal::invalid(text));
        }
        self.staged.0.insert((client, id), order);
    }

    /// Looks at an order that is to come later, and uses up its id; refuses it if it cannot be taken
    /// then either.
    pub(super) fn is_well_formed(
        &mut self,
        at: ConnectionId,
        client: i32,
        order: &PlaceOrder,
    ) -> bool {
        let id = order.id;
        let checked = match self.book.find(client, id) {
            Some(index) => self.changed(index, order),
            None => {
                self.commit(Event::IdUsed { client, order: id, perm_id: None });
                // Its parent may be as late.
                self.check(client, &PlaceOrder { parent: 0, ..order.clone() })
            }
        };
        checked.map_err(|refusal| self.refuse(at, id, refusal)).is_ok()
    }

    /// Releases an order with what goes with it: its parent and its siblings before it, and what
    /// waits for it after it.
    pub(super) fn release(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        self.staged.remove(client, order.id);
        if order.parent != 0 {
            let siblings = self.staged.waiting_for(client, order.parent);
            for id in std::iter::once(order.parent).chain(siblings) {
                self.place_staged(at, client, id);
            }
        }
        self.let_go(at, client, order);
        for id in self.staged.waiting_for(client, order.id) {
            self.place_staged(at, client, id);
        }
    }

    fn place_staged(&mut self, at: ConnectionId, client: i32, id: i32) {
        if let Some(order) = self.staged.0.remove(&(client, id)) {
            self.let_go(at, client, &order);
        }
    }
}
