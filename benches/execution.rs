//! What safety costs: a thousand orders through the executor, a journal on disk and `decile-ib`, beside
//! the client library alone, and how long it takes from scores to the wire:
//! `cargo bench -p decile-benches --bench execution`.
//!
//! All trade with one gateway that is embedded here, without a limit to the rate; contracts are known
//! beforehand, nothing is left to resolve and the connection has been probed. The executor has as many
//! orders in flight as the name says: their intents share one flush of the journal, and so do their ends.

#[path = "desk/mod.rs"]
mod desk;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use decile_core::{ManualClock, Shares, Symbol, Targets};
use decile_ib::IbBroker;
use decile_store::JournalStore;
use decile_trade::{
    Account, ApprovedOrder, ApprovedPlan, Broker, BrokerEvent, Circumstances, ClientOrderId, Error,
    Execution, Executor, ExecutorConfig, FileJournal, Journal, JournalRecord, OrderAck,
    OrderSnapshot, Plan, PlanInputs, PlanRules, Position, RiskInputs, RiskLimits, StopSignal,
    SubmitError,
};
use desk::{
    ACCOUNT, Bare, ORDERS, approved, connect, gateway, now, quotes, runtime, strategy, symbols,
};
use futures::stream::BoxStream;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const ROUNDS: usize = 21;
const SCORED: usize = 500;
const WANTED: usize = 10;
const LATENCY_ROUNDS: u64 = 300;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Store,
    File,
}

/// A journal that no run has used before: it belongs to one strategy.
fn journal(kind: Kind, folder: &Path, run: u64) -> Arc<dyn Journal> {
    let account = ACCOUNT.parse().expect("an account");
    match kind {
        Kind::Store => {
            let path = folder.join(format!("{run}.sqlite"));
            Arc::new(JournalStore::open(path, &strategy(run), &account).expect("a journal"))
        }
        Kind::File => {
            let path = folder.join(format!("{run}.jsonl"));
            Arc::new(FileJournal::open(path, &strategy(run), &account).expect("a journal"))
        }
    }
}

fn executor(broker: Arc<dyn Broker>, journal: Arc<dyn Journal>, in_flight_max: usize) -> Executor {
    let clock = Arc::new(ManualClock::new(now()));
    let config = ExecutorConfig { in_flight_max, ..ExecutorConfig::default() };
    Executor::new(broker, journal, clock, config)
}

/// Executes a plan, of which nothing may be left undone.
async fn execute(executor: &Executor, approved: ApprovedPlan) -> Duration {
    let began = Instant::now();
    let report = executor.execute(approved, &StopSignal::new()).await.expect("a journal to read");
    let took = began.elapsed();
    assert!(
        report.is_complete(),
        "{:?}",
        report.orders.iter().find(|order| order.reason.is_some())
    );
    took
}

/// What the runs of this bench trade with.
struct Desk<'a> {
    runtime: &'a Runtime,
    ib: Arc<IbBroker>,
    folder: &'a Path,
}

impl Desk<'_> {
    /// Trades a thousand orders under names of their own.
    fn trade(&self, (kind, in_flight_max): (Kind, usize), run: u64) -> Duration {
        let journal = journal(kind, self.folder, run);
        let executor = executor(self.ib.clone(), journal, in_flight_max);
        let plan = approved(run);
        self.runtime.block_on(async {
            assert!(executor.resolve().await.expect("a journal to read").is_clear());
            self.ib.ping().await.expect("an answer");
            execute(&executor, plan).await
        })
    }
}

const KINDS: [(&str, Kind, usize); 4] = [
    ("journal_store/100_in_flight", Kind::Store, 100),
    ("journal_store/1000_in_flight", Kind::Store, 1000),
    ("file_journal/100_in_flight", Kind::File, 100),
    ("file_journal/1000_in_flight", Kind::File, 1000),
];

