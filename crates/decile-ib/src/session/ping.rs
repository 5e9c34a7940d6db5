//! Signs of life.

use super::Session;
use crate::Error;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Gateways do not answer a second question for the time within some four seconds of the first, so a
/// probe that followed closely would find a live gateway dead.
const APART: Duration = Duration::from_secs(5);

/// The last probe.
#[derive(Debug)]
pub(super) struct Probe {
    /// The connection that it went out on: another one is none the worse for it.
    on: Weak<ibapi::Client>,
    sent: Instant,
    is_alive: bool,
}

impl Session {
    /// Asks for a sign of life of the gateway, and looks at what it has said of its own line.
    pub(crate) async fn ping(self: &Arc<Self>) -> Result<(), Error> {
        self.link.upstream()?;
        self.probe().await
    }

    /// Probes again and again while the connection is up.
    pub(super) async fn beat(self: Arc<Self>, every: Duration) {
        let mut beats = interval_at(Instant::now() + every, every);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            if self.link.is_up()
                && let Err(error) = self.probe().await
            {
                log::warn!("no sign of life: {error}");
            }
        }
    }

    /// Asks for the time, at most once in five seconds; in between the last answer stands. Those who
    /// ask at the same time share one probe.
    ///
    /// A connection on which none comes is half open: what is sent there may never arrive, or hours
    /// later. It is given up, which leaves in doubt what is in flight, and another one is made.
    async fn probe(self: &Arc<Self>) -> Result<(), Error> {
        let after = self.config.ping_timeout;
        let request = "sign of life";
        let mut last = self.probe.lock().await;
        let client = self.client();
        let on = Arc::downgrade(&client);
        match &*last {
            Some(probe) if probe.on.ptr_eq(&on) && probe.sent.elapsed() < APART => {
                self.link.ready(&self.config).await?;
                return probe.is_alive.then_some(()).ok_or(Error::NoAnswer { request, after });
            }
            _ => {}
        }
        let sent = Instant::now();
        // Until it is answered, and also if the asker goes away.
        *last = Some(Probe { on: on.clone(), sent, is_alive: false });
        let asked = Arc::clone(&client);
        let ask = async move { asked.server_time().await.map_err(Error::from_client) };
        // It does not wait for its turn among the messages: that would look like silence.
        let answer = self.at_once((request, after), ask).await;
        *last = Some(Probe { on, sent, is_alive: answer.is_ok() });
        // Silence of a gateway in read-only mode goes by the name of its mode, but it does tell the time.
        if matches!(answer, Err(Error::NoAnswer { .. } | Error::ReadOnly)) {
            self.give_up(client);
        }
        answer.map(drop)
    }

    /// Ends a connection that is silent, if it is the one of the moment. The watch over the link does
    /// the rest, as with any that is lost.
    fn give_up(&self, client: Arc<ibapi::Client>) {
        if !Arc::ptr_eq(&client, &self.client()) || !self.link.is_up() {
            return;
        }
        let address = self.config.address();
        log::warn!("{address} gives no sign of life: the connection is given up and made again");
        self.link.set_down();
        // In a task of its own, for whoever asked may go away.
        tokio::spawn(async move { client.disconnect().await });
    }
}
