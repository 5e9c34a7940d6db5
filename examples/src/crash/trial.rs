//! One kill and what comes of it.

use super::client::{Outcome, REACHED};
use super::market::{ORDERS, SHARES, symbols};
use super::point::{Point, Scene, Victim};
use super::process::{Process, text};
use super::proxy::Proxy;
use super::tally::Tally;
use decile::core::Shares;
use decile::trade::ClientOrderId;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a process may take for whatever it does.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
/// How many runs after the kill may be needed until nothing is left to do.
const RUNS_MAX: usize = 3;

/// How much happens in a run that nothing disturbs.
#[derive(Debug, Clone, Copy)]
pub struct Lengths {
    /// Writes of the journal.
    pub writes: usize,
    /// Messages of the client.
    pub asked: usize,
    /// Messages of the gateway.
    pub answered: usize,
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { writes, asked, answered } = self;
        write!(f, "{writes} writes, {asked} messages there and {answered} back")
    }
}

/// A folder with the files of a client and a gateway, which run in it.
#[derive(Debug)]
pub struct Trial {
    folder: tempfile::TempDir,
    in_flight_max: usize,
}

struct Gateway {
    process: Process,
    port: u16,
}

/// What became of a client process.
struct Ended {
    /// Its last word, if it had one.
    outcome: Option<Outcome>,
    /// Whether it came to the point.
    was_reached: bool,
}

impl Trial {
    /// Makes a folder for a trial with so many orders in flight at once.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn new(in_flight_max: usize) -> Result<Self, Box<dyn Error>> {
        Ok(Self { folder: tempfile::tempdir()?, in_flight_max })
    }

    /// Runs without any trouble, and measures how long that is.
    ///
    /// # Errors
    /// If it does not do what it should.
    pub fn measure(&self) -> Result<Lengths, Box<dyn Error>> {
        let gateway = self.gateway()?;
        let (reached, heard) = channel();
        let proxy = Proxy::start(gateway.port, None, reached)?;
        let ended = self.client((proxy.port, None), &heard, |_| {})?;
        let outcome = ended.outcome.filter(|outcome| outcome.is_complete);
        let outcome = outcome.ok_or("a run without trouble is not complete")?;
        Ok(Lengths {
            writes: outcome.writes,
            asked: proxy.counts.asked.load(Ordering::SeqCst),
            answered: proxy.counts.answered.load(Ordering::SeqCst),
        })
    }

    /// Kills what the scene says, starts it again until nothing is left to do, and counts.
    ///
    /// # Errors
    /// If a process does not start, or does not end in time.
    pub fn run(&self, scene: Scene) -> Result<Tally, Box<dyn Error>> {
        let mut gateway = self.gateway()?;
        let was_reached = self.strike(&mut gateway, scene)?;
        if matches!(scene.victim, Victim::Gateway | Victim::Both) {
            gateway.process.kill();
            gateway = self.gateway()?;
        }
        let (_nobody, heard) = channel();
        let mut outcome = None;
        for _ in 0..RUNS_MAX {
            let ended = self.client((gateway.port, None), &heard, |_| {})?;
            outcome = ended.outcome.or(outcome);
            if outcome.as_ref().is_some_and(|outcome| outcome.is_complete) {
                break;
            }
        }
        let outcome = outcome.ok_or_else(|| format!("no run ends after {scene:?}"))?;
        Ok(Tally { kills: usize::from(was_reached), ..judge(&outcome)? })
    }

    /// Lets a client run to the point, and kills there; returns whether it came to it.
    fn strike(&self, gateway: &mut Gateway, scene: Scene) -> Result<bool, Box<dyn Error>> {
        let Scene { point, victim } = scene;
        let (reached, heard) = channel();
        let proxy = Proxy::start(gateway.port, Some(point), reached)?;
        let journal = self.journal();
        if point == Point::ReadOnly {
            let mut permissions = fs::File::create(&journal)?.metadata()?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(&journal, permissions)?;
        }
        let ended = self.client((proxy.port, Some(point)), &heard, |client| {
            if matches!(victim, Victim::Client | Victim::Both) {
                client.kill();
            }
            if matches!(victim, Victim::Gateway | Victim::Both) {
                gateway.process.kill();
            }
            client.release();
            proxy.release();
        })?;
        if point == Point::ReadOnly {
            fs::remove_file(&journal)?;
        }
        Ok(ended.was_reached || victim == Victim::Nobody)
    }

    /// Runs a client to its end. When it comes to the point, or the proxy has `heard` of it on the
    /// wire, `strike` is called.
    fn client(
        &self,
        (port, point): (u16, Option<Point>),
        heard: &Receiver<()>,
        mut strike: impl FnMut(&mut Process),
    ) -> Result<Ended, Box<dyn Error>> {
        let (journal, port) = (self.journal(), port.to_string());
        let most = self.in_flight_max.to_string();
        let point = point.map(|point| serde_json::to_string(&point)).transpose()?;
        let fixed = ["client", "--port", &port, "--journal", text(&journal)?, "--most", &most];
        let at = point.iter().flat_map(|point| ["--at", point]);
        let arguments: Vec<_> = fixed.into_iter().chain(at).collect();
        let (said, lines) = channel();
        let mut client = Process::start(&arguments, said)?;
        let mut ended = Ended { outcome: None, was_reached: false };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let mut is_here = heard.try_recv().is_ok();
            match lines.recv_timeout(PAUSE) {
                Ok(Some(line)) if line == REACHED => is_here = true,
                Ok(Some(line)) => ended.outcome = Some(serde_json::from_str(&line)?),
                Ok(None) | Err(RecvTimeoutError::Disconnected) => return Ok(ended),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if is_here {
                strike(&mut client);
                ended.was_reached = true;
            }
        }
        Err(format!("a client does not end within {} s", PATIENCE.as_secs()).into())
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.sqlite")
    }

    fn gateway(&self) -> Result<Gateway, Box<dyn Error>> {
        let state = self.folder.path().join("gateway.state");
        let (said, lines) = channel();
        let process = Process::start(&["gateway", "--state", text(&state)?], said)?;
        let line = lines.recv_timeout(PATIENCE)?.ok_or("the gateway does not start")?;
        Ok(Gateway { process, port: line.trim().parse()? })
    }
}

/// Compares what was executed with what was planned, said and written down.
fn judge(outcome: &Outcome) -> Result<Tally, Box<dyn Error>> {
    let mut tally = Tally { orders: ORDERS, ..Tally::default() };
    let wanted = Shares::new(SHARES);
    for symbol in symbols()? {
        let held = outcome.held.get(&symbol).copied().unwrap_or_default();
        let mut executed = Shares::ZERO;
        let mut is_written = true;
        for (id, shares) in &outcome.executed {
            if id.parse::<ClientOrderId>()?.symbol() == &symbol {
                executed = executed + *shares;
                is_written &= outcome.journalled.get(id) == Some(shares);
            }
        }
        let is_unknown = outcome.unknown.contains(&symbol);
        if held > wanted || executed > wanted {
            tally.doubled += 1;
        } else if is_unknown {
            tally.unknown += 1;
        } else if held != wanted || executed != wanted || !is_written {
            tally.lost += 1;
        }
    }
    Ok(tally)
}
