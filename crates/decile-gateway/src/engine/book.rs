//! The account, its orders and its executions: what the events so far have made.

use super::event::{Event, Fill};
use super::life::Life;
use super::terms::{Side, Terms};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Decimal, Error, FixedCommission, Holding, Money, Price, Shares, Symbol};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Book {
    commission: FixedCommission,
    cash: Money,
    /// What sales of this session brought in.
    unsettled: Money,
    /// What open buys will cost at most.
    reserved: Money,
    positions: BTreeMap<Symbol, Position>,
    orders: Vec<Order>,
    by_id: HashMap<(i32, i32), usize>,
    by_perm_id: HashMap<i64, usize>,
    working: BTreeSet<usize>,
    working_in: HashMap<Symbol, BTreeSet<usize>>,
    executions: Vec<Fill>,
    /// The orders that wait for one, by its permanent id, and the groups that cancel each other.
    children: HashMap<i64, Vec<usize>>,
    groups: HashMap<(i32, Arc<str>), Vec<usize>>,
    last_ids: HashMap<i32, i32>,
    /// Where ids begin that nothing has been counted from.
    life: Life,
    last_perm_id: Option<i64>,
    session: NaiveDate,
    known: NaiveDate,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) holding: Holding,
    /// Shares that open sales may take.
    pub(crate) promised: Shares,
    /// Gains and losses of this session.
    pub(crate) realized: Money,
}

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) client: i32,
    pub(crate) id: i32,
    pub(crate) perm_id: i64,
    pub(crate) terms: Terms,
    pub(crate) status: Status,
    /// The session that it was placed in.
    pub(crate) session: NaiveDate,
    pub(crate) done: Option<Done>,
    /// Where its executions stand.
    pub(crate) executions: Vec<usize>,
    pub(crate) filled: Shares,
    /// What the filled shares were traded for, and the commission on them.
    pub(crate) traded: Money,
    pub(crate) charged: Money,
    /// Where its stop stands now, and what the market has to go beyond before the stop follows it.
    pub(crate) stop: Option<Price>,
    pub(crate) beyond: Option<Price>,
    /// The market has reached its stop.
    pub(crate) is_triggered: bool,
}

impl Order {
    pub(crate) fn remaining(&self) -> Shares {
        self.terms.quantity - self.filled
    }

    /// Returns the average price of what is filled, if anything is.
    pub(crate) fn average_price(&self) -> Option<Decimal> {
        self.traded.get().checked_div(Decimal::from(self.filled.get()))
    }

    /// Returns the shares that an open sale keeps from others.
    pub(crate) fn promised(&self) -> Shares {
        match self.terms.side {
            Side::Sell if self.is_plain() => self.remaining(),
            _ => Shares::ZERO,
        }
    }

    /// Tells whether an order keeps money or shares from others while it is open. One that waits
    /// for its parent, or of whose group only one can fill, does not: its fill is checked instead.
    fn is_plain(&self) -> bool {
        self.terms.parent.is_none() && self.terms.oca.is_none()
    }
}

/// How and when an order ended.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) how: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) session: NaiveDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Working,
    Filled,
    Cancelled,
    Inactive,
}

/// The ids of executions count on from here.
const FIRST_EXECUTION: u32 = 0x6a00_0001;

impl Book {
    pub(crate) fn new(cash: Money, commission: FixedCommission, life: Life) -> Self {
        Self {
            life,
            commission,
            cash,
            unsettled: Money::ZERO,
            reserved: Money::ZERO,
            positions: BTreeMap::new(),
            orders: Vec::new(),
            by_id: HashMap::new(),
            by_perm_id: HashMap::new(),
            working: BTreeSet::new(),
            working_in: HashMap::new(),
            executions: Vec::new(),
            children: HashMap::new(),
            groups: HashMap::new(),
            last_ids: HashMap::new(),
            last_perm_id: None,
            session: NaiveDate::MIN,
            known: NaiveDate::MIN,
        }
    }

