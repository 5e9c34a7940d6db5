//! Several orders in flight at once.

use crate::line::{Behind, Line};
use crate::market::{self, clock, money, now, quotes, session, symbol, targets};
use async_trait::async_trait;
use decile_core::{Decimal, Symbol};
use decile_trade::{
    ApprovedOrder, ApprovedPlan, Broker, Circumstances, Error, ExecutionReport, Executor,
    ExecutorConfig, Journal, JournalRecord, MemoryJournal, OrderAck, OrderStatus, PaperBroker,
    PaperConfig, PlanRules, RiskInputs, RiskLimits, Side, StopSignal, SubmitError, Trouble,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const PRICES: [(&str, &str); 9] = [
    ("A", "50"),
    ("B", "50"),
    ("C", "50"),
    ("D", "50"),
    ("E", "50"),
    ("F", "50"),
    ("G", "50"),
    ("H", "50"),
    ("I", "50"),
];

/// A line on which an order takes a second, and that remembers when.
#[derive(Debug, Default)]
struct Slow {
    /// Beginning, end and side of each.
    spans: Mutex<Vec<(Instant, Instant, Side)>>,
}

impl Slow {
    /// The most orders that were under way at one time.
    fn most(&self) -> usize {
        let spans = self.spans.lock().unwrap();
        let at = |time: &Instant| spans.iter().filter(|(a, b, _)| a <= time && time < b).count();
        spans.iter().map(|(begin, ..)| at(begin)).max().unwrap_or_default()
    }
}

#[async_trait]
impl Line for Slow {
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        let begin = Instant::now();
        sleep(Duration::from_secs(1)).await;
        let outcome = paper.submit(order).await;
        self.spans.lock().unwrap().push((begin, Instant::now(), order.order().side));
        outcome
    }
}

fn slow() -> Arc<Behind<Slow>> {
    let config = PaperConfig::new("DU1234567".parse().unwrap(), money("90000"), session());
    let paper = PaperBroker::new(config, clock());
    paper.set_quotes(quotes(&PRICES).into_values());
    Arc::new(Behind { paper: Arc::new(paper), line: Slow::default() })
}

/// A journal that counts its flushes.
#[derive(Debug, Default)]
struct Counting {
    journal: MemoryJournal,
    flushes: Mutex<usize>,
}

impl Journal for Counting {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        *self.flushes.lock().unwrap() += 1;
        self.journal.append(records)
    }
    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

struct Desk {
    broker: Arc<Behind<Slow>>,
    journal: Arc<Counting>,
    in_flight_max: usize,
}

impl Desk {
    fn new(in_flight_max: usize) -> Self {
        Self { broker: slow(), journal: Arc::default(), in_flight_max }
    }

    async fn approved(&self, wanted: &[&str]) -> ApprovedPlan {
        let broker = &self.broker;
        let (account, positions) =
            (broker.account().await.unwrap(), broker.positions().await.unwrap());
        let quotes = quotes(&PRICES);
        let held = (&account, &positions[..]);
        let plan = market::plan_toward(&targets(wanted), held, &quotes, &PlanRules::default());
        let limits = RiskLimits {
            name_weight_max: Some(decile_core::Weight::new(Decimal::ONE).unwrap()),
            ..market::wide_limits()
        };
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &quotes,
            now: now(),
            known: &Circumstances::default(),
        };
        limits.approve(plan, &inputs).unwrap()
    }

    async fn trade(&self, wanted: &[&str]) -> ExecutionReport {
        let approved = self.approved(wanted).await;
        let config = ExecutorConfig { in_flight_max: self.in_flight_max, ..Default::default() };
        let executor = Executor::new(self.broker.clone(), self.journal.clone(), clock(), config);
        executor.execute(approved, &StopSignal::new()).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_are_out_at_once_and_share_a_flush() {
    let nine: Vec<_> = PRICES.iter().map(|(name, _)| *name).collect();
    for (in_flight_max, windows) in [(1, 9), (4, 3), (9, 1), (100, 1)] {
        let desk = Desk::new(in_flight_max);
        let began = Instant::now();
        let report = desk.trade(&nine).await;
        assert!(report.is_complete());
        assert_eq!(desk.broker.line.most(), in_flight_max.min(9));
        assert_eq!(began.elapsed().as_secs(), windows);
        // Intents and ends of each window, with the beginning of the run in front; and its end.
        assert_eq!(*desk.journal.flushes.lock().unwrap() as u64, 2 * windows + 1);
        // In the order of the plan, whatever came back first.
        let symbols: Vec<_> = report.orders.iter().map(|order| order.symbol.to_string()).collect();
        assert_eq!(symbols, nine);
    }
}

#[tokio::test(start_paused = true)]
async fn buys_wait_for_the_last_sell() {
    let desk = Desk::new(100);
    assert!(desk.trade(&["A", "B", "C"]).await.is_complete());
    desk.broker.line.spans.lock().unwrap().clear();
    // The cash is spent: what D, E and F cost is what A, B and C bring.
    assert!(desk.trade(&["D", "E", "F"]).await.is_complete());
    let spans = desk.broker.line.spans.lock().unwrap();
    let of = |side: Side| spans.iter().filter(move |(_, _, of)| *of == side);
    let sold = of(Side::Sell).map(|(_, end, _)| *end).max().unwrap();
    let bought = of(Side::Buy).map(|(begin, ..)| *begin).min().unwrap();
    assert_eq!((of(Side::Sell).count(), of(Side::Buy).count()), (3, 3));
    assert!(sold <= bought);
}

#[tokio::test(start_paused = true)]
async fn the_buys_of_a_window_share_the_cash() {
    // Approved when there was cash for all three; then most of it goes elsewhere.
    let desk = Desk::new(100);
    let approved = desk.approved(&["A", "B", "C"]).await;
    let other = Desk { broker: desk.broker.clone(), ..Desk::new(1) };
    assert!(other.trade(&["D", "E"]).await.count(OrderStatus::Filled) == 2);
    // Two thirds of the two halves are sold again.
    assert!(other.trade(&["E"]).await.count(OrderStatus::Filled) > 0);
    let config = ExecutorConfig { in_flight_max: 100, ..ExecutorConfig::default() };
    let executor = Executor::new(desk.broker.clone(), desk.journal.clone(), clock(), config);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    // One whole, one as far as the cash goes, which leaves the buffer of 5 %, and then none.
    let bought: Vec<_> = report.orders.iter().map(|order| order.filled.get()).collect();
    assert_eq!(bought, [569, 286, 0], "{report:?}");
    use OrderStatus::{Filled, NotSent, Partial};
    let statuses: Vec<_> = report.orders.iter().map(|order| order.status).collect();
    assert_eq!(statuses, [Filled, Partial, NotSent]);
    assert_eq!(desk.broker.account().await.unwrap().cash, money("4532.91"));
}

#[tokio::test(start_paused = true)]
async fn one_unknown_order_does_not_hide_the_others_of_its_window() {
    let desk = Desk::new(3);
    desk.broker.paper.trouble_for(symbol("B"), Trouble::LostBeforeArrival);
    let report = desk.trade(&["A", "B", "C", "D"]).await;
    let told = |name: &str| {
        let name: Symbol = symbol(name);
        report.orders.iter().find(|order| order.symbol == name).unwrap().status
    };
    use OrderStatus::{Filled, NotSent, Unknown};
    assert_eq!([told("A"), told("B"), told("C"), told("D")], [Filled, Unknown, Filled, NotSent]);
}
