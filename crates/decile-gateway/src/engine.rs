//! The simulated broker: typed requests in, typed replies out, no wire in between.

mod account;
mod adjusted;
mod book;
mod cancel;
mod carry;
mod check;
mod client;
mod connect;
mod contract;
mod dispatch;
pub(crate) mod event;
mod faulty;
mod fill;
mod floor;
mod funds;
mod history;
mod hours;
mod intraday;
mod ledger;
mod life;
mod liquidation;
mod lists;
mod market_data;
mod notice;
mod place;
mod reply;
mod request;
mod schedule;
mod staged;
mod tell;
mod terms;
mod times;
mod under_way;
mod values;
mod view;
mod walk;
mod work;

pub(crate) use client::Line;
pub(crate) use notice::Notice;
pub(crate) use reply::{
    BarView, DetailsView, ExecutionView, Margins, OrderView, PortfolioRow, Reply, StatusView,
};
pub(crate) use request::{
    Algorithm, ContractQuery, ExecutionFilter, HistoryQuery, NO_ORDER, PlaceOrder, Request,
};
pub(crate) use schedule::Halt;
pub(crate) use tell::TRAFFIC;
pub(crate) use terms::{Distance, Kind, Priority, Terms};
pub(crate) use times::{ZONE, local};

use crate::config::Habits;
use crate::state::StateFile;
use crate::{Error, GatewayConfig, HaltKind, MarketRules};
use book::Book;
use client::Client;
use decile_core::{AppliedAction, Clock, Money, Quote, Symbol};
use event::Event;
use floor::Floor;
use life::Life;
use schedule::Schedule;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Tells connections apart; never used twice.
pub(crate) type ConnectionId = u64;

/// The account, the market and everybody who is connected.
///
/// Each call takes what a client sent in one piece. Its events are written to the state file
/// before a single reply leaves.
#[derive(Debug)]
pub(crate) struct Engine {
    account: Arc<str>,
    clock: Arc<dyn Clock>,
    live_data: bool,
    habits: Habits,
    rules: MarketRules,
    is_margin: bool,
    suppress_repeated_time: bool,
    floor: Floor,
    book: Book,
    state: Option<StateFile>,
    clients: BTreeMap<ConnectionId, Client>,
    by_client_id: HashMap<i32, ConnectionId>,
    /// What a new account begins with, and which of its lives comes next if they are numbered.
    opening_cash: Money,
    next_life: Option<u32>,
    faulty: faulty::Faulty,
    /// Orders that their clients have not released yet.
    staged: staged::Staged,
    /// Orders that the exchange has not acknowledged yet.
    under_way: under_way::UnderWay,
    schedule: Schedule,
    /// Replies that wait for the events behind them to be written.
    outgoing: Vec<(ConnectionId, Reply)>,
    /// What changed since subscribers were last told: holdings, their prices, and any money.
    moved: BTreeSet<Symbol>,
    repriced: BTreeSet<Symbol>,
    money_moved: bool,
    /// What made the gateway stop trading.
    failure: Option<Error>,
}

impl Engine {
    /// Opens the account, carries it to the session of the clock, and says what that did.
    pub(crate) fn open(config: &GatewayConfig) -> Result<(Self, Vec<AppliedAction>), Error> {
        let now = config.clock.now();
        let life = config.life.map_or_else(|| Life::begin(now), Life::numbered);
        let mut engine = Self {
            account: config.account.as_str().into(),
            clock: config.clock.clone(),
            live_data: config.live_data,
            habits: config.habits.clone(),
            rules: config.rules,
            is_margin: config.is_margin,
            suppress_repeated_time: config.suppress_repeated_time,
            floor: Floor::open(&config.venue, &config.rules, now),
            book: Book::new(config.cash, config.commission, life),
            state: None,
            clients: BTreeMap::new(),
            by_client_id: HashMap::new(),
            opening_cash: config.cash,
            next_life: config.life.map(|life| life.wrapping_add(1)),
            faulty: faulty::Faulty::new(config.faults.clone()),
            staged: staged::Staged::default(),
            under_way: under_way::UnderWay::new(config.habits.acknowledge_after),
            schedule: Schedule::new(now, &config.halts),
            outgoing: Vec::new(),
            moved: BTreeSet::new(),
            repriced: BTreeSet::new(),
            money_moved: false,
            failure: None,
        };
        if let Some(ticks) = &config.ticks {
            engine.follow(ticks);
        }
        let since = engine.restore(config)?;
        Ok((engine, since))
    }

