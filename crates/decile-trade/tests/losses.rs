//! Too much is lost: what is latched, what is not, and who lifts it.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{ManualClock, Money};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution, Executor,
    ExecutorConfig, FileJournal, History, Journal, JournalRecord, LossLimits, LossState,
    MemoryJournal, OrderAck, OrderSnapshot, OrderStatus, PaperBroker, PaperConfig, Position,
    StopSignal, SubmitError,
};
use futures::stream::{self, BoxStream};
use market::{account, approved, clock, money, now, quote, session, strategy};
use std::sync::{Arc, Mutex};

/// An account whose equity is read out of a list, the last again and again.
#[derive(Debug)]
struct Reads(Mutex<Vec<&'static str>>);

impl Reads {
    fn new(reads: &[&'static str]) -> Self {
        Self(Mutex::new(reads.iter().rev().copied().collect()))
    }
}

#[async_trait]
impl Broker for Reads {
    async fn account(&self) -> Result<Account, Error> {
        let mut left = self.0.lock().unwrap();
        let equity = if left.len() > 1 { left.pop().unwrap() } else { left[0] };
        match equity {
            "none" => Err(Error::Broker { request: "account", source: "not now".into() }),
            equity => Ok(account(equity)),
        }
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        Ok(Vec::new())
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        Err(SubmitError::NotSent { id: order.id().clone(), source: "only looked at".into() })
    }
    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        Err(Error::UnknownOrder { id: id.clone() })
    }
    async fn find(&self, _: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        Ok(None)
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        Ok(Vec::new())
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        Ok(Vec::new())
    }
    async fn executions(&self, _: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        Ok(Vec::new())
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        Box::pin(stream::empty())
    }
    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// What a look finds, one after the other, on so many days after the session.
async fn look(journal: &dyn Journal, days: i64, reads: &[&'static str]) -> LossState {
    look_by(&LossLimits::default(), journal, days, reads).await
}

async fn look_by(
    limits: &LossLimits,
    journal: &dyn Journal,
    days: i64,
    reads: &[&'static str],
) -> LossState {
    let clock = ManualClock::new(now() + TimeDelta::days(days));
    limits.watch(&Reads::new(reads), journal, &clock).await.unwrap()
}

fn is_latched(journal: &dyn Journal) -> bool {
    History::replay(journal).unwrap().latched().is_some()
}

fn reset(journal: &dyn Journal) {
    let reason = "looked at, and all is well".to_owned();
    journal.append(&[JournalRecord::LossReset { reason, at: now() }]).unwrap();
}

#[tokio::test(start_paused = true)]
async fn three_reads_in_a_row_latch_a_loss_of_the_day() {
    let journal = MemoryJournal::default();
    assert_eq!(look(&journal, 0, &["100000"]).await, LossState::Within);
    // 2.99 % is within, 3 % is not.
    assert_eq!(look(&journal, 0, &["97010"]).await, LossState::Within);
    let began = tokio::time::Instant::now();
    let state = look(&journal, 0, &["97000", "96990", "96980"]).await;
    let reason = "96980 is 3.02 % below 100000, the first look of the day: the limit is 3.00 %";
    assert_eq!(state.latched(), Some(reason));
    assert_eq!(began.elapsed().as_secs(), 4, "two pauses");
    // The next look needs no loss to remember.
    assert_eq!(look(&journal, 1, &["100000"]).await.latched(), Some(reason));
}

#[tokio::test(start_paused = true)]
async fn one_look_a_day_is_measured_by_the_last_of_an_earlier_day() {
    let journal = MemoryJournal::default();
    // The last of a day, and not its first.
    assert_eq!(look(&journal, 0, &["100000"]).await, LossState::Within);
    assert_eq!(look(&journal, 0, &["98000"]).await, LossState::Within);
    // 2.99 % of 98,000 is within, and the weekend is no day of its own.
    assert_eq!(look(&journal, 3, &["95070"]).await, LossState::Within);
    let state = look(&journal, 4, &["92200"]).await;
    let reason = "92200 is 3.02 % below 95070, the last look of 2025-12-04: the limit is 3.00 %";
    assert_eq!(state.latched(), Some(reason));
    // Lifted, it counts from the next look on.
    reset(&journal);
    assert_eq!(look(&journal, 5, &["92000"]).await, LossState::Within);
    let (date, equity) = History::replay(&journal).unwrap().equity_before(session()).unzip();
    assert_eq!((date, equity), (None, None));
}

#[tokio::test(start_paused = true)]
async fn one_bad_tick_latches_nothing() {
    let journal = MemoryJournal::default();
    look(&journal, 0, &["100000"]).await;
    assert_eq!(look(&journal, 0, &["1", "1", "99000"]).await, LossState::Within);
    assert!(!is_latched(&journal));
    // Two and one, in different runs, are not three in a row.
    assert_eq!(look(&journal, 0, &["1", "99000", "1"]).await, LossState::Within);
}

#[tokio::test(start_paused = true)]
async fn a_fall_from_the_peak_latches_on_any_day() {
    let journal = MemoryJournal::default();
    // A day may lose more than by default.
    let limits = LossLimits { daily_max: "0.1".parse().unwrap(), ..LossLimits::default() };
    for (days, equity) in [(0, "100000"), (1, "120000"), (2, "110000"), (3, "103000")] {
        let state = look_by(&limits, &journal, days, &[equity]).await;
        assert_eq!(state, LossState::Within, "{equity}");
    }
    let state = look_by(&limits, &journal, 4, &["102000"]).await;
    let reason = "102000 is 15.00 % below 120000, the peak: the limit is 15.00 %";
    assert_eq!(state.latched(), Some(reason));
    reset(&journal);
    // From here on it counts anew.
    assert_eq!(look(&journal, 5, &["101000"]).await, LossState::Within);
    assert_eq!(History::replay(&journal).unwrap().peak(), Some(money("101000")));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_known_is_an_error_and_no_read() {
    let journal = MemoryJournal::default();
    let limits = LossLimits::default();
    let error = limits.watch(&Reads::new(&["none"]), &journal, &*clock()).await.unwrap_err();
    assert!(matches!(error, Error::Broker { request: "account", .. }));
    assert!(journal.replay().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_journal_of_another_account_is_left_as_it_is() {
    let id = "q:DU7654321:20251201:KO:B:1".parse().unwrap();
    let order = approved("10000", &[("KO", "50")]).plan().orders()[0].clone();
    let intent = JournalRecord::Intent { id, order, arrival: None, at: now() };
    let journal = MemoryJournal::default();
    journal.append(std::slice::from_ref(&intent)).unwrap();
    let reads = Reads::new(&["100000"]);
    let watched = LossLimits::default().watch(&reads, &journal, &*clock()).await.unwrap_err();
    assert!(matches!(watched, Error::ForeignJournal { .. }), "{watched}");
    // The session of the order is over, so it would lapse.
    let journal = Arc::new(journal);
    let clock = Arc::new(ManualClock::new(now() + TimeDelta::days(1)));
    let executor = Executor::new(Arc::new(reads), journal.clone(), clock, Default::default());
    let resolved = executor.resolve().await.unwrap_err();
    assert!(resolved.to_string().contains("of q at DU7654321, and not only of DU1234567"));
    assert_eq!(journal.replay().unwrap(), [intent]);
}

#[tokio::test(start_paused = true)]
async fn the_latch_outlives_the_run_keeps_buys_back_and_is_lifted_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = FileJournal::open(&path, &strategy(), &account("1").id).unwrap();
    look(&journal, 0, &["10000"]).await;
    assert!(look(&journal, 0, &["9000"]).await.latched().is_some());
    drop(journal);

    let config = PaperConfig::new("DU1234567".parse().unwrap(), money("10000"), session());
    let broker = Arc::new(PaperBroker::new(config, clock()));
    broker.set_quotes([quote("KO", "50")]);
    let journal = Arc::new(FileJournal::open(&path, &strategy(), &account("1").id).unwrap());
    let executor =
        Executor::new(broker.clone(), journal.clone(), clock(), ExecutorConfig::default());
    let stop = StopSignal::new();
    let execute = || executor.execute(approved("10000", &[("KO", "50")]), &stop);
    let report = execute().await.unwrap();
    assert_eq!(report.count(OrderStatus::NotSent), 1);
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("too much was lost: 9000 is 10.00 % below 10000"), "{reason}");
    // An intent was never written: the same order may go out once it is lifted.
    reset(&*journal);
    assert!(execute().await.unwrap().is_complete());
}

#[test]
fn limits_that_are_none_are_refused() {
    let broken = |change: fn(&mut LossLimits)| {
        let mut limits = LossLimits::default();
        change(&mut limits);
        match limits.check() {
            Err(Error::InvalidRule { rule, .. }) => rule,
            other => panic!("not refused: {other:?}"),
        }
    };
    assert!(LossLimits::default().check().is_ok());
    assert_eq!(broken(|limits| limits.daily_max = Money::ZERO.get()), "losses.daily_max");
    assert_eq!(broken(|limits| limits.drawdown_max = "1".parse().unwrap()), "losses.drawdown_max");
    assert_eq!(broken(|limits| limits.reads = 0), "losses.reads");
    assert_eq!(broken(|limits| limits.interval = std::time::Duration::MAX), "losses.interval");
}
