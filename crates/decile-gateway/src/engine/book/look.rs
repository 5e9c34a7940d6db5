//! What the book says when it is asked.

use super::{Book, Order, Position, Status};
use crate::engine::event::Fill;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{FixedCommission, Money, Symbol};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The ids of executions count on from here.
const FIRST_EXECUTION: u32 = 0x6a00_0001;

impl Book {
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

    /// Returns when the next open order ends by itself.
    pub(crate) fn next_end(&self) -> Option<DateTime<Utc>> {
        self.dated.first().map(|(end, _)| *end)
    }

    /// Returns the open orders whose end has come by an instant, in the order of their ends.
    pub(crate) fn ended_by(&self, now: DateTime<Utc>) -> Vec<usize> {
        self.dated.iter().take_while(|(end, _)| *end <= now).map(|(_, index)| *index).collect()
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
