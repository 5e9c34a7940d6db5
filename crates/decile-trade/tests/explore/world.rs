//! A broker, the line to it and the process at the other end, each of which may fail.

use crate::market::{self, now};
use crate::tape::Tape;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::source::{QuoteSource, SourceError};
use decile_core::{Currency, ManualClock, Money, Quote, Shares, Symbol};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution, Journal,
    JournalRecord, MemoryJournal, OrderAck, OrderSnapshot, OrderState, Position, Side, SubmitError,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::BoxStream;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// How many questions a line that is lost leaves without an answer.
const UNANSWERED: usize = 3;

/// What an order asks for, and how much of it is still to come.
#[derive(Debug, Clone)]
struct Order {
    id: ClientOrderId,
    symbol: Symbol,
    side: Side,
    quantity: Shares,
    price: decile_core::Price,
}

/// What is true, whoever knows it.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) cash: Money,
    pub(crate) held: BTreeMap<Symbol, Shares>,
    pub(crate) orders: BTreeMap<ClientOrderId, OrderSnapshot>,
    pub(crate) executions: Vec<Execution>,
    /// How often each order was given to the line.
    pub(crate) given: BTreeMap<ClientOrderId, usize>,
    /// On its way, and not there yet.
    under_way: Vec<Order>,
    /// Told, and not heard yet.
    delayed: Vec<BrokerEvent>,
}

/// The world outside of our process.
#[derive(Debug)]
pub(crate) struct World {
    truth: Mutex<Truth>,
    pub(crate) journal: MemoryJournal,
    /// A second passes with each order.
    pub(crate) clock: Arc<ManualClock>,
    tape: Arc<Tape>,
    /// Whether first attempts fill by half and rest.
    rests: bool,
}

impl World {
    pub(crate) fn new(cash: &str, held: &[(&str, i64)], (tape, rests): (Arc<Tape>, bool)) -> Self {
        let held = held.iter().map(|(name, count)| (market::symbol(name), Shares::new(*count)));
        let truth = Truth {
            cash: market::money(cash),
            held: held.collect(),
            orders: BTreeMap::new(),
            executions: Vec::new(),
            given: BTreeMap::new(),
            under_way: Vec::new(),
            delayed: Vec::new(),
        };
        Self {
            truth: Mutex::new(truth),
            journal: MemoryJournal::default(),
            clock: market::clock(),
            tape,
            rests,
        }
    }

    pub(crate) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().expect("no panic")
    }
}

impl Truth {
    /// Lets what is under way arrive: orders, and the other half of what has filled by half.
    pub(crate) fn settle(&mut self) {
        let arrived: Vec<_> = self.under_way.drain(..).collect();
        for order in arrived {
            let filled = self.orders.get(&order.id).map_or(Shares::ZERO, |known| known.filled);
            let events = self.fill(&order, order.quantity - filled, OrderState::Filled);
            self.delayed.extend(events);
        }
    }

    /// Fills the rest of orders that were cancelled, of which nobody says a word, if nothing else has
    /// bought or sold it since, nor is under way: an exchange may tell of a fill behind the end of an order,
    /// and nobody can know of it who has ordered the rest again, or spent its cash on something else.
    pub(crate) fn fill_late(&mut self) {
        let is_cut = |order: &&OrderSnapshot| order.state == OrderState::Cancelled;
        let cut: Vec<_> = self.orders.values().filter(is_cut).cloned().collect();
        for order in cut {
            let of_it = |other: &&OrderSnapshot| other.symbol == order.symbol;
            let is_again = self.under_way.iter().any(|other| other.symbol == order.symbol);
            let is_only = !is_again && self.orders.values().filter(of_it).count() == 1;
            let Some(id) = order.id.ours().filter(|_| is_only) else { continue };
            let order = Order {
                id: id.clone(),
                symbol: order.symbol.clone(),
                side: order.side,
                quantity: order.quantity,
                price: market::PRICE.parse().expect("a price"),
            };
            let left = order.quantity - self.orders[&order.id].filled;
            let cost = order.price.notional(order.side.signed(left)).expect("in range");
            if order.side == Side::Sell || cost <= self.cash - self.spoken_for() {
                self.fill(&order, left, OrderState::Filled);
            }
        }
    }

