//! What happens to an account: the lines of a state file, and the only way to change a book.

use super::terms::Terms;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{AppliedAction, Currency, Holding, Money, Price, Shares};
use serde::{Deserialize, Serialize};

/// The format that is written and read.
pub(crate) const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The first line.
    Begin { version: u32, account: String, currency: Currency, cash: Money },
    /// A session begins; the close of `known` is the last one that is known in it.
    Session { session: NaiveDate, known: NaiveDate },
    /// An order id is used up without an order; a what-if takes a permanent id as well.
    IdUsed { client: i32, order: i32, perm_id: Option<i64> },
    /// An order is taken, or refused for a reason and kept as inactive.
    Placed {
        client: i32,
        order: i32,
        perm_id: i64,
        terms: Terms,
        rejected: Option<String>,
        at: DateTime<Utc>,
    },
    /// A working order has other terms.
    Modified { perm_id: i64, terms: Terms },
    /// The stop of a trailing order has followed the market; one that was given stays until the
    /// market goes beyond where it stood then.
    StopMoved {
        perm_id: i64,
        stop: Price,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beyond: Option<Price>,
    },
    /// The market has reached the stop of a working order.
    Triggered { perm_id: i64 },
    /// A working order, or a part of it, is done.
    Filled(Box<Fill>),
    /// A working order is no more.
    Cancelled { perm_id: i64, how: String, at: DateTime<Utc> },
    /// A split or payout of what is held.
    Action { applied: AppliedAction, holding: Holding },
}

/// A trade, with what it leaves in the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fill {
    pub(crate) perm_id: i64,
    pub(crate) exec_id: String,
    pub(crate) quantity: Shares,
    pub(crate) price: Price,
    pub(crate) commission: Money,
    /// Gain or loss of what it closes, with the commissions of both ways; none if it only opens.
    pub(crate) realized: Option<Money>,
    pub(crate) cash: Money,
    pub(crate) holding: Holding,
    pub(crate) at: DateTime<Utc>,
}
