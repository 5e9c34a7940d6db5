//! Positions and account values, once and then again when they change.

use super::client::Feed;
use super::notice::Refusal;
use super::reply::{AccountRow, Reply};
use super::{ConnectionId, Engine, times};
use decile_core::Symbol;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many summaries a client may have at a time.
const SUMMARIES_MAX: usize = 2;

impl Engine {
    /// Tells every position, rows of 0 for what was closed in this session among them, and goes
    /// on telling what changes.
    pub(super) fn list_positions(&mut self, at: ConnectionId) {
        let symbols: Vec<Symbol> = self.book.positions().keys().cloned().collect();
        for symbol in &symbols {
            let reply = self.position(symbol);
            self.tell(at, reply);
        }
        self.tell(at, Reply::PositionsEnd);
        self.with_client(at, |client| client.positions = true);
    }

    fn position(&self, symbol: &Symbol) -> Reply {
        let holding = self.book.position(symbol).holding;
        Reply::Position {
            listing: self.floor.listing(symbol).clone(),
            quantity: holding.quantity,
            average_cost: holding.average_cost(),
        }
    }

    pub(super) fn summarise(&mut self, at: ConnectionId, request: i32, group: &str, tags: &str) {
        let Some(client) = self.clients.get(&at) else { return };
        if client.summaries.len() >= SUMMARIES_MAX && !client.summaries.contains_key(&request) {
            let text = "Error processing request.-'Q' : cause - Maximum number of account summary \
                        requests exceeded; desubscribe to previous request first";
            return self.refuse(at, request, Refusal::new(322, text));
        }
        let mut tags: Vec<String> = tags.split(',').map(|tag| tag.trim().to_owned()).collect();
        tags.sort_unstable();
        tags.dedup();
        let group: Arc<str> = group.into();
        let told = self.summary(&group, &tags);
        for row in told.clone() {
            self.tell(at, Reply::AccountSummary(request, row));
        }
        self.tell(at, Reply::AccountSummaryEnd(request));
        let feed = Feed { group, tags, told, ..Feed::default() };
        self.with_client(at, |client| drop(client.summaries.insert(request, feed)));
    }

    fn summary(&self, group: &Arc<str>, tags: &[String]) -> Vec<AccountRow> {
        let values = self.values();
        let mut rows: Vec<AccountRow> = tags.iter().filter_map(|tag| values.summary(tag)).collect();
        rows.extend(values.ledgers(group, tags));
        rows
    }

    /// Tells every value and holding of the account, and goes on telling what changes.
    pub(super) fn update_account(&mut self, at: ConnectionId, subscribe: bool, account: &str) {
        if !subscribe {
            return self.with_client(at, |client| client.updates = None);
        }
        if !account.is_empty() && *account != *self.account {
            let refusal = Refusal::invalid(format!("Invalid account code '{account}'."));
            return self.refuse(at, -1, refusal);
        }
        let told = self.values().rows(&self.account);
        for row in told.clone() {
            self.tell(at, Reply::AccountValue(row));
        }
        let symbols: Vec<Symbol> = self.book.positions().keys().cloned().collect();
        self.tell_portfolio(at, symbols.iter());
        self.tell(at, Reply::AccountDownloadEnd);
        self.with_client(at, |client| client.updates = Some(Feed { told, ..Feed::default() }));
    }

