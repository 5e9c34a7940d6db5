//! How orders can end, and what that lets the next ones do.

use crate::desk::{Desk, named, statuses};
use crate::market::{money, symbol};
use decile_core::{Money, Shares};
use decile_trade::OrderStatus::{Filled, NotSent, Partial, Rejected, Unknown};
use decile_trade::{
    Broker, Execution, ExecutorConfig, Journal, JournalRecord, MemoryJournal, OrderSnapshot,
    Remainder, StopSignal, Trouble,
};
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn a_plan_fills_and_a_rotation_sells_first() {
    let desk = Desk::new();
    let report = desk.trade(&["A", "B"]).await;
    // 28,500 / 2 = 14,250: 1,425 A for 14,250 and 712 B for 14,240, scaled by nothing.
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Filled)]));
    assert_eq!(report.orders[0].commission, Some(money("7.13"))); // 1,425 x 0.005 = 7.125
    assert_eq!(report.orders[0].average_price, Some("10".parse().unwrap()));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
    let report = desk.trade(&["B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("C", Filled)]));
    assert!(report.is_complete());
    assert!(desk.held().await.iter().all(|(name, _)| name != "A"));
}

#[tokio::test(start_paused = true)]
async fn refused_and_unsent_orders_are_told_apart() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::Reject { reason: "no locate".to_owned() });
    desk.broker.trouble_for(symbol("B"), Trouble::NotSent);
    let report = desk.trade(&["A", "B", "C"]).await;
    // By value: 9,500, 9,500 and 9,480.
    assert_eq!(statuses(&report), named(&[("A", Rejected), ("B", NotSent), ("C", Filled)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.ends_with(": no locate"), "{reason}");
    assert_eq!(report.orders[1].commission, Some(Money::ZERO));
    // Both are proven, so a second run may try again under a new id.
    let report = desk.trade(&["A", "B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Filled)]));
    assert_eq!(report.orders[0].id.attempt(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_partial_fill_that_is_cancelled_is_final() {
    let desk = Desk::new();
    let quantity = Shares::new(100);
    let report = desk.cut(quantity).await;
    assert_eq!(report.orders[0].filled, quantity);
    assert_eq!(report.orders[0].commission, Some(money("1.00")));
    assert!(desk.executor().resolve().await.unwrap().is_clear());
}

#[tokio::test(start_paused = true)]
async fn what_stays_open_blocks_until_it_is_resolved() {
    let desk = Desk::new();
    let trouble = Trouble::PartialFill { quantity: Shares::new(100), then: Remainder::Works };
    desk.broker.trouble_for(symbol("A"), trouble);
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Partial)]));
    assert_eq!(report.orders[0].reason.as_deref(), Some("still open at the broker"));
    let again = desk.trade(&["A"]).await;
    assert_eq!(statuses(&again), named(&[("A", Unknown)]));
    assert_eq!(again.orders[0].id, report.orders[0].id); // withheld, not sent
    assert_eq!(desk.held().await, [("A".to_owned(), 100)]);

    desk.broker.cancel(&report.orders[0].id).await.unwrap();
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved[0].status, Partial);
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Filled)]));
}

#[tokio::test(start_paused = true)]
async fn one_unknown_order_stops_the_run_by_default() {
    let mut desk = Desk::new();
    desk.config = ExecutorConfig::default();
    desk.broker.trouble_at(0, Trouble::LostBeforeArrival);
    let report = desk.trade(&["A", "B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Unknown), ("B", NotSent), ("C", NotSent)]));
    assert_eq!(desk.held().await, []);
}

#[tokio::test(start_paused = true)]
async fn late_and_doubled_states_change_nothing() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LateStatus { polls: 3 });
    desk.broker.trouble_for(symbol("B"), Trouble::DuplicateStatus);
    let report = desk.trade(&["A", "B"]).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.orders[1].filled, Shares::new(712));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
}

#[tokio::test(start_paused = true)]
async fn a_buy_that_a_failed_sale_was_to_pay_for_is_not_sent() {
    let desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    desk.broker.trouble_for(symbol("A"), Trouble::Reject { reason: "halted".to_owned() });
    let report = desk.trade(&["B"]).await;
    assert_eq!(statuses(&report), named(&[("A", Rejected), ("B", NotSent)]));
    let reason = report.orders[1].reason.as_deref().unwrap();
    // 1,424 x 20 and 1 basis point; 30,000 less 2,849 x 10 and a commission of 14.25.
    assert_eq!(reason, "it needs 28487.12 and the cash is 1495.75");
}

