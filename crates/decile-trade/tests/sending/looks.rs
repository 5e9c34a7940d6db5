//! What the broker is asked while orders are waited for, and later.

use crate::fake::*;
use OrderStatus::{Filled, Unknown};
use chrono::TimeDelta;
use decile_core::Clock;
use decile_trade::{
    ClientOrderId, Execution, Journal, JournalRecord, MemoryJournal, OrderStatus, StopSignal,
};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn noise_about_others_does_not_put_off_the_look_up() {
    let noise = Noise::Foreign(Duration::from_millis(50));
    let broker = Fake { noise, fate: Fate::FillSilently, ..Fake::new("10000") };
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let began = tokio::time::Instant::now();
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled]);
    assert_eq!(report.orders.len(), 1); // and nothing of what was typed by hand
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn gap_after_gap_does_not_make_it_ask_without_pause() {
    let noise = Noise::Gaps(Duration::from_millis(10));
    let broker = Arc::new(Fake { noise, fate: Fate::Work, ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL[..1], &[], "10000")).await;
    assert_eq!(statuses(&report), [Unknown]);
    // At the first gap, every five of thirty seconds, at the end of the wait and of the run.
    assert_eq!(*broker.finds.lock().unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_order_lapses_by_the_clock_and_only_if_the_broker_has_answered() {
    let broker = Arc::new(Fake { fate: Fate::Lost, ..Fake::new("10000") });
    let journal = Arc::default();
    let executor = executor(&broker, &journal);
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown]);
    let resolve = async || {
        let resolution = executor.resolve().await.unwrap();
        (resolution.unknown.len(), resolution.lapsed.len())
    };
    // The last second of the day in New York, and the first of the next.
    broker.clock.advance(TimeDelta::hours(14) - TimeDelta::seconds(1));
    assert_eq!(resolve().await, (1, 0));
    broker.clock.advance(TimeDelta::seconds(1));
    *broker.tells_executions.lock().unwrap() = false;
    assert_eq!(resolve().await, (1, 0));
    *broker.tells_executions.lock().unwrap() = true;
    assert_eq!(resolve().await, (0, 1));
    assert_eq!(resolve().await, (0, 0));
    assert_eq!(broker.clock.now().to_rfc3339(), "2025-12-02T05:00:00+00:00");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_a_day_ahead_or_a_silent_broker_lets_no_order_lapse() {
    let (ahead, behind) = (Some(TimeDelta::days(1)), Some(TimeDelta::days(-1)));
    let near = Some(TimeDelta::seconds(5));
    for (skew, pings_max, lapsed) in
        [(behind, 9, 0), (ahead, 9, 0), (None, 1, 0), (near, 9, 1), (None, 9, 1)]
    {
        let broker = Fake { fate: Fate::Lost, pings_max, ..Fake::new("10000") };
        let mut broker = Arc::new(broker);
        let journal: Arc<MemoryJournal> = Arc::default();
        let approved = broker.approved(&ALL[..1], &[], "10000");
        let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await;
        assert_eq!(statuses(&report.unwrap()), [Unknown]);
        // What the broker tells from here on.
        Arc::get_mut(&mut broker).unwrap().skew = skew;
        broker.clock.advance(TimeDelta::days(1));
        let resolution = executor(&broker, &journal).resolve().await.unwrap();
        let told = (resolution.unknown.len(), resolution.lapsed.len());
        assert_eq!(told, (1 - lapsed, lapsed), "{skew:?} {pings_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_that_the_broker_gave_an_order_is_in_the_journal() {
    let (broker, journal) = (Arc::new(Fake::new("10000")), Arc::new(MemoryJournal::default()));
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    let records = journal.replay().unwrap();
    let mut behind = records.iter().skip_while(|it| !matches!(it, JournalRecord::Intent { .. }));
    // Behind the intent and before its end.
    let Some(JournalRecord::Acknowledged { numbers, .. }) = behind.nth(1) else {
        panic!("{records:?}");
    };
    assert_eq!(numbers[&report.orders[0].id], "900001");
    assert!(behind.any(|it| matches!(it, JournalRecord::Seen { .. })), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn executions_that_nobody_told_of_are_asked_for_before_the_run_ends() {
    let broker = Arc::new(Fake { fate: Fate::FillSilently, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let planned = approved.plan().orders()[0].clone();
    let execution = Execution {
        execution_id: "0001".to_owned(),
        id: "q-core:DU1234567:20251201:A:B:1".parse::<ClientOrderId>().unwrap().into(),
        symbol: planned.symbol,
        side: planned.side,
        quantity: planned.quantity,
        price: planned.reference,
        commission: None,
        time: broker.clock.now(),
    };
    broker.line.executed_elsewhere.lock().unwrap().push(execution.clone());
    let journal = Arc::default();
    let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Filled]);
    assert!(journal.replay().unwrap().contains(&JournalRecord::Executed { execution }));
}
