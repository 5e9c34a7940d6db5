//! Faults in how an order is taken, executed and cancelled.

use super::*;
use OrderStatus::{Filled, NotSent, Unknown};
use chrono::TimeDelta;
use decile_trade::{Error, JournalRecord, OrderName};

/// All of the plan fills at the first go, with its commissions, whatever is told and when.
async fn fills(trouble: Trouble) -> (Desk, ExecutionReport) {
    let desk = Desk::new([Fault::of(trouble)]).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{report:?}");
    for order in &report.orders {
        assert_eq!((order.filled.get(), order.commission), (10, Some("1".parse().unwrap())));
    }
    desk.is_done().await;
    (desk, report)
}

#[tokio::test]
async fn an_order_that_begins_with_10349_is_filled() {
    fills(Trouble::PresetNotice).await;
}

#[tokio::test]
async fn a_fast_order_without_a_status_is_filled() {
    fills(Trouble::NoStatus).await;
}

#[tokio::test]
async fn a_commission_before_its_execution_is_counted() {
    fills(Trouble::CommissionFirst).await;
}

#[tokio::test]
async fn a_commission_that_is_not_known_yet_is_waited_for() {
    fills(Trouble::CommissionUnset).await;
}

#[tokio::test]
async fn a_corrected_execution_counts_once() {
    let (desk, _) = fills(Trouble::CorrectExecution).await;
    let records = desk.journal.replay().unwrap();
    let names: std::collections::BTreeSet<_> = records
        .iter()
        .filter_map(|record| match record {
            JournalRecord::Executed { execution } => Some(&execution.execution_id),
            _ => None,
        })
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_swallowed_order_is_unknown_until_its_session_is_over() {
    let desk = Desk::new([second(Trouble::SwallowOrder)]).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled, Unknown, NotSent], "{report:?}");
    // Nobody can prove that it never came, so it is neither sent again nor forgotten.
    let again = desk.again().await;
    assert_eq!(statuses(&again), [NotSent, Unknown, Filled], "{again:?}");
    let resolution = desk.executor.resolve().await.unwrap();
    assert_eq!(resolution.unknown.len(), 1, "{resolution:?}");
    assert_eq!(desk.held().await, BTreeMap::from([("KO".into(), 10), ("PEP".into(), 10)]));
    desk.clock.advance(TimeDelta::days(1));
    let resolution = desk.executor.resolve().await.unwrap();
    assert_eq!(resolution.lapsed[0].symbol.as_str(), "MSFT");
    assert!(desk.executor.resolve().await.unwrap().is_clear());
}

#[tokio::test]
async fn an_order_that_works_is_told_as_open_and_a_cancel_without_an_answer_is_an_error() {
    let desk = Desk::new([Fault::of(Trouble::IgnoreCancel).times(1)]).await;
    let symbol = "MSFT".parse().unwrap();
    desk.gateway.halt(&symbol);
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled, Unknown, NotSent], "{report:?}");
    let id = &report.orders[1].id;
    assert_eq!(report.orders[1].reason.as_deref(), Some("still open at the broker"));
    let error = desk.ib.cancel(id).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { request: "cancel", .. }), "{error:?}");
    assert!(!desk.ib.find(id).await.unwrap().unwrap().state.is_final());
    // It fills after all, and the cancel that comes then changes nothing.
    desk.gateway.resume(&symbol);
    desk.ib.cancel(id).await.unwrap();
    assert_eq!(desk.executor.resolve().await.unwrap().resolved[0].status, Filled);
    assert_eq!(statuses(&desk.again().await), [NotSent, NotSent, Filled]);
    desk.is_done().await;
}

#[tokio::test]
async fn a_global_cancel_is_never_asked_for() {
    let desk = Desk::new([Fault::of(Trouble::IgnoreGlobalCancel)]).await;
    desk.gateway.halt(&"MSFT".parse().unwrap());
    let id = desk.run().await.orders.remove(1).id;
    // Each order is cancelled by its own number, so those of others stay.
    desk.ib.cancel(&id).await.unwrap();
    let resolution = desk.executor.resolve().await.unwrap();
    assert_eq!(resolution.resolved[0].status, OrderStatus::Rejected);
    assert_eq!(resolution.resolved[0].filled.get(), 0);
}

#[tokio::test]
async fn a_liquidation_is_nobodys_order() {
    let desk = Desk::new([]).await;
    let report = desk.buy(&PLAN[..1]).await;
    assert_eq!(statuses(&report), [Filled]);
    desk.gateway.set_faults(Faults::new([Fault::of(Trouble::Liquidate).times(1)]));
    let report = desk.run().await;
    assert_eq!(statuses(&report), [NotSent, Filled, Filled], "{report:?}");
    // The broker has sold what was held, and the executions say so under a foreign name.
    assert_eq!(desk.held().await, BTreeMap::from([("MSFT".into(), 10), ("PEP".into(), 10)]));
    let executions = desk.ib.executions(now() - TimeDelta::hours(1)).await.unwrap();
    let foreign: Vec<_> = executions
        .iter()
        .filter(|execution| matches!(execution.id, OrderName::Foreign(_)))
        .map(|execution| (execution.symbol.as_str(), execution.quantity.get()))
        .collect();
    assert_eq!(foreign, [("KO", 10)]);
    assert!(desk.executor.resolve().await.unwrap().is_clear());
}

#[tokio::test]
async fn an_order_that_was_cancelled_under_another_journal_is_not_sent() {
    let desk = Desk::new([]).await;
    desk.gateway.halt(&"MSFT".parse().unwrap());
    let report = desk.buy(&PLAN[1..2]).await;
    assert_eq!(statuses(&report), [Unknown]);
    let id = report.orders[0].id.clone();
    desk.ib.cancel(&id).await.unwrap();
    desk.gateway.resume(&"MSFT".parse().unwrap());

    let Desk { gateway, ib, executor, clock, .. } = desk;
    drop((ib, executor));
    // The client id is free once the gateway has seen the end of its connection.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let ib = IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let owner = (&id.strategy().clone(), &id.account().clone());
    let journal = Arc::new(FileJournal::open(path, owner.0, owner.1).unwrap());
    let executor = super::executor(&ib, &journal, &clock, waits());
    let run = || async {
        let plan = plan(ACCOUNT, &PLAN[1..2]);
        executor.execute(plan, &StopSignal::new()).await.unwrap()
    };
    let first = run().await;
    assert_eq!(statuses(&first), [NotSent], "{first:?}");
    let reason = first.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("by a run with another journal, and has ended: "), "{reason}");
    // This journal knows now that the name is used, and takes the next.
    let second = run().await;
    assert_eq!(statuses(&second), [Filled], "{second:?}");
    assert_eq!(second.orders[0].id.attempt(), 2);
}
