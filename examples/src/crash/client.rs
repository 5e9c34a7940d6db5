//! One run of the executor as a process of its own, to be killed.

use super::market::{self, Depth, Wave};
use super::point::{Moment, Point};
use chrono::DateTime;
use decile::core::{Shares, Symbol};
use decile::ib::{IbBroker, IbConfig};
use decile::store::{Error as StoreError, JournalStore};
use decile::trade::{
    AccountId, Broker, Circumstances, Error as TradeError, Execution, Executor, ExecutorConfig,
    Journal, JournalRecord, OrderReport, OrderStatus, Plan, PlanInputs, PlanRules, RiskInputs,
    RiskLimits, StaleLimit, StopSignal, StrategyId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// What a client says when it has reached the point at which something is to be killed. It goes on
/// when it gets a line.
pub(super) const REACHED: &str = "reached";

/// How long a limit may rest until it is cancelled, and what is left of it sent once more.
const REST_MAX: Duration = Duration::from_millis(100);

/// How a run ended, as the client and the broker tell it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Whether all is as planned, as far as the client knows.
    pub(super) is_complete: bool,
    /// Orders of which it says that a person must look.
    pub(super) unknown: BTreeSet<String>,
    /// Stocks with orders that may still fill, as it says.
    pub(super) open: BTreeSet<Symbol>,
    /// Orders that the broker shows as open.
    pub(super) resting: BTreeSet<String>,
    /// How many shares it says were to trade and have not, by stock.
    pub(super) missing: BTreeMap<Symbol, Shares>,
    /// What the account holds.
    pub(super) held: BTreeMap<Symbol, Shares>,
    /// What the broker says that it executed, by order.
    pub(super) executed: BTreeMap<String, Shares>,
    /// What the journal knows to have filled by the last word on each order.
    pub(super) journalled: BTreeMap<String, Shares>,
    /// And by its executions, once the next run has looked.
    pub(super) journalled_executions: BTreeMap<String, Shares>,
    /// How often the journal was written.
    pub(super) writes: usize,
}

/// Resolves what earlier runs left, plans, trades, and prints how it ended as JSON.
///
/// # Errors
/// If it cannot begin.
pub async fn run(
    (port, journal, in_flight_max): (u16, &Path, usize),
    (wave, depth): (Wave, Depth),
    point: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let point = point.map(serde_json::from_str).transpose()?;
    let (account, strategy): (AccountId, StrategyId) = (market::ACCOUNT.parse()?, "crash".parse()?);
    let store = JournalStore::open(journal, &strategy, &account)?;
    let journal = Arc::new(Tripwire {
        store,
        point,
        writes: AtomicUsize::new(0),
        has_failed: AtomicBool::new(false),
    });
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
        stale_limit: Some(StaleLimit { after: REST_MAX, reprices_max: 1, ..StaleLimit::default() }),
        ..ExecutorConfig::default()
    };
    let mut executor = Executor::new(broker.clone(), journal.clone(), clock, config);
    if depth.style().has_limit() {
        executor = executor.with_quotes(broker.clone());
    }
    let outcome = trade((&executor, &*broker, &journal), &strategy, (wave, depth)).await?;
    writeln!(io::stdout(), "{}", serde_json::to_string(&outcome)?)?;
    Ok(())
}

