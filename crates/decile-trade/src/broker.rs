mod event;
mod margins;
mod snapshot;
mod submit_error;

pub use event::BrokerEvent;
pub(crate) use margins::plus;
pub use margins::{MarginEffect, Margins};
pub use snapshot::{Execution, OrderAck, OrderSnapshot, OrderState};
pub use submit_error::SubmitError;

use crate::{Account, ApprovedOrder, ClientOrderId, Error, Position};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::try_join_all;
use futures::stream::BoxStream;
use std::fmt;

/// Gives access to one account of one broker.
///
/// An implementation says only what it knows. A request that is not answered in time is an error,
/// never an empty answer; an order of which it is not proven that it was refused or never left is
/// [`SubmitError::InDoubt`]. Every method answers, or gives up, within a time that its
/// implementation bounds. Orders are known by their [`ClientOrderId`], which the implementation
/// sends along and reads back; numbers that a broker gives out are its own affair. Orders that
/// people or other programs sent are told like ours, under a
/// [foreign name](crate::OrderName::Foreign).
///
/// Dropping the future of a method other than `submit` and `cancel` is free.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Broker, PaperBroker, PaperConfig};
///
/// # block_on(async {
/// let config = PaperConfig::new("DU1234567".parse()?, money("1000"), session());
/// let broker: Box<dyn Broker> = Box::new(PaperBroker::new(config, clock()));
/// assert_eq!(broker.account().await?.cash, money("1000"));
/// assert!(broker.positions().await?.is_empty());
/// # Ok::<(), decile_trade::Error>(())
/// # }).expect("a paper account");
/// ```
#[async_trait]
pub trait Broker: fmt::Debug + Send + Sync {
    /// Returns what the account has.
    ///
    /// # Errors
    /// [`Error::Broker`] or [`Error::Timeout`] if the broker does not answer.
    async fn account(&self) -> Result<Account, Error>;

    /// Returns what the account holds, by symbol, without empty positions.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn positions(&self) -> Result<Vec<Position>, Error>;

    /// Sends an order, once.
    ///
    /// `Ok` says that the broker has it, not that it filled. Dropping the future leaves the order
    /// in doubt, so the [`Executor`](crate::Executor) runs it in a task of its own.
    ///
    /// # Errors
    /// [`SubmitError::NotSent`] and [`SubmitError::Rejected`] only if that is proven, and
    /// [`SubmitError::InDoubt`] in every other case.
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError>;

    /// Asks the broker's own margin check what an order would do, without sending it: nothing is
    /// executed, and nothing is left open. `None` from a broker that has no such check, as by default.
    ///
    /// [`Margins::refusal`] says that the broker would not take the order; that it does not answer is an
    /// error. The figures are of the order alone, whatever else is to be sent.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn what_if(&self, order: &ApprovedOrder) -> Result<Option<Margins>, Error> {
        // A broker without the check has nothing to look at.
        let _ = order;
        Ok(None)
    }

    /// Asks for an order to be cancelled.
    ///
    /// `Ok` says that the broker has the request, or that the order is final already. What became
    /// of the order, which may fill first, is told by [`find`](Self::find) and the events. After
    /// dropping the future, the request may or may not have arrived; asking again is harmless.
    ///
    /// # Errors
    /// [`Error::UnknownOrder`] if the broker does not know the order; else as for
    /// [`account`](Self::account).
    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error>;

    /// Looks an order up, among the open and the completed ones.
    ///
    /// `None` says that the broker shows no such order. It is not proof that the order never
    /// arrived: it may still be on its way, or the broker may have forgotten.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error>;

    /// Looks some orders up at once, each as [`find`](Self::find) does, in the order of `ids`: all of them
    /// or, if one cannot be looked up, none. A broker that has to ask for whole lists does better than
    /// the default, which finds them one by one.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn find_all(&self, ids: &[ClientOrderId]) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        try_join_all(ids.iter().map(|id| self.find(id))).await
    }

    /// Returns the orders that may still fill, by name, ours or not.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error>;

    /// Returns the final orders that the broker still remembers, by name, ours or not.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error>;

    /// Returns the executions at `since` or later that the broker still remembers, of orders that
    /// are ours or not, in the order of their times.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, Error>;

    /// Returns what happens from now on.
    ///
    /// The stream may repeat, delay and reorder, and says [`BrokerEvent::Gap`] where it knows that
    /// it lost something; a reader keeps what it knows. Dropping it ends it.
    fn events(&self) -> BoxStream<'static, BrokerEvent>;

    /// Makes sure that no order from now on gets a number below `from`, and returns the one that the
    /// next gets; `None` from a broker that numbers no orders, as by default.
    ///
    /// Brokers lose count. The [`Executor`](crate::Executor) writes the number down before it sends
    /// anything, and each run begins above what the journal has, so that none is used twice.
    fn number_from(&self, from: u64) -> Option<u64> {
        // A broker without numbers has nothing to raise.
        let _ = from;
        None
    }

    /// Returns by how much the broker's clock is ahead of ours, at least; below zero, behind. As of the
    /// last [`ping`](Self::ping) that was answered; `None` from a broker that tells no time, as by
    /// default.
    fn clock_skew(&self) -> Option<TimeDelta> {
        None
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// As for [`account`](Self::account).
    async fn ping(&self) -> Result<(), Error>;
}
