//! Signs of life.

use super::Session;
use crate::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Gateways do not answer a second question for the time within some four seconds of the first, so a
/// probe that followed closely would find a live gateway dead.
const APART: Duration = Duration::from_secs(5);

/// The last probe.
#[derive(Debug)]
pub(super) struct Probe {
    sent: Instant,
    is_alive: bool,
}

impl Session {
    /// Asks for the time, at most once in five seconds; in between the last answer stands. Those who
    /// ask at the same time share one probe.
    pub(crate) async fn ping(self: &Arc<Self>) -> Result<(), Error> {
        self.link.upstream()?;
        let after = self.config.ping_timeout;
        let request = "sign of life";
        let mut last = self.probe.lock().await;
        match &*last {
            Some(probe) if probe.sent.elapsed() < APART => {
                self.link.ready(&self.config).await?;
                return probe.is_alive.then_some(()).ok_or(Error::NoAnswer { request, after });
            }
            _ => {}
        }
        let sent = Instant::now();
        // Until it is answered, and also if the asker goes away.
        *last = Some(Probe { sent, is_alive: false });
        let session = Arc::clone(self);
        let ask = async move { session.client.server_time().await.map_err(Error::from_client) };
        let answer = self.bounded((request, after), ask).await;
        *last = Some(Probe { sent, is_alive: answer.is_ok() });
        answer.map(drop)
    }
}
