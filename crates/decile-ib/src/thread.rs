//! The thread that owns a connection.

use crate::session::{Outbox, Session};
use crate::{Error, IbConfig};
use std::sync::Arc;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;

/// How to reach the thread.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) runtime: Handle,
    pub(crate) session: Arc<Session>,
    /// The thread ends when nobody holds it any more and the orders that were put there are out.
    pub(crate) outbox: Outbox,
}

/// Starts a thread, which connects and then says how it went.
///
/// One worker is enough, and it is the thread itself: the work is small messages of one socket,
/// which more workers would only hand to each other. What they say of orders is read elsewhere, see
/// `Session::listen_orders`. Nothing that runs on it touches a disk.
pub(crate) fn start(
    config: IbConfig,
    tell: impl FnOnce(Result<Thread, Error>) + Send + 'static,
) -> Result<(), Error> {
    let thread_failed = |source| Error::Thread { source };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(thread_failed)?;
    let name = format!("decile-ib-{}", config.client_id);
    let body = move || run(&runtime, config, tell);
    std::thread::Builder::new().name(name).spawn(body).map(drop).map_err(thread_failed)
}

fn run(runtime: &Runtime, config: IbConfig, tell: impl FnOnce(Result<Thread, Error>)) {
    runtime.block_on(async {
        let session = match Session::open(config).await {
            Ok(session) => session,
            Err(error) => return tell(Err(error)),
        };
        // Bounded by those who wait: each has one order there, for a time that is bounded.
        let (outbox, given) = mpsc::unbounded_channel();
        let runtime = Handle::current();
        tell(Ok(Thread { runtime, session: Arc::clone(&session), outbox }));
        Arc::clone(&session).write_orders(given).await;
        session.close().await;
    });
}
