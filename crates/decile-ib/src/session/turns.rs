//! Requests whose answers bear no number.

use super::Session;
use crate::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::sleep;

/// They take turns, so that none reads the answer of another.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub(super) open_orders: Mutex<()>,
    pub(super) completed_orders: Mutex<()>,
    pub(super) positions: Mutex<()>,
    pub(super) summary: Mutex<()>,
    /// Of those who look at the lists for what may have been missed.
    pub(super) making_up: Mutex<()>,
}

/// How many times as long as an asker waits the end of an answer may take before it counts as lost.
const LATE: u32 = 4;

impl Session {
    /// Asks for a list when its turn has come; `ask` is told how long its end may take.
    ///
    /// The turn lasts until the list has ended, however long ago its asker has given up: a late end
    /// would end the next list. An end that is lost is made up for. The list is asked for again until
    /// it ends, which may be by the late end, and then what may still be on its way is let pass. A
    /// gateway that answers none of it is asked for as long as the connection lives, which is in the
    /// hand of its owner, and meanwhile nobody gets an answer.
    pub(super) async fn in_turn<T, F>(
        self: &Arc<Self>,
        request: &'static str,
        turn: fn(&Turns) -> &Mutex<()>,
        ask: impl Fn(Arc<Self>, Duration) -> F + Send + Sync + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ibapi::Error>> + Send + 'static,
    {
        let work = |session: Arc<Self>| async move {
            let _turn = turn(&session.turns).lock().await;
            let after = session.config.request_timeout;
            let ask = || ask(Arc::clone(&session), after * LATE);
            let told = ask().await;
            if !is_late(&told) {
                return told.map_err(Error::from_client);
            }
            log::warn!("the end of the {request} is lost: asking for them again");
            session.rate.turn().await;
            while is_late(&ask().await) {
                session.rate.turn().await;
            }
            sleep(after).await;
            Err(Error::NoAnswer { request, after })
        };
        self.request(request, work).await
    }
}

fn is_late<T>(told: &Result<T, ibapi::Error>) -> bool {
    matches!(told, Err(ibapi::Error::Timeout))
}
