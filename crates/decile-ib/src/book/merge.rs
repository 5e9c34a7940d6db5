//! Several orders under one name.
//!
//! It should not happen, and it does: after an outage in the middle of a change, two orders were
//! seen behind one reference. Then neither alone is the truth about the name.

use super::dossier::Dossier;
use super::fills::{Commissions, average};
use decile_core::{Money, Shares};
use decile_trade::{OrderName, OrderSnapshot, OrderState};
use std::collections::BTreeMap;

/// Returns a snapshot for each name.
pub(super) fn by_name(dossiers: &[Dossier], commissions: &Commissions) -> Vec<OrderSnapshot> {
    let mut groups: BTreeMap<OrderName, Vec<&Dossier>> = BTreeMap::new();
    for dossier in dossiers {
        groups.entry(dossier.name()).or_default().push(dossier);
    }
    groups.into_values().filter_map(|group| one(group, commissions)).collect()
}

/// Returns one snapshot of all orders of one name, if there is any.
fn one<'a>(
    dossiers: impl IntoIterator<Item = &'a Dossier>,
    commissions: &Commissions,
) -> Option<OrderSnapshot> {
    let mut known: Vec<_> = dossiers
        .into_iter()
        .filter_map(|dossier| Some((dossier.perm_id, dossier.snapshot(commissions)?)))
        .collect();
    known.sort_by_key(|(perm_id, _)| *perm_id);
    let (_, first) = known.first()?.clone();
    if known.len() == 1 {
        return Some(first);
    }
    let numbers: Vec<_> = known.iter().map(|(perm_id, _)| perm_id.to_string()).collect();
    let all: Vec<_> = known.into_iter().map(|(_, snapshot)| snapshot).collect();
    let sum = |part: fn(&OrderSnapshot) -> Shares| {
        all.iter().fold(Shares::ZERO, |sum, snapshot| sum + part(snapshot))
    };
    let filled = sum(|snapshot| snapshot.filled);
    Some(OrderSnapshot {
        quantity: sum(|snapshot| snapshot.quantity),
        state: state(&all, filled),
        filled,
        average_price: value(&all).and_then(|value| average(value, filled)),
        commission: all.iter().map(|snapshot| snapshot.commission).sum(),
        reason: Some(format!(
            "{} orders at the broker bear this name, permIds {}: look at them in TWS",
            all.len(),
            numbers.join(" and ")
        )),
        ..first
    })
}

fn state(all: &[OrderSnapshot], filled: Shares) -> OrderState {
    let states = || all.iter().map(|snapshot| snapshot.state);
    let open = states().filter(|state| !state.is_final()).max();
    match open {
        Some(_) if filled > Shares::ZERO => OrderState::PartiallyFilled,
        Some(open) => open,
        None if states().all(|state| state == OrderState::Filled) => OrderState::Filled,
        None if states().all(|state| state == OrderState::Rejected) => OrderState::Rejected,
        None => OrderState::Cancelled,
    }
}

/// What all filled shares were worth, if that is known.
fn value(all: &[OrderSnapshot]) -> Option<Money> {
    let worth = |snapshot: &OrderSnapshot| match snapshot.average_price {
        Some(price) => price.notional(snapshot.filled).ok(),
        None => snapshot.filled.is_zero().then_some(Money::ZERO),
    };
    all.iter().map(worth).sum()
}
