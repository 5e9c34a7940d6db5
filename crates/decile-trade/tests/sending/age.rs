//! Approvals and orders that have grown old.

use crate::fake::*;
use OrderStatus::{Filled, NotSent};
use chrono::TimeDelta;
use decile_core::ManualClock;
use decile_trade::{
    Error, Executor, ExecutorConfig, Journal, JournalRecord, MemoryJournal, OrderStatus, StopSignal,
};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn an_old_approval_sends_nothing() {
    for (age, expected) in [(-301, NotSent), (-300, Filled), (300, Filled), (301, NotSent)] {
        let broker = Arc::new(Fake::new("10000"));
        let approved = broker.approved(&ALL[..1], &[], "10000");
        broker.clock.advance(TimeDelta::seconds(age));
        let report = execute(&broker, approved).await;
        assert_eq!(statuses(&report), [expected], "{age}");
        assert_eq!(broker.sent(), usize::from(expected == Filled));
        if age == 301 {
            let expected = "approved at 15:00:00 UTC, more than 300 s from 15:05:01 UTC";
            assert_eq!(reason(&report, 0), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_grows_old_between_two_orders_ends_there() {
    let broker = Fake { takes: TimeDelta::seconds(151), ..Fake::new("10000") };
    let approved = broker.approved(&ALL, &[], "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_late_for_its_session_is_not_sent_whatever_the_age() {
    let config = ExecutorConfig {
        approval_age_max: Duration::from_secs(1_000_000),
        ..ExecutorConfig::default()
    };
    // From 10:00 in New York on. Market orders go out until 15:55, and the broker may take ten seconds.
    let late = "buy A may go out from 14:35 to 20:55 UTC";
    let over = "the plan is for 2025-12-01 and the exchange is at 2025-12-02";
    let last = 6 * 3600 - 300 - 10;
    let times = [(last - 1, None), (last, Some(late)), (14 * 3600 - 1, Some(late))];
    for (seconds, expected) in times.into_iter().chain([(14 * 3600, Some(over))]) {
        let broker = Arc::new(Fake::new("10000"));
        let journal = Arc::new(MemoryJournal::default());
        let approved = broker.approved(&ALL[..1], &[], "10000");
        broker.clock.advance(TimeDelta::seconds(seconds));
        let clock = broker.clock.clone();
        let executor = Executor::new(broker, journal.clone(), clock, config.clone());
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), [expected.map_or(Filled, |_| NotSent)]);
        if let Some(expected) = expected {
            assert_eq!(reason(&report, 0), expected);
            let records = journal.replay().unwrap();
            assert!(records.iter().all(|record| record.order_id().is_none()), "{records:?}");
        }
    }
}

/// A journal whose disk stands still while an intent is written.
#[derive(Debug)]
struct Stalls {
    journal: MemoryJournal,
    clock: Arc<ManualClock>,
    by: TimeDelta,
}

impl Journal for Stalls {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        if records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })) {
            self.clock.advance(self.by);
        }
        self.journal.append(records)
    }
    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_grown_old_while_its_intent_was_written_is_not_sent() {
    let day = Duration::from_secs(86_400);
    let old = "approved at 15:00:00 UTC, more than 300 s from 15:05:01 UTC";
    let late = "buy A may go out from 14:35 to 20:55 UTC";
    let over = "the plan is for 2025-12-01 and the exchange is at 2025-12-02";
    let minutes = Duration::from_secs(300);
    let cases = [
        (301, minutes, old),
        (6 * 3600 - 305, day, late),
        (14 * 3600, day, over),
        (300, minutes, ""),
    ];
    for (seconds, approval_age_max, expected) in cases {
        let broker = Arc::new(Fake::new("10000"));
        let approved = broker.approved(&ALL[..2], &[], "10000");
        let (clock, by) = (broker.clock.clone(), TimeDelta::seconds(seconds));
        let journal = Stalls { journal: MemoryJournal::default(), clock: clock.clone(), by };
        let journal = Arc::new(journal);
        let config =
            ExecutorConfig { approval_age_max, in_flight_max: 2, ..ExecutorConfig::default() };
        let executor = Executor::new(broker.clone(), journal.clone(), clock, config);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        if expected.is_empty() {
            assert_eq!(statuses(&report), [Filled, Filled]);
            continue;
        }
        assert_eq!(statuses(&report), [NotSent, NotSent], "{seconds}");
        assert!(reason(&report, 0).contains(expected), "{}", reason(&report, 0));
        assert_eq!(broker.sent(), 0);
        // The journal has it, too: both may go out another time.
        let records = journal.replay().unwrap();
        let is_not_sent = |record: &&JournalRecord| matches!(record, JournalRecord::NotSent { .. });
        assert_eq!(records.iter().filter(is_not_sent).count(), 2);
        assert!(executor.resolve().await.unwrap().is_clear());
    }
}