async fn trade(
    (executor, broker, journal): (&Executor, &dyn Broker, &Tripwire),
    strategy: &StrategyId,
    (wave, depth): (Wave, Depth),
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
    let rules = PlanRules { order: depth.style(), ..PlanRules::default() };
    let plan = Plan::toward(&inputs, &rules)?;
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now: market::now()?,
        known: &Circumstances::default(),
    };
    let approved = RiskLimits::default().approve(plan, &inputs)?;
    let report = executor.execute(approved, &StopSignal::new()).await?;

    let filled = |record: &JournalRecord| match record {
        JournalRecord::Seen { snapshot, .. } => Some((snapshot.id.to_string(), snapshot.filled)),
        _ => None,
    };
    let orders = || report.orders.iter().chain(&earlier.unknown);
    let is_unknown = |order: &&OrderReport| order.status == OrderStatus::Unknown;
    let is_open = |order: &&OrderReport| order.is_open;
    let missing = report.differences().into_iter();
    let missing = missing.map(|order| (order.symbol, order.planned - order.filled));
    let held = broker.positions().await?.into_iter().map(|held| (held.symbol, held.quantity));
    // As the next run does: an execution may be told behind the word that its order has filled.
    let journalled = journal.replay()?.iter().filter_map(filled).collect();
    executor.resolve().await?;
    let resting = broker.open_orders().await?.into_iter().map(|order| order.id.to_string());
    let executed = broker.executions(DateTime::UNIX_EPOCH).await?;
    let records = journal.replay()?;
    // A later record of an execution has its price or commission.
    let known = records.iter().filter_map(|record| match record {
        JournalRecord::Executed { execution } => Some((&execution.execution_id, execution)),
        _ => None,
    });
    let known: BTreeMap<_, _> = known.collect();
    Ok(Outcome {
        is_complete: report.is_complete() && earlier.is_clear(),
        unknown: orders().filter(is_unknown).map(|order| order.id.to_string()).collect(),
        open: orders().filter(is_open).map(|order| order.symbol.clone()).collect(),
        resting: resting.collect(),
        missing: missing.filter(|(_, shares)| !shares.is_zero()).collect(),
        held: held.collect(),
        executed: by_order(&executed),
        journalled_executions: by_order(known.into_values()),
        journalled,
        writes: journal.writes.load(Ordering::SeqCst),
    })
}

/// Adds up what was executed of each order.
fn by_order<'a>(executions: impl IntoIterator<Item = &'a Execution>) -> BTreeMap<String, Shares> {
    let mut sums: BTreeMap<String, Shares> = BTreeMap::new();
    for execution in executions {
        let sum = sums.entry(execution.id.to_string()).or_default();
        *sum = *sum + execution.quantity;
    }
    sums
}

/// A journal at one of whose writes something happens.
#[derive(Debug)]
struct Tripwire {
    store: JournalStore,
    point: Option<Point>,
    writes: AtomicUsize,
    /// Whether a write was refused.
    has_failed: AtomicBool,
}

impl Tripwire {
    /// Says that the point is reached, and waits to be killed or told to go on.
    fn wait(&self, moment: Moment, write: usize) {
        if self.point == Some(Point::Journal { write, moment }) {
            reached();
        }
    }

    /// Lets the disk be full, or the file read-only, from here on.
    fn spoil(&self, write: usize) -> Result<(), StoreError> {
        match self.point {
            Some(Point::DiskFull { write: full }) if write == full => self.store.limit_size(0),
            Some(Point::Sealed { write: sealed }) if write == sealed => self.store.seal(),
            _ => Ok(()),
        }
    }
}

/// Says so, and waits.
fn reached() {
    let mut line = String::new();
    // A parent that is gone can't kill it any more, and then it may as well go on.
    let _ = writeln!(io::stdout(), "{REACHED}");
    let _ = io::stdout().flush();
    let _ = io::stdin().lock().read_line(&mut line);
}

impl Journal for Tripwire {
    fn append(&self, records: &[JournalRecord]) -> Result<(), TradeError> {
        let write = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        self.wait(Moment::Before, write);
        let failed = |source: StoreError| TradeError::Journal {
            journal: "journal.sqlite".to_owned(),
            source: source.into(),
        };
        self.spoil(write).map_err(failed)?;
        let written = self.store.append(records);
        let is_point = matches!(self.point, Some(Point::DiskFull { .. } | Point::Sealed { .. }));
        if is_point && written.is_err() && !self.has_failed.swap(true, Ordering::SeqCst) {
            reached();
        }
        self.wait(Moment::After, write);
        written
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, TradeError> {
        self.store.replay()
    }
}
