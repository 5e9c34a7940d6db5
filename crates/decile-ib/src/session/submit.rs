//! One order, once.

use super::Session;
use crate::book::{Facts, Sign};
use crate::{Error, symbols};
use decile_core::Shares;
use decile_trade::{
    ClientOrderId, OrderAck, OrderKind, PlannedOrder, Side, SubmitError, TimeInForce,
};
use ibapi::contracts::Contract;
use ibapi::orders::{Action, Order, TimeInForce as WireTimeInForce};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// How long a gateway that shows an order as inactive may take to say why. Recordings show the
/// reason within 50 ms.
const REASON_WAIT: Duration = Duration::from_millis(500);

/// An order that was approved.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) id: ClientOrderId,
    pub(crate) order: PlannedOrder,
}

type Outcome = Result<OrderAck, SubmitError>;

impl Session {
    /// Sends an order and tells what became of it.
    ///
    /// Never dropped: it runs in a task of its own, and tells what it knows when its time is up. A
    /// message that is stuck in a full socket by then is left to go out whole: cut off, it would take
    /// the connection with it.
    pub(crate) async fn submit(
        self: Arc<Self>,
        submission: Submission,
        tell: oneshot::Sender<Outcome>,
    ) {
        let Submission { id, order } = submission;
        let tell = |outcome| {
            // An error says that nobody waits any more.
            let _ = tell.send(outcome);
        };
        if self.orders().book.order_id(&id).is_some() {
            return tell(Err(in_doubt(&id, Error::AlreadySubmitted { id: id.clone() })));
        }
        let (contract, message) = match self.prepare(&id, &order).await {
            Ok(prepared) => prepared,
            Err(error) => return tell(Err(not_sent(&id, error))),
        };
        let after = self.config.acknowledge_timeout;
        let Ok(turn) = timeout(after, self.turns.writing.lock()).await else {
            return tell(Err(not_sent(&id, Error::Queued { after })));
        };
        let (order_id, signs) = match self.announce(&id, &order) {
            Ok(announced) => announced,
            Err(error) => return tell(Err(error)),
        };
        let deadline = Instant::now() + after;
        let mut write = pin!(self.client.submit_order(order_id, &contract, &message));
        match timeout_at(deadline, &mut write).await {
            Ok(Ok(())) => {
                drop(turn);
                let outcome = self.acknowledged(&id, (order_id, signs), deadline).await;
                self.orders().waiting.remove(&order_id);
                tell(outcome);
            }
            Ok(Err(error)) => tell(Err(self.failed(&id, order_id, error))),
            Err(_) => {
                tell(Err(in_doubt(&id, Error::NoAcknowledgement { order_id, after })));
                // Whether it succeeds or not, nobody is left to tell.
                let _ = write.await;
                self.orders().waiting.remove(&order_id);
            }
        }
    }

    /// Makes what is sent, or says why nothing is.
    async fn prepare(
        self: &Arc<Self>,
        id: &ClientOrderId,
        order: &PlannedOrder,
    ) -> Result<(Contract, Order), Error> {
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

    /// Gives an order its number and begins to listen for it; the last moment to say no.
    fn announce(
        &self,
        id: &ClientOrderId,
        order: &PlannedOrder,
    ) -> Result<(i32, UnboundedReceiver<Sign>), SubmitError> {
        if let Some(objection) = self.link.objection(&self.config) {
            return Err(not_sent(id, objection));
        }
        let order_id = self.ids.take().map_err(|error| not_sent(id, error))?;
        let facts = Facts {
            order_ref: id.to_string(),
            symbol: order.symbol.clone(),
            side: order.side,
            quantity: order.quantity,
        };
        let mut orders = self.orders();
        if !orders.book.send(id, (self.config.client_id, order_id), facts) {
            return Err(in_doubt(id, Error::AlreadySubmitted { id: id.clone() }));
        }
        let (sign, signs) = unbounded_channel();
        orders.waiting.insert(order_id, sign);
        Ok((order_id, signs))
    }

    /// Waits until the gateway has shown the order, refused it, or said what proves nothing.
    async fn acknowledged(
        &self,
        id: &ClientOrderId,
        (order_id, mut signs): (i32, UnboundedReceiver<Sign>),
        mut deadline: Instant,
    ) -> Outcome {
        let mut lost = pin!(self.link.lost());
        let mut inactive = None;
        loop {
            let sign = tokio::select! {
                // What was said before the connection was lost counts.
                biased;
                sign = signs.recv() => sign,
                () = sleep_until(deadline) => None,
                () = &mut lost => return match inactive {
                    Some(perm_id) => Ok(ack(id, perm_id)),
                    None => Err(in_doubt(id, Error::LostAfterSending { order_id })),
                },
            };
            match (sign, inactive) {
                (Some(Sign::Shown(perm_id)), _) | (None, Some(perm_id)) => {
                    return Ok(ack(id, perm_id));
                }
                (Some(Sign::Inactive(perm_id)), None) => {
                    inactive = Some(perm_id);
                    deadline = deadline.min(Instant::now() + REASON_WAIT);
                }
                (Some(Sign::Inactive(_)), Some(_)) => {}
                (Some(Sign::Refused(text)), _) => {
                    return Err(SubmitError::Rejected { id: id.clone(), source: text.into() });
                }
                (Some(Sign::Doubt(text)), None) => {
                    return Err(SubmitError::InDoubt { id: id.clone(), source: text.into() });
                }
                (Some(Sign::Doubt(_)), Some(perm_id)) => return Ok(ack(id, perm_id)),
                (None, None) => {
                    let after = self.config.acknowledge_timeout;
                    return Err(in_doubt(id, Error::NoAcknowledgement { order_id, after }));
                }
            }
        }
    }

    /// Says what an error of the client library proves.
    fn failed(&self, id: &ClientOrderId, order_id: i32, error: ibapi::Error) -> SubmitError {
        let mut orders = self.orders();
        orders.waiting.remove(&order_id);
        if is_unsent(&error) {
            orders.book.unsend(id);
            return not_sent(id, Error::Client { source: error.into() });
        }
        in_doubt(id, Error::Client { source: error.into() })
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

fn message(id: &ClientOrderId, order: &PlannedOrder) -> Result<Order, Error> {
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
    Ok(Order {
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
    })
}

/// The broker's number is the permanent one, once it is told.
fn ack(id: &ClientOrderId, perm_id: i64) -> OrderAck {
    let broker_order_id = (perm_id != 0).then(|| perm_id.to_string());
    OrderAck { id: id.clone(), broker_order_id }
}

fn not_sent(id: &ClientOrderId, error: Error) -> SubmitError {
    SubmitError::NotSent { id: id.clone(), source: error.into() }
}

fn in_doubt(id: &ClientOrderId, error: Error) -> SubmitError {
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
