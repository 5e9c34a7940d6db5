//! A process of ours, its line to the broker and its journal, each of which may fail.

use crate::market;
use crate::world::{Order, World};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::source::{QuoteSource, SourceError};
use decile_core::{Currency, Money, Quote, Shares, Symbol};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution, Journal,
    JournalRecord, OrderAck, OrderSnapshot, OrderState, Position, SubmitError,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::BoxStream;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How many questions a line that is lost leaves without an answer.
const UNANSWERED: usize = 3;

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
