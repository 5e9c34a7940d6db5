//! One order on its way to the broker.

use super::Executor;
use super::terms::Terms;
use crate::{ApprovedOrder, ClientOrderId, KillSwitch, OrderAck, SubmitError};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

pub(super) type Outcome = Result<OrderAck, SubmitError>;

/// An order on its way to the broker, in a task of its own, which nothing drops half-way.
pub(super) struct Sending {
    id: ClientOrderId,
    /// Gives the order back with what became of it.
    task: JoinHandle<(Outcome, ApprovedOrder)>,
    after: Duration,
    deadline: Instant,
}

impl Sending {
    /// Begins to send. Kill switch and clock are looked at once more: writing the intent took its time,
    /// and so did the orders of the window before this one. A disk that hangs, or a machine that sleeps,
    /// may have taken hours.
    pub(super) fn begin(executor: &Executor, terms: &Arc<Terms>, order: ApprovedOrder) -> Self {
        let id = order.id().clone();
        let (broker, kill) = (Arc::clone(&executor.broker), executor.kill.clone());
        let (clock, terms) = (Arc::clone(&executor.clock), Arc::clone(terms));
        let task = tokio::spawn(async move {
            let killed = kill.as_ref().and_then(KillSwitch::engaged);
            let now = clock.now();
            let objection =
                killed.or_else(|| terms.objection(now)).or_else(|| terms.hours(order.order(), now));
            let outcome = match objection {
                Some(told) => {
                    Err(SubmitError::NotSent { id: order.id().clone(), source: told.into() })
                }
                None => broker.submit(&order).await,
            };
            (outcome, order)
        });
        let after = executor.config.submit_timeout;
        Self { id, task, after, deadline: Instant::now() + after }
    }

    /// Waits for the broker's answer until its time is up. The order comes back with an answer.
    pub(super) async fn outcome(self) -> (Outcome, Option<ApprovedOrder>) {
        let Self { id, task, after, deadline } = self;
        match timeout_at(deadline, task).await {
            Ok(Ok((outcome, order))) => (outcome, Some(order)),
            Ok(Err(panic)) => (Err(SubmitError::InDoubt { id, source: panic.into() }), None),
            Err(_) => {
                let source = format!("no answer within {} s", after.as_secs_f64()).into();
                (Err(SubmitError::InDoubt { id, source }), None)
            }
        }
    }
}
