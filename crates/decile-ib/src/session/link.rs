//! Whether there is a connection, and whether it leads anywhere.

use super::Session;
use crate::codes::{self, Meaning};
use crate::{Error, IbConfig};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The state of the socket, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    /// Greeted; what was left over of the greeting may still be on its way.
    Syncing,
    Up,
    /// Lost, or given up for its silence, and being made again.
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
    /// How often something may have been missed; a new connection has missed what was before it.
    misses: u64,
    /// How many of these the gateway's lists have been looked at for.
    made_up: u64,
}

impl State {
    fn is_settled(&self) -> bool {
        self.made_up == self.misses
    }
}

#[derive(Debug)]
pub(super) struct Link(watch::Sender<State>);

impl Link {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(State {
            socket: Socket::Syncing,
            upstream_lost: None,
            read_only: false,
            misses: 1,
            made_up: 0,
        }))
    }

    fn set(&self, socket: Socket) {
        self.0.send_modify(|state| state.socket = socket);
    }

    pub(super) fn set_up(&self) {
        self.set(Socket::Up);
    }

    pub(super) fn set_down(&self) {
        self.set(Socket::Down);
    }

    /// Without a connection the gateway's own line is nobody's concern.
    pub(super) fn set_ended(&self) {
        self.0.send_modify(|state| {
            state.socket = Socket::Ended;
            state.upstream_lost = None;
        });
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.borrow().socket == Socket::Up
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.0.borrow().read_only
    }

    /// Begins anew: what the gateway was before, it need not be now.
    pub(super) fn greeted(&self) {
        self.0.send_modify(|state| {
            *state = State {
                socket: Socket::Syncing,
                upstream_lost: None,
                read_only: false,
                misses: state.misses + 1,
                made_up: state.made_up,
            };
        });
    }

    /// Notes what the gateway says of its line; tells whether that is news.
    pub(super) fn set_upstream(&self, lost: Option<String>) -> bool {
        self.0.send_if_modified(|state| {
            let is_news = state.upstream_lost.is_some() != lost.is_some();
            state.upstream_lost = lost;
            is_news
        })
    }

    /// Notes that something may have been missed: no order is sent until it is made up for.
    pub(super) fn miss(&self) {
        self.0.send_modify(|state| state.misses += 1);
    }

    /// Returns up to which miss the gateway's lists are to be looked at, if they are.
    pub(super) fn to_make_up(&self) -> Option<u64> {
        let state = self.0.borrow();
        (!state.is_settled()).then_some(state.misses)
    }

    /// Notes that the lists were looked at after a miss.
    pub(super) fn make_up(&self, miss: u64) {
        self.0.send_modify(|state| state.made_up = state.made_up.max(miss));
    }

    /// Waits until requests may be made.
    pub(super) async fn ready(&self, config: &IbConfig) -> Result<(), Error> {
        let mut states = self.0.subscribe();
        let settled = states.wait_for(|state| state.socket != Socket::Syncing).await;
        let socket = settled.map_or(Socket::Ended, |state| state.socket);
        socket_up(socket, config)
    }

    /// Waits while the gateway's lists are looked at, and no longer than the connection lasts.
    pub(super) async fn settled(&self) {
        let is_over = |state: &State| {
            let leads_nowhere = state.upstream_lost.is_some() || state.read_only;
            state.is_settled() || state.socket != Socket::Up || leads_nowhere
        };
        // An error says that the session has ended.
        let _ = self.0.subscribe().wait_for(is_over).await;
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

impl Session {
    /// Tells whether the connection is up, also where nobody watches over it for the moment.
    pub(super) fn is_connected(&self) -> bool {
        self.link.is_up() && self.client().is_connected()
    }

    /// Notes that something may have been missed, and has it made up for.
    pub(super) fn miss(&self) {
        self.link.miss();
        self.has_missed.notify_one();
    }

    /// Looks at the gateway's lists whenever something may have been missed.
    pub(super) async fn watch_misses(self: Arc<Self>) {
        loop {
            self.has_missed.notified().await;
            self.make_up().await;
        }
    }

    /// Looks at the orders of the account for what may have been missed, until that is done, the
    /// connection is lost, or the gateway is one that tells nothing of orders or has lost its own line. Until then none is sent.
    pub(super) async fn make_up(self: &Arc<Self>) {
        let _turn = self.turns.making_up.lock().await;
        let tells = || self.link.upstream().is_ok() && !self.link.is_read_only();
        while self.is_connected() && tells() {
            let Some(miss) = self.link.to_make_up() else { return };
            match self.note_earlier().await {
                Ok(()) => self.link.make_up(miss),
                Err(error) => {
                    log::warn!("the orders of the account are not known: {error}");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Asks for the next order id until it is told, or the connection is lost.
    ///
    /// The answer also proves that the greeting is over. Its list of open orders ends with a mark of
    /// its own, which would end a list that was asked for too early.
    pub(super) async fn sync(&self, client: &ibapi::Client) -> Result<(), Error> {
        while client.is_connected() {
            self.rate.turn().await;
            let asked = client.next_valid_order_id();
            match timeout(self.config.request_timeout, asked).await {
                Ok(Ok(next)) => {
                    self.ids.raise(next.into());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_after_the_look_began_is_not_made_up_for_by_it() {
        let link = Link::new();
        let first = link.to_make_up().unwrap();
        link.miss();
        link.make_up(first);
        let second = link.to_make_up().unwrap();
        link.make_up(second);
        assert_eq!(link.to_make_up(), None);
        // An older look that ends late takes nothing back, and a new connection has missed something.
        link.make_up(first);
        assert_eq!(link.to_make_up(), None);
        link.greeted();
        assert!(link.to_make_up().is_some());
    }
}