    /// What the buys that are under way will cost.
    fn spoken_for(&self) -> Money {
        let buys = self.under_way.iter().filter(|order| order.side == Side::Buy);
        let cost = |order: &Order| {
            let filled = self.orders.get(&order.id).map_or(Shares::ZERO, |known| known.filled);
            order.price.notional(order.quantity - filled).expect("in range")
        };
        buys.map(cost).sum()
    }

    /// Takes an order, of which so much fills, and says what it tells.
    fn take(&mut self, order: &Order, filled: Shares, state: OrderState) -> Vec<BrokerEvent> {
        assert!(!self.orders.contains_key(&order.id), "{} arrived twice", order.id);
        let events = self.fill(order, filled, state);
        if state == OrderState::PartiallyFilled {
            self.under_way.push(order.clone());
        }
        events
    }

    /// Ends what is left of an order, and says so.
    fn cancel(&mut self, id: &ClientOrderId) -> Option<BrokerEvent> {
        let order = self.orders.get_mut(id).filter(|order| !order.state.is_final())?;
        order.state = OrderState::Cancelled;
        let event = BrokerEvent::Order(order.clone());
        self.under_way.retain(|order| order.id != *id);
        Some(event)
    }

    /// Fills so much more of an order.
    fn fill(&mut self, order: &Order, filled: Shares, state: OrderState) -> Vec<BrokerEvent> {
        let Order { id, symbol, side, quantity, price } = order.clone();
        let before = self.orders.get(&id).map_or(Shares::ZERO, |known| known.filled);
        let total = before + filled;
        let snapshot = OrderSnapshot {
            id: id.clone().into(),
            symbol: symbol.clone(),
            side,
            quantity,
            state,
            filled: total,
            average_price: (!total.is_zero()).then_some(price),
            commission: Some(Money::ZERO),
            reason: None,
        };
        self.orders.insert(id.clone(), snapshot.clone());
        let mut events = Vec::new();
        if !filled.is_zero() {
            let execution = Execution {
                execution_id: format!("{id} after {before}"),
                id: id.into(),
                symbol: symbol.clone(),
                side,
                quantity: filled,
                price,
                commission: Some(Money::ZERO),
                time: now(),
            };
            self.executions.push(execution.clone());
            self.cash -= price.notional(side.signed(filled)).expect("in range");
            let held = self.held.entry(symbol).or_default();
            *held = *held + side.signed(filled);
            events.push(BrokerEvent::Execution(execution));
        }
        events.push(BrokerEvent::Order(snapshot));
        events
    }
}

/// One process of ours: what it sees of the world, until it dies.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) world: Arc<World>,
    /// Whether things may go wrong.
    is_faulty: bool,
    is_dead: AtomicBool,
    pub(crate) died: Notify,
    listeners: Mutex<Vec<UnboundedSender<BrokerEvent>>>,
    /// How many questions more get no answer, since the line is lost.
    lost: Mutex<usize>,
}

impl Process {
    pub(crate) fn new(world: Arc<World>, is_faulty: bool) -> Arc<Self> {
        let (is_dead, died, listeners, lost) = Default::default();
        Arc::new(Self { world, is_faulty, is_dead, died, listeners, lost })
    }

    pub(crate) fn choose(&self, question: &'static str, answers: usize) -> usize {
        match self.is_faulty && !self.is_dead() {
            true => self.world.tape.choose(question, answers),
            false => 0,
        }
    }

    fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    fn die(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
    }

    /// What the process does after its death does not happen.
    async fn live(&self) {
        if self.is_dead() {
            pending::<()>().await;
        }
    }

    /// Loses the line, and says so.
    fn lose(&self) {
        *self.lost.lock().expect("no panic") = UNANSWERED;
        self.hear(&BrokerEvent::Disconnected);
    }

    fn is_lost(&self) -> bool {
        *self.lost.lock().expect("no panic") > 0
    }

