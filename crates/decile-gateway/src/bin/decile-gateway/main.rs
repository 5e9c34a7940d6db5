//! `decile-gateway`: a simulated TWS / IB Gateway on a port.

mod arguments;
mod replay;
mod stderr_log;

use arguments::Arguments;
use chrono::{DateTime, Utc};
use clap::Parser;
use decile_core::{Clock, ManualClock, SystemClock};
use decile_data::{SimulatedTime, SyntheticMarket, read_folder};
use decile_gateway::{Gateway, GatewayConfig, RunningClock, Scenario, Ticks, Venue};
use replay::Recording;
use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Bad input: nothing was started.
const BAD_INPUT: u8 = 2;
/// The gateway could not go on.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    stderr_log::install(arguments.log);
    let served = match &arguments.replay {
        Some(path) => replay(path, arguments.port),
        None => start(&arguments).map(Served::Gateway),
    };
    let served = match served {
        Ok(served) => served,
        Err(error) => return end(&*error, BAD_INPUT),
    };
    match run(served) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => end(&*error, FAILED),
    }
}

/// What is listening.
enum Served {
    Gateway(Gateway),
    Replay(SocketAddr),
}

impl Served {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Gateway(gateway) => gateway.address(),
            Self::Replay(address) => *address,
        }
    }

    fn is_running(&self) -> bool {
        match self {
            Self::Gateway(gateway) => gateway.is_running(),
            Self::Replay(_) => true,
        }
    }
}

fn replay(path: &Path, port: u16) -> Result<Served> {
    let recording = Recording::read(path)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address)
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr()?;
    replay::serve(listener, recording);
    Ok(Served::Replay(address))
}

fn start(arguments: &Arguments) -> Result<Gateway> {
    let ticks = ticks(arguments)?;
    let (venue, clock) = world(arguments, ticks.as_ref())?;
    let mut config = GatewayConfig::new(venue)
        .account(&arguments.account)
        .cash(arguments.cash)
        .address(SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port)))
        .clock(clock)
        .live_data(!arguments.no_live_data)
        .server_version_max(arguments.server_version_max);
    if let Some(path) = &arguments.scenario {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the scenario {name}: {error}"))?;
        config = Scenario::read(&name, &text)?.apply(config);
    }
    if let Some(ticks) = ticks {
        config = config.ticks(ticks);
    }
    config = arguments.fault.iter().cloned().fold(config, GatewayConfig::fault);
    if let Some(folder) = &arguments.record {
        config = config.record(folder);
    }
    if let Some(path) = &arguments.state {
        config = config.state(path);
    }
    let gateway = Gateway::start(config)?;
    for action in gateway.since() {
        log::info!("since the last session: {action}");
    }
    Ok(gateway)
}

/// Reads how prices move, if they do.
fn ticks(arguments: &Arguments) -> Result<Option<Ticks>> {
    let Some(path) = &arguments.ticks else { return Ok(arguments.tick_seed.map(Ticks::walk)) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the ticks {name}: {error}"))?;
    Ok(Some(Ticks::read(&name, &text)?))
}

/// Chooses what is traded, and the time.
fn world(arguments: &Arguments, ticks: Option<&Ticks>) -> Result<(Venue, Arc<dyn Clock>)> {
    let market = match (&arguments.market, arguments.synthetic) {
        (Some(folder), _) => Some(read_folder(folder)?),
        (None, Some(seed)) => {
            log::warn!("SYNTHETIC MARKET (seed {seed}): companies and prices are invented");
            Some(SyntheticMarket::default().seed(seed).generate()?)
        }
        (None, None) => None,
    };
    let Some(market) = market else {
        let venue = match &arguments.prices {
            Some(prices) => Venue::prices(prices.0.clone()),
            None => {
                log::warn!("the prices are INVENTED round numbers and no quotes of real stocks");
                Venue::large_us(arguments.seed)
            }
        };
        return Ok((venue, clock(arguments, ticks)));
    };
    let as_of = arguments.as_of.unwrap_or(market.calendar().last());
    let venue = Venue::market(&market, as_of)?;
    if !arguments.simulated_time {
        let is_told =
            arguments.from.is_some() || ticks.is_some_and(|ticks| ticks.first().is_some());
        let venue = if is_told { venue.following_the_clock() } else { venue };
        return Ok((venue, clock(arguments, ticks)));
    }
    let time = SimulatedTime::after(market.calendar(), as_of)
        .ok_or_else(|| format!("no session is known after {as_of}: give an earlier --as-of"))?;
    match arguments.speed {
        None => {
            log::info!("it is {} all the time", time.now);
            Ok((venue, Arc::new(ManualClock::new(time.now))))
        }
        Some(speed) => Ok((venue.following_the_clock(), running(time.now, speed))),
    }
}

/// Chooses the clock of a gateway whose market has none: the machine's unless one is told.
fn clock(arguments: &Arguments, ticks: Option<&Ticks>) -> Arc<dyn Clock> {
    let from = arguments.from.or_else(|| ticks.and_then(Ticks::first));
    match (from, arguments.speed) {
        (None, None) => Arc::new(SystemClock),
        (from, speed) => running(from.unwrap_or_else(|| SystemClock.now()), speed.unwrap_or(1)),
    }
}

fn running(start: DateTime<Utc>, speed: u32) -> Arc<dyn Clock> {
    log::info!("the clock begins at {start} and runs {speed} times as fast as the machine's");
    Arc::new(RunningClock::new(start, speed))
}

/// Serves until it is told to stop.
fn run(served: Served) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "decile-gateway listening on {}", served.address())?;
    out.flush()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let told = stop_signal();
        tokio::pin!(told);
        while served.is_running() {
            tokio::select! {
                told = &mut told => return told,
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        }
        Ok(())
    })?;
    match served {
        Served::Gateway(gateway) => Ok(gateway.stop()?),
        // Its threads end with the process.
        Served::Replay(_) => Ok(()),
    }
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        told = tokio::signal::ctrl_c() => told,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Says what went wrong, with its causes.
fn end(error: &(dyn Error + 'static), code: u8) -> ExitCode {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| (**cause).source()).take(8) {
        text = format!("{text}: {cause}");
    }
    // Where nobody reads, there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "error: {text}");
    ExitCode::from(code)
}
