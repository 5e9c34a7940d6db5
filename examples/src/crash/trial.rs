//! A kill or two, and what comes of it.

use super::client::{Outcome, REACHED};
use super::judge::{Verdict, judge};
use super::market::{Depth, Fills, Wave};
use super::point::{Point, Scene, Victim};
use super::prepared::Prepared;
use super::process::{Process, text};
use super::proxy::Proxy;
use super::tally::Tally;
use super::truth::Truth;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a process may take for whatever it does.
const PATIENCE: Duration = Duration::from_secs(180);
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
    depth: Depth,
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

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} in flight", self.depth, self.in_flight_max)
    }
}

impl Trial {
    /// Makes a folder for a trial with so many orders in flight at once, in a market so deep, in which the
    /// first wave is held.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn new(
        prepared: &Prepared,
        in_flight_max: usize,
        depth: Depth,
    ) -> Result<Self, Box<dyn Error>> {
        let trial = Self::empty(in_flight_max, depth)?;
        prepared.copy_to(&trial)?;
        Ok(trial)
    }

    /// Makes a folder without anything in it.
    pub(super) fn empty(in_flight_max: usize, depth: Depth) -> Result<Self, Box<dyn Error>> {
        Ok(Self { folder: tempfile::tempdir()?, in_flight_max, depth })
    }

    /// Runs without any trouble, and measures how long that is.
    ///
    /// # Errors
    /// If it does not do what it should.
    pub fn measure(&self) -> Result<Lengths, Box<dyn Error>> {
        self.undisturbed(Wave::Second)
    }

    pub(super) fn undisturbed(&self, wave: Wave) -> Result<Lengths, Box<dyn Error>> {
        let gateway = self.gateway()?;
        let (reached, heard) = channel();
        let proxy = Proxy::start(gateway.port, None, reached)?;
        let ended = self.client((proxy.port, wave, None), &heard, |_| {})?;
        let outcome = ended.outcome.ok_or("a run without trouble does not end")?;
        if !self.has_ended(&outcome)? {
            return Err("a run without trouble is not complete".into());
        }
        Ok(Lengths {
            writes: outcome.writes,
            asked: proxy.counts.asked.load(Ordering::SeqCst),
            answered: proxy.counts.answered.load(Ordering::SeqCst),
        })
    }

    /// Kills what the scenes say, the second while it recovers from the first, starts it again until
    /// nothing is left to do, and counts.
    ///
    /// # Errors
    /// If a process does not start, or does not end in time.
    pub fn run(&self, scenes: &[Scene]) -> Result<Verdict, Box<dyn Error>> {
        let mut gateway = self.gateway()?;
        let mut struck = Vec::new();
        for scene in scenes {
            if self.strike(&mut gateway, *scene)? {
                struck.push(scene.name());
            }
            if matches!(scene.victim, Victim::Gateway | Victim::Both) {
                gateway.process.kill();
                gateway = self.gateway()?;
            }
        }
        let (_nobody, heard) = channel();
        let mut outcome = None;
        for _ in 0..RUNS_MAX {
            let ended = self.client((gateway.port, Wave::Second, None), &heard, |_| {})?;
            outcome = ended.outcome.or(outcome);
            if let Some(outcome) = &outcome
                && self.has_ended(outcome)?
            {
                break;
            }
        }
        let outcome = outcome.ok_or_else(|| format!("no run ends after {scenes:?}"))?;
        let verdict = judge(&outcome, &Truth::read(&self.state())?, self.depth)?;
        let tally = Tally { kills: struck.len(), ..verdict.tally };
        Ok(Verdict { tally, struck, ..verdict })
    }

    /// Tells whether another run would find nothing to do but what the market does not have.
    fn has_ended(&self, outcome: &Outcome) -> Result<bool, Box<dyn Error>> {
        let dry = self.depth.stocks(Fills::Short)?;
        let is_short = outcome.missing.keys().all(|symbol| dry.contains(symbol));
        let is_known = outcome.unknown.is_empty() && outcome.open.is_empty();
        Ok(outcome.is_complete || (is_short && is_known))
    }

    /// Lets a client run to the point, and kills there; returns whether it came to it.
    fn strike(&self, gateway: &mut Gateway, scene: Scene) -> Result<bool, Box<dyn Error>> {
        let Scene { point, victim } = scene;
        let (reached, heard) = channel();
        let proxy = Proxy::start(gateway.port, Some(point), reached)?;
        let journal = self.journal();
        let permissions = fs::metadata(&journal)?.permissions();
        if point == Point::ReadOnly {
            let mut read_only = permissions.clone();
            read_only.set_readonly(true);
            fs::set_permissions(&journal, read_only)?;
        }
        let mut failed = None;
        let ended = self.client((proxy.port, Wave::Second, Some(point)), &heard, |client| {
            if matches!(victim, Victim::Client | Victim::Both) {
                client.kill();
            }
            if matches!(victim, Victim::Gateway | Victim::Restarted | Victim::Both) {
                gateway.process.kill();
            }
            if victim == Victim::Restarted {
                match self.gateway() {
                    Ok(again) => {
                        proxy.lead_to(again.port);
                        *gateway = again;
                    }
                    Err(error) => failed = Some(error),
                }
            }
            client.release();
            proxy.release();
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if point == Point::ReadOnly {
            fs::set_permissions(&journal, permissions)?;
        }
        // Who finds a read-only file from the beginning does not even begin.
        Ok(ended.was_reached || point == Point::ReadOnly)
    }

    /// Runs a client to its end. When it comes to the point, or the proxy has `heard` of it on the
    /// wire, `strike` is called.
    fn client(
        &self,
        (port, wave, point): (u16, Wave, Option<Point>),
        heard: &Receiver<()>,
        mut strike: impl FnMut(&mut Process),
    ) -> Result<Ended, Box<dyn Error>> {
        let (journal, port) = (self.journal(), port.to_string());
        let most = self.in_flight_max.to_string();
        let point = point.map(|point| serde_json::to_string(&point)).transpose()?;
        let fixed = ["client", "--port", &port, "--journal", text(&journal)?, "--most", &most];
        let fixed = fixed.into_iter().chain(["--wave", wave.name(), "--depth", self.depth.name()]);
        let at = point.iter().flat_map(|point| ["--at", point]);
        let arguments: Vec<_> = fixed.chain(at).collect();
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

    /// Keeps the files of the trial, and tells where they are.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.sqlite")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("gateway.state")
    }

    fn gateway(&self) -> Result<Gateway, Box<dyn Error>> {
        let state = self.state();
        let (said, lines) = channel();
        let arguments = ["gateway", "--state", text(&state)?, "--depth", self.depth.name()];
        let process = Process::start(&arguments, said)?;
        let line = lines.recv_timeout(PATIENCE)?.ok_or("the gateway does not start")?;
        Ok(Gateway { process, port: line.trim().parse()? })
    }
}
