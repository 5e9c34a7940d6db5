//! A lost connection, and the next one.

use super::open::{Dialled, Sentinel, Updates, dial};
use super::waiting::Answer;
use super::{Session, nightly};
use crate::Error;
use decile_trade::BrokerEvent;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};

/// The longest time between two attempts.
const APART_MAX: Duration = Duration::from_secs(30);

/// How often it is tried during the nightly reset, which takes half an hour at most.
const NIGHTLY_ATTEMPTS: u32 = 60;

impl Session {
    /// Watches the connection, and makes it again when it is lost, until it is lost for good.
    ///
    /// The next one is another client of the client library, whose own reconnecting is switched off:
    /// it does not bound how long an attempt takes, and cannot be told to give up a connection that is
    /// silent. And what was meant for a connection never goes to the next one, which may be another
    /// account.
    pub(super) async fn watch_link(
        self: Arc<Self>,
        mut sentinel: Sentinel,
        updates: UnboundedSender<Updates>,
    ) {
        loop {
            while let Some(Ok(_)) = sentinel.next().await {}
            self.link.set_down();
            // Bound first, so that the orders are free while the answers are told.
            let answers = self.orders().waiting.lost();
            answers.into_iter().for_each(Answer::tell);
            self.tell(BrokerEvent::Disconnected);
            match nightly::is_reset(self.config.clock.now()) {
                true => log::info!("the connection is lost, as is expected in the nightly reset"),
                false => log::warn!("the connection to {} is lost", self.config.address()),
            }
            match self.connect_again(&updates).await {
                Ok(next) => sentinel = next,
                Err(error) => {
                    log::error!("the connection is not made again: {error}");
                    break;
                }
            }
            self.make_up().await;
            if self.is_connected() {
                self.tell(BrokerEvent::Reconnected);
            }
        }
        self.link.set_ended();
        self.close().await;
    }

    /// Tries to connect as often as the configuration says. A gateway that is another account's now
    /// ends it at once: somebody may have signed in as another user, or to real money, at the same
    /// port.
    async fn connect_again(
        self: &Arc<Self>,
        updates: &UnboundedSender<Updates>,
    ) -> Result<Sentinel, Error> {
        let mut backoff = Backoff::new(self.config.reconnect_attempts);
        let mut last = Error::Disconnected { address: self.config.address() };
        while let Some(delay) = backoff.next(nightly::is_reset(self.config.clock.now())) {
            sleep(delay).await;
            last = match self.try_again(updates).await {
                Ok(sentinel) => return Ok(sentinel),
                Err(error) => error,
            };
            // Not the next attempt's: what is half open would hold the client id.
            self.close().await;
            self.link.set_down();
            if matches!(
                last,
                Error::NotManaged { .. } | Error::LiveGateway { .. } | Error::OrderIds { .. }
            ) {
                break;
            }
            log::info!("not connected to {}: {last}", self.config.address());
        }
        Err(last)
    }

    async fn try_again(
        self: &Arc<Self>,
        updates: &UnboundedSender<Updates>,
    ) -> Result<Sentinel, Error> {
        let after = self.config.connect_timeout;
        let attempt = async {
            let Dialled { client, notices, updates: heard, sentinel } = dial(&self.config).await?;
            self.link.greeted();
            self.farms.forget();
            self.replace_client(client);
            tokio::spawn(Arc::clone(self).listen_notices(notices));
            // An error says that nobody listens to orders any more, as the thread has ended.
            let _ = updates.send(heard);
            self.greet().await.map(|()| sentinel)
        };
        let late = |_| Error::ConnectTimeout { address: self.config.address(), after };
        timeout(after, attempt).await.map_err(late)?
    }
}

/// When a lost connection is tried again.
#[derive(Debug)]
struct Backoff {
    attempts: u32,
    nightly: u32,
    last: Duration,
    next: Duration,
}

impl Backoff {
    fn new(attempts: u32) -> Self {
        let nightly = if attempts == 0 { 0 } else { NIGHTLY_ATTEMPTS };
        Self { attempts, nightly, last: Duration::ZERO, next: Duration::from_secs(1) }
    }

    /// Returns how long to wait before the next attempt; `None` if there is none. Those in the nightly
    /// reset do not count among the others, so that they outlast it.
    fn next(&mut self, is_reset: bool) -> Option<Duration> {
        if is_reset && self.nightly > 0 {
            self.nightly -= 1;
            return Some(APART_MAX);
        }
        self.attempts = self.attempts.checked_sub(1)?;
        let delay = self.next;
        (self.last, self.next) = (delay, (self.last + delay).min(APART_MAX));
        Some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(mut backoff: Backoff, is_reset: bool) -> Vec<u64> {
        std::iter::from_fn(|| backoff.next(is_reset)).map(|delay| delay.as_secs()).collect()
    }

    #[test]
    fn attempts_are_ever_further_apart_and_end() {
        let told = delays(Backoff::new(20), false);
        assert_eq!(told[..9], [1, 1, 2, 3, 5, 8, 13, 21, 30]);
        assert_eq!((told.len(), told.iter().sum::<u64>()), (20, 54 + 12 * 30));
        assert!(delays(Backoff::new(0), false).is_empty());
    }

    #[test]
    fn the_nightly_reset_is_outlasted_and_ends_too() {
        let told = delays(Backoff::new(2), true);
        assert_eq!((told.len(), told[..60].iter().sum::<u64>()), (62, 30 * 60));
        assert_eq!(told[60..], [1, 1]);
        assert!(delays(Backoff::new(0), true).is_empty());
    }
}
