//! Whether there is a connection, and whether it leads anywhere.

use super::Session;
use super::waiting::Answer;
use crate::codes::{self, Meaning};
use crate::{Error, IbConfig, guard};
use decile_trade::BrokerEvent;
use futures::StreamExt;
use ibapi::orders::OrderStatus;
use ibapi::subscriptions::Subscription;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The state of the socket, as far as it is known. A gateway that has frozen does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    /// Greeted; what was left over of the greeting may still be on its way.
    Syncing,
    Up,
    /// Lost, and being made again.
    Down,
    /// Lost for good.
    Ended,
}

#[derive(Debug, Clone)]
struct State {
    socket: Socket,
    /// What the gateway said when it lost Interactive Brokers.
    upstream_lost: Option<String>,
    read_only: bool,
}

#[derive(Debug)]
pub(super) struct Link(watch::Sender<State>);

impl Link {
    pub(super) fn new() -> Self {
        let socket = Socket::Syncing;
        Self(watch::Sender::new(State { socket, upstream_lost: None, read_only: false }))
    }

    fn set(&self, socket: Socket) {
        self.0.send_modify(|state| state.socket = socket);
    }

    pub(super) fn set_up(&self) {
        self.set(Socket::Up);
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.0.borrow().read_only
    }

    /// Begins anew: what the gateway was before, it need not be now.
    fn greeted(&self) {
        let socket = Socket::Syncing;
        self.0.send_replace(State { socket, upstream_lost: None, read_only: false });
    }

    /// Notes what the gateway says of its line; tells whether that is news.
    pub(super) fn set_upstream(&self, lost: Option<String>) -> bool {
        self.0.send_if_modified(|state| {
            let is_news = state.upstream_lost.is_some() != lost.is_some();
            state.upstream_lost = lost;
            is_news
        })
    }

    /// Waits until requests may be made.
    pub(super) async fn ready(&self, config: &IbConfig) -> Result<(), Error> {
        let mut states = self.0.subscribe();
        let settled = states.wait_for(|state| state.socket != Socket::Syncing).await;
        let socket = settled.map_or(Socket::Ended, |state| state.socket);
        socket_up(socket, config)
    }

    /// Returns why an order must not be sent now, if it must not.
    pub(super) fn objection(&self, config: &IbConfig) -> Option<Error> {
        let state = self.0.borrow().clone();
        match state.upstream_lost {
            Some(text) => Some(Error::UpstreamLost { text }),
            None if state.read_only => Some(Error::ReadOnly),
            None => socket_up(state.socket, config).err(),
        }
    }

    /// Returns why the gateway's word means nothing now, if so.
    pub(super) fn upstream(&self) -> Result<(), Error> {
        let lost = self.0.borrow().upstream_lost.clone();
        lost.map_or(Ok(()), |text| Err(Error::UpstreamLost { text }))
    }
}

fn socket_up(socket: Socket, config: &IbConfig) -> Result<(), Error> {
    match socket {
        Socket::Up => Ok(()),
        Socket::Syncing | Socket::Down => Err(Error::Disconnected { address: config.address() }),
        Socket::Ended => Err(Error::Ended { address: config.address() }),
    }
}

/// Streams nothing, and ends at once when the connection does: no order has the id 0.
pub(super) type Sentinel = Subscription<OrderStatus>;

pub(super) async fn sentinel(client: &ibapi::Client) -> Result<Sentinel, ibapi::Error> {
    client.order_status_stream(0).await
}

impl Session {
    /// Watches the connection until it is lost for good.
    pub(super) async fn watch_link(self: Arc<Self>, mut sentinel: Sentinel) {
        loop {
            while let Some(Ok(_)) = sentinel.next().await {}
            self.link.set(Socket::Down);
            // Bound first, so that the orders are free while the answers are told.
            let answers = self.orders().waiting.lost();
            answers.into_iter().for_each(Answer::tell);
            self.tell(BrokerEvent::Disconnected);
            if self.client.wait_connected().await.is_err() {
                break;
            }
            self.link.greeted();
            let Ok(next) = next_sentinel(&self.client).await else { break };
            sentinel = next;
            match self.greet_again().await {
                Ok(()) => {
                    self.link.set(Socket::Up);
                    self.look_back().await;
                    self.tell(BrokerEvent::Reconnected);
                }
                Err(Error::Disconnected { .. }) => {}
                Err(error) => {
                    log::error!("the connection cannot be used any more: {error}");
                    break;
                }
            }
        }
        log::warn!("the connection to {} has ended", self.config.address());
        self.link.set(Socket::Ended);
        self.close().await;
    }

    /// Makes sure that the gateway at the other end is still one of the account: somebody may have
    /// signed in as another user, or to real money, at the same port.
    async fn greet_again(&self) -> Result<(), Error> {
        self.sync().await?;
        let Self { client, config, .. } = self;
        let managed = loop {
            self.rate.turn().await;
            match timeout(config.request_timeout, client.managed_accounts()).await {
                Ok(Ok(managed)) => break managed,
                Ok(Err(error)) => log::warn!("the accounts are not known: {error}"),
                Err(_) => log::warn!("the accounts are not told in time"),
            }
            if !client.is_connected() {
                return Err(Error::Disconnected { address: config.address() });
            }
            sleep(Duration::from_secs(1)).await;
        };
        guard::check_managed(config.mode, &config.account, &managed)
    }

    /// Looks at the orders of the account if that could not be done before, because the gateway took
    /// no orders. Until then none is sent.
    async fn look_back(self: &Arc<Self>) {
        while self.client.is_connected() && !self.link.is_read_only() {
            match self.note_earlier().await {
                Ok(()) => return,
                Err(error) => log::warn!("the earlier orders are not known: {error}"),
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Asks for the next order id until it is told, or the connection is lost.
    ///
    /// The answer also proves that the greeting is over. Its list of open orders ends with a mark of
    /// its own, which would end a list that was asked for too early.
    pub(super) async fn sync(&self) -> Result<(), Error> {
        while self.client.is_connected() {
            self.rate.turn().await;
            let asked = self.client.next_valid_order_id();
            match timeout(self.config.request_timeout, asked).await {
                Ok(Ok(next)) => {
                    self.ids.raise(next);
                    return Ok(());
                }
                Ok(Err(ibapi::Error::OrderIdInRequestRange { order_id })) => {
                    return Err(Error::OrderIds { order_id: order_id.into() });
                }
                Ok(Err(ibapi::Error::Notice(notice)))
                    if codes::meaning(notice.code, &notice.message) == Meaning::ReadOnly =>
                {
                    self.set_read_only();
                    return Ok(());
                }
                // Errors that belong to no request fail whatever is being asked.
                Ok(Err(error)) => log::warn!("the next order id is not known: {error}"),
                Err(_) => log::warn!("the next order id is not told in time"),
            }
            sleep(Duration::from_secs(1)).await;
        }
        Err(Error::Disconnected { address: self.config.address() })
    }

    pub(super) fn set_read_only(&self) {
        self.link.0.send_modify(|state| state.read_only = true);
    }
}

/// Makes a sentinel of the new connection. One that is lost already ends it at once: the stream of a
/// connection that is down would wait for the next one to be lost.
async fn next_sentinel(client: &ibapi::Client) -> Result<Sentinel, ibapi::Error> {
    let next = sentinel(client).await?;
    if !client.is_connected() {
        next.cancel().await;
    }
    Ok(next)
}
