//! What passes between broker and executor is lost, late or taken back.

use crate::bad_line::Fault;
use crate::desk::{Desk, named, statuses};
use decile_trade::OrderStatus::{Filled, NotSent, Partial};
use decile_trade::{StopSignal, Trouble};

#[tokio::test(start_paused = true)]
async fn a_bad_line_makes_the_executor_ask_and_not_repeat() {
    for fault in [Fault::SaysGapAndDisconnected, Fault::Deaf, Fault::Mute] {
        let desk = Desk::new();
        let broker = desk.behind(fault);
        let executor = desk.executor_at(broker.clone());
        let approved = desk.approved(&["A", "B"]).await;
        let began = tokio::time::Instant::now();
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert!(report.is_complete(), "{fault:?}: {report:?}");
        assert!(began.elapsed() <= 2 * (desk.config.submit_timeout + desk.config.fill_timeout));
        assert_eq!(broker.line.sent().len(), 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_takes_back_is_not_reported_as_filled_nor_bought_again() {
    let desk = Desk::new();
    let executor = desk.executor_at(desk.behind(Fault::TakesBack));
    let approved = desk.approved(&["A"]).await;
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", Partial)]));
    assert_eq!((report.orders[0].filled.get(), report.is_complete()), (10, false));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("taken 2839 executed shares back"), "{reason}");
    // A plan of one who holds none of it: to the journal the order stays filled.
    let again = Desk::new().approved(&["A"]).await;
    let report = executor.execute(again, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("filled earlier in this session"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_ended_is_no_reason_to_ask_without_pause() {
    let desk = Desk::new();
    desk.broker.trouble_at(0, Trouble::LateStatus { polls: 3 });
    let executor = desk.executor_at(desk.behind(Fault::Deaf));
    let approved = desk.approved(&["A"]).await;
    let began = tokio::time::Instant::now();
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert!(report.is_complete());
    // At once, and then every five seconds until the fourth look-up tells.
    assert_eq!(began.elapsed(), std::time::Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_half_way_is_resolved_by_the_next() {
    let desk = Desk::new();
    let broker = desk.behind(Fault::Mute);
    let executor = desk.executor_at(broker.clone());
    let approved = desk.approved(&["A", "B"]).await;
    let stop = StopSignal::new();
    let run = executor.execute(approved, &stop);
    // The first answer would take ten seconds not to come.
    assert!(tokio::time::timeout(std::time::Duration::from_secs(1), run).await.is_err());
    assert_eq!(broker.line.sent().len(), 1);

    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved.len(), 1);
    assert_eq!((resolution.resolved[0].status, resolution.is_clear()), (Filled, true));
    assert_eq!(statuses(&desk.trade(&["A", "B"]).await), named(&[("B", Filled)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
}
