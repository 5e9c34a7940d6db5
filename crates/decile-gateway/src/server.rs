//! Connections: accepting them, reading and writing them, and ending them.

mod connection;
mod outbox;
mod record;

use crate::Error;
use crate::config::Limits;
use crate::engine::Engine;
use connection::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// What every connection needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Mutex<Engine>,
    pub(crate) version_max: i32,
    pub(crate) limits: Limits,
    /// Where connections are recorded, if they are.
    pub(crate) record: Option<PathBuf>,
    /// Whether the thread may stay awake for a moment without taking a client's only processor.
    pub(crate) is_alert: bool,
}

impl Shared {
    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        // A panic while it was held ends the gateway's thread, which `stop` tells of.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when a message that was held back is to go.
async fn due(shared: &Shared, wake: &Notify) {
    loop {
        let next = shared.engine().next_due();
        match next {
            Some(next) => {
                tokio::select! {
                    () = tokio::time::sleep_until(next.into()) => return,
                    () = wake.notified() => {}
                }
            }
            None => wake.notified().await,
        }
    }
}

/// How often the clock is looked at while nobody asks for anything.
const PULSE: Duration = Duration::from_millis(100);

/// After a failed accept, as for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until it is told to stop, or until the engine trades no more.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut pulse = interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last_id = 0;
    let wake = shared.engine().wake();
    loop {
        tokio::select! {
            // Also if the sender is gone.
            _ = stop.changed() => break,
            _ = pulse.tick() => {
                let mut engine = shared.engine();
                engine.pass_time();
                if engine.has_failed() {
                    break;
                }
            }
            // Nothing is due as long as nothing is delayed or under way.
            () = due(&shared, &wake) => shared.engine().pass_time(),
            Some(ended) = connections.join_next() => {
                if ended.is_err() {
                    // A connection that panicked may have left the account half changed.
                    shared.engine().fail(Error::Panicked);
                    break;
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if connections.len() >= shared.limits.connections_max => {
                    log::warn!("{peer} is turned away: too many connections");
                }
                Ok((stream, peer)) => {
                    last_id += 1;
                    log::info!("connection {last_id} from {peer}");
                    connections.spawn(Connection::new(last_id, shared.clone()).run(stream));
                }
                Err(error) => {
                    log::warn!("a connection could not be accepted: {error}");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    // Whoever is connected is cut off.
    connections.shutdown().await;
}
