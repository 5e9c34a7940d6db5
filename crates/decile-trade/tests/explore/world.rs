//! What is true outside of the processes, whoever knows it.

use crate::market::{self, now};
use crate::tape::Tape;
use decile_core::{ManualClock, Money, Shares, Symbol};
use decile_trade::{
    BrokerEvent, ClientOrderId, Execution, MemoryJournal, OrderSnapshot, OrderState, Side,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What an order asks for, and how much of it is still to come.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: ClientOrderId,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Shares,
    pub(crate) price: decile_core::Price,
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
    pub(crate) under_way: Vec<Order>,
    /// Told, and not heard yet.
    pub(crate) delayed: Vec<BrokerEvent>,
}

/// The world outside of our process.
#[derive(Debug)]
pub(crate) struct World {
    truth: Mutex<Truth>,
    pub(crate) journal: MemoryJournal,
    /// A second passes with each order.
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tape: Arc<Tape>,
    /// Whether first attempts fill by half and rest.
    pub(crate) rests: bool,
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
    pub(crate) fn take(
        &mut self,
        order: &Order,
        filled: Shares,
        state: OrderState,
    ) -> Vec<BrokerEvent> {
        assert!(!self.orders.contains_key(&order.id), "{} arrived twice", order.id);
        let events = self.fill(order, filled, state);
        if state == OrderState::PartiallyFilled {
            self.under_way.push(order.clone());
        }
        events
    }

    /// Ends what is left of an order, and says so.
    pub(crate) fn cancel(&mut self, id: &ClientOrderId) -> Option<BrokerEvent> {
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