    /// Fails while the line is lost, which is back after so many questions.
    async fn reach(&self, question: &'static str) -> Result<(), Error> {
        self.live().await;
        if !self.is_lost() {
            return Ok(());
        }
        *self.lost.lock().expect("no panic") -= 1;
        if !self.is_lost() {
            self.hear(&BrokerEvent::Reconnected);
        }
        Err(Error::Broker { request: question, source: "the line is lost".into() })
    }

    /// Passes events on, on a line that loses, doubles and delays.
    fn tell(&self, events: Vec<BrokerEvent>) {
        for event in events {
            let times = match self.choose("event", 4) {
                0 => 1,
                1 => 0,
                2 => 2,
                _ => {
                    self.world.truth().delayed.push(event);
                    continue;
                }
            };
            (0..times).for_each(|_| self.hear(&event));
        }
    }

    fn hear(&self, event: &BrokerEvent) {
        let listeners = self.listeners.lock().expect("no panic");
        for listener in &*listeners {
            let _ = listener.unbounded_send(event.clone());
        }
    }

    /// Tells what was delayed, in the wrong order.
    fn catch_up(&self) {
        let delayed = std::mem::take(&mut self.world.truth().delayed);
        delayed.iter().rev().for_each(|event| self.hear(event));
    }

    fn answer<T>(&self, question: &'static str, answer: T) -> Result<T, Error> {
        match self.choose(question, 2) {
            0 => Ok(answer),
            _ => Err(Error::Broker { request: question, source: "the line is bad".into() }),
        }
    }
}

#[async_trait]
impl Broker for Process {
    async fn account(&self) -> Result<Account, Error> {
        self.reach("account").await?;
        let cash = self.world.truth().cash;
        let account = market::account("0");
        let worth: Money = {
            let truth = self.world.truth();
            let price: decile_core::Price = market::PRICE.parse().expect("a price");
            truth.held.values().map(|held| price.notional(*held).expect("in range")).sum()
        };
        let account = Account { currency: Currency::USD, cash, equity: cash + worth, ..account };
        self.answer("account", account)
    }

    async fn positions(&self) -> Result<Vec<Position>, Error> {
        self.reach("positions").await?;
        let held = self.world.truth().held.clone();
        let held = held.into_iter().filter(|(_, quantity)| !quantity.is_zero());
        let average_cost = market::money(market::PRICE);
        let position = |(symbol, quantity)| Position { symbol, quantity, average_cost };
        self.answer("positions", held.map(position).collect())
    }

