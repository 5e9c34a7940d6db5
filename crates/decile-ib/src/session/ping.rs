//! Signs of life.

use super::Session;
use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, PoisonError, Weak};
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
        let (asked, asked_at) = (Arc::clone(&client), self.config.clock.now());
        let ask = async move { asked.server_time().await.map_err(Error::from_client) };
        // It does not wait for its turn among the messages: that would look like silence.
        let answer = self.at_once((request, after), ask).await;
        *last = Some(Probe { on, sent, is_alive: answer.is_ok() });
        if let Ok(told) = &answer {
            let told = DateTime::from_timestamp(told.unix_timestamp(), 0);
            let told = told.map(|told| ahead(told, (asked_at, self.config.clock.now())));
            *self.clock_skew.lock().unwrap_or_else(PoisonError::into_inner) = told;
        }
        // Silence of a gateway in read-only mode goes by the name of its mode, but it does tell the time.
        if matches!(answer, Err(Error::NoAnswer { .. } | Error::ReadOnly)) {
            self.give_up(client);
        }
        answer.map(drop)
    }

    /// Returns by how much the gateway's clock is ahead of ours, at least, as of the last answer.
    pub(crate) fn clock_skew(&self) -> Option<TimeDelta> {
        *self.clock_skew.lock().unwrap_or_else(PoisonError::into_inner)
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

/// By how much a clock is ahead of ours, at least, that told a time in whole seconds at some moment
/// between asking and answering; below zero, behind.
fn ahead(told: DateTime<Utc>, (asked, answered): (DateTime<Utc>, DateTime<Utc>)) -> TimeDelta {
    let (least, most) = (told - answered, told + TimeDelta::seconds(1) - asked);
    least.max(TimeDelta::zero()) + most.min(TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proven_is_ahead_or_behind() {
        let at = |text: &str| format!("2025-12-01T15:00:{text}Z").parse::<DateTime<Utc>>().unwrap();
        let millis = |told: &str| ahead(at(told), (at("10.2"), at("12.5"))).num_milliseconds();
        // The same second, and whatever an answer of 2.3 s may hide.
        assert_eq!([millis("10"), millis("11"), millis("12")], [0; 3]);
        assert_eq!(millis("13"), 500);
        assert_eq!(millis("20"), 7_500);
        // 09 may be 09.999, and 10.2 is when it was asked.
        assert_eq!(millis("09"), -200);
        assert_eq!(millis("00"), -9_200);
    }
}
