//! The kill switch, engaged before, between and behind orders.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_core::Shares;
use decile_trade::{
    Broker, Error, ExecutionReport, Executor, ExecutorConfig, Journal, JournalRecord, KillSwitch,
    MemoryJournal, OrderStatus, PaperBroker, PaperConfig, Remainder, StopSignal, Trouble,
};
use market::{approved, clock, money, quote, session, symbol};
use std::sync::Arc;
use std::time::Duration;

const WANTED: [(&str, &str); 2] = [("KO", "50"), ("PEP", "150")];

struct Desk {
    _folder: tempfile::TempDir,
    switch: KillSwitch,
    broker: Arc<PaperBroker>,
    journal: Arc<MemoryJournal>,
    executor: Executor,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let switch = KillSwitch::at(folder.path().join("kill"));
        let config = PaperConfig::new("DU1234567".parse().unwrap(), money("10000"), session());
        let broker = Arc::new(PaperBroker::new(config, clock()));
        broker.set_quotes(WANTED.map(|(name, price)| quote(name, price)));
        let journal = Arc::new(MemoryJournal::default());
        let executor =
            Executor::new(broker.clone(), journal.clone(), clock(), ExecutorConfig::default())
                .with_kill_switch(switch.clone());
        Self { _folder: folder, switch, broker, journal, executor }
    }

    fn engage(&self) {
        self.switch.engage("the data look wrong", "ada", market::now()).unwrap();
    }

    async fn execute(&self) -> ExecutionReport {
        self.executor.execute(approved("10000", &WANTED), &StopSignal::new()).await.unwrap()
    }

    /// Leaves the first order open at the broker after so many shares.
    fn leave_open(&self, filled: i64) {
        let (quantity, then) = (Shares::new(filled), Remainder::Works);
        self.broker.trouble_for(symbol("KO"), Trouble::PartialFill { quantity, then });
    }
}

fn statuses(report: &ExecutionReport) -> Vec<OrderStatus> {
    report.orders.iter().map(|order| order.status).collect()
}

#[tokio::test]
async fn an_engaged_switch_sends_nothing_and_the_report_says_who_and_why() {
    let desk = Desk::new();
    desk.engage();
    let report = desk.execute().await;
    assert_eq!(statuses(&report), [OrderStatus::NotSent; 2]);
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("by ada at 2025-12-01T15:00:00Z: the data look wrong"), "{reason}");
    assert!(desk.broker.completed_orders().await.unwrap().is_empty());
    let records = desk.journal.replay().unwrap();
    assert!(!records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })));

    // Released, the same plan goes out: nothing of it was used up.
    desk.switch.release().unwrap();
    assert!(desk.execute().await.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_switch_engaged_while_an_order_is_open_cancels_it_and_sends_no_other() {
    let desk = Desk::new();
    desk.leave_open(7);
    let began = tokio::time::Instant::now();
    let engage = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(desk.broker.open_orders().await.unwrap().len(), 1);
        desk.engage();
    };
    let (report, ()) = tokio::join!(desk.execute(), engage);
    // It need not wait until the order's thirty seconds are up.
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(statuses(&report), [OrderStatus::Partial, OrderStatus::NotSent]);
    assert_eq!(report.orders[0].filled, Shares::new(7));
    assert!(report.orders[1].reason.as_deref().unwrap().contains("kill switch"));
    assert!(desk.broker.open_orders().await.unwrap().is_empty());
    // The journal knows it too: nothing is left to look up.
    assert!(desk.executor.resolve().await.unwrap().resolved.is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_switch_an_open_order_is_left_at_the_broker() {
    let desk = Desk::new();
    desk.leave_open(0);
    let report = desk.execute().await;
    assert_eq!(statuses(&report), [OrderStatus::Unknown, OrderStatus::NotSent]);
    assert_eq!(desk.broker.open_orders().await.unwrap().len(), 1);
}

/// A journal whose disk is so slow that a person engages the switch while an intent is written.
#[derive(Debug)]
struct Slow {
    journal: Arc<MemoryJournal>,
    switch: KillSwitch,
}

impl Journal for Slow {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        if records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })) {
            self.switch.engage("the data look wrong", "ada", market::now()).unwrap();
        }
        self.journal.append(records)
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[tokio::test(start_paused = true)]
async fn a_switch_engaged_behind_the_intents_keeps_the_orders_back_and_the_journal_says_so() {
    let desk = Desk::new();
    let journal = Slow { journal: desk.journal.clone(), switch: desk.switch.clone() };
    let config = ExecutorConfig { in_flight_max: 2, ..ExecutorConfig::default() };
    let executor = Executor::new(desk.broker.clone(), Arc::new(journal), clock(), config)
        .with_kill_switch(desk.switch.clone());
    let approved = approved("10000", &WANTED);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [OrderStatus::NotSent; 2]);
    assert!(report.orders[1].reason.as_deref().unwrap().contains("by ada at"));
    assert!(desk.broker.completed_orders().await.unwrap().is_empty());
    assert!(desk.broker.open_orders().await.unwrap().is_empty());
    let records = desk.journal.replay().unwrap();
    let count = |is: fn(&JournalRecord) -> bool| records.iter().filter(|record| is(record)).count();
    assert_eq!(count(|record| matches!(record, JournalRecord::Intent { .. })), 2);
    assert_eq!(count(|record| matches!(record, JournalRecord::NotSent { .. })), 2);

    // It is proven that nothing left, so once the switch is released both go out under new ids.
    desk.switch.release().unwrap();
    let report = desk.execute().await;
    assert!(report.is_complete());
    assert_eq!(report.orders.iter().map(|order| order.id.attempt()).collect::<Vec<_>>(), [2, 2]);
}
