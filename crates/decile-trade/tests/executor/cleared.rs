//! A person says what became of an order of which nobody knows.

use crate::desk::{Desk, named, statuses};
use crate::market::{money, symbol};
use crate::shows::{
    QUANTITY, Shows, WHY, behind, clear, ended, execution, is_open, known, snapshot, unknown,
};
use chrono::TimeDelta;
use decile_core::Shares;
use decile_trade::OrderStatus::{Filled, NotSent, Partial, Rejected, Unknown};
use decile_trade::{Clearance, Error, Journal, JournalRecord, OrderState, StopSignal, Trouble};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn one_that_never_arrived_is_ordered_again_under_the_next_id() {
    let (desk, id) = unknown().await;
    assert_eq!(known(&desk), (0, 1, money("28490")));
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Unknown)]));
    // What it may still take is not spent on others, either.
    assert_eq!(statuses(&desk.trade(&["B"]).await), named(&[("B", NotSent)]));

    let counted = clear(&desk, &id, Clearance::NeverArrived).await.unwrap();
    assert_eq!((counted.status, counted.filled), (NotSent, Shares::ZERO));
    assert_eq!(counted.reason.as_deref(), Some("cleared by ada: TWS says so"));
    assert!(!is_open(&desk));
    assert_eq!(known(&desk), (0, 0, money("0")));
    // The broker is not asked to agree each time.
    assert_eq!(desk.executor().resolve().await.unwrap(), decile_trade::Resolution::default());
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled)]));
    assert_eq!((id.attempt(), report.orders[0].id.attempt()), (1, 2));
    assert_eq!(desk.held().await, [("A".to_owned(), QUANTITY)]);
    assert_eq!(known(&desk), (QUANTITY, 1, money("28490")));
}

#[tokio::test(start_paused = true)]
async fn one_that_ended_counts_with_what_has_filled() {
    let (desk, id) = unknown().await;
    let before = desk.approved(&["A"]).await;
    desk.clock.advance(TimeDelta::seconds(1));
    let counted = clear(&desk, &id, ended(100, Some("10.5"))).await.unwrap();
    assert_eq!((counted.status, counted.filled), (Partial, Shares::new(100)));
    assert_eq!(known(&desk), (100, 1, money("1050")));
    // Who approved before it was known would buy the hundred once more.
    let report = desk.executor().execute(before, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    assert!(report.orders[0].reason.as_deref().unwrap().contains("plan anew"));
    assert_eq!(desk.trade(&["A"]).await.orders[0].id.attempt(), 2);

    let (desk, id) = unknown().await;
    let counted = clear(&desk, &id, ended(QUANTITY, None)).await.unwrap();
    assert_eq!((counted.status, counted.commission), (Filled, None));
    assert_eq!(known(&desk), (QUANTITY, 1, money("28490")));
    let again = desk.trade(&["A"]).await;
    assert_eq!(statuses(&again), named(&[("A", NotSent)]));
    assert!(again.orders[0].reason.as_deref().unwrap().starts_with("filled earlier"));

    // It was there, and nothing came of it.
    let (desk, id) = unknown().await;
    assert_eq!(clear(&desk, &id, ended(0, None)).await.unwrap().status, Rejected);
    assert_eq!(known(&desk), (0, 1, money("0")));
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Filled)]));
}

#[tokio::test(start_paused = true)]
async fn executions_without_an_order_are_cleared_as_many_as_they_are() {
    for found in [None, Some(40)] {
        let (desk, id) = unknown().await;
        let executions = vec![execution(&desk, &id, "a", 30), execution(&desk, &id, "b", 10)];
        let found = found.map(|filled| snapshot(&id, OrderState::PartiallyFilled, filled));
        let shows = Shows { executions, found, ..Shows::default() };
        for clearance in [Clearance::NeverArrived, ended(0, None), ended(39, None), ended(41, None)]
        {
            let refused = behind(&desk, &shows).clear(&id, clearance, WHY).await.unwrap_err();
            assert!(matches!(refused, Error::BrokerShowsOrder { .. }), "{refused}");
        }
        let counted = behind(&desk, &shows).clear(&id, ended(40, None), WHY).await.unwrap();
        assert_eq!((counted.status, counted.filled), (Partial, Shares::new(40)));
        assert_eq!(known(&desk), (40, 1, money("420")));
        let quiet = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!(quiet, decile_trade::Resolution::default());
        assert!(!is_open(&desk));
    }
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_run_that_is_under_way() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LostBeforeArrival);
    let (approved, executor) = (desk.approved(&["A"]).await, desk.executor());
    let stop = StopSignal::new();
    let run = executor.execute(approved, &stop);
    let cleared = async {
        // Its intent is out.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let records = desk.journal.replay().unwrap();
        let id = records.iter().find_map(JournalRecord::order_id).unwrap().clone();
        executor.clear(&id, Clearance::NeverArrived, WHY).await
    };
    let (report, cleared) = tokio::join!(run, cleared);
    assert_eq!(statuses(&report.unwrap()), named(&[("A", Unknown)]));
    assert_eq!(cleared.unwrap().status, NotSent);
    let records = desk.journal.replay().unwrap();
    assert!(matches!(
        records[records.len() - 2..],
        [JournalRecord::Ended { .. }, JournalRecord::Cleared { .. }]
    ));
}
