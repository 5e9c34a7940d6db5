//! One order, once.

use super::Session;
use super::waiting::Waiter;
use crate::book::Facts;
use crate::{Error, symbols};
use decile_core::Shares;
use decile_trade::{
    ClientOrderId, OrderAck, OrderKind, PlannedOrder, Side, SubmitError, TimeInForce,
};
use ibapi::contracts::Contract;
use ibapi::orders::{Action, Order, TimeInForce as WireTimeInForce};
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// An order that was approved.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) id: ClientOrderId,
    pub(crate) order: PlannedOrder,
}

pub(super) type Outcome = Result<OrderAck, SubmitError>;

impl Session {
    /// Sends an order. What became of it is told by whoever learns it first: this, the listener, or
    /// the watch over those who wait.
    ///
    /// Never dropped: it runs in a task of its own. A message that is stuck in a full socket when its
    /// time is up is left to go out whole: cut off, it would take the connection with it.
    pub(crate) async fn submit(
        self: Arc<Self>,
        submission: Submission,
        tell: oneshot::Sender<Outcome>,
    ) {
        let Submission { id, order } = submission;
        let refuse = |tell: oneshot::Sender<Outcome>, error| {
            // An error says that nobody waits any more.
            let _ = tell.send(Err(error));
        };
        if self.orders().book.order_id(&id).is_some() {
            return refuse(tell, in_doubt(&id, Error::AlreadySubmitted { id: id.clone() }));
        }
        let (contract, message) = match self.prepare(&id, &order).await {
            Ok(prepared) => prepared,
            Err(error) => return refuse(tell, not_sent(&id, error)),
        };
        let after = self.config.acknowledge_timeout;
        let Ok(turn) = timeout(after, self.turns.writing.lock()).await else {
            return refuse(tell, not_sent(&id, Error::Queued { after }));
        };
        let order_id = match self.announce(&id, &order, &message) {
            Ok(order_id) => order_id,
            Err(error) => return refuse(tell, error),
        };
        self.wait_for(order_id, id, tell);
        let written = self.client.submit_order(order_id, &contract, &message).await;
        drop(turn);
        match written {
            Ok(()) => self.orders().waiting.written(order_id),
            Err(error) => self.failed(order_id, error),
        }
    }

    /// Makes what is sent, or says why nothing is.
    async fn prepare(
        self: &Arc<Self>,
        id: &ClientOrderId,
        order: &PlannedOrder,
    ) -> Result<(Arc<Contract>, Box<Order>), Error> {
        let account = &self.config.account;
        if id.account() != account {
            return Err(Error::OtherAccount { id: id.clone(), account: account.clone() });
        }
        let message = message(id, order)?;
        if let Some(objection) = self.link.objection(&self.config) {
            return Err(objection);
        }
        let contract = self.contract(&order.symbol).await?;
        Ok((contract, message))
    }

    /// Gives an order its number and notes it as sent; the last moment to say no.
    fn announce(
        &self,
        id: &ClientOrderId,
        order: &PlannedOrder,
        message: &Order,
    ) -> Result<i32, SubmitError> {
        if let Some(objection) = self.link.objection(&self.config) {
            return Err(not_sent(id, objection));
        }
        let order_id = self.ids.take().map_err(|error| not_sent(id, error))?;
        let facts = Facts {
            order_ref: message.order_ref.clone(),
            symbol: order.symbol.clone(),
            side: order.side,
            quantity: order.quantity,
        };
        let mut orders = self.orders();
        let is_new = !orders.earlier.contains(id)
            && orders.book.send(id, (self.config.client_id, order_id), facts);
        let again = || in_doubt(id, Error::AlreadySubmitted { id: id.clone() });
        is_new.then_some(order_id).ok_or_else(again)
    }

