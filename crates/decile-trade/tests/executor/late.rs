//! What a broker tells of orders that had ended.

use crate::desk::{Desk, named, statuses};
use crate::line::{Behind, Line};
use crate::market::{money, session, symbol};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Clock, Shares};
use decile_trade::OrderStatus::{Filled, NotSent, Partial, Rejected};
use decile_trade::{
    Attempts, Broker, ClientOrderId, Error, Execution, History, Journal, JournalRecord,
    OrderReport, OrderSnapshot, OrderState, PaperBroker, Side, Trouble,
};
use std::sync::Arc;

/// A line behind which more is known than the broker said at the time.
#[derive(Debug, Default)]
struct Late {
    /// In the place of those of the same name.
    executions: Vec<Execution>,
    completed: Vec<OrderSnapshot>,
}

#[async_trait]
impl Line for Late {
    async fn completed_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        let mut completed = paper.completed_orders().await?;
        completed.extend(self.completed.iter().cloned());
        Ok(completed)
    }
    async fn executions(
        &self,
        paper: &PaperBroker,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        let mut executions = paper.executions(since).await?;
        let is_corrected = |known: &Execution| {
            self.executions.iter().any(|late| late.execution_id == known.execution_id)
        };
        executions.retain(|known| !is_corrected(known));
        executions.extend(self.executions.iter().filter(|late| late.time >= since).cloned());
        Ok(executions)
    }
}

fn execution(desk: &Desk, id: &ClientOrderId, quantity: i64) -> Execution {
    Execution {
        execution_id: "late".to_owned(),
        id: id.clone().into(),
        symbol: id.symbol().clone(),
        side: Side::Buy,
        quantity: Shares::new(quantity),
        price: "10".parse().unwrap(),
        commission: Some(money("1")),
        time: desk.clock.now(),
    }
}

/// Resolves with what is known late, twice: the second time it is no news.
async fn resolved(desk: &Desk, late: impl Fn() -> Late) -> Vec<OrderReport> {
    let resolve = || async {
        let broker = Behind { paper: desk.broker.clone(), line: late() };
        desk.executor_at(Arc::new(broker)).resolve().await.unwrap()
    };
    let resolution = resolve().await;
    assert!(resolution.is_clear() && resolution.resolved.is_empty(), "{resolution:?}");
    let count = desk.journal.replay().unwrap().len();
    assert_eq!(resolve().await, decile_trade::Resolution::default());
    assert_eq!(desk.journal.replay().unwrap().len(), count);
    resolution.late
}

