//! Every fault of the simulated gateway, through executor, journal and adapter: each test names what
//! becomes of the orders, and that in the end nothing was executed but what was planned, once.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "../support/orders.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod orders;

mod auctions;
mod connection;
mod every;
mod ids;
mod messages;
mod taking;

use decile_core::ManualClock;
use decile_gateway::{Fault, Faults, Gateway, GatewayConfig, Trouble, Venue};
use decile_ib::{IbBroker, IbConfig};
use decile_trade::{
    Broker, BrokerEvent, ExecutionReport, Executor, ExecutorConfig, FileJournal, Journal,
    JournalRecord, OrderStatus, StopSignal,
};
use futures::StreamExt;
use orders::{now, plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

const ACCOUNT: &str = "DU1234567";

/// What every plan here buys, in this order.
const PLAN: [(&str, i64); 3] = [("KO", 10), ("MSFT", 10), ("PEP", 10)];

/// A gateway, a connection to it, and an executor with a journal on disk.
struct Desk {
    gateway: Gateway,
    ib: IbBroker,
    executor: Executor,
    journal: Arc<FileJournal>,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

fn gateway_config() -> GatewayConfig {
    let names = PLAN.map(|(name, _)| name.to_owned()).into_iter();
    let prices = names.chain((0..60).map(|number| format!("S{number}")));
    let prices = prices.map(|name| (name.parse().unwrap(), "50".parse().unwrap()));
    GatewayConfig::new(Venue::prices(prices))
        .account(ACCOUNT)
        .clock(Arc::new(ManualClock::new(now())))
}

fn config(account: &str, port: u16) -> IbConfig {
    orders::config(account, port).request_timeout(Duration::from_secs(1))
}

/// Short waits, for one order at a time.
fn waits() -> ExecutorConfig {
    let short = Duration::from_secs(2);
    ExecutorConfig {
        submit_timeout: short,
        fill_timeout: short,
        find_interval: Duration::from_millis(300),
        request_timeout: short,
        reconnect_max: 3 * short,
        ..ExecutorConfig::default()
    }
}

impl Desk {
    async fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self::with(gateway_config(), |config| config, waits()).await.faulty(faults)
    }

    async fn with(
        gateway: GatewayConfig,
        change: impl FnOnce(IbConfig) -> IbConfig,
        waits: ExecutorConfig,
    ) -> Self {
        let gateway = Gateway::start(gateway).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal =
            FileJournal::open(path, &"q-core".parse().unwrap(), &ACCOUNT.parse().unwrap());
        let journal = Arc::new(journal.unwrap());
        let clock = Arc::new(ManualClock::new(now()));
        let ib = IbBroker::connect(change(config(ACCOUNT, gateway.port()))).await.unwrap();
        let executor = executor(&ib, &journal, &clock, waits);
        Self { gateway, ib, executor, journal, clock, _folder: folder }
    }

    /// Things go wrong once the connection stands.
    fn faulty(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.gateway.set_faults(Faults::new(faults));
        self
    }

    async fn buy(&self, changes: &[(&str, i64)]) -> ExecutionReport {
        self.executor.execute(plan(ACCOUNT, changes), &StopSignal::new()).await.unwrap()
    }

    async fn run(&self) -> ExecutionReport {
        self.buy(&PLAN).await
    }

    /// Resolves what is open, and runs the plan once more; nothing goes wrong any more.
    async fn again(&self) -> ExecutionReport {
        self.gateway.set_faults(Faults::default());
        self.executor.resolve().await.unwrap();
        self.run().await
    }

    /// What the account holds, by stock.
    async fn held(&self) -> BTreeMap<String, i64> {
        held(&self.ib).await
    }

    /// The plan was executed, wholly and once, and the journal knows it.
    async fn is_done(&self) {
        let planned = PLAN.map(|(name, quantity)| (name.to_owned(), quantity));
        assert_eq!(self.held().await, BTreeMap::from(planned));
        assert!(self.executor.resolve().await.unwrap().is_clear());
        let nothing = self.run().await;
        assert_eq!(statuses(&nothing), [OrderStatus::NotSent; 3], "{nothing:?}");
        for order in &nothing.orders {
            let reason = order.reason.as_deref().unwrap();
            assert!(reason.starts_with("filled earlier in this session"), "{reason}");
        }
    }

    /// Waits until an event has come.
    async fn hears(&self, wanted: BrokerEvent, cause: impl FnOnce()) {
        let mut events = self.ib.events();
        cause();
        let wait = async { while events.next().await != Some(wanted.clone()) {} };
        timeout(Duration::from_secs(10), wait).await.unwrap();
    }
}

fn executor(
    ib: &IbBroker,
    journal: &Arc<FileJournal>,
    clock: &Arc<ManualClock>,
    waits: ExecutorConfig,
) -> Executor {
    let journal: Arc<dyn Journal> = journal.clone();
    Executor::new(Arc::new(ib.clone()), journal, clock.clone(), waits)
}

async fn held(ib: &IbBroker) -> BTreeMap<String, i64> {
    let positions = ib.positions().await.unwrap().into_iter();
    positions.map(|held| (held.symbol.to_string(), held.quantity.get())).collect()
}

fn statuses(report: &ExecutionReport) -> Vec<OrderStatus> {
    report.orders.iter().map(|order| order.status).collect()
}

/// The second order of the plan.
fn second(trouble: Trouble) -> Fault {
    Fault::of(trouble).skip(1).times(1)
}
