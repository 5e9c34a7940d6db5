use crate::session::Session;
use crate::thread::{self, Thread};
use crate::{Error, IbConfig};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Symbol;
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error as TradeError, Execution,
    Margins, OrderAck, OrderSnapshot, Position, SubmitError,
};
use futures::stream::BoxStream;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A connection to TWS or IB Gateway: a broker, a source of quotes, a source of daily bars.
///
/// Clones share the connection. It lives on a thread of its own and ends with the last clone, once
/// the orders that are being sent are out; a future of `submit` that is dropped still sends the whole
/// order. It speaks of one account, and of stocks in US dollars only: orders and executions in other
/// things, and in fractions of shares, are left out, and a position in them is an error.
///
/// A connection that is lost, or gives no sign of life, is made again by itself, as often as the
/// configuration says. What is asked meanwhile fails at once, and orders are `NotSent`.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, Venue};
/// use decile_ib::{IbBroker, IbConfig};
/// use decile_trade::Broker;
/// use futures::executor::block_on;
///
/// // A gateway to try it with; a real one listens on 4002.
/// let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1)).account("DU1234567"))?;
///
/// let config = IbConfig::paper("DU1234567".parse()?)?.port(gateway.port());
/// let ib = IbBroker::connect_blocking(config)?;
/// assert_eq!(block_on(ib.account())?.cash, "1000000".parse()?);
/// assert!(block_on(ib.positions())?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct IbBroker {
    thread: Arc<Thread>,
}

impl fmt::Debug for IbBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IbBroker").field("config", &self.thread.session.config).finish()
    }
}

impl IbBroker {
    /// Connects, on any runtime.
    ///
    /// Looks at the account, at the gateway's order ids, and at the open orders, the completed ones
    /// and the executions of the last seven days, so that no order id is used twice. A gateway in
    /// read-only mode can be connected to; it takes no orders.
    ///
    /// # Errors
    /// Whatever speaks against the account or the port, before anything is sent; and
    /// [`Error::Connect`], [`Error::ConnectTimeout`], [`Error::ClientIdInUse`], [`Error::NotManaged`]
    /// and others if the gateway is not there, not to be used, or does not answer. The connection is
    /// closed then.
    pub async fn connect(config: IbConfig) -> Result<Self, Error> {
        let ended = Error::Ended { address: config.address() };
        let (tell, told) = oneshot::channel();
        thread::start(config, move |result| {
            // Nobody waits any more: the thread ends as its handle is dropped.
            let _ = tell.send(result);
        })?;
        told.await.map_err(|_| ended)?.map(Self::new)
    }

    /// Connects, without a runtime: it blocks until it is done.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_blocking(config: IbConfig) -> Result<Self, Error> {
        let ended = Error::Ended { address: config.address() };
        let (tell, told) = mpsc::channel();
        thread::start(config, move |result| {
            let _ = tell.send(result);
        })?;
        told.recv().map_err(|_| ended)?.map(Self::new)
    }

    fn new(thread: Thread) -> Self {
        Self { thread: Arc::new(thread) }
    }

    /// Looks up the contracts of stocks ahead of their orders, which then need not wait for it. They
    /// are kept as long as the connection.
    ///
    /// # Errors
    /// [`Error::UnknownContract`] and [`Error::AmbiguousContract`], each for the first stock that
    /// has not exactly one contract, and whatever keeps the gateway from answering.
    pub async fn resolve(&self, symbols: &[Symbol]) -> Result<(), Error> {
        let symbols = symbols.to_vec();
        self.run(|session| async move { session.resolve_all(symbols).await }).await
    }

    /// Runs a request on the thread of the connection. Dropping the future ends what can be ended:
    /// never a message that is being written.
    pub(crate) async fn run<T, F>(
        &self,
        request: impl FnOnce(Arc<Session>) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let session = Arc::clone(&self.thread.session);
        let mut task = AbortOnDrop(self.thread.runtime.spawn(request(session)));
        let failed = |error: tokio::task::JoinError| Error::Client { source: error.into() };
        (&mut task.0).await.map_err(failed)?
    }

    async fn ask<T, F>(
        &self,
        what: &'static str,
        request: impl FnOnce(Arc<Session>) -> F,
    ) -> Result<T, TradeError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.run(request).await.map_err(|error| error.into_trade(what))
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[async_trait]
impl Broker for IbBroker {
    async fn account(&self) -> Result<Account, TradeError> {
        self.ask("account", |session| async move { session.account().await }).await
    }

    async fn positions(&self) -> Result<Vec<Position>, TradeError> {
        self.ask("positions", |session| async move { session.positions().await }).await
    }

    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        let Thread { runtime, session, outbox } = &*self.thread;
        let told = session.submit(order, (runtime, outbox));
        told.await.unwrap_or_else(|_| {
            let source = "the thread of the connection has ended".into();
            Err(SubmitError::InDoubt { id: order.id().clone(), source })
        })
    }

    /// A message in the pace of all, and an order id. Gateways answer from the account as it is.
    async fn what_if(&self, order: &ApprovedOrder) -> Result<Option<Margins>, TradeError> {
        let (id, order) = (order.id().clone(), order.order().clone());
        let request = |session: Arc<Session>| async move { session.what_if(&id, &order).await };
        self.ask("margin", request).await.map(Some)
    }

    async fn cancel(&self, id: &ClientOrderId) -> Result<(), TradeError> {
        let wanted = id.clone();
        let cancel = |session: Arc<Session>| async move { session.cancel(&wanted).await };
        let known = self.ask("cancel", cancel).await?;
        known.then_some(()).ok_or_else(|| TradeError::UnknownOrder { id: id.clone() })
    }

    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, TradeError> {
        let id = id.clone();
        self.ask("order", |session| async move { session.find(&id).await }).await
    }

    /// The gateway's three lists, once, however many orders are looked for in them.
    async fn find_all(
        &self,
        ids: &[ClientOrderId],
    ) -> Result<Vec<Option<OrderSnapshot>>, TradeError> {
        let ids = ids.to_vec();
        self.ask("orders", |session| async move { session.find_all(&ids).await }).await
    }

    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, TradeError> {
        self.ask("open orders", |session| async move { session.open_orders().await }).await
    }

    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, TradeError> {
        let request = |session: Arc<Session>| async move { session.completed_orders().await };
        self.ask("completed orders", request).await
    }

    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, TradeError> {
        self.ask("executions", |session| async move { session.executions(since).await }).await
    }

    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        self.thread.session.events()
    }

    /// The order id that the gateway knows the order by, per client id. One out of range makes every
    /// order [`NotSent`](SubmitError::NotSent).
    fn number_from(&self, from: u64) -> Option<u64> {
        Some(self.thread.session.number_from(from))
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        self.thread.session.clock_skew()
    }

    async fn ping(&self) -> Result<(), TradeError> {
        self.ask("sign of life", |session| async move { session.ping().await }).await
    }
}
