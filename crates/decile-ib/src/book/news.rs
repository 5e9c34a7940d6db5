//! What a gateway tells about orders, in values of ours.

use crate::codes::Meaning;
use chrono::{DateTime, Utc};
use decile_core::{Money, Price, Shares, Symbol};
use decile_trade::Side;
use smol_str::SmolStr;

/// By what an order is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) client_id: i32,
    /// Unique per client id; 0 or less if the order has none.
    pub(crate) order_id: i32,
    /// Unique in the account; 0 while it is not known.
    pub(crate) perm_id: i64,
}

/// What an order is, apart from how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The client order id, if it was one of ours that sent it.
    pub(crate) order_ref: String,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Shares,
}

/// How far an order has come, in the order in which that can happen.
///
/// Whatever is told last is not what is true: gateways repeat and reorder. The greatest is true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Nothing was told.
    #[default]
    Unseen,
    /// Between the gateway and Interactive Brokers, or in a state that has no other name here.
    Pending,
    /// Taken, and waiting for its turn, for shares to borrow, or to be cancelled.
    Working,
    /// Refused, unless something says that it only waits for shares to borrow.
    Inactive,
    Cancelled,
    Filled,
}

/// One thing that was told.
#[derive(Debug, Clone)]
pub(crate) enum News {
    Open(Open),
    Status(Status),
    Execution(Executed),
    Commission(Commission),
    Notice(Notice),
}

/// An order with its state, as lists of orders and live updates tell it.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) key: Key,
    pub(crate) facts: Facts,
    pub(crate) stage: Stage,
    pub(crate) filled: Shares,
    /// Commission of the whole order, of one that has filled.
    pub(crate) commission: Option<Money>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) key: Key,
    pub(crate) stage: Stage,
    pub(crate) filled: Shares,
    pub(crate) average: Option<Price>,
}

#[derive(Debug, Clone)]
pub(crate) struct Executed {
    pub(crate) key: Key,
    /// As the gateway numbers it; a correction raises the last part.
    pub(crate) execution_id: SmolStr,
    pub(crate) order_ref: String,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Shares,
    pub(crate) price: Price,
    pub(crate) time: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(crate) struct Commission {
    pub(crate) execution_id: SmolStr,
    pub(crate) amount: Money,
}

/// A message about an order of this client.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) order_id: i32,
    pub(crate) meaning: Meaning,
    pub(crate) text: String,
}
