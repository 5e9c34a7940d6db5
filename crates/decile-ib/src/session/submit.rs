//! One order, once: what it takes before it is written.

use super::{Orders, Session, nightly};
use crate::Error;
use decile_core::Shares;
use decile_trade::{
    ApprovedOrder, ClientOrderId, OrderAck, OrderKind, PlannedOrder, Side, SubmitError, TimeInForce,
};
use ibapi::contracts::{Contract, TagValue};
use ibapi::orders::{Action, Order, TimeInForce as WireTimeInForce};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// The algorithm that works a market order with patience, its parameter and how urgent it is.
const ADAPTIVE: (&str, &str, &str) = ("Adaptive", "adaptivePriority", "Normal");

pub(super) type Outcome = Result<OrderAck, SubmitError>;

/// Where orders are put that are to be written. The thread of the connection lives until nobody can
/// put any there and all of them are out.
pub(crate) type Outbox = mpsc::UnboundedSender<Outbound>;

/// An order, and who waits for what becomes of it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: ClientOrderId,
    pub(super) order: PlannedOrder,
    pub(super) tell: oneshot::Sender<Outcome>,
}

/// An order that can be written.
#[derive(Debug)]
pub(crate) struct Outbound {
    pub(super) draft: Draft,
    pub(super) contract: Arc<Contract>,
    /// When it has waited too long for those before it.
    pub(super) deadline: Instant,
}

impl Draft {
    pub(super) fn refuse(self, refusal: SubmitError) {
        // An error says that nobody waits any more.
        let _ = self.tell.send(Err(refusal));
    }

    pub(super) fn not_sent(self, error: Error) {
        let refusal = not_sent(&self.id, error);
        self.refuse(refusal);
    }
}

impl Session {
    /// Puts an order where it is written next, without waiting for the thread of the connection. What
    /// became of it is told by whoever learns it first: the writer, the listener, or the watch over
    /// those who wait.
    ///
    /// Nothing drops it from here: it goes out even if nobody waits for it any more.
    pub(crate) fn submit(
        self: &Arc<Self>,
        order: &ApprovedOrder,
        (runtime, outbox): (&Handle, &Outbox),
    ) -> oneshot::Receiver<Outcome> {
        let (tell, told) = oneshot::channel();
        let draft = Draft { id: order.id().clone(), order: order.order().clone(), tell };
        // From here, so that looking its contract up does not make it late for whoever waits.
        let deadline = Instant::now() + self.config.acknowledge_timeout;
        match self.contracts.get(&draft.order.symbol) {
            Some(contract) => self.put(draft, (contract, deadline), outbox),
            None => {
                let (session, outbox) = (Arc::clone(self), outbox.clone());
                runtime
                    .spawn(async move { session.put_once_known(draft, deadline, &outbox).await });
            }
        }
        told
    }

    /// Looks the contract of an order up before it is put where it is written next.
    async fn put_once_known(self: Arc<Self>, draft: Draft, deadline: Instant, outbox: &Outbox) {
        let admitted = self.admit(&draft.id, &self.orders());
        if let Err(refusal) = admitted {
            return draft.refuse(refusal);
        }
        match self.contract(&draft.order.symbol).await {
            Ok(contract) => self.put(draft, (contract, deadline), outbox),
            Err(error) => {
                let refusal = self.refusal(&draft.id, error);
                draft.refuse(refusal);
            }
        }
    }

    fn put(&self, draft: Draft, (contract, deadline): (Arc<Contract>, Instant), outbox: &Outbox) {
        let put = outbox.send(Outbound { draft, contract, deadline });
        if let Err(mpsc::error::SendError(Outbound { draft, .. })) = put {
            draft.not_sent(Error::Ended { address: self.config.address() });
        }
    }

    /// Makes sure that no order id below `from` is given out, and returns the next one.
    pub(crate) fn number_from(&self, from: u64) -> u64 {
        self.ids.raise(i64::try_from(from).unwrap_or(i64::MAX));
        u64::try_from(self.ids.next()).unwrap_or_default()
    }

    /// Says no to an order that was sent before, and to every order while the connection leads nowhere.
    pub(super) fn admit(&self, id: &ClientOrderId, orders: &Orders) -> Result<(), SubmitError> {
        let (is_sent, earlier) = (orders.book.order_id(id).is_some(), orders.earlier.get(id));
        if let Some(Some(end)) = earlier.filter(|_| !is_sent) {
            let ended = Error::EndedBefore { id: id.clone(), end: end.clone() };
            return Err(not_sent(id, ended));
        }
        if orders.questioned.contains(id) {
            return Err(in_doubt(id, Error::Questioned { id: id.clone() }));
        }
        if is_sent || earlier.is_some() {
            return Err(in_doubt(id, Error::AlreadySubmitted { id: id.clone() }));
        }
        self.objection().map_or(Ok(()), |objection| Err(not_sent(id, objection)))
    }

