use super::ConnectionId;
use super::reply::{AccountRow, Reply};
use super::request::RequestId;
use decile_core::Symbol;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// The way to a client, in whatever dialect it speaks.
pub(crate) trait Line: fmt::Debug + Send + Sync {
    /// Queues a reply; never waits.
    fn send(&self, reply: &Reply);
    /// Queues a reply that nobody can read.
    fn garble(&self, reply: &Reply);
    /// Closes the connection once what is queued is written.
    fn close(&self);
}

/// Somebody who is connected, and what it wants to be told.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) line: Arc<dyn Line>,
    /// Its number, once it has said so.
    pub(crate) id: Option<i32>,
    pub(crate) market_data_type: i32,
    pub(crate) positions: bool,
    pub(crate) summaries: BTreeMap<RequestId, Feed>,
    pub(crate) updates: Option<Feed>,
    pub(crate) multi: BTreeMap<RequestId, Feed>,
    pub(crate) tickers: BTreeMap<RequestId, Symbol>,
    /// When the time was last told, by the machine's clock: a simulated one may stand still, and
    /// then would never be told again.
    pub(crate) time_told: Option<Instant>,
    /// The second that is counted, and the messages in it.
    pub(crate) pace: Option<(Instant, u32)>,
}

/// Account values that a client is kept up to date with.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    /// The accounts of a summary, and its names; of other feeds everything is wanted.
    pub(crate) group: Arc<str>,
    pub(crate) tags: Vec<String>,
    pub(crate) ledger_only: bool,
    /// What was last told.
    pub(crate) told: Vec<AccountRow>,
}

impl Client {
    pub(super) fn new(line: Arc<dyn Line>) -> Self {
        Self {
            line,
            id: None,
            market_data_type: 1,
            positions: false,
            summaries: BTreeMap::new(),
            updates: None,
            multi: BTreeMap::new(),
            tickers: BTreeMap::new(),
            time_told: None,
            pace: None,
        }
    }

    pub(super) fn name(&self, connection: ConnectionId) -> String {
        match self.id {
            Some(id) => format!("client {id}"),
            None => format!("connection {connection}"),
        }
    }

    pub(super) fn watches_account(&self) -> bool {
        self.positions
            || !self.summaries.is_empty()
            || self.updates.is_some()
            || !self.multi.is_empty()
    }
}

impl Feed {
    /// Takes the rows of now and returns those that differ from what was told.
    pub(super) fn changes(&mut self, now: Vec<AccountRow>) -> Vec<AccountRow> {
        let is_new = |row: &&AccountRow| !self.told.contains(row);
        let changes = now.iter().filter(is_new).cloned().collect();
        self.told = now;
        changes
    }
}
