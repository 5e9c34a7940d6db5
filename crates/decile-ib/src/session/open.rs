//! From an address to a session that may be used.

use super::gate::Gate;
use super::link::Link;
use super::pace::Pace;
use super::rate::Rate;
use super::{Contracts, Farms, OrderIds, Orders, Session, Turns};
use crate::{Error, IbConfig, MarketData, guard};
use futures::executor::block_on;
use ibapi::orders::{OrderStatus, OrderUpdate};
use ibapi::subscriptions::{NoticeStream, Subscription};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::timeout;

impl Session {
    /// Connects, checks whose gateway it is, and looks at what was done before.
    pub(crate) async fn open(config: IbConfig) -> Result<Arc<Self>, Error> {
        config.check()?;
        let after = config.connect_timeout;
        let address = config.address();
        match timeout(after, Self::connect(config)).await {
            Ok(session) => session,
            Err(_) => Err(Error::ConnectTimeout { address, after }),
        }
    }

    async fn connect(config: IbConfig) -> Result<Arc<Self>, Error> {
        let Dialled { client, notices, updates, sentinel } = dial(&config).await?;
        let (events, _) = broadcast::channel(config.event_capacity);
        let rate = Rate::new(config.messages_per_second);
        let session = Arc::new(Self {
            config,
            client: RwLock::new(Arc::new(client)),
            link: Link::new(),
            ids: OrderIds::new(),
            contracts: Contracts::default(),
            farms: Farms::default(),
            orders: Mutex::new(Orders::default()),
            has_waiting: Notify::new(),
            has_missed: Notify::new(),
            events,
            turns: Turns::default(),
            probe: tokio::sync::Mutex::default(),
            clock_skew: Mutex::default(),
            history: Pace::history(),
            rate,
        });
        if let Err(error) = session.first_look().await {
            session.close().await;
            return Err(error);
        }
        let gate = Arc::new(Gate::default());
        tokio::spawn(Arc::clone(&gate).keep());
        let (give, given) = mpsc::unbounded_channel();
        // An error says that nobody listens, and the one who will is started next.
        let _ = give.send(updates);
        let listener = Arc::clone(&session).listen_orders(given, gate);
        let name = format!("decile-ib-{}-orders", session.config.client_id);
        let started = thread::Builder::new().name(name).spawn(|| block_on(listener));
        started.map_err(|source| Error::Thread { source })?;
        tokio::spawn(Arc::clone(&session).listen_notices(notices));
        tokio::spawn(Arc::clone(&session).watch_link(sentinel, give));
        tokio::spawn(Arc::clone(&session).watch_misses());
        tokio::spawn(Arc::clone(&session).watch_waiting());
        if let Some(every) = session.config.heartbeat {
            tokio::spawn(Arc::clone(&session).beat(every));
        }
        Ok(session)
    }

    /// Finds out what was done before; a gateway that does not tell is not used.
    async fn first_look(self: &Arc<Self>) -> Result<(), Error> {
        self.greet().await?;
        if let Some(miss) = self.link.to_make_up().filter(|_| !self.link.is_read_only()) {
            self.note_earlier().await?;
            self.link.make_up(miss);
        }
        Ok(())
    }

    /// Checks the account before anything else, then finds out which order ids are free.
    pub(super) async fn greet(&self) -> Result<(), Error> {
        let (client, config) = (self.client(), &self.config);
        let managed = match client.handshake_managed_accounts() {
            // The client library gives up on the greeting after 100 messages, without an error: a
            // gateway that first repeats 50 open orders has not come to the accounts by then.
            [] => {
                self.rate.turn().await;
                client.managed_accounts().await.map_err(Error::from_client)?
            }
            managed => managed.to_vec(),
        };
        guard::check_managed(config.mode, &config.account, &managed)?;
        if config.market_data != MarketData::Live {
            let wanted = config.market_data.into();
            self.rate.turn().await;
            client.switch_market_data_type(wanted).await.map_err(Error::from_client)?;
        }
        // Asked for even if the greeting told it: the answer comes behind all of the greeting.
        self.sync(&client).await?;
        self.link.set_up();
        Ok(())
    }
}

/// What is told of the orders of a connection.
pub(super) type Updates = Subscription<OrderUpdate>;

/// Streams nothing, and ends at once when the connection does: no order has the id 0.
pub(super) type Sentinel = Subscription<OrderStatus>;

/// A new connection, with what listens to it.
pub(super) struct Dialled {
    pub(super) client: ibapi::Client,
    pub(super) notices: NoticeStream,
    pub(super) updates: Updates,
    pub(super) sentinel: Sentinel,
}

/// Connects, and listens before anything is asked, so that no answer is missed.
pub(super) async fn dial(config: &IbConfig) -> Result<Dialled, Error> {
    let builder = ibapi::Client::builder()
        .address(config.address())
        .client_id(config.client_id)
        // What it would else wait for without end, long after its asker has given up.
        .one_shot_timeout(config.quote_timeout.max(config.request_timeout))
        // A lost connection is made again in `watch_link`.
        .max_reconnect_attempts(0);
    let connected = builder.connect_with_notice_stream().await;
    let (client, notices) = connected.map_err(|error| match error {
        ibapi::Error::ClientIdInUse { client_id } => {
            Error::ClientIdInUse { client_id, address: config.address() }
        }
        other => Error::Connect { address: config.address(), source: other.into() },
    })?;
    let updates = client.order_update_stream().await.map_err(Error::from_client)?;
    let sentinel = client.order_status_stream(0).await.map_err(Error::from_client)?;
    Ok(Dialled { client, notices, updates, sentinel })
}
