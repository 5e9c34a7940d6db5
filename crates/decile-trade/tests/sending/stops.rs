//! Brokers that get no order, or no more of them.

use crate::fake::*;
use OrderStatus::{Filled, NotSent, Rejected, Unknown};
use chrono::TimeDelta;
use decile_trade::{
    Attempts, Executor, ExecutorConfig, Journal, JournalRecord, MemoryJournal, OrderStatus,
    StopSignal,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_broker_that_gives_no_sign_of_life_gets_no_order() {
    let broker = Arc::new(Fake { pings_max: 0, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let journal = Arc::new(MemoryJournal::default());
    let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!((statuses(&report), broker.sent()), (vec![NotSent], 0));
    assert!(reason(&report, 0).starts_with("the broker gives no sign of life: "));
    let records = journal.replay().unwrap();
    assert!(!records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_stands_for_a_while_and_not_after_a_pause() {
    // Each order takes its 30 seconds, as it does not fill, and then the sign is too old.
    let broker = Arc::new(Fake { fate: Fate::Work, pings_max: 2, ..Fake::new("10000") });
    let config = ExecutorConfig {
        unknown_max: 9,
        reconnect_max: Duration::ZERO,
        ..ExecutorConfig::default()
    };
    let approved = broker.approved(&ALL, &[], "10000");
    let clock = broker.clock.clone();
    let executor = Executor::new(broker.clone(), Arc::<MemoryJournal>::default(), clock, config);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown, Unknown, NotSent, NotSent]);
    assert_eq!(*broker.pings.lock().unwrap(), 3);
    // Orders that fill at once need one.
    let broker = Arc::new(Fake::new("10000"));
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Filled; 4]);
    assert_eq!(*broker.pings.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_has_lost_count_begins_above_what_the_journal_has() {
    let journal = Arc::new(MemoryJournal::default());
    let begun = |journal: &MemoryJournal| {
        let records = journal.replay().unwrap();
        let runs = records.iter().filter_map(|record| match record {
            JournalRecord::Began { run, .. } => Some(run.numbers_from),
            _ => None,
        });
        runs.collect::<Vec<_>>()
    };
    let attempts = |journal: &MemoryJournal| Attempts::replay(journal).unwrap().numbers_end();
    assert_eq!(attempts(&journal), None);
    // The second begins at 1 as the gateway has lost its state, and raises it by what the first sent.
    for (next, wanted, expected) in [(7, &ALL[..2], 7), (1, &ALL[2..3], 9)] {
        let broker = Arc::new(Fake { next_number: Mutex::new(Some(next)), ..Fake::new("10000") });
        let approved = broker.approved(wanted, &[], "10000");
        let executor = executor(&broker, &journal);
        executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(begun(&journal).last(), Some(&Some(expected)));
    }
    assert_eq!(attempts(&journal), Some(10));
    // A broker without numbers takes nothing back.
    let broker = Arc::new(Fake::new("10000"));
    let approved = broker.approved(&ALL[3..], &[], "10000");
    executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!((begun(&journal).last(), attempts(&journal)), (Some(&None), Some(11)));
}

#[tokio::test(start_paused = true)]
async fn three_refusals_in_a_row_stop_the_run() {
    let broker = Arc::new(Fake { refuses: &["A", "B", "C"], ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Rejected, Rejected, Rejected, NotSent]);
    let expected = "3 orders in a row were refused, the last is q-core:DU1234567:20251201:C:B:1: ";
    assert!(reason(&report, 3).starts_with(expected), "{}", reason(&report, 3));
    assert!(reason(&report, 3).ends_with("no trading permission"), "{}", reason(&report, 3));
    assert_eq!(broker.sent(), 3);

    // One that fills between them shows that it is not all of them.
    let broker = Arc::new(Fake { refuses: &["A", "B", "D"], ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Rejected, Rejected, Filled, Rejected]);

    // Those in flight together are seen through, and then it stops as well.
    for (rejects_max, expected) in
        [(2, [Rejected, Rejected, NotSent, NotSent]), (3, [Rejected; 4]), (4, [Rejected; 4])]
    {
        let broker = Arc::new(Fake { refuses: &["A", "B", "C", "D"], ..Fake::new("10000") });
        let config = ExecutorConfig { in_flight_max: 2, rejects_max, ..ExecutorConfig::default() };
        let approved = broker.approved(&ALL, &[], "10000");
        let (clock, journal) = (broker.clock.clone(), Arc::<MemoryJournal>::default());
        let executor = Executor::new(broker, journal, clock, config);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), expected, "{rejects_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_whose_clock_is_far_from_ours_gets_no_order() {
    let skews = [Some(5_001), Some(-5_001), Some(5_000), Some(-5_000), None];
    let expected = [NotSent, NotSent, Filled, Filled, Filled];
    for (skew, expected) in skews.into_iter().zip(expected) {
        let skew = skew.map(TimeDelta::milliseconds);
        let broker = Arc::new(Fake { skew, ..Fake::new("10000") });
        let report = execute(&broker, broker.approved(&ALL[..1], &[], "10000")).await;
        assert_eq!((statuses(&report), skew), (vec![expected], skew));
        assert_eq!(broker.sent(), usize::from(expected == Filled));
        if skew < Some(TimeDelta::zero()) && expected == NotSent {
            let expected = "the broker's clock is 5.0 s behind ours, of at most 5 s: set the clock \
                            of this machine";
            assert_eq!(reason(&report, 0), expected);
        }
    }
}
