use super::report::{OrderReport, OrderStatus};
use super::slippage::{Difference, Slippage};
use crate::Check;
use decile_core::Money;
use serde::{Deserialize, Serialize};

/// What became of every order of a plan, in the order in which they were sent or were to be sent.
///
/// An order that was sent anew for its rest has a report for each attempt, one behind the other.
///
/// ```
/// let report = decile_trade::ExecutionReport::default();
/// assert!(report.is_complete()); // nothing to do, and all of it done
/// assert_eq!(report.commission(), Some(decile_core::Money::ZERO));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionReport {
    /// One report for each attempt at an order.
    pub orders: Vec<OrderReport>,
    /// Why the journal could not be written, if it could not. The report may then know more than
    /// the journal does.
    pub journal_failure: Option<String>,
    /// What the broker's own margin check said before anything was sent; `None` if it was not asked.
    #[serde(default)]
    pub margin: Option<Check>,
}

impl ExecutionReport {
    /// Tells whether every order of the plan has filled, in however many attempts, and the journal
    /// knows it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.journal_failure.is_none() && self.differences().iter().all(Difference::is_none)
    }

    /// Returns how many reports end so.
    #[must_use]
    pub fn count(&self, status: OrderStatus) -> usize {
        self.orders.iter().filter(|order| order.status == status).count()
    }

    /// Returns what the broker charged for all orders; `None` if it has not said of one of them.
    #[must_use]
    pub fn commission(&self) -> Option<Money> {
        self.orders.iter().map(|order| order.commission).sum()
    }

    /// Returns what the fills cost against the market at sending, all orders taken together; see
    /// [`Slippage`]. `None` if nothing has filled, or if a price is not known.
    #[must_use]
    pub fn slippage(&self) -> Option<Slippage> {
        Slippage::of(self.orders.iter().filter(|order| !order.filled.is_zero()))
    }

    /// Returns what was planned beside what has filled, an entry for each order of the plan.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        Difference::of(&self.orders)
    }
}
