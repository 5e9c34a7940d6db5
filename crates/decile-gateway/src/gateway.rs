use crate::engine::Engine;
use crate::server::{Shared, serve};
use crate::{Error, Faults, GatewayConfig, HaltKind, Ticks, Trouble};
use decile_core::{AppliedAction, Quote, Symbol};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{JoinHandle, available_parallelism};
use tokio::sync::watch;

/// A gateway that is listening.
///
/// It lives on a thread of its own with its own runtime, so it can be used from any program,
/// asynchronous or not. It stops when it is dropped.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, Venue};
///
/// let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1)))?;
/// assert_ne!(gateway.port(), 0); // connect any client of Interactive Brokers to it
/// gateway.stop()?;
/// # Ok::<(), decile_gateway::Error>(())
/// ```
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    since: Vec<AppliedAction>,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Gateway {
    /// Starts a gateway; when this returns it is listening.
    ///
    /// With a state file the account goes on as it was left: orders that are not good for the
    /// session of the clock are cancelled, and the splits, dividends and spin-offs since its last
    /// session are applied to what it holds.
    ///
    /// # Errors
    /// [`Error::InvalidAccount`] and [`Error::InvalidVersion`] for a configuration that cannot
    /// be, [`Error::Bind`] if the address cannot be listened on, [`Error::Thread`] if no thread
    /// can be made, and of the state file [`Error::StateInUse`], [`Error::StateCorrupt`],
    /// [`Error::StateBroken`], [`Error::FormatVersion`], [`Error::StateAccount`],
    /// [`Error::SessionPassed`], [`Error::File`] and [`Error::Value`] for an action that cannot be
    /// applied; [`Error::File`] also for a folder of recordings that cannot be made.
    pub fn start(config: GatewayConfig) -> Result<Self, Error> {
        check(&config)?;
        let bind = |source| Error::Bind { address: config.address, source };
        let listener = TcpListener::bind(config.address).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        if let Some(folder) = &config.record {
            std::fs::create_dir_all(folder).map_err(|source| Error::File {
                operation: "make the folder of recordings",
                path: folder.clone(),
                source,
            })?;
        }
        let (engine, since) = Engine::open(&config)?;
        let shared = Arc::new(Shared {
            engine: Mutex::new(engine),
            version_max: config.server_version_max,
            limits: config.limits,
            record: config.record.clone(),
            is_alert: available_parallelism().is_ok_and(|count| count.get() > 1),
        });
        let (stop, stopped) = watch::channel(false);
        let serving = shared.clone();
        let (tell, told) = mpsc::channel();
        // The runtime lives and dies on its thread: it may not be dropped where another one runs.
        let thread = std::thread::Builder::new()
            .name("decile-gateway".to_owned())
            .spawn(move || run(listener, serving, stopped, &tell))
            .map_err(|source| Error::Thread { source })?;
        match told.recv() {
            Ok(Ok(())) => Ok(Self { address, since, shared, stop, thread: Some(thread) }),
            Ok(Err(source)) => Err(Error::Thread { source }),
            Err(_) => Err(Error::Panicked),
        }
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the splits and payouts that were applied when a state file was carried on to a
    /// later session; empty otherwise.
    #[must_use]
    pub fn since(&self) -> &[AppliedAction] {
        &self.since
    }

    /// Sets what stocks trade at. Open orders that this makes marketable are filled at once, at
    /// the quote, before this returns; clients that watch the stocks hear of it.
    ///
    /// Stocks that are not named keep their quotes, and one that was not listed is from now on.
    pub fn set_quotes(&self, quotes: impl IntoIterator<Item = Quote>) {
        self.shared.engine().set_quotes(quotes);
    }

    /// Lets prices move by themselves from now on.
    pub fn set_ticks(&self, ticks: Ticks) {
        self.shared.engine().set_ticks(&ticks);
    }

    /// Halts a stock: until it trades again its orders wait.
    pub fn halt(&self, symbol: &Symbol) {
        self.halt_as(symbol, HaltKind::General);
    }

    /// Halts a stock for a reason, which clients that watch it are told.
    pub fn halt_as(&self, symbol: &Symbol, kind: HaltKind) {
        self.shared.engine().halt(symbol, Some(kind));
    }

    /// Lets a stock that was halted trade again, at once.
    pub fn resume(&self, symbol: &Symbol) {
        self.shared.engine().halt(symbol, None);
    }

    /// Sets what is to go wrong from now on. What faults have held back comes now.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.engine().set_faults(faults);
    }

    /// Makes something go wrong at once. Of [`Trouble`]s those are meant that happen "at a call";
    /// others need an occasion, and belong into [`Gateway::set_faults`].
    pub fn cause(&self, trouble: Trouble) {
        self.shared.engine().cause(trouble);
    }

    /// Lets happen what the clock has passed: ticks, halts, bells, auctions, the end of a session. A
    /// gateway looks at its clock ten times a second and at each request; a test that has stepped a clock of
    /// its own need not wait for it.
    pub fn pass_time(&self) {
        self.shared.engine().pass_time();
    }

    /// Returns whether the gateway is still serving. It ends by itself only if its state file
    /// cannot be written any more; [`Gateway::stop`] tells why.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops: accepts nobody any more, cuts off whoever is connected and ends the thread.
    ///
    /// # Errors
    /// [`Error::File`] if the state file could not be written at some time, after which nothing
    /// was traded, and [`Error::Panicked`] if the thread had ended by a panic.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()?;
        self.shared.engine().take_failure().map_or(Ok(()), Err)
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        // An error says that the thread has ended already.
        let _ = self.stop.send(true);
        thread.join().map_err(|_| Error::Panicked)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            log::error!("{error}");
        }
    }
}

