//! When orders may go out.

use super::review::Verdict;
use crate::{OrderKind, Plan, PlannedOrder};
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Calendar;

/// Market orders stay away from the first and last minutes, in which prices are made.
const EDGE: TimeDelta = TimeDelta::minutes(5);
/// Orders for the closing auction must be in before the exchanges close its books, which the NYSE does
/// ten minutes before the close.
const AUCTION: TimeDelta = TimeDelta::minutes(15);

/// Tells whether every order of a plan may go out at `now`, by the sessions of the NYSE.
pub(super) fn check(plan: &Plan, now: DateTime<Utc>) -> Verdict {
    let calendar = Calendar::nyse();
    let today = calendar.local_date(now);
    if today != plan.session() {
        return Err(vec![format!("the plan is for {}, and it is {today}", plan.session())]);
    }
    let Some((open, close)) = calendar.open(today).zip(calendar.close(today)) else {
        return Err(vec![format!("{today} is no session")]);
    };
    let wrong: Vec<_> = plan
        .orders()
        .iter()
        .filter_map(|order| too_early_or_late(order, (open, close), now))
        .collect();
    let now = now.format("%H:%M");
    match wrong.is_empty() {
        true => {
            Ok(format!("{now} UTC, between {} and {}", open.format("%H:%M"), close.format("%H:%M")))
        }
        false => Err(wrong),
    }
}

/// Returns why an order must not go out at `now`, if it must not. One that came in after the close would
/// wait for the next session, in which a later plan knows nothing of it.
pub(crate) fn objection(order: &PlannedOrder, now: DateTime<Utc>) -> Option<String> {
    let calendar = Calendar::nyse();
    let today = calendar.local_date(now);
    match calendar.open(today).zip(calendar.close(today)) {
        Some(hours) => too_early_or_late(order, hours, now),
        None => Some(format!("{today} is no session")),
    }
}

fn too_early_or_late(
    order: &PlannedOrder,
    (open, close): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Option<String> {
    let (from, until) = match order.kind {
        OrderKind::Market | OrderKind::Adaptive => (open + EDGE, close - EDGE),
        OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. } => (open, close - AUCTION),
        OrderKind::Limit { .. } => (open, close),
    };
    let is_in = from <= now && now < until;
    (!is_in).then(|| {
        let (side, symbol) = (order.side, &order.symbol);
        let (from, until) = (from.format("%H:%M"), until.format("%H:%M"));
        format!("{side} {symbol} may go out from {from} to {until} UTC")
    })
}