    /// Begins to wait for word of an order.
    fn wait_for(&self, order_id: i32, id: ClientOrderId, tell: oneshot::Sender<Outcome>) {
        let after = self.config.acknowledge_timeout;
        let deadline = Instant::now() + after;
        let waiter = Waiter { id, tell, deadline, after, is_written: false, inactive: None };
        if self.orders().waiting.begin(order_id, waiter) {
            self.has_waiting.notify_one();
        }
    }

    /// Tells what an error of the client library proves, if it is not too late to tell.
    fn failed(&self, order_id: i32, error: ibapi::Error) {
        let waiter = {
            let mut orders = self.orders();
            let Some(waiter) = orders.waiting.take(order_id) else { return };
            if is_unsent(&error) {
                orders.book.unsend(&waiter.id);
            }
            waiter
        };
        let outcome = match is_unsent(&error) {
            true => not_sent(&waiter.id, Error::Client { source: error.into() }),
            false => in_doubt(&waiter.id, Error::Client { source: error.into() }),
        };
        waiter.answer(Err(outcome)).tell();
    }
}

/// Tells whether an error proves that no byte of the order has left. See the table of the crate.
fn is_unsent(error: &ibapi::Error) -> bool {
    matches!(
        error,
        ibapi::Error::OrderIdInRequestRange { .. }
            | ibapi::Error::ServerVersion(..)
            | ibapi::Error::ConnectionReset
            | ibapi::Error::ConnectionFailed
    )
}

fn message(id: &ClientOrderId, order: &PlannedOrder) -> Result<Box<Order>, Error> {
    let unsupported = |reason: String| Error::UnsupportedOrder { id: id.clone(), reason };
    let (order_type, tif) = match (order.kind, order.time_in_force) {
        (OrderKind::Market, TimeInForce::Day) => ("MKT", WireTimeInForce::Day),
        (kind, time) => return Err(unsupported(format!("{kind:?} {time:?} is not known here"))),
    };
    // Whole numbers up to 2^53 are exact in the message.
    let quantity = order.quantity.get();
    if order.quantity <= Shares::ZERO || quantity > 1 << 53 {
        return Err(unsupported(format!("{quantity} shares cannot be traded")));
    }
    Ok(Box::new(Order {
        action: match order.side {
            Side::Buy => Action::Buy,
            Side::Sell => Action::Sell,
        },
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53, as just checked")]
        total_quantity: quantity as f64,
        order_type: order_type.to_owned(),
        // Said, because gateways refuse an order without it, or fill in a preset.
        tif,
        outside_rth: false,
        account: id.account().to_string(),
        order_ref: id.to_string(),
        ..Order::default()
    }))
}

/// The broker's number is the permanent one, once it is told.
pub(super) fn ack(id: ClientOrderId, perm_id: i64) -> OrderAck {
    OrderAck { id, broker_order_id: (perm_id != 0).then(|| perm_id.to_string()) }
}

fn not_sent(id: &ClientOrderId, error: Error) -> SubmitError {
    SubmitError::NotSent { id: id.clone(), source: error.into() }
}

pub(super) fn in_doubt(id: &ClientOrderId, error: Error) -> SubmitError {
    SubmitError::InDoubt { id: id.clone(), source: error.into() }
}

/// Returns the contract of an order, by its number: the symbol is for people.
pub(super) fn by_number(symbol: &decile_core::Symbol, contract_id: i32) -> Contract {
    let contract = Contract::stock(symbols::to_wire(symbol)).build();
    Contract { contract_id, ..contract }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_never_written_is_not_sent() {
        use ibapi::Error as E;
        assert!(is_unsent(&E::ConnectionReset));
        assert!(is_unsent(&E::ConnectionFailed));
        assert!(is_unsent(&E::OrderIdInRequestRange { order_id: 1_500_000_000 }));
        assert!(is_unsent(&E::ServerVersion(224, 213, "post only".to_owned())));
        let io = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        for error in [E::Io(io), E::Shutdown, E::Timeout, E::Simple("?".to_owned())] {
            assert!(!is_unsent(&error), "{error:?}");
        }
    }
}
