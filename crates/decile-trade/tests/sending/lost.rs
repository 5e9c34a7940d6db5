//! The connection is lost in the middle of a run.

use crate::fake::*;
use crate::line::{Caught, Line};
use OrderStatus::{Filled, NotSent, Partial, Unknown};
use chrono::TimeDelta;
use decile_core::Shares;
use decile_trade::{
    ExecutionReport, Executor, ExecutorConfig, Journal, JournalRecord, KillSwitch, MemoryJournal,
    OrderStatus, OrderStyle, Position, StaleLimit, StopSignal,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A broker to which the line is lost, at these orders.
fn broker(line: Line) -> Arc<Fake> {
    Arc::new(Fake { line, ..Fake::new("10000") })
}

/// Buys all four at a broker, and returns the report and the reasons of the journal's recoveries.
async fn run(broker: &Arc<Fake>, in_flight_max: usize) -> (ExecutionReport, Vec<String>) {
    let journal: Arc<MemoryJournal> = Arc::default();
    let config = ExecutorConfig { in_flight_max, ..ExecutorConfig::default() };
    let executor = Executor::new(broker.clone(), journal.clone(), broker.clock.clone(), config);
    let approved = broker.approved(&ALL, &[], "10000");
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    let recovered = |record| match record {
        JournalRecord::Recovered { reason, .. } => Some(reason),
        _ => None,
    };
    (report, journal.replay().unwrap().into_iter().filter_map(recovered).collect())
}

fn attempts(report: &ExecutionReport) -> Vec<u32> {
    report.orders.iter().map(|order| order.id.attempt()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_order_that_a_lost_connection_kept_back_goes_out_once_it_is_back() {
    for (in_flight_max, expected) in [(1, [1, 2, 1, 1]), (4, [1, 2, 2, 2])] {
        let broker = broker(Line::lost(&[1], Caught::Before, Some(7)));
        let began = Instant::now();
        let (report, recoveries) = run(&broker, in_flight_max).await;
        assert!(report.is_complete(), "{report:?}");
        // Those behind it in the same window were kept back, too.
        let mut sorted = report.orders.clone();
        sorted.sort_by(|left, right| left.symbol.cmp(&right.symbol));
        let attempts: Vec<_> = sorted.iter().map(|order| order.id.attempt()).collect();
        assert_eq!(attempts, expected, "{in_flight_max}");
        assert_eq!(recoveries, ["the connection was lost"]);
        assert_eq!(broker.sent(), 4);
        assert_eq!(began.elapsed().as_secs(), 7);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_there_is_found_and_the_run_goes_on() {
    let broker = broker(Line::lost(&[1], Caught::There, Some(7)));
    let (report, recoveries) = run(&broker, 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((attempts(&report), recoveries.len()), (vec![1; 4], 1));
    assert_eq!(broker.sent(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_not_found_stays_unknown_and_nothing_follows_it() {
    let broker = broker(Line::lost(&[1], Caught::OnItsWay, Some(7)));
    let (report, recoveries) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [Filled, Unknown, NotSent, NotSent]);
    assert_eq!((broker.sent(), recoveries.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_come_back_in_time_stops_the_run() {
    let broker = broker(Line::lost(&[1], Caught::There, Some(130)));
    let began = Instant::now();
    let (report, recoveries) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [Filled, Unknown, NotSent, NotSent]);
    assert!(reason(&report, 2).starts_with("the broker gives no sign of life: "));
    assert!(recoveries.is_empty() && began.elapsed().as_secs() >= 120);
    assert_eq!(broker.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_gone_for_good_is_not_waited_for() {
    let broker = broker(Line::lost(&[1], Caught::Before, None));
    let began = Instant::now();
    let (report, _) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [Filled, NotSent, NotSent, NotSent]);
    let expected =
        "the broker gives no sign of life: the connection to the broker has ended for good";
    assert!(reason(&report, 2).starts_with(expected), "{}", reason(&report, 2));
    assert!(began.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_keeps_breaking_stops_the_run() {
    let broker = broker(Line::lost(&[0, 1, 2, 3, 4, 5, 6], Caught::Before, Some(1)));
    // Each order is tried three times, and then the others.
    let (report, recoveries) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [NotSent, NotSent, Filled, Filled], "{report:?}");
    assert_eq!((attempts(&report), recoveries.len()), (vec![3, 3, 2, 1], 7));
    let all: &'static [usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let broker = self::broker(Line::lost(all, Caught::There, Some(1)));
    let (report, _) = run(&broker, 1).await;
    assert!(report.is_complete(), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn who_stops_a_run_need_not_wait_for_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let kill = KillSwitch::at(folder.path().join("kill"));
    let broker = broker(Line::lost(&[1], Caught::Before, Some(60)));
    let clock = broker.clock.clone();
    let journal: Arc<MemoryJournal> = Arc::default();
    let executor = Executor::new(broker.clone(), journal, clock, ExecutorConfig::default())
        .with_kill_switch(kill.clone());
    let approved = broker.approved(&ALL, &[], "10000");
    let (stop, began) = (StopSignal::new(), Instant::now());
    let run = executor.execute(approved, &stop);
    let kill = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        kill.engage("enough", "a person", crate::market::now()).unwrap();
    };
    let (report, ()) = tokio::join!(run, kill);
    assert_eq!(statuses(&report.unwrap()), [Filled, NotSent, NotSent, NotSent]);
    assert!(began.elapsed().as_secs() <= 20, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_others_have_traded_meanwhile_stops_the_run() {
    for (seconds, expected) in [(0, Filled), (1, NotSent)] {
        let broker = broker(Line::lost(&[1], Caught::There, Some(7)));
        let order = crate::market::approved_orders("10000", &[("C", "50")]).remove(0);
        broker.line.trade_elsewhere(&order, TimeDelta::seconds(seconds));
        let (report, _) = run(&broker, 1).await;
        assert_eq!(statuses(&report), [Filled, Filled, expected, expected]);
        if expected == NotSent {
            let expected = "C was traded by typed by hand after the approval";
            assert_eq!(reason(&report, 2), expected);
        }
    }
    // An order of theirs that is open and was not before.
    let broker = Arc::new(Fake {
        noise: Noise::Foreign(Duration::from_secs(3600)),
        line: Line::lost(&[1], Caught::There, Some(7)),
        ..Fake::new("10000")
    });
    let (report, _) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
    let expected = "typed by hand for A is open and was not at the approval";
    assert_eq!(reason(&report, 2), expected);
}

#[tokio::test(start_paused = true)]
async fn buys_wait_for_a_sale_that_a_lost_connection_kept_back() {
    let held = [Position {
        symbol: "D".parse().unwrap(),
        quantity: Shares::new(100),
        average_cost: crate::market::money("50"),
    }];
    let broker = Arc::new(Fake {
        line: Line::lost(&[0], Caught::Before, Some(5)),
        positions: held.to_vec(),
        ..Fake::new("0")
    });
    let approved = broker.approved(&ALL[..1], &held, "0");
    let report = execute(&broker, approved).await;
    assert!(report.is_complete(), "{report:?}");
    let told: Vec<_> = report.orders.iter().map(|order| order.id.to_string()).collect();
    assert_eq!(told, ["q-core:DU1234567:20251201:D:S:2", "q-core:DU1234567:20251201:A:B:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_buy_that_was_made_smaller_and_is_tried_again_is_no_whole_one() {
    let broker = broker(Line::lost(&[0], Caught::Before, Some(5)));
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let planned = approved.plan().orders()[0].quantity;
    broker.account.lock().unwrap().cash = crate::market::money("5000");
    let report = execute(&broker, approved).await;
    assert_eq!((attempts(&report), statuses(&report)), (vec![2], vec![Partial]), "{report:?}");
    assert_eq!((report.orders[0].quantity, report.differences()[0].planned), (planned, planned));
    assert!(!report.is_complete());
    let told = reason(&report, 0);
    assert!(told.contains("were sent: it needs") && told.contains("did not leave"), "{told}");
}

/// A broker to which the line is lost for a while once it has taken the second order, which fills then.
fn filling_behind(lasts: u64) -> Arc<Fake> {
    let line = Line::lost(&[1], Caught::Taken, Some(lasts));
    Arc::new(Fake { line, fate: Fate::FillSilently, ..Fake::new("10000") })
}

#[tokio::test(start_paused = true)]
async fn what_is_out_is_followed_to_its_end_though_the_run_is_stopped() {
    let broker = filling_behind(3);
    let approved = broker.approved(&ALL, &[], "10000");
    let executor = executor(&broker, &Arc::default());
    let stop = StopSignal::new();
    let stops = async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        stop.stop();
    };
    let (report, ()) = tokio::join!(executor.execute(approved, &stop), stops);
    assert_eq!(statuses(&report.unwrap()), [Filled, Filled, NotSent, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_rests_its_time_though_nothing_more_is_sent() {
    let style = OrderStyle::MarketableLimit;
    let line = Line::lost(&[0], Caught::Taken, Some(2));
    let broker = Arc::new(Fake { line, style, fate: Fate::Work, ..Fake::new("10000") });
    let order = crate::market::approved_orders("10000", &[("B", "50")]).remove(0);
    broker.line.trade_elsewhere(&order, TimeDelta::seconds(1));
    let config = ExecutorConfig { stale_limit: Some(StaleLimit::default()), ..Default::default() };
    let journal = Arc::<MemoryJournal>::default();
    let executor = Executor::new(broker.clone(), journal, broker.clock.clone(), config);
    let began = Instant::now();
    let approved = broker.approved(&ALL[..2], &[], "10000");
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown, NotSent]);
    assert!(reason(&report, 0).contains("its limit rested for 20 s"), "{report:?}");
    assert!(began.elapsed().as_secs() >= 20, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_silent_without_a_word_is_waited_for_too() {
    let broker = filling_behind(60);
    let Ok(mut fake) = Arc::try_unwrap(broker) else { panic!("nobody else has it") };
    fake.line.is_mute = true;
    let (report, recoveries) = run(&Arc::new(fake), 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(recoveries, ["the broker did not answer for an order"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_recovery_has_found_is_in_the_journal_with_it() {
    let broker = filling_behind(3);
    let journal: Arc<MemoryJournal> = Arc::default();
    let approved = broker.approved(&ALL[..2], &[], "10000");
    executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    let records = journal.replay().unwrap();
    let at = |is_it: &dyn Fn(&JournalRecord) -> bool| records.iter().position(is_it).unwrap();
    let seen = at(&|record| {
        matches!(record, JournalRecord::Seen { snapshot, .. }
            if snapshot.symbol.as_str() == "B" && snapshot.state.is_final())
    });
    let recovered = at(&|record| matches!(record, JournalRecord::Recovered { .. }));
    assert!(seen < recovered, "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_there_against_the_word_of_the_broker_does_not_go_out_again() {
    let broker = broker(Line::lost(&[1], Caught::Denied, Some(3)));
    let (report, recoveries) = run(&broker, 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((attempts(&report), recoveries.len()), (vec![1; 4], 1));
    assert_eq!(broker.sent(), 4);
}

#[tokio::test(start_paused = true)]
async fn events_that_end_are_asked_for_anew_and_not_beyond_their_end() {
    let broker = Fake { noise: Noise::Ends, fate: Fate::FillSilently, ..Fake::new("10000") };
    let (report, recoveries) = run(&Arc::new(broker), 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(recoveries, vec!["news of orders was lost"; 4]);
}

#[tokio::test(start_paused = true)]
async fn what_others_have_traded_is_seen_by_a_clock_that_is_behind_ours() {
    // A second after the approval, by a clock that is 4 s behind, which is borne.
    let skew = Some(TimeDelta::seconds(-4));
    let line = Line::lost(&[1], Caught::There, Some(7));
    let broker = Arc::new(Fake { line, skew, ..Fake::new("10000") });
    let order = crate::market::approved_orders("10000", &[("C", "50")]).remove(0);
    broker.line.trade_elsewhere(&order, TimeDelta::seconds(-3));
    let (report, _) = run(&broker, 1).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
    assert_eq!(reason(&report, 2), "C was traded by typed by hand after the approval");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_told_is_asked_for_once_more_when_the_broker_is_back() {
    // Within the time for which a sign of life stands, so nothing else would tell of the loss.
    let mut line = Line::lost(&[1], Caught::Taken, Some(7));
    line.is_mute = true;
    let broker = broker(line);
    let (report, recoveries) = run(&broker, 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(recoveries.len(), 1, "{recoveries:?}");
    assert!(recoveries[0].contains("the request for account"), "{recoveries:?}");
    assert_eq!(broker.sent(), 4);
}