/// What the strategy has of a stock by its journal, and how much was bought in the session.
fn known(desk: &Desk) -> (i64, String) {
    let history = History::replay(&*desk.journal).unwrap();
    let owned = history.owned_with(&[], session()).unwrap();
    let held = owned.get(&symbol("A")).map_or(0, |held| held.get());
    (held, history.day(session()).bought.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_fill_behind_the_word_that_an_order_was_cancelled_counts_and_is_told() {
    let desk = Desk::new();
    let quantity = Shares::new(100);
    let report = desk.cut(quantity).await;
    let id = &report.orders[0].id;
    assert_eq!(known(&desk), (100, "1000".to_owned()));

    // Days later, and as far as brokers remember.
    desk.clock.advance(TimeDelta::days(2));
    let executions = || vec![execution(&desk, id, 50)];
    let late = resolved(&desk, || Late { executions: executions(), ..Late::default() }).await;
    assert_eq!((late.len(), late[0].status, late[0].filled), (1, Partial, Shares::new(150)));
    assert_eq!(known(&desk), (150, "1500".to_owned()));
    let records = desk.journal.replay().unwrap();
    let last: Vec<_> = records.iter().rev().take(2).rev().collect();
    let [JournalRecord::Executed { execution }, JournalRecord::Seen { snapshot, .. }] = &last[..]
    else {
        panic!("{last:?}");
    };
    assert_eq!((&*execution.execution_id, snapshot.filled), ("late", Shares::new(150)));
}

#[tokio::test(start_paused = true)]
async fn a_fill_behind_a_refusal_or_of_what_never_left_counts_and_is_told() {
    for (trouble, status) in
        [(Trouble::Reject { reason: "halted".to_owned() }, Rejected), (Trouble::NotSent, NotSent)]
    {
        let desk = Desk::new();
        desk.broker.trouble_for(symbol("A"), trouble);
        let report = desk.trade(&["A"]).await;
        assert_eq!(statuses(&report), named(&[("A", status)]));
        assert_eq!(known(&desk).0, 0);
        let id = &report.orders[0].id;
        let whole = || vec![execution(&desk, id, 2849)];
        let late = resolved(&desk, || Late { executions: whole(), ..Late::default() }).await;
        assert_eq!((late.len(), late[0].status), (1, Filled));
        assert_eq!(known(&desk), (2849, "28490".to_owned()));
        // It is done for the session.
        let again = desk.trade(&["A"]).await;
        assert_eq!(statuses(&again), named(&[("A", NotSent)]));
        assert!(again.orders[0].reason.as_deref().unwrap().starts_with("filled earlier"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_completed_order_that_says_more_than_the_journal_counts_without_executions() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::NotSent);
    let report = desk.trade(&["A"]).await;
    let records = desk.journal.replay().unwrap();
    let order = records.iter().find_map(|record| match record {
        JournalRecord::Intent { order, .. } => Some(order.clone()),
        _ => None,
    });
    let id = &report.orders[0].id;
    let cancelled = OrderSnapshot {
        filled: Shares::new(40),
        ..OrderSnapshot::unfilled(id, &order.unwrap(), OrderState::Cancelled)
    };
    let completed = || vec![cancelled.clone()];
    let late = resolved(&desk, || Late { completed: completed(), ..Late::default() }).await;
    assert_eq!((late[0].status, late[0].filled), (Partial, Shares::new(40)));
    assert_eq!(known(&desk).0, 40);
}

#[tokio::test(start_paused = true)]
async fn what_a_correction_takes_back_later_is_told_and_is_not_the_strategys() {
    let desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    let dealt = desk.broker.executions(DateTime::UNIX_EPOCH).await.unwrap();
    let corrected = Execution { quantity: Shares::new(2000), ..dealt[0].clone() };
    let executions = || vec![corrected.clone()];
    let late = resolved(&desk, || Late { executions: executions(), ..Late::default() }).await;
    assert_eq!((late[0].status, late[0].filled), (Partial, Shares::new(2000)));
    assert_eq!(late[0].reason.as_deref(), Some("the broker has taken 849 executed shares back"));
    // What was filled is not bought again, but it is not there either.
    assert_eq!(known(&desk).0, 2000);
    assert_eq!(Attempts::replay(&*desk.journal).unwrap().unresolved().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn executions_without_what_they_come_to_are_made_up_for() {
    let mut desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    let whole = desk.journal.replay().unwrap();
    // The end of the batch has been torn off.
    let is_left = |record: &&JournalRecord| {
        !matches!(record, JournalRecord::Seen { .. } | JournalRecord::Ended { .. })
    };
    let left: Vec<_> = whole.iter().filter(is_left).cloned().collect();
    assert!(matches!(left.last(), Some(JournalRecord::Executed { .. })), "{left:?}");
    desk.journal = Arc::default();
    desk.journal.append(&left).unwrap();
    assert_eq!(Attempts::replay(&*desk.journal).unwrap().unresolved().count(), 1);

    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved.len(), 1, "{resolution:?}");
    assert_eq!(Attempts::replay(&*desk.journal).unwrap().unresolved().count(), 0);
    assert_eq!(desk.executor().resolve().await.unwrap(), decile_trade::Resolution::default());

    // The same of one that had ended otherwise.
    let report = desk.trade(&["A", "B"]).await;
    let id = report.orders.iter().find(|order| order.symbol == symbol("B")).unwrap().id.clone();
    let mut records = desk.journal.replay().unwrap();
    let is_of_b = |record: &JournalRecord| record.order_id() == Some(&id);
    let cancelled = records.iter().rev().find_map(|record| match record {
        JournalRecord::Seen { snapshot, at } if is_of_b(record) => {
            let ended = OrderSnapshot {
                state: OrderState::Cancelled,
                filled: Shares::ZERO,
                average_price: None,
                ..snapshot.clone()
            };
            Some(JournalRecord::Seen { snapshot: ended, at: *at })
        }
        _ => None,
    });
    let executed = records
        .iter()
        .find(|record| matches!(record, JournalRecord::Executed { .. }) && is_of_b(record));
    let torn = [cancelled.unwrap(), executed.unwrap().clone()];
    records.retain(|record| !is_of_b(record) || matches!(record, JournalRecord::Intent { .. }));
    desk.journal = Arc::default();
    desk.journal.append(&records).unwrap();
    desk.journal.append(&torn).unwrap();
    let late = desk.executor().resolve().await.unwrap().late;
    assert_eq!(late.len(), 1, "{late:?}");
    assert_eq!(late[0].id, id);
}