    /// Returns why nothing that has to do with orders is sent now, if so.
    pub(super) fn objection(&self) -> Option<Error> {
        let is_reset = nightly::is_reset(self.config.clock.now());
        let objection = self.link.objection(&self.config);
        objection.or_else(|| is_reset.then_some(Error::NightlyReset))
    }

    /// Returns why an order is not written: because of an error, unless it was before.
    pub(super) fn refusal(&self, id: &ClientOrderId, error: Error) -> SubmitError {
        let admitted = self.admit(id, &self.orders());
        admitted.err().unwrap_or_else(|| not_sent(id, error))
    }

    /// Makes what is sent, or says why nothing is.
    pub(super) fn message(
        &self,
        id: &ClientOrderId,
        order: &PlannedOrder,
    ) -> Result<Box<Order>, Error> {
        let account = &self.config.account;
        match id.account() == account {
            true => message(id, order),
            false => Err(Error::OtherAccount { id: id.clone(), account: account.clone() }),
        }
    }
}

fn message(id: &ClientOrderId, order: &PlannedOrder) -> Result<Box<Order>, Error> {
    let unsupported = |reason: String| Error::UnsupportedOrder { id: id.clone(), reason };
    let (kind, time) = (order.kind, order.time_in_force);
    let (order_type, tif) = order_type(kind)
        .zip(tif(time))
        .ok_or_else(|| unsupported(format!("{kind:?} {time:?} is not known here")))?;
    // By its text, which gives the nearest number there is.
    let limit_price = kind.limit().map(|limit| limit.to_string().parse()).transpose();
    let limit_price = limit_price.map_err(|_| unsupported("its limit is no number".to_owned()))?;
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
        limit_price,
        // Said, because gateways refuse an order without it, or fill in a preset.
        tif,
        outside_rth: false,
        account: id.account().to_string(),
        order_ref: id.to_string(),
        ..algorithm(kind)
    }))
}

fn order_type(kind: OrderKind) -> Option<&'static str> {
    Some(match kind {
        OrderKind::Market | OrderKind::Adaptive => "MKT",
        OrderKind::Limit { .. } => "LMT",
        OrderKind::MarketOnClose => "MOC",
        OrderKind::LimitOnClose { .. } => "LOC",
        _ => return None,
    })
}

fn tif(time: TimeInForce) -> Option<WireTimeInForce> {
    match time {
        TimeInForce::Day => Some(WireTimeInForce::Day),
        _ => None,
    }
}

/// An order with nothing but the algorithm that is to work it, if any is.
fn algorithm(kind: OrderKind) -> Order {
    match kind {
        OrderKind::Adaptive => Order {
            algo_strategy: ADAPTIVE.0.to_owned(),
            algo_params: vec![TagValue {
                tag: ADAPTIVE.1.to_owned(),
                value: ADAPTIVE.2.to_owned(),
            }],
            ..Order::default()
        },
        _ => Order::default(),
    }
}

/// The broker's number is the permanent one, once it is told.
pub(super) fn ack(id: ClientOrderId, perm_id: i64) -> OrderAck {
    OrderAck { id, broker_order_id: (perm_id != 0).then(|| perm_id.to_string()) }
}

pub(super) fn not_sent(id: &ClientOrderId, error: Error) -> SubmitError {
    SubmitError::NotSent { id: id.clone(), source: error.into() }
}

pub(super) fn in_doubt(id: &ClientOrderId, error: Error) -> SubmitError {
    SubmitError::InDoubt { id: id.clone(), source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: OrderKind) -> Order {
        let id = "q:DU1:20251201:KO:B:1".parse().unwrap();
        let order = PlannedOrder {
            symbol: "KO".parse().unwrap(),
            side: Side::Buy,
            quantity: Shares::new(100),
            kind,
            time_in_force: TimeInForce::Day,
            reference: "50".parse().unwrap(),
            notional: "5000".parse().unwrap(),
        };
        *message(&id, &order).unwrap()
    }

    #[test]
    fn each_kind_of_order_has_its_words() {
        let limit = "50.07".parse().unwrap();
        let cases = [
            (OrderKind::Market, "MKT", None, ""),
            (OrderKind::Limit { limit }, "LMT", Some(50.07), ""),
            (OrderKind::MarketOnClose, "MOC", None, ""),
            (OrderKind::LimitOnClose { limit }, "LOC", Some(50.07), ""),
            (OrderKind::Adaptive, "MKT", None, "Adaptive"),
        ];
        for (kind, order_type, limit_price, algorithm) in cases {
            let order = written(kind);
            let told = (&*order.order_type, order.limit_price, &*order.algo_strategy);
            assert_eq!(told, (order_type, limit_price, algorithm));
            assert_eq!(order.tif, WireTimeInForce::Day);
        }
        let params = written(OrderKind::Adaptive).algo_params;
        assert_eq!((&*params[0].tag, &*params[0].value), ("adaptivePriority", "Normal"));
    }
}