    async fn submit(&self, approved: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        self.live().await;
        self.world.clock.advance(TimeDelta::seconds(1));
        let (id, planned) = (approved.id().clone(), approved.order());
        *self.world.truth().given.entry(id.clone()).or_default() += 1;
        let order = Order {
            id: id.clone(),
            symbol: planned.symbol.clone(),
            side: planned.side,
            quantity: planned.quantity,
            price: planned.reference,
        };
        let whole = planned.quantity;
        let part = Shares::new(whole.get() / 2);
        let source = "the line broke".into();
        if self.is_lost() {
            return Err(SubmitError::NotSent { id, source });
        }
        let rests = self.world.rests && id.attempt() == 1;
        let chosen = match self.choose("submit", 16) {
            turned @ (0 | 1) if rests => 1 - turned,
            chosen => chosen,
        };
        let (filled, state) = match chosen {
            0 => (whole, OrderState::Filled),
            1 => (part, OrderState::PartiallyFilled),
            2 => (part, OrderState::Cancelled),
            3 => (Shares::ZERO, OrderState::Working),
            4 => (Shares::ZERO, OrderState::Cancelled),
            5 => (Shares::ZERO, OrderState::Rejected),
            6 => return Err(SubmitError::NotSent { id, source }),
            7 => return Err(SubmitError::Rejected { id, source }),
            // Lost on its way out; lost on the way back; late.
            8 => return Err(SubmitError::InDoubt { id, source }),
            9 => {
                let events = self.world.truth().take(&order, whole, OrderState::Filled);
                drop(events);
                return Err(SubmitError::InDoubt { id, source });
            }
            10 => {
                self.world.truth().under_way.push(order);
                return Err(SubmitError::InDoubt { id, source });
            }
            // The line is lost for a while, before the order leaves, on its way, or on the way back.
            11 => {
                self.lose();
                return Err(SubmitError::NotSent { id, source });
            }
            12 => {
                self.lose();
                return Err(SubmitError::InDoubt { id, source });
            }
            13 => {
                drop(self.world.truth().take(&order, whole, OrderState::Filled));
                self.lose();
                return Err(SubmitError::InDoubt { id, source });
            }
            // The process is killed before the order leaves, or when it has arrived.
            killed => {
                if killed == 15 {
                    self.world.truth().take(&order, whole, OrderState::Filled);
                }
                self.die();
                return pending().await;
            }
        };
        let events = self.world.truth().take(&order, filled, state);
        self.tell(events);
        match self.choose("answer", 2) {
            0 => Ok(OrderAck { id, broker_order_id: None }),
            // Nothing comes back: the executor has to give up by itself.
            _ => pending().await,
        }
    }

    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        self.reach("cancel").await?;
        let bad = || Error::Broker { request: "cancel", source: "the line is bad".into() };
        let (is_done, answer) = match self.choose("cancel", 8) {
            0 => {
                let event = self.world.truth().cancel(id);
                self.tell(event.into_iter().collect());
                return Ok(());
            }
            1 => (false, Ok(())),
            2 => (false, Err(bad())),
            3 => {
                // The rest fills before the cancel comes.
                self.world.truth().settle();
                (true, Ok(()))
            }
            4 => (true, Err(bad())),
            5 => return pending().await,
            killed => {
                if killed == 7 {
                    self.world.truth().cancel(id);
                }
                self.die();
                return pending().await;
            }
        };
        if is_done {
            self.world.truth().cancel(id);
        }
        answer
    }

    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        self.reach("order").await?;
        self.catch_up();
        let known = self.world.truth().orders.get(id).cloned();
        match self.choose("find", 4) {
            0 => Ok(known),
            1 => Err(Error::Broker { request: "order", source: "the line is bad".into() }),
            // What is there is not shown yet.
            2 => Ok(None),
            // What is under way arrives behind the question.
            _ => {
                self.world.truth().settle();
                Ok(known)
            }
        }
    }

    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.reach("open orders").await?;
        let orders = self.world.truth().orders.clone();
        let is_open = |order: &OrderSnapshot| !order.state.is_final();
        self.answer("open orders", orders.into_values().filter(is_open).collect())
    }

    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.reach("completed orders").await?;
        let orders = self.world.truth().orders.clone();
        let is_final = |order: &OrderSnapshot| order.state.is_final();
        self.answer("completed orders", orders.into_values().filter(is_final).collect())
    }

    async fn executions(&self, _: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        self.reach("executions").await?;
        let executions = self.world.truth().executions.clone();
        self.answer("executions", executions)
    }

    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        let (sender, receiver) = unbounded();
        self.listeners.lock().expect("no panic").push(sender);
        receiver.boxed()
    }

    async fn ping(&self) -> Result<(), Error> {
        self.reach("sign of life").await
    }
}

#[async_trait]
impl QuoteSource for Process {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        self.live().await;
        // No answer is one more fault.
        let known = if self.choose("quotes", 2) == 0 { symbols } else { &[] };
        Ok(known.iter().map(|symbol| market::quote(symbol.as_str(), market::PRICE)).collect())
    }
}

impl Journal for Process {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let lost = || Error::File {
            operation: "write",
            path: "journal".into(),
            source: std::io::Error::other("the disk is full"),
        };
        if self.is_dead() {
            return Err(lost());
        }
        match self.choose("journal", 5) {
            0 => self.world.journal.append(records),
            1 => Err(lost()),
            // Written, and nobody learns of it.
            2 => self.world.journal.append(records).and_then(|()| Err(lost())),
            killed => {
                if killed == 4 {
                    self.world.journal.append(records)?;
                }
                self.die();
                Err(lost())
            }
        }
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.world.journal.replay()
    }
}
