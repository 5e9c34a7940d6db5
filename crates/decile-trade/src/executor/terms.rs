//! What was approved, and must still hold whenever an order goes out.

use super::ExecutorConfig;
use crate::risk::{Approval, hours};
use crate::{AccountId, AccountKind, ApprovedPlan, Day, OrderName, PlannedOrder};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use decile_core::{Calendar, Decimal, Symbol};
use std::collections::BTreeSet;
use std::time::Duration;

/// The terms of an approval.
#[derive(Debug)]
pub(super) struct Terms {
    /// The account that the orders are for.
    pub(super) account: AccountId,
    /// What it may buy with.
    pub(super) account_kind: AccountKind,
    /// What trading costs, as a fraction of what is traded.
    pub(super) fee: Decimal,
    /// What the rest of an order is held against, where rests are sent.
    pub(super) approval: Option<Approval>,
    /// What may go out in the session, earlier runs included.
    pub(super) day_caps: Day,
    pub(super) session: NaiveDate,
    /// The stocks that it trades.
    pub(super) symbols: BTreeSet<Symbol>,
    /// What was open when it was approved.
    pub(super) open_orders: BTreeSet<OrderName>,
    approved_at: DateTime<Utc>,
    age_max: Duration,
    /// How long the broker may take to take an order.
    taken_within: TimeDelta,
}

impl Terms {
    pub(super) fn of(approved: &ApprovedPlan, config: &ExecutorConfig) -> Self {
        let plan = approved.plan();
        let sends_rests = config.stale_limit.as_ref().is_some_and(|stale| stale.reprices_max > 0);
        Self {
            account: plan.account().clone(),
            account_kind: approved.account_kind(),
            fee: plan.fee(),
            approval: sends_rests.then(|| approved.approval()),
            day_caps: approved.day_caps(),
            session: plan.session(),
            symbols: plan.orders().iter().map(|order| order.symbol.clone()).collect(),
            open_orders: approved.open_orders().cloned().collect(),
            approved_at: approved.approved_at(),
            age_max: config.approval_age_max,
            taken_within: TimeDelta::from_std(config.submit_timeout).unwrap_or_default(),
        }
    }

    pub(super) fn approved_at(&self) -> DateTime<Utc> {
        self.approved_at
    }

    /// Returns why the approval does not hold at `now`, if it does not.
    pub(super) fn objection(&self, now: DateTime<Utc>) -> Option<String> {
        let Self { session, approved_at, age_max, .. } = self;
        let today = Calendar::nyse().local_date(now);
        if today != *session {
            return Some(format!("the plan is for {session} and the exchange is at {today}"));
        }
        // An approval from the future shows a clock that cannot be trusted either way.
        let age = now.signed_duration_since(*approved_at).abs().to_std().unwrap_or(Duration::MAX);
        (age > *age_max).then(|| {
            let (at, most) = (approved_at.format("%H:%M:%S"), age_max.as_secs_f64());
            format!("approved at {at} UTC, more than {most} s from {} UTC", now.format("%H:%M:%S"))
        })
    }

    /// Returns why it is too early or too late for an order at `now`, if it is: it has to be with the
    /// broker in its hours, which may take as long as an answer does.
    pub(super) fn hours(&self, order: &PlannedOrder, now: DateTime<Utc>) -> Option<String> {
        let late = now.checked_add_signed(self.taken_within).unwrap_or(now);
        hours::objection(order, now).or_else(|| hours::objection(order, late))
    }
}