/// Prints how much longer the orders take with everything than with the client library alone. In turns,
/// so that whatever else the machine does disturbs all alike.
#[expect(clippy::print_stdout, reason = "the ratio is what this benchmark is for")]
fn compare(desk: &Desk<'_>, bare: &mut Bare, next: &mut impl FnMut() -> u64) {
    let mut rounds: Vec<[f64; 1 + KINDS.len()]> = Vec::new();
    for _ in 0..ROUNDS {
        let mut took = [desk.runtime.block_on(bare.trade(next())).as_secs_f64(); 1 + KINDS.len()];
        for ((_, kind, in_flight_max), took) in KINDS.iter().zip(&mut took[1..]) {
            *took = desk.trade((*kind, *in_flight_max), next()).as_secs_f64();
        }
        rounds.push(took);
    }
    let median = |of: &dyn Fn(&[f64; 1 + KINDS.len()]) -> f64| {
        let mut all: Vec<_> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    println!("medians of {ROUNDS} rounds in turns: bare {:.1} ms", 1e3 * median(&|round| round[0]));
    for (index, (name, ..)) in KINDS.iter().enumerate() {
        let (took, ratio) =
            (1e3 * median(&|round| round[index + 1]), median(&|round| round[index + 1] / round[0]));
        println!("{name}: {took:.1} ms, {ratio:.2} times bare in the median round");
    }
}

/// Where the time of a run goes until its first order is acknowledged, which is behind the wire.
#[derive(Debug, Default)]
struct Stopwatch {
    /// The account and the positions, asked for over the wire.
    looks: Duration,
    /// Records that are written and flushed.
    writes: Duration,
    submitted: Option<Instant>,
    acknowledged: Option<Instant>,
}

/// A broker and a journal under a stopwatch.
#[derive(Debug)]
struct Watched {
    ib: Arc<IbBroker>,
    journal: Arc<dyn Journal>,
    stopwatch: Mutex<Stopwatch>,
}

impl Stopwatch {
    /// Adds to a part what has passed since it began, if it was before the first order.
    fn add(&mut self, part: fn(&mut Self) -> &mut Duration, began: Instant) {
        if self.submitted.is_none() {
            *part(self) += began.elapsed();
        }
    }
}

impl Watched {
    fn stopwatch(&self) -> MutexGuard<'_, Stopwatch> {
        self.stopwatch.lock().expect("no panic")
    }
}

impl Journal for Watched {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let began = Instant::now();
        let written = self.journal.append(records);
        self.stopwatch().add(|watch| &mut watch.writes, began);
        written
    }
    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[async_trait]
impl Broker for Watched {
    async fn account(&self) -> Result<Account, Error> {
        let began = Instant::now();
        let answer = self.ib.account().await;
        self.stopwatch().add(|watch| &mut watch.looks, began);
        answer
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        let began = Instant::now();
        let answer = self.ib.positions().await;
        self.stopwatch().add(|watch| &mut watch.looks, began);
        answer
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        self.stopwatch().submitted.get_or_insert_with(Instant::now);
        let answer = self.ib.submit(order).await;
        self.stopwatch().acknowledged.get_or_insert_with(Instant::now);
        answer
    }
    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        self.ib.cancel(id).await
    }
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        self.ib.find(id).await
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.ib.open_orders().await
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.ib.completed_orders().await
    }
    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        self.ib.executions(since).await
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        self.ib.events()
    }
    fn number_from(&self, from: u64) -> Option<u64> {
        self.ib.number_from(from)
    }
    async fn ping(&self) -> Result<(), Error> {
        self.ib.ping().await
    }
}

/// Scores of which one of two sets of ten stocks is the best by turns, so that the account has held no
/// more than twenty: gateways tell of what was closed today, too.
fn scores(random: &mut ChaCha8Rng, round: u64) -> Vec<f64> {
    let set = WANTED * usize::from(round.is_multiple_of(2));
    let score = |index| {
        let is_in_turn = (set..set + WANTED).contains(&index);
        f64::from(random.next_u32()) + if is_in_turn { f64::from(u32::MAX) } else { 0.0 }
    };
    (0..SCORED).map(score).collect()
}

/// The best ten of five hundred scores, a hundred shares of each, and nothing else.
fn wanted(scores: &[f64], symbols: &[Symbol]) -> Targets {
    let mut ranked: Vec<(f64, &Symbol)> = scores.iter().copied().zip(symbols).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best: Vec<_> = ranked.into_iter().take(WANTED).map(|(_, symbol)| symbol.clone()).collect();
    let as_of = now().date_naive().pred_opt().expect("a day before");
    Targets::equal_shares(as_of, &best, Shares::new(100)).expect("each once")
}

/// How long a part of the way from scores to the wire took.
#[derive(Debug, Clone, Copy)]
struct Way {
    whole: Duration,
    plan: Duration,
    looks: Duration,
    writes: Duration,
    wire: Duration,
    /// Beside it: so many bytes appended to a file and flushed.
    disk: Duration,
}