    /// Sets the cash that the account began with.
    pub(crate) fn set_cash(&mut self, cash: Money) {
        self.cash = cash;
    }

    /// Takes an event in. The error says why it does not follow from those before it; then the
    /// book is as it was.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::Begin { .. } => return Err("begins the file again"),
            Event::Session { session, known } => self.begin(*session, *known),
            Event::IdUsed { client, order, perm_id } => {
                self.use_id(*client, *order);
                self.last_perm_id = self.last_perm_id.max(*perm_id);
            }
            Event::Placed { client, order, perm_id, terms, rejected, at } => {
                if self.by_id.contains_key(&(*client, *order)) {
                    return Err("places an order that is there");
                }
                let done = rejected.as_ref().map(|reason| Done {
                    how: format!("Rejected by System:\n{reason}"),
                    at: *at,
                    session: self.session,
                });
                let status = if done.is_some() { Status::Inactive } else { Status::Working };
                self.place(Order {
                    client: *client,
                    id: *order,
                    perm_id: *perm_id,
                    terms: terms.clone(),
                    status,
                    session: self.session,
                    done,
                    executions: Vec::new(),
                    filled: Shares::ZERO,
                    traded: Money::ZERO,
                    charged: Money::ZERO,
                    stop: terms.kind.stop(),
                    beyond: None,
                    is_triggered: !terms.kind.is_stop(),
                });
            }
            Event::Modified { perm_id, terms } => {
                let index = self.working_index(*perm_id)?;
                self.stop_working(index);
                let order = &mut self.orders[index];
                order.stop = terms.kind.stop().or(order.stop);
                order.terms = terms.clone();
                self.start_working(index);
            }
            Event::StopMoved { perm_id, stop, beyond } => {
                let index = self.working_index(*perm_id)?;
                let order = &mut self.orders[index];
                (order.stop, order.beyond) = (Some(*stop), *beyond);
            }
            Event::Triggered { perm_id } => {
                let index = self.working_index(*perm_id)?;
                self.orders[index].is_triggered = true;
            }
            Event::Filled(fill) => self.fill(fill)?,
            Event::Cancelled { perm_id, how, at } => {
                let index = self.working_index(*perm_id)?;
                self.finish(index, Status::Cancelled, how.clone(), *at);
            }
            Event::Action { applied, holding } => {
                self.cash += applied.cash;
                self.positions.entry(applied.symbol.clone()).or_default().holding = *holding;
            }
        }
        Ok(())
    }

    fn begin(&mut self, session: NaiveDate, known: NaiveDate) {
        (self.session, self.known) = (session, known);
        self.unsettled = Money::ZERO;
        self.positions.retain(|_, position| !position.holding.quantity.is_zero());
        self.positions.values_mut().for_each(|position| position.realized = Money::ZERO);
    }

    fn use_id(&mut self, client: i32, order: i32) {
        let last = self.last_ids.entry(client).or_default();
        *last = order.max(*last);
    }

    fn place(&mut self, order: Order) {
        let index = self.orders.len();
        self.use_id(order.client, order.id);
        self.last_perm_id = self.last_perm_id.max(Some(order.perm_id));
        self.by_id.insert((order.client, order.id), index);
        self.by_perm_id.insert(order.perm_id, index);
        let is_working = order.status == Status::Working;
        if let Some(parent) = order.terms.parent {
            self.children.entry(parent).or_default().push(index);
        }
        if let Some(oca) = &order.terms.oca {
            self.groups.entry((order.client, oca.group.clone())).or_default().push(index);
        }
        self.orders.push(order);
        if is_working {
            self.start_working(index);
        }
    }

    fn fill(&mut self, fill: &Fill) -> Result<(), &'static str> {
        let index = self.working_index(fill.perm_id)?;
        let traded = fill.price.notional(fill.quantity).map_err(|_| "trades out of all bounds")?;
        if fill.quantity > self.orders[index].remaining() {
            return Err("fills more than was ordered");
        }
        self.stop_working(index);
        let order = &mut self.orders[index];
        order.executions.push(self.executions.len());
        order.filled = order.filled + fill.quantity;
        order.traded += traded;
        order.charged += fill.commission;
        let (is_whole, filled) = (order.remaining().is_zero(), order.filled);
        let (symbol, side) = (order.terms.symbol.clone(), order.terms.side);
        self.start_working(index);
        if is_whole {
            self.finish(index, Status::Filled, format!("Filled Size: {filled}"), fill.at);
        }
        let position = self.positions.entry(symbol).or_default();
        position.holding = fill.holding;
        position.realized += fill.realized.unwrap_or_default();
        if side == Side::Sell {
            self.unsettled += traded - fill.commission;
        }
        self.cash = fill.cash;
        self.executions.push(fill.clone());
        Ok(())
    }

    fn finish(&mut self, index: usize, status: Status, how: String, at: DateTime<Utc>) {
        self.stop_working(index);
        let session = self.session;
        let order = &mut self.orders[index];
        order.status = status;
        order.done = Some(Done { how, at, session });
    }

    fn start_working(&mut self, index: usize) {
        let order = &self.orders[index];
        self.reserved += self.reservation(order);
        self.working.insert(index);
        let symbol = &order.terms.symbol;
        self.working_in.entry(symbol.clone()).or_default().insert(index);
        let promised = order.promised();
        if !promised.is_zero() {
            let position = self.positions.entry(symbol.clone()).or_default();
            position.promised = position.promised + promised;
        }
    }

    fn stop_working(&mut self, index: usize) {
        let order = &self.orders[index];
        self.reserved -= self.reservation(order);
        self.working.remove(&index);
        let symbol = &order.terms.symbol;
        if let Some(working) = self.working_in.get_mut(symbol) {
            working.remove(&index);
        }
        let promised = order.promised();
        if let Some(position) = self.positions.get_mut(symbol) {
            position.promised = position.promised - promised;
        }
    }

    /// Returns what an open order keeps from other buys.
    pub(crate) fn reservation(&self, order: &Order) -> Money {
        let terms = &order.terms;
        let price = terms.kind.limit().or(terms.reckoned).or(terms.kind.stop());
        match (terms.side, price) {
            (Side::Buy, Some(price)) if order.is_plain() => {
                self.cost_left(order, price).unwrap_or(Money::ZERO)
            }
            _ => Money::ZERO,
        }
    }

    /// Returns what an order will keep from other buys after a fill.
    pub(crate) fn reservation_after(&self, order: &Order, fill: &Fill) -> Money {
        let filled = order.filled + fill.quantity;
        if filled == order.terms.quantity {
            return Money::ZERO;
        }
        let charged = order.charged + fill.commission;
        self.reservation(&Order { filled, charged, ..order.clone() })
    }

    /// Returns what the rest of a purchase costs at a price, with what is left to be charged.
    fn cost_left(&self, order: &Order, price: Price) -> Result<Money, Error> {
        let whole = self.commission.of(price, order.terms.quantity)?;
        let charge = (whole - order.charged).max(Money::ZERO);
        Ok(price.notional(order.remaining())? + charge)
    }

    fn working_index(&self, perm_id: i64) -> Result<usize, &'static str> {
        let index = self.by_perm_id.get(&perm_id).copied();
        let index = index.ok_or("changes an order that was never placed")?;
        if self.orders[index].status != Status::Working {
            return Err("changes an order that has ended");
        }
        Ok(index)
    }

    /// Returns the commission on a part of an order: what the whole so far costs at its average
    /// price, less what has been charged.
    pub(crate) fn commission_on(
        &self,
        order: &Order,
        price: Price,
        quantity: Shares,
    ) -> Result<Money, Error> {
        if order.filled.is_zero() {
            return self.commission.of(price, quantity);
        }
        let (traded, filled) = (order.traded + price.notional(quantity)?, order.filled + quantity);
        let average = traded.get().checked_div(Decimal::from(filled.get()));
        let whole = self.commission.of(Price::new(average.unwrap_or_default())?, filled)?;
        Ok((whole - order.charged).max(Money::ZERO))
    }

    pub(crate) fn commission(&self) -> &FixedCommission {
        &self.commission
    }

    pub(crate) fn cash(&self) -> Money {
        self.cash
    }

    /// Returns what sales of this session brought in, which is settled in the next.
    pub(crate) fn unsettled(&self) -> Money {
        self.unsettled
    }

    pub(crate) fn reserved(&self) -> Money {
        self.reserved
    }

    pub(crate) fn session(&self) -> NaiveDate {
        self.session
    }

    pub(crate) fn known(&self) -> NaiveDate {
        self.known
    }

    pub(crate) fn positions(&self) -> &BTreeMap<Symbol, Position> {
        &self.positions
    }

    pub(crate) fn position(&self, symbol: &Symbol) -> Position {
        self.positions.get(symbol).copied().unwrap_or_default()
    }

    pub(crate) fn order(&self, index: usize) -> &Order {
        &self.orders[index]
    }

    /// Returns every order, the oldest first.
    pub(crate) fn orders(&self) -> &[Order] {
        &self.orders
    }

    pub(crate) fn find(&self, client: i32, order: i32) -> Option<usize> {
        self.by_id.get(&(client, order)).copied()
    }

    pub(crate) fn by_perm_id(&self, perm_id: i64) -> Option<usize> {
        self.by_perm_id.get(&perm_id).copied()
    }

    /// Returns the open orders that wait for another one.
    pub(crate) fn children(&self, parent: i64) -> Vec<usize> {
        self.open_of(self.children.get(&parent))
    }

    /// Returns the open orders of a group of a client.
    pub(crate) fn group(&self, client: i32, group: &Arc<str>) -> Vec<usize> {
        self.open_of(self.groups.get(&(client, group.clone())))
    }

    /// Tells whether an order of a group of a client has been filled.
    pub(crate) fn is_group_filled(&self, client: i32, group: &Arc<str>) -> bool {
        let members = self.groups.get(&(client, group.clone()));
        members.is_some_and(|members| {
            members.iter().any(|index| self.orders[*index].status == Status::Filled)
        })
    }

    fn open_of(&self, orders: Option<&Vec<usize>>) -> Vec<usize> {
        let is_open = |index: &usize| self.orders[*index].status == Status::Working;
        orders.into_iter().flatten().copied().filter(is_open).collect()
    }

    /// Returns the open orders, the oldest first.
    pub(crate) fn working(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.working.iter().copied()
    }

    pub(crate) fn working_in(&self, symbol: &Symbol) -> Vec<usize> {
        self.working_in.get(symbol).map(|set| set.iter().copied().collect()).unwrap_or_default()
    }

    pub(crate) fn executions(&self) -> &[Fill] {
        &self.executions
    }

    /// Returns the highest order id that a client has used; 0 if it never used one.
    pub(crate) fn last_id(&self, client: i32) -> i32 {
        self.last_ids.get(&client).copied().unwrap_or_default()
    }

    /// Returns the lowest order id of a client; 0 if it has none below.
    pub(crate) fn first_id(&self, client: i32) -> i32 {
        let own = self.by_id.keys().filter(|(other, _)| *other == client);
        own.map(|(_, id)| *id).min().unwrap_or_default().min(0)
    }

    pub(crate) fn next_perm_id(&self) -> i64 {
        self.last_perm_id.map_or(self.life.first_perm_id, |last| last + 1)
    }

    /// Returns the id of the next execution, in the shape of recorded ones: that of the first goes
    /// on, also in a later run.
    pub(crate) fn next_execution_id(&self) -> String {
        let number = FIRST_EXECUTION.wrapping_add(self.executions.len() as u32);
        let first = self.executions.first().and_then(|first| first.exec_id.split_once('.'));
        match first {
            Some((session, _)) => format!("{session}.{number:08x}.01.01"),
            None => format!("{:08x}.{number:08x}.01.01", self.life.session),
        }
    }
}