#[tokio::test(start_paused = true)]
async fn the_stop_signal_leaves_the_rest_unsent() {
    let desk = Desk::new();
    let stop = StopSignal::new();
    stop.stop();
    let approved = desk.approved(&["A", "B"]).await;
    let report = desk.executor().execute(approved, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent), ("B", NotSent)]));
    assert_eq!(report.orders[0].reason.as_deref(), Some("stopped"));
    // What was to be done and that nothing was, but no intent.
    let records = desk.journal.replay().unwrap();
    let [JournalRecord::Began { run, .. }, JournalRecord::Ended { orders, .. }] = &records[..]
    else {
        panic!("{records:?}");
    };
    assert_eq!(run.orders.len(), 2);
    assert_eq!(*orders, report.orders);
}

#[tokio::test(start_paused = true)]
async fn what_an_unknown_buy_may_still_take_is_not_spent() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LostBeforeArrival);
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Unknown)]));
    // The account has all of its 30,000, and 2,849 A may still come for 28,490 and a fee of 2.85.
    let report = desk.trade(&["B"]).await;
    assert_eq!(statuses(&report), named(&[("B", NotSent)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    let expected = "the cash is 30000.00, of which open orders may take 28492.85";
    assert!(reason.ends_with(expected), "{reason}");
    // Tomorrow it can't come any more.
    desk.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(desk.executor().resolve().await.unwrap().lapsed.len(), 1);
    let attempts = decile_trade::Attempts::replay(&*desk.journal).unwrap();
    assert_eq!(attempts.unresolved().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_never_repeated() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::DropAfterSend);
    desk.broker.trouble_for(symbol("B"), Trouble::LostBeforeArrival);
    let report = desk.trade(&["A", "B"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Unknown)]));
    assert_eq!(report.orders[1].commission, None);
    // B never arrived, but the broker's silence is no proof: not in this session.
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!((resolution.resolved.len(), resolution.unknown.len()), (0, 1));
    assert_eq!(statuses(&desk.trade(&["A", "B"]).await), named(&[("B", Unknown)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425)]);
    // In the next session it can no longer fill. It is reported, once.
    desk.clock.advance(chrono::TimeDelta::days(1));
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!((resolution.lapsed.len(), resolution.unknown.len()), (1, 0));
    assert!(desk.executor().resolve().await.unwrap().is_clear());
}

#[tokio::test(start_paused = true)]
async fn a_state_that_comes_too_late_is_unknown_then_resolved() {
    let desk = Desk::new();
    // 30 seconds at 5 a look-up, and one at the end: 7 at most.
    desk.broker.trouble_for(symbol("A"), Trouble::LateStatus { polls: 8 });
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Unknown)]));
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved[0].status, Filled);
    assert_eq!(resolution.resolved[0].commission, Some(money("14.25"))); // 2,849 x 0.005 = 14.245
}

/// What a run has in the journal that never heard of a commission.
fn without_commissions(records: Vec<JournalRecord>) -> Vec<JournalRecord> {
    let without = |record| match record {
        JournalRecord::Executed { execution } => {
            JournalRecord::Executed { execution: Execution { commission: None, ..execution } }
        }
        JournalRecord::Seen { snapshot, at } => {
            JournalRecord::Seen { snapshot: OrderSnapshot { commission: None, ..snapshot }, at }
        }
        other => other,
    };
    records.into_iter().map(without).collect()
}

#[tokio::test(start_paused = true)]
async fn a_commission_that_a_run_did_not_hear_of_is_asked_for_later() {
    let mut desk = Desk::new();
    assert!(desk.trade(&["A", "B"]).await.is_complete());
    let records = without_commissions(desk.journal.replay().unwrap());
    desk.journal = Arc::new(MemoryJournal::default());
    desk.journal.append(&records).unwrap();
    assert_eq!(desk.executor().resolve().await.unwrap(), decile_trade::Resolution::default());
    let learnt = desk.journal.replay().unwrap().split_off(records.len());
    let told = learnt.iter().map(|record| match record {
        JournalRecord::Executed { execution } => ("executed", execution.commission),
        JournalRecord::Seen { snapshot, .. } => ("seen", snapshot.commission),
        other => panic!("{other:?}"),
    });
    // 1,425 x 0.005 = 7.125 and 712 x 0.005 = 3.56.
    let (a, b) = (Some(money("7.13")), Some(money("3.56")));
    let expected = [("executed", a), ("seen", a), ("executed", b), ("seen", b)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    // Once it is known, nobody asks again.
    desk.executor().resolve().await.unwrap();
    assert_eq!(desk.journal.replay().unwrap().len(), records.len() + learnt.len());
}

#[tokio::test(start_paused = true)]
async fn a_commission_that_brokers_have_forgotten_is_not_asked_for() {
    let mut desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    let records = without_commissions(desk.journal.replay().unwrap());
    desk.journal = Arc::new(MemoryJournal::default());
    desk.journal.append(&records).unwrap();
    desk.clock.advance(chrono::TimeDelta::days(7) + chrono::TimeDelta::seconds(1));
    desk.executor().resolve().await.unwrap();
    assert_eq!(desk.journal.replay().unwrap(), records);
}
