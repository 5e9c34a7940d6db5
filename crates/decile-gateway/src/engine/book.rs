//! The account, its orders and its executions: what the events so far have made.

mod kept;
mod look;
mod order;

pub(crate) use order::{Done, Order, Status};

use super::event::{Event, Fill};
use super::life::Life;
use super::terms::Side;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{FixedCommission, Holding, Money, Shares, Symbol};
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
    /// The open orders that end by themselves, by when they do.
    dated: BTreeSet<(DateTime<Utc>, usize)>,
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
            dated: BTreeSet::new(),
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

    fn working_index(&self, perm_id: i64) -> Result<usize, &'static str> {
        let index = self.by_perm_id.get(&perm_id).copied();
        let index = index.ok_or("changes an order that was never placed")?;
        if self.orders[index].status != Status::Working {
            return Err("changes an order that has ended");
        }
        Ok(index)
    }
}