/// Serves on a runtime of its own, and first tells whether there is one.
fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
    tell: &mpsc::Sender<std::io::Result<()>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let started = runtime.and_then(|runtime| {
        let _context = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok((runtime, listener))
    });
    // An error says that nobody waits for the gateway any more, and then it has nothing to do.
    match started {
        Ok((runtime, listener)) if tell.send(Ok(())).is_ok() => {
            runtime.block_on(serve(listener, shared, stop));
        }
        Ok(_) => {}
        Err(error) => drop(tell.send(Err(error))),
    }
}

fn check(config: &GatewayConfig) -> Result<(), Error> {
    let account = &config.account;
    let is_account =
        (1..=12).contains(&account.len()) && account.bytes().all(|c| c.is_ascii_alphanumeric());
    if !is_account {
        return Err(Error::InvalidAccount { text: account.clone() });
    }
    let version = config.server_version_max;
    if !GatewayConfig::SERVER_VERSIONS.contains(&version)
        && !GatewayConfig::TEXT_VERSIONS.contains(&version)
    {
        return Err(Error::InvalidVersion { version });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Venue;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    fn connected(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"API\0\0\0\0\x09v213..226").unwrap();
        stream
    }

    #[test]
    fn who_asks_and_never_reads_is_dropped() {
        let mut config = GatewayConfig::new(Venue::large_us(1)).client_queue_max(1 << 16);
        config.limits.stall_max = Duration::from_millis(100);
        let gateway = Gateway::start(config).unwrap();
        let mut stream = connected(gateway.address());
        stream.write_all(b"\0\0\0\x06\0\0\x01\x0f\x08\x01").unwrap(); // client 1 starts
        // Who is who: small questions with small answers.
        let questions = b"\0\0\0\x04\0\0\0\xd9".repeat(1000);
        let end = Instant::now() + Duration::from_secs(60);
        while stream.write_all(&questions).is_ok() {
            assert!(Instant::now() < end, "it may ask forever");
        }
    }

    #[test]
    fn who_does_not_say_who_it_is_is_dropped() {
        let mut config = GatewayConfig::new(Venue::large_us(1));
        config.limits.handshake_max = Duration::from_millis(50);
        let gateway = Gateway::start(config).unwrap();
        let mut silent = TcpStream::connect(gateway.address()).unwrap();
        silent.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        assert_eq!(silent.read(&mut [0; 10]).unwrap(), 0);
    }

    #[test]
    fn one_connection_too_many_is_turned_away() {
        let mut config = GatewayConfig::new(Venue::large_us(1));
        config.limits.connections_max = 1;
        let gateway = Gateway::start(config).unwrap();
        let mut answer = [0; 10];
        let mut first = connected(gateway.address());
        first.read_exact(&mut answer).unwrap();
        let mut second = connected(gateway.address());
        // Closed or reset, and not answered.
        assert!(!matches!(second.read(&mut answer), Ok(count) if count > 0));
    }
}
