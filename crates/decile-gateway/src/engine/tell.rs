//! What clients are told: nothing before it is written down.

use super::event::Event;
use super::notice::{Origin, Refusal};
use super::{ConnectionId, Engine, Notice, Reply};
use crate::state::StateFile;

/// Where traffic is logged, one line a message, at the level of debugging.
pub(crate) const TRAFFIC: &str = "decile_gateway::traffic";

impl Engine {
    /// Changes the book, and writes down how.
    pub(super) fn commit(&mut self, event: Event) {
        if let Err(fault) = self.book.apply(&event) {
            // The engine makes events of what the book holds.
            log::error!("an event {fault}: {event:?}");
            debug_assert!(false, "an event {fault}: {event:?}");
            return;
        }
        if let Some(state) = &mut self.state {
            state.record(&event);
        }
    }

    /// Writes the events of a call down, and then lets the replies go.
    pub(super) fn finish(&mut self) {
        self.push_account();
        if let Some(Err(error)) = self.state.as_mut().map(StateFile::write) {
            log::error!("{error}: the gateway trades no more");
            self.failure = Some(error);
            self.outgoing.clear();
            self.clients.values().for_each(|client| client.line.close());
            return;
        }
        let mut outgoing = std::mem::take(&mut self.outgoing);
        for (connection, reply) in outgoing.drain(..) {
            self.deliver(connection, reply);
        }
        // Its memory is used again.
        self.outgoing = outgoing;
    }

    pub(super) fn send(&self, at: ConnectionId, reply: &Reply) {
        let Some(client) = self.clients.get(&at) else { return };
        log::debug!(target: TRAFFIC, "{} < {reply}", client.name(at));
        client.line.send(reply);
    }

    pub(super) fn tell(&mut self, at: ConnectionId, reply: Reply) {
        self.outgoing.push((at, reply));
    }

    /// Tells the client that owns an order, if it is there.
    pub(super) fn tell_owner(&mut self, client: i32, reply: Reply) {
        if let Some(connection) = self.by_client_id.get(&client) {
            self.outgoing.push((*connection, reply));
        }
    }

    pub(super) fn notify(&mut self, at: ConnectionId, notice: Notice) {
        let reply = self.dated(notice);
        self.tell(at, reply);
    }

    pub(super) fn notify_owner(&mut self, client: i32, notice: Notice) {
        let reply = self.dated(notice);
        self.tell_owner(client, reply);
    }

    pub(super) fn refuse(&mut self, at: ConnectionId, id: i32, refusal: Refusal) {
        self.notify(at, refusal.about(id));
    }

    fn dated(&self, notice: Notice) -> Reply {
        let now = self.now();
        let millis = match notice.origin {
            Origin::Gateway => now.timestamp_millis(),
            Origin::Server => now.timestamp() * 1000,
        };
        Reply::Notice(notice, millis)
    }
}
