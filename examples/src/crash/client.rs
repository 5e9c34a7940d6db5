//! One run of the executor as a process of its own, to be killed.

use super::market::{self, Wave};
use super::point::{Moment, Point};
use chrono::DateTime;
use decile::core::{Shares, Symbol};
use decile::ib::{IbBroker, IbConfig};
use decile::store::JournalStore;
use decile::trade::{
    AccountId, Broker, Circumstances, Error as TradeError, Executor, ExecutorConfig, Journal,
    JournalRecord, OrderStatus, Plan, PlanInputs, PlanRules, RiskInputs, RiskLimits, StopSignal,
    StrategyId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What a client says when it has reached the point at which something is to be killed. It goes on
/// when it gets a line.
pub(super) const REACHED: &str = "reached";

/// How a run ended, as the client and the broker tell it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Whether all is as planned, as far as the client knows.
    pub(super) is_complete: bool,
    /// Stocks of which it says that a person must look.
    pub(super) unknown: BTreeSet<Symbol>,
    /// What the account holds.
    pub(super) held: BTreeMap<Symbol, Shares>,
    /// What the broker executed, by order.
    pub(super) executed: BTreeMap<String, Shares>,
    /// What the journal knows to have filled, by order.
    pub(super) journalled: BTreeMap<String, Shares>,
    /// How often the journal was written.
    pub(super) writes: usize,
}

/// Resolves what earlier runs left, plans, trades, and prints how it ended as JSON.
///
/// # Errors
/// If it cannot begin.
pub async fn run(
    (port, journal, in_flight_max): (u16, &Path, usize),
    wave: Wave,
    point: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let point = point.map(serde_json::from_str).transpose()?;
    let (account, strategy): (AccountId, StrategyId) = (market::ACCOUNT.parse()?, "crash".parse()?);
    let store = JournalStore::open(journal, &strategy, &account)?;
    let journal = Arc::new(Tripwire { store, point, writes: AtomicUsize::new(0) });
    let (clock, short) = (market::clock()?, Duration::from_secs(1));
    let config = IbConfig::paper(account)?
        .port(port)
        .clock(clock.clone())
        .request_timeout(short)
        .acknowledge_timeout(short)
        .reconnect_attempts(1)
        .messages_per_second(None);
    let broker = Arc::new(IbBroker::connect(config).await?);
    let config = ExecutorConfig {
        submit_timeout: short,
        fill_timeout: 2 * short,
        find_interval: short,
        request_timeout: 2 * short,
        in_flight_max,
        ..ExecutorConfig::default()
    };
    let executor = Executor::new(broker.clone(), journal.clone(), clock, config);
    let outcome = trade((&executor, &*broker, &journal), &strategy, wave).await?;
    writeln!(io::stdout(), "{}", serde_json::to_string(&outcome)?)?;
    Ok(())
}

async fn trade(
    (executor, broker, journal): (&Executor, &dyn Broker, &Tripwire),
    strategy: &StrategyId,
    wave: Wave,
) -> Result<Outcome, Box<dyn Error>> {
    let earlier = executor.resolve().await?;
    let (account, positions) = (broker.account().await?, broker.positions().await?);
    let (targets, quotes) = (market::targets(wave)?, market::quotes()?);
    let inputs = PlanInputs {
        strategy,
        session: market::session()?,
        targets: &targets,
        account: &account,
        positions: &positions,
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default())?;
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now: market::now()?,
        known: &Circumstances::default(),
    };
    let approved = RiskLimits::default().approve(plan, &inputs)?;
    let report = executor.execute(approved, &StopSignal::new()).await?;

    let is_unknown = |status: OrderStatus| status == OrderStatus::Unknown;
    let orders = report.orders.iter().chain(&earlier.unknown);
    let unknown = orders.filter(|order| is_unknown(order.status)).map(|order| order.symbol.clone());
    let held = broker.positions().await?.into_iter().map(|held| (held.symbol, held.quantity));
    let mut executed: BTreeMap<String, Shares> = BTreeMap::new();
    for execution in broker.executions(DateTime::UNIX_EPOCH).await? {
        let sum = executed.entry(execution.id.to_string()).or_default();
        *sum = *sum + execution.quantity;
    }
    let filled = |record| match record {
        JournalRecord::Seen { snapshot, .. } => Some((snapshot.id.to_string(), snapshot.filled)),
        _ => None,
    };
    Ok(Outcome {
        is_complete: report.is_complete() && earlier.is_clear(),
        unknown: unknown.collect(),
        held: held.collect(),
        executed,
        journalled: journal.replay()?.into_iter().filter_map(filled).collect(),
        writes: journal.writes.load(Ordering::SeqCst),
    })
}

/// A journal at one of whose writes something happens.
#[derive(Debug)]
struct Tripwire {
    store: JournalStore,
    point: Option<Point>,
    writes: AtomicUsize,
}

impl Tripwire {
    /// Says that the point is reached, and waits to be killed or told to go on.
    fn wait(&self, moment: Moment, write: usize) {
        if self.point != Some(Point::Journal { write, moment }) {
            return;
        }
        let mut line = String::new();
        // A parent that is gone can't kill it any more, and then it may as well go on.
        let _ = writeln!(io::stdout(), "{REACHED}");
        let _ = io::stdout().flush();
        let _ = io::stdin().lock().read_line(&mut line);
    }
}

impl Journal for Tripwire {
    fn append(&self, records: &[JournalRecord]) -> Result<(), TradeError> {
        let write = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        self.wait(Moment::Before, write);
        // From its point on a full disk takes nothing more.
        if matches!(self.point, Some(Point::DiskFull { write: full }) if write >= full) {
            let source = io::Error::from(io::ErrorKind::StorageFull);
            return Err(TradeError::Journal { journal: "full".to_owned(), source: source.into() });
        }
        let written = self.store.append(records);
        self.wait(Moment::After, write);
        written
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, TradeError> {
        self.store.replay()
    }
}
