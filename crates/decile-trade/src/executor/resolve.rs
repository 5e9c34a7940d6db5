//! What became of the orders of earlier runs.

use super::Executor;
use super::report::{OrderReport, OrderStatus};
use super::tracker::Tracker;
use crate::error::in_full;
use crate::journal::Standing;
use crate::{Attempts, ClientOrderId, Error, JournalRecord};
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Calendar;
use serde::{Deserialize, Serialize};

/// For how long brokers remember executions.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// What became of the orders whose fate the journal did not know.
///
/// ```
/// let resolution = decile_trade::Resolution::default();
/// assert!(resolution.is_clear());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Orders that are now proven final.
    pub resolved: Vec<OrderReport>,
    /// Orders that may still fill, or of which nobody knows. Each blocks its stock and side for
    /// the rest of its session.
    pub unknown: Vec<OrderReport>,
    /// Orders of earlier sessions that the broker no longer shows. They can no longer fill;
    /// whether they did shows in the positions, and a person should compare.
    pub lapsed: Vec<OrderReport>,
}

impl Resolution {
    /// Tells whether no order is left of which nobody knows.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.unknown.is_empty() && self.lapsed.is_empty()
    }
}

impl Executor {
    /// Looks up every journalled order whose fate is not proven, and writes down what it finds.
    /// To be called before a new plan is made: its fills are part of the positions.
    ///
    /// Orders that are final but filled at a price or a commission that the journal does not have are
    /// looked for among the executions, if they were sent in the last seven days. What comes of it is
    /// written down, and in no list of the answer.
    ///
    /// An order that the broker does not show stays unknown: that is not proof that it never
    /// arrived. But all orders are for the day, so one whose session is over, because the date in
    /// New York by our clock is a later one, can no longer fill. If the broker was asked for it and
    /// for the executions, answered both and shows no such order, it is reported as lapsed, once,
    /// and no longer stands in the way.
    ///
    /// Dropping the future is free.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read or written. A broker that does not answer is no
    /// error: the orders stay unknown.
    pub async fn resolve(&self) -> Result<Resolution, Error> {
        let _turn = self.turn.lock().await;
        let attempts = Attempts::replay(&*self.journal)?;
        let open: Vec<_> = attempts.open().collect();
        let recent = self.clock.now().checked_sub_signed(REMEMBERED).unwrap_or_default();
        let unsettled: Vec<_> = attempts.unsettled(recent).collect();
        let mut resolution = Resolution::default();
        let mut tracker = Tracker::default();
        for (id, standing) in open.iter().chain(&unsettled) {
            tracker.watch(id, &standing.order);
            standing.executions.values().cloned().for_each(|known| tracker.execute(known));
            standing.snapshot.iter().cloned().for_each(|known| tracker.see(known));
            // The journal has these.
            tracker.news(id, self.clock.now());
        }
        let today = Calendar::nyse().local_date(self.clock.now());
        let asked = open.iter().chain(&unsettled).map(|(_, standing)| standing.intended_at);
        let has_executions = self.collect_executions(asked.min(), &mut tracker).await;
        let late = unsettled.iter().flat_map(|(id, _)| tracker.news(id, self.clock.now()));
        let late: Vec<_> = late.collect();
        if !late.is_empty() {
            self.journal.append(&late)?;
        }
        for (id, standing) in open {
            let found = self.look_up(id, &mut tracker).await;
            let may_wait = self.may_wait(standing.order.kind) && matches!(found, Found::Order);
            let report = report((id, standing), &tracker, &found, may_wait);
            let mut records = tracker.news(id, self.clock.now());
            let group = if tracker.is_final(id) {
                &mut resolution.resolved
            } else if id.session() < today && has_executions && matches!(found, Found::Nothing) {
                records.push(JournalRecord::Lapsed { id: id.clone(), at: self.clock.now() });
                &mut resolution.lapsed
            } else {
                &mut resolution.unknown
            };
            group.push(report);
            if !records.is_empty() {
                self.journal.append(&records)?;
            }
        }
        Ok(resolution)
    }

    /// Takes in the executions since the first of the orders, and tells whether the broker answered.
    /// Without an answer the look-ups have to do.
    async fn collect_executions(
        &self,
        first: Option<DateTime<Utc>>,
        tracker: &mut Tracker,
    ) -> bool {
        let Some(first) = first else { return true };
        // The broker's clock may be behind ours.
        let since = first.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(first);
        let answer = self.ask("executions", self.broker.executions(since)).await;
        let has_answered = answer.is_ok();
        answer.into_iter().flatten().for_each(|execution| tracker.execute(execution));
        has_answered
    }

    async fn look_up(&self, id: &ClientOrderId, tracker: &mut Tracker) -> Found {
        match self.ask("order", self.broker.find(id)).await {
            Ok(Some(snapshot)) => {
                tracker.see(snapshot);
                Found::Order
            }
            Ok(None) => Found::Nothing,
            Err(error) => Found::NoAnswer(in_full(&error)),
        }
    }
}

enum Found {
    Order,
    Nothing,
    NoAnswer(String),
}

fn report(
    (id, standing): (&ClientOrderId, &Standing),
    tracker: &Tracker,
    found: &Found,
    may_wait: bool,
) -> OrderReport {
    let reason = match found {
        Found::Order => None,
        Found::Nothing => Some("the broker does not show the order".to_owned()),
        Found::NoAnswer(reason) => Some(reason.clone()),
    };
    let told = |snapshot| OrderReport::of(id, &standing.order, snapshot, may_wait);
    let report = match tracker.snapshot(id) {
        Some(snapshot) if reason.is_none() || snapshot.state.is_final() => told(snapshot),
        Some(snapshot) => OrderReport { reason, ..told(snapshot) },
        None => OrderReport::blank(id, &standing.order, OrderStatus::Unknown, reason),
    };
    OrderReport { arrival: standing.arrival, ..report }
}
