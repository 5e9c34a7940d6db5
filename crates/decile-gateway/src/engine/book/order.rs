//! An order, how far it has come, and how it ended.

use crate::engine::terms::{Side, Terms};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Decimal, Money, Price, Shares};

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
    pub(super) fn is_plain(&self) -> bool {
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