    /// Tells holdings with a time after each, and the time once more.
    fn tell_portfolio<'a>(&mut self, at: ConnectionId, symbols: impl Iterator<Item = &'a Symbol>) {
        let time = times::hour_minute(self.now());
        for symbol in symbols {
            let row = self.portfolio_row(symbol);
            self.tell(at, Reply::PortfolioValue(row));
            self.tell(at, Reply::AccountTime(time.clone()));
        }
        self.tell(at, Reply::AccountTime(time));
    }

    pub(super) fn update_multi(
        &mut self,
        at: ConnectionId,
        request: i32,
        (account, model): (&str, &str),
        ledger_only: bool,
    ) {
        if !account.is_empty() && *account != *self.account {
            let refusal = Refusal::invalid(format!("Invalid account code '{account}'."));
            return self.refuse(at, request, refusal);
        }
        if !model.is_empty() {
            let refusal = Refusal::invalid(format!("Invalid model code '{model}'."));
            return self.refuse(at, request, refusal);
        }
        let told = self.multi_rows(ledger_only);
        for row in told.clone() {
            self.tell(at, Reply::AccountMulti(request, row));
        }
        self.tell(at, Reply::AccountMultiEnd(request));
        let feed = Feed { ledger_only, told, ..Feed::default() };
        self.with_client(at, |client| drop(client.multi.insert(request, feed)));
    }

    /// Returns the values of the whole account, and then a block for each currency that begins
    /// with its name.
    fn multi_rows(&self, ledger_only: bool) -> Vec<AccountRow> {
        let all = self.values().rows(&self.account);
        let is_ledger = |row: &AccountRow| {
            all.iter().any(|other| other.key == row.key && other.currency == Some("BASE"))
        };
        let (ledger, totals): (Vec<_>, Vec<_>) = all.iter().cloned().partition(is_ledger);
        let block = |currency| {
            let is_of = move |row: &&AccountRow| row.currency == Some(currency);
            let mut rows: Vec<AccountRow> = ledger.iter().filter(is_of).cloned().collect();
            rows.sort_by_key(|row| row.key != "Currency");
            rows
        };
        let is_wanted = |row: &AccountRow| !ledger_only || row.key == "NetLiquidation";
        let mut rows: Vec<AccountRow> = totals.into_iter().filter(is_wanted).collect();
        rows.extend(block("BASE"));
        rows.extend(block("USD"));
        rows
    }

    /// Tells everybody who watches the account what has changed since they were last told.
    pub(super) fn push_account(&mut self) {
        let moved = std::mem::take(&mut self.moved);
        let mut repriced = std::mem::take(&mut self.repriced);
        repriced.extend(moved.iter().cloned());
        if !std::mem::take(&mut self.money_moved) {
            return;
        }
        let watching =
            |(at, client): (&ConnectionId, &super::Client)| client.watches_account().then_some(*at);
        let watching: Vec<ConnectionId> = self.clients.iter().filter_map(watching).collect();
        for at in watching {
            self.push_positions(at, &moved);
            self.push_values(at, &repriced);
        }
    }

    fn push_positions(&mut self, at: ConnectionId, moved: &BTreeSet<Symbol>) {
        if self.clients.get(&at).is_some_and(|client| client.positions) {
            for symbol in moved {
                let reply = self.position(symbol);
                self.tell(at, reply);
            }
        }
    }

    fn push_values(&mut self, at: ConnectionId, repriced: &BTreeSet<Symbol>) {
        // Taken out for as long as the rows are worked out.
        let Some(client) = self.clients.get_mut(&at) else { return };
        let mut summaries = std::mem::take(&mut client.summaries);
        let mut multi = std::mem::take(&mut client.multi);
        let mut updates = client.updates.take();
        for (request, feed) in &mut summaries {
            for row in feed.changes(self.summary(&feed.group, &feed.tags)) {
                self.tell(at, Reply::AccountSummary(*request, row));
            }
        }
        for (request, feed) in &mut multi {
            for row in feed.changes(self.multi_rows(feed.ledger_only)) {
                self.tell(at, Reply::AccountMulti(*request, row));
            }
        }
        if let Some(feed) = &mut updates {
            for row in feed.changes(self.values().rows(&self.account)) {
                self.tell(at, Reply::AccountValue(row));
            }
            self.tell_portfolio(at, repriced.iter());
        }
        self.with_client(at, |client| {
            (client.summaries, client.multi, client.updates) = (summaries, multi, updates);
        });
    }
}
