use super::notice::{FARMS, Refusal};
use super::{ConnectionId, Engine, Notice, Reply};
use crate::Trouble;
use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

/// Requests for the time that come closer together are not answered: recorded clients have to
/// keep 4.25 s between them.
const TIME_APART: Duration = Duration::from_secs(4);

const SECOND: Duration = Duration::from_secs(1);
const RATE_MAX: u32 = 50;

impl Engine {
    /// Greets a client: its own open orders first, then its accounts, its next order id and the
    /// data farms.
    pub(super) fn start_api(&mut self, at: ConnectionId, client: i32) {
        let is_back = !self.faulty.known.insert(client);
        let is_held = is_back && self.faulty.happens(Trouble::HoldClientId, None);
        if is_held || self.by_client_id.contains_key(&client) {
            log::warn!("client id {client} is in use: connection {at} is closed");
            self.notify(at, Notice::client_id_in_use());
            // Closed after what is queued: the reply has to be on the line first.
            self.finish();
            return self.with_client(at, |client| client.line.close());
        }
        log::info!("client {client} starts on connection {at}");
        self.by_client_id.insert(client, at);
        self.with_client(at, |known| known.id = Some(client));
        if self.list_orders(at, Some(client)) > 0 {
            self.tell(at, Reply::OpenOrdersEnd);
        }
        self.tell(at, Reply::ManagedAccounts);
        let next = match is_back && self.faulty.happens(Trouble::RollBackIds, None) {
            true => 1,
            false => self.book.last_id(client) + 1,
        };
        self.tell(at, Reply::NextValidId(next));
        for (code, text) in FARMS {
            self.notify(at, Notice::system(code, text));
        }
    }

    /// Counts a message of a client; more than 50 in a second end its connection, if they are to.
    pub(super) fn keeps_pace(&mut self, at: ConnectionId) -> bool {
        if self.faulty.is_nothing() {
            return true;
        }
        let Some(client) = self.clients.get_mut(&at) else { return false };
        let now = Instant::now();
        let (since, count) = match client.pace {
            Some((since, count)) if now.duration_since(since) < SECOND => (since, count + 1),
            _ => (now, 1),
        };
        client.pace = Some((since, count));
        if count <= RATE_MAX || !self.faulty.happens(Trouble::LimitRate, None) {
            return true;
        }
        self.notify(at, Notice::too_fast(count));
        // What it is told has to be on the line before the end of it.
        self.finish();
        self.cut_off(at);
        false
    }

    /// Tells the time, unless this client was told it a moment ago.
    pub(super) fn tell_time(&mut self, at: ConnectionId, reply: impl Fn(DateTime<Utc>) -> Reply) {
        let now = Instant::now();
        let suppress = self.suppress_repeated_time;
        let Some(client) = self.clients.get_mut(&at) else { return };
        let is_recent = |told: Instant| now.duration_since(told) < TIME_APART;
        if suppress && client.time_told.is_some_and(is_recent) {
            return log::info!("{} asks for the time again: not answered", client.name(at));
        }
        client.time_told = Some(now);
        let reply = reply(self.now());
        self.tell(at, reply);
    }

    /// Manual orders of the platform itself would be bound to client 0. There are none here.
    pub(super) fn bind_orders(&mut self, at: ConnectionId, client: i32, bind: bool) {
        if bind && client != 0 {
            let cause = "Only the default client (i.e 0) can auto bind orders.";
            self.refuse(at, -1, Refusal::invalid(cause));
        }
    }
}
