//! Whatever is tried twice goes out once.

use crate::bad_line::{BadLine, Fault};
use crate::desk::{Desk, named, statuses};
use crate::line::Behind;
use crate::market::symbol;
use decile_core::{Clock, Shares};
use decile_trade::OrderStatus::{Filled, NotSent, Unknown};
use decile_trade::{
    Error, Executor, Journal, JournalRecord, MemoryJournal, Remainder, StopSignal, Trouble,
};
use std::sync::Arc;

/// The attempts that went out, as the broker saw them.
fn ids(broker: &Behind<BadLine>) -> Vec<String> {
    broker.line.sent().iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn two_calls_at_once_send_one_order() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A", "B"]).await, desk.approved(&["A", "B"]).await);
    let broker = desk.behind(Fault::Deaf);
    let executor = desk.executor_at(broker.clone());
    let stop = StopSignal::new();
    let (first, second) = tokio::join!(executor.execute(x, &stop), executor.execute(y, &stop));
    assert!(first.unwrap().is_complete());
    assert_eq!(statuses(&second.unwrap()), named(&[("A", NotSent), ("B", NotSent)]));
    let sent = ["q-core:DU1234567:20251201:A:B:1", "q-core:DU1234567:20251201:B:B:1"];
    assert_eq!(ids(&broker), sent);
}

/// A journal as another executor saw it before anything was sent.
#[derive(Debug)]
struct Stale(Arc<MemoryJournal>);

impl Journal for Stale {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        self.0.append(records)
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn two_executors_on_one_journal_send_one_order() {
    let desk = Desk::new();
    assert!(desk.trade(&["A", "B"]).await.is_complete());
    // The cash of the account is not what stops the second one.
    let broker = Desk::new().behind(Fault::Deaf);
    let (stale, clock) = (Arc::new(Stale(desk.journal.clone())), desk.clock.clone());
    let y = Desk::new().approved(&["A", "B"]).await;
    let other = Executor::new(broker.clone(), stale, clock, desk.config.clone());
    let second = other.execute(y, &StopSignal::new()).await.unwrap();
    // It takes the ids for free. The journal does not, and whoever comes second stops.
    assert_eq!(statuses(&second), named(&[("A", Unknown), ("B", NotSent)]));
    assert!(second.orders[0].reason.as_deref().unwrap().contains("another run sends it"));
    assert_eq!(second.journal_failure, None);
    assert!(ids(&broker).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_journal_of_another_strategy_is_refused() {
    let desk = Desk::new();
    let intended = desk.approved(&["A"]).await.plan().orders()[0].clone();
    let id = "other:DU1234567:20251201:A:B:1".parse().unwrap();
    let at = desk.clock.now();
    let intent = JournalRecord::Intent { id, order: intended, arrival: None, at };
    desk.journal.append(&[intent]).unwrap();
    let approved = desk.approved(&["A"]).await;
    let error = desk.executor().execute(approved, &StopSignal::new()).await.unwrap_err();
    let told =
        "the journal has a record of other at DU1234567, and not only of q-core at DU1234567";
    assert!(error.to_string().starts_with(told), "{error}");
    assert!(desk.held().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_approval_of_one_plan_trades_nothing() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A"]).await, desk.approved(&["A"]).await);
    let (executor, stop) = (desk.executor(), StopSignal::new());
    assert!(executor.execute(x, &stop).await.unwrap().is_complete());
    let report = executor.execute(y, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    let reason = "filled earlier in this session as q-core:DU1234567:20251201:A:B:1";
    assert_eq!(report.orders[0].reason.as_deref(), Some(reason));
    assert_eq!(desk.held().await, [("A".to_owned(), 2849)]);
}

#[tokio::test(start_paused = true)]
async fn an_approval_from_before_a_partial_fill_trades_nothing() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A"]).await, desk.approved(&["A"]).await);
    let trouble = Trouble::PartialFill { quantity: Shares::new(100), then: Remainder::Cancelled };
    desk.broker.trouble_for(symbol("A"), trouble);
    desk.clock.advance(chrono::TimeDelta::seconds(1));
    let (executor, stop) = (desk.executor(), StopSignal::new());
    executor.execute(x, &stop).await.unwrap();
    // It would buy all of it again, on top of the 100.
    let report = executor.execute(y, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    assert!(report.orders[0].reason.as_deref().unwrap().ends_with("plan anew"));
    // A plan that knows of them buys the rest.
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Filled)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 2849)]);
}