/// From scores to the first acknowledged order: targets, plan, checks, the records of the run and of the
/// intents on disk, account and positions read anew, the order written, taken and acknowledged.
async fn scores_to_wire(desk: &Desk<'_>, scores: &[f64], run: u64) -> Way {
    let journal = journal(Kind::Store, desk.folder, run);
    let watched = Arc::new(Watched { ib: desk.ib.clone(), journal, stopwatch: Mutex::default() });
    let executor = executor(watched.clone(), watched.clone(), WANTED);
    let (account, quotes) = (watched.account().await.expect("an answer"), quotes());
    let symbols = symbols();
    let positions = watched.positions().await.expect("an answer");
    desk.ib.ping().await.expect("an answer");
    let disk = disk(desk.folder);
    *watched.stopwatch() = Stopwatch::default();
    let began = Instant::now();
    let (targets, strategy) = (wanted(scores, &symbols), strategy(run));
    let inputs = PlanInputs {
        strategy: &strategy,
        session: now().date_naive(),
        targets: &targets,
        account: &account,
        positions: &positions,
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default()).expect("a plan");
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    let limits = RiskLimits {
        order_count_max: 2 * ORDERS,
        day_order_count_max: 2 * ORDERS,
        ..RiskLimits::default()
    };
    let approved = limits.approve(plan, &inputs).expect("within the limits");
    let plan = began.elapsed();
    execute(&executor, approved).await;
    let stopwatch = watched.stopwatch();
    let acknowledged = stopwatch.acknowledged.expect("an order");
    Way {
        whole: acknowledged - began,
        plan,
        looks: stopwatch.looks,
        writes: stopwatch.writes,
        wire: acknowledged - stopwatch.submitted.expect("an order"),
        disk,
    }
}

/// What the disk itself takes for a flushed write of the size that the journal makes before an order.
fn disk(folder: &Path) -> Duration {
    let path = folder.join("disk");
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
    let page = [7; 32 * 1024];
    let began = Instant::now();
    file.write_all(&page).expect("written");
    file.sync_data().expect("flushed");
    began.elapsed()
}

#[expect(clippy::print_stdout, reason = "the figures are what this benchmark is for")]
fn latency(desk: &Desk<'_>, next: &mut impl FnMut() -> u64) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let ways: Vec<Way> = (0..LATENCY_ROUNDS)
        .map(|round| {
            let scores = scores(&mut random, round);
            desk.runtime.block_on(scores_to_wire(desk, &scores, next()))
        })
        .collect();
    let print = |name: &str, of: fn(&Way) -> Duration| {
        let mut took: Vec<_> = ways.iter().map(of).collect();
        took.sort();
        let part = |percent: usize| took[took.len() * percent / 100].as_secs_f64() * 1e3;
        println!("{name}: p50 {:.2} ms, p99 {:.2} ms", part(50), part(99));
    };
    print("scores_to_wire", |way| way.whole);
    print("  targets, plan and checks", |way| way.plan);
    print("  account and positions over the wire", |way| way.looks);
    print("  the journal", |way| way.writes);
    print("  first order to its acknowledgement", |way| way.wire);
    print("beside it: a flushed write of 32 KiB", |way| way.disk);
    print("scores_to_wire without the disk", |way| way.whole.saturating_sub(way.writes));
}

fn execution(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let runtime = runtime();
    let mut run = 0;
    let mut next = || {
        run += 1;
        run
    };
    {
        // The shares of a thousand stocks would have to be sold first.
        let gateway = gateway();
        let ib = Arc::new(runtime.block_on(connect(&gateway)));
        latency(&Desk { runtime: &runtime, ib, folder: folder.path() }, &mut next);
    }
    let gateway = gateway();
    let mut bare = runtime.block_on(Bare::connect(&gateway));
    let ib = Arc::new(runtime.block_on(connect(&gateway)));
    let desk = Desk { runtime: &runtime, ib, folder: folder.path() };
    compare(&desk, &mut bare, &mut next);
    let mut group = criterion.benchmark_group("execution");
    group.sample_size(10).throughput(Throughput::Elements(ORDERS as u64));
    group.bench_function("bare", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(bare.trade(next()))).sum());
    });
    for (name, kind, in_flight_max) in KINDS {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                (0..times).map(|_| desk.trade((kind, in_flight_max), next())).sum()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, execution);
criterion_main!(benches);
