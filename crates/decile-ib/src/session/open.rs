//! From an address to a session that may be used.

use super::gate::Gate;
use super::link::{self, Link};
use super::pace::Pace;
use super::rate::Rate;
use super::{Contracts, OrderIds, Orders, Session, Turns};
use crate::{Error, IbConfig, MarketData, guard};
use futures::executor::block_on;
use ibapi::subscriptions::NoticeStream;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::sync::{Notify, broadcast};
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
        let (client, notices) = dial(&config).await?;
        // Before anything is asked, so that no answer is missed.
        let updates = client.order_update_stream().await.map_err(Error::from_client)?;
        let sentinel = link::sentinel(&client).await.map_err(Error::from_client)?;
        let (events, _) = broadcast::channel(config.event_capacity);
        let rate = Rate::new(config.messages_per_second);
        let session = Arc::new(Self {
            config,
            client,
            link: Link::new(),
            ids: OrderIds::new(),
            contracts: Contracts::default(),
            orders: Mutex::new(Orders::default()),
            has_waiting: Notify::new(),
            events,
            turns: Turns::default(),
            probe: tokio::sync::Mutex::default(),
            history: Pace::history(),
            rate,
        });
        if let Err(error) = session.greet().await {
            session.close().await;
            return Err(error);
        }
        let gate = Arc::new(Gate::default());
        tokio::spawn(Arc::clone(&gate).keep());
        let listener = Arc::clone(&session).listen_orders(updates, gate);
        let name = format!("decile-ib-{}-orders", session.config.client_id);
        let started = thread::Builder::new().name(name).spawn(|| block_on(listener));
        started.map_err(|source| Error::Thread { source })?;
        tokio::spawn(Arc::clone(&session).listen_notices(notices));
        tokio::spawn(Arc::clone(&session).watch_link(sentinel));
        tokio::spawn(Arc::clone(&session).watch_waiting());
        Ok(session)
    }

    /// Checks the account before anything else, then finds out which order ids are free.
    async fn greet(self: &Arc<Self>) -> Result<(), Error> {
        let Self { client, config, .. } = &**self;
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
        self.sync().await?;
        self.link.set_up();
        if self.link.is_read_only() {
            return Ok(());
        }
        self.note_earlier().await
    }
}

async fn dial(config: &IbConfig) -> Result<(ibapi::Client, NoticeStream), Error> {
    let builder = ibapi::Client::builder()
        .address(config.address())
        .client_id(config.client_id)
        // What it would else wait for without end, long after its asker has given up.
        .one_shot_timeout(config.quote_timeout.max(config.request_timeout))
        .max_reconnect_attempts(config.reconnect_attempts);
    builder.connect_with_notice_stream().await.map_err(|error| match error {
        ibapi::Error::ClientIdInUse { client_id } => {
            Error::ClientIdInUse { client_id, address: config.address() }
        }
        other => Error::Connect { address: config.address(), source: other.into() },
    })
}
