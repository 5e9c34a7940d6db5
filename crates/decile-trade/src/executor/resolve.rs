//! What became of the orders of earlier runs.

use super::Executor;
use super::report::{OrderReport, OrderStatus};
use super::tracker::Tracker;
use crate::error::in_full;
use crate::journal::{Standing, check_account};
use crate::{Attempts, ClientOrderId, Error, Execution, JournalRecord, OrderSnapshot, OrderState};
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Calendar, Shares};
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
    /// Orders that had ended, or never left, by the journal, and of which the broker now tells that more
    /// or fewer shares have filled. The journal knows it from here on, and a person should compare.
    #[serde(default)]
    pub late: Vec<OrderReport>,
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
    /// Orders of the last seven days that had ended are looked for, too, among the executions and the
    /// completed orders: a fill may come behind the word that an order was cancelled or refused, or an
    /// exchange may correct one. What comes of it is written down, and told as
    /// [late](Resolution::late) if it changes how many shares have filled. A price or a commission that
    /// the journal did not have is written down, and in no list of the answer.
    ///
    /// An order that a person has [cleared](Self::clear) is looked for among the open orders, too. If the
    /// broker shows it there, or more shares of it than the person said, it is unknown again.
    ///
    /// An order that the broker does not show stays unknown: that is not proof that it never
    /// arrived. But all orders are for the day, so one whose session is over, because the date in
    /// New York by our clock is a later one, can no longer fill. If the broker was asked for it, for
    /// its account and for the executions, answered all and shows no such order, and if it gives a sign
    /// of life with a clock that is not [too far](crate::ExecutorConfig::clock_skew_max) from ours, it is
    /// reported as lapsed, once, and no longer stands in the way.
    ///
    /// Dropping the future is free.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read or written, and [`Error::ForeignJournal`], with nothing
    /// written, if it is that of another account than the broker's. A broker that does not answer is
    /// no error: the orders stay unknown.
    pub async fn resolve(&self) -> Result<Resolution, Error> {
        let _turn = self.turn.lock().await;
        let records = self.journal.replay()?;
        let is_ours = self.is_account_of(&records).await?;
        let attempts = Attempts::of(records)?;
        let open: Vec<_> = attempts.open().collect();
        let recent = self.clock.now().checked_sub_signed(REMEMBERED).unwrap_or_default();
        let ended: Vec<_> = attempts.ended(recent).collect();
        let mut resolution = Resolution::default();
        let mut tracker = Tracker::default();
        for of_order in open.iter().chain(&ended) {
            self.take_up(*of_order, &mut tracker);
        }
        let today = Calendar::nyse().local_date(self.clock.now());
        let asked = open.iter().chain(&ended).map(|(_, standing)| standing.intended_at);
        let has_executions = self.collect_executions(asked.min(), &mut tracker).await;
        let is_over = |id: &ClientOrderId| id.session() < today;
        let can_lapse = is_ours
            && has_executions
            && (!open.iter().any(|(id, _)| is_over(id)) || self.has_our_time().await);
        if !ended.is_empty() {
            self.collect_completed(&mut tracker).await;
        }
        let shown = match ended.iter().any(|(_, standing)| standing.is_cleared()) {
            true => self.ask("open orders", self.broker.open_orders()).await.unwrap_or_default(),
            false => Vec::new(),
        };
        let mut news = Vec::new();
        for (id, standing) in ended {
            if standing.is_cleared() {
                let of_order = (id, standing);
                news.extend(self.revise(of_order, &shown, &mut tracker, &mut resolution));
                continue;
            }
            let (before, after) = (standing.snapshot.clone(), tracker.snapshot(id));
            if told(&before) == told(&after) && !tracker.has_executions_to_tell(id) {
                continue;
            }
            news.extend(self.news((id, standing), &mut tracker));
            let filled = |seen: &Option<OrderSnapshot>| seen.as_ref().map(|seen| seen.filled);
            if filled(&before).unwrap_or_default() != filled(&after).unwrap_or_default() {
                resolution.late.push(report((id, standing), &tracker, &Found::Order, false));
            }
        }
        if !news.is_empty() {
            self.journal.append(&news)?;
        }
        let ids: Vec<_> = open.iter().map(|(id, _)| (*id).clone()).collect();
        let found = self.look_up(&ids, &mut tracker).await;
        for ((id, standing), found) in open.into_iter().zip(found) {
            let may_wait = self.may_wait(standing.order.kind) && matches!(found, Found::Order);
            let report = report((id, standing), &tracker, &found, may_wait);
            let mut records = self.news((id, standing), &mut tracker);
            let group = if tracker.is_final(id) {
                &mut resolution.resolved
            } else if is_over(id) && can_lapse && matches!(found, Found::Nothing) {
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

    /// Begins to listen for an order of which the journal knows something.
    pub(super) fn take_up(
        &self,
        (id, standing): (&ClientOrderId, &Standing),
        tracker: &mut Tracker,
    ) {
        tracker.watch(id, &standing.order);
        standing.executions.values().cloned().for_each(|known| tracker.execute(known));
        standing.snapshot.iter().cloned().for_each(|known| tracker.see(known));
        // The journal has these.
        tracker.news(id, self.clock.now());
    }

    /// Returns what the journal does not have of an order. It may have its executions and not what they
    /// come to: the end of a batch of lines may have been torn off.
    pub(super) fn news(
        &self,
        (id, standing): (&ClientOrderId, &Standing),
        tracker: &mut Tracker,
    ) -> Vec<JournalRecord> {
        let at = self.clock.now();
        let mut news = tracker.news(id, at);
        let has_state = news.iter().any(|record| matches!(record, JournalRecord::Seen { .. }));
        let after = tracker.snapshot(id);
        if !has_state && told(&after) != told(&standing.snapshot) {
            news.extend(after.map(|snapshot| JournalRecord::Seen { snapshot, at }));
        }
        news
    }

    /// Makes sure that the journal is of the account that the broker is at; tells whether the broker
    /// answered, if there is anything to ask for.
    async fn is_account_of(&self, records: &[JournalRecord]) -> Result<bool, Error> {
        if records.is_empty() {
            return Ok(true);
        }
        match self.ask("account", self.broker.account()).await {
            Ok(account) => check_account(records, &account.id).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    /// Tells whether the broker gives a sign of life, and its clock, if it tells the time, is not far from
    /// ours: a clock that is a day ahead would take today's orders for those of a session that is over.
    async fn has_our_time(&self) -> bool {
        self.ask("sign of life", self.broker.ping()).await.is_ok() && self.skewed().is_none()
    }

    /// Takes in the executions since the first of the orders, and tells whether the broker answered.
    /// Without an answer the look-ups have to do.
    async fn collect_executions(
        &self,
        first: Option<DateTime<Utc>>,
        tracker: &mut Tracker,
    ) -> bool {
        let Some(first) = first else { return true };
        let answer = self.executions_of(first).await;
        let has_answered = answer.is_ok();
        answer.into_iter().flatten().for_each(|execution| tracker.execute(execution));
        has_answered
    }

    /// Returns the executions of orders that were intended at an instant or later.
    pub(super) async fn executions_of(
        &self,
        intended_at: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        // The broker's clock may be behind ours.
        let since = intended_at.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(intended_at);
        self.ask("executions", self.broker.executions(since)).await
    }

    /// Takes in the completed orders. Without an answer the executions have to do.
    async fn collect_completed(&self, tracker: &mut Tracker) {
        let answer = self.ask("completed orders", self.broker.completed_orders()).await;
        answer.into_iter().flatten().for_each(|snapshot| tracker.see(snapshot));
    }

    /// Looks up what the broker shows of each order.
    async fn look_up(&self, ids: &[ClientOrderId], tracker: &mut Tracker) -> Vec<Found> {
        if ids.is_empty() {
            return Vec::new();
        }
        match self.find_all(ids).await {
            Ok(found) => {
                let see = |snapshot: Option<OrderSnapshot>| match snapshot {
                    Some(snapshot) => {
                        tracker.see(snapshot);
                        Found::Order
                    }
                    None => Found::Nothing,
                };
                found.into_iter().map(see).collect()
            }
            Err(error) => vec![Found::NoAnswer(in_full(&error)); ids.len()],
        }
    }
}

/// What is worth a record about an order that had ended: the words of a broker for the same may change.
fn told(seen: &Option<OrderSnapshot>) -> Option<(OrderState, Shares, bool, bool)> {
    let OrderSnapshot { state, filled, average_price, commission, .. } = seen.as_ref()?;
    Some((*state, *filled, average_price.is_some(), commission.is_some()))
}

#[derive(Clone)]
pub(super) enum Found {
    Order,
    Nothing,
    NoAnswer(String),
}

pub(super) fn report(
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