    /// Takes a connection in, which has to say who it is by a first request.
    pub(crate) fn connect(
        &mut self,
        connection: ConnectionId,
        line: impl FnOnce(&Arc<str>) -> Arc<dyn Line>,
    ) {
        self.clients.insert(connection, Client::new(line(&self.account)));
    }

    /// Forgets a connection. Its orders stay.
    pub(crate) fn disconnect(&mut self, connection: ConnectionId) {
        let Some(client) = self.clients.remove(&connection) else { return };
        if let Some(id) = client.id {
            self.by_client_id.remove(&id);
            log::info!("client {id} is gone");
        }
    }

    /// Takes requests of one connection, in their order.
    pub(crate) fn handle(&mut self, connection: ConnectionId, requests: Vec<Request>) {
        if self.failure.is_some() {
            return;
        }
        self.catch_up();
        self.acknowledge();
        for request in requests {
            log::debug!(target: TRAFFIC, "{} > {request}", self.name(connection));
            if !self.keeps_pace(connection) {
                break;
            }
            let Some(request) = self.stall(connection, request) else { continue };
            // What orders that come in a row change is told once, and before anything else.
            if !matches!(request, Request::PlaceOrder(_) | Request::CancelOrder { .. }) {
                self.push_account();
            }
            self.dispatch(connection, request);
        }
        self.finish();
    }

    /// Sets what stocks trade at, fills what that makes marketable and tells those who watch.
    pub(crate) fn set_quotes(&mut self, quotes: impl IntoIterator<Item = Quote>) {
        if self.failure.is_some() {
            return;
        }
        self.catch_up();
        let mut symbols = BTreeSet::new();
        for quote in quotes {
            symbols.insert(quote.symbol.clone());
            self.floor.set_quote(quote);
        }
        for symbol in symbols {
            self.walk_on_from(&symbol);
            self.moved_to(&symbol);
        }
        self.finish();
    }

    /// Fills what the quote of a stock makes marketable, and tells those who watch it.
    fn moved_to(&mut self, symbol: &Symbol) {
        self.cross(symbol);
        self.show(symbol);
    }

    /// Tells those who watch a stock that its quote has moved.
    fn show(&mut self, symbol: &Symbol) {
        self.tick(symbol);
        if self.book.positions().contains_key(symbol) {
            self.repriced.insert(symbol.clone());
        }
        self.money_moved = true;
    }

    /// Halts a stock, or lets it trade again.
    pub(crate) fn halt(&mut self, symbol: &Symbol, halt: Option<HaltKind>) {
        if self.failure.is_some() {
            return;
        }
        self.catch_up();
        self.set_halted(symbol, halt);
        self.finish();
    }

    fn set_halted(&mut self, symbol: &Symbol, halt: Option<HaltKind>) {
        if self.floor.halt(symbol, halt) {
            self.show_halt(symbol);
        }
        self.cross(symbol);
    }

    /// Lets a session end when its time has come.
    pub(crate) fn pass_time(&mut self) {
        if self.failure.is_none() {
            self.catch_up();
            self.acknowledge();
            self.pass_faults();
            self.finish();
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Makes the gateway stop trading.
    pub(crate) fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }

    /// Returns what made the gateway stop trading, if anything did.
    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Returns the time of now as a client hears it that connects.
    pub(crate) fn connection_time(&self) -> String {
        let text = local(self.now());
        match &self.habits.zone {
            Some(zone) => text.replace(ZONE, zone),
            None => text,
        }
    }

    fn client_id(&self, at: ConnectionId) -> Option<i32> {
        self.clients.get(&at)?.id
    }

    fn with_client(&mut self, at: ConnectionId, change: impl FnOnce(&mut Client)) {
        if let Some(client) = self.clients.get_mut(&at) {
            change(client);
        }
    }

    fn name(&self, at: ConnectionId) -> String {
        self.clients.get(&at).map(|client| client.name(at)).unwrap_or_default()
    }
}
