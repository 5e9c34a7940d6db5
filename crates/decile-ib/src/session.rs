//! A connection, what runs on its thread, and what is known through it.

mod account;
mod bars;
mod cancel;
mod contracts;
mod farms;
mod gate;
mod ids;
mod link;
mod listen;
mod lists;
mod nightly;
mod open;
mod pace;
mod ping;
mod quotes;
mod rate;
mod reconnect;
mod submit;
mod turns;
mod waiting;
mod what_if;
mod write;

pub(crate) use submit::Outbox;

use crate::book::Book;
use crate::{Error, IbConfig};
use chrono::TimeDelta;
use contracts::Contracts;
use decile_trade::{BrokerEvent, ClientOrderId};
use farms::Farms;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ids::OrderIds;
use link::Link;
use pace::Pace;
use ping::Probe;
use rate::Rate;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::{self, Future};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::timeout;
use turns::Turns;
use waiting::Waiting;

/// A connection and what is known through it.
pub(crate) struct Session {
    pub(crate) config: IbConfig,
    /// The connection of the moment. One that is lost is not revived: the next is another client.
    client: RwLock<Arc<ibapi::Client>>,
    link: Link,
    ids: OrderIds,
    contracts: Contracts,
    farms: Farms,
    orders: Mutex<Orders>,
    /// Wakes the watch over those who wait, if it would look too late.
    has_waiting: Notify,
    /// Wakes who makes up for what may have been missed.
    has_missed: Notify,
    events: broadcast::Sender<Arc<Vec<BrokerEvent>>>,
    turns: Turns,
    probe: tokio::sync::Mutex<Option<Probe>>,
    clock_skew: Mutex<Option<TimeDelta>>,
    history: Pace,
    rate: Rate,
}

/// The orders, and who waits for word of one.
#[derive(Debug, Default)]
struct Orders {
    book: Book,
    /// Names that the gateway has shown among the orders of the account; with how those ended that did
    /// so without a fill.
    earlier: HashMap<ClientOrderId, Option<String>>,
    /// Names of questions about margin that are not answered as questions, or not yet: the gateway may have
    /// taken them for orders.
    questioned: HashSet<ClientOrderId>,
    waiting: Waiting,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Session {
    /// Ends the connection.
    pub(crate) async fn close(&self) {
        self.client().disconnect().await;
    }

    fn client(&self) -> Arc<ibapi::Client> {
        // What is behind it is replaced as a whole.
        Arc::clone(&self.client.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace_client(&self, client: ibapi::Client) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(client);
    }

    /// Returns what happens from now on, to any number of listeners.
    pub(crate) fn events(&self) -> BoxStream<'static, BrokerEvent> {
        type Bundles = broadcast::Receiver<Arc<Vec<BrokerEvent>>>;
        let next = |mut bundles: Bundles| async move {
            let bundle = match bundles.recv().await {
                Ok(bundle) => bundle,
                Err(RecvError::Lagged(_)) => Arc::new(vec![BrokerEvent::Gap]),
                Err(RecvError::Closed) => return None,
            };
            Some((bundle, bundles))
        };
        let bundles = stream::unfold(self.events.subscribe(), next);
        // The only listener gets the events themselves.
        bundles.map(|bundle| stream::iter(Arc::unwrap_or_clone(bundle))).flatten().boxed()
    }

    fn tell(&self, event: BrokerEvent) {
        self.tell_all(vec![event]);
    }

    /// Tells of several events at once, which wakes the listeners once.
    fn tell_all(&self, events: Vec<BrokerEvent>) {
        if !events.is_empty() {
            // An error says that nobody listens, which is nobody's loss.
            let _ = self.events.send(Arc::new(events));
        }
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        // A panic while it was held would have come from the book, which changes in whole steps.
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an answer, but not for ever, once the connection is up and the rate of messages
    /// allows one more.
    ///
    /// The request runs in a task of its own, which goes on when nobody waits any more: dropping it
    /// in the middle of a message would break the connection.
    async fn bounded<T: Send + 'static>(
        &self,
        ask: (&'static str, Duration),
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.within(ask, self.rate.turn(), work).await
    }

    /// As `bounded`, however many messages there were: it counts, and does not wait.
    async fn at_once<T: Send + 'static>(
        &self,
        ask: (&'static str, Duration),
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.rate.count();
        self.within(ask, future::ready(()), work).await
    }

    async fn within<T: Send + 'static>(
        &self,
        (request, after): (&'static str, Duration),
        turn: impl Future<Output = ()>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let answer = async {
            turn.await;
            self.link.ready(&self.config).await?;
            let answer = tokio::spawn(work).await;
            answer.map_err(|error| Error::Client { source: error.into() })?
        };
        match timeout(after, answer).await {
            Ok(answer) => answer,
            Err(_) if self.link.is_read_only() => Err(Error::ReadOnly),
            Err(_) => Err(Error::NoAnswer { request, after }),
        }
    }

    /// As `bounded`, within the time of an ordinary request.
    async fn request<T, F>(
        self: &Arc<Self>,
        request: &'static str,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let after = self.config.request_timeout;
        self.bounded((request, after), work(Arc::clone(self))).await
    }
}
