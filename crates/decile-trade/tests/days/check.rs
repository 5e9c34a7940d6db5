//! What must hold of an approval, and of a day that is over.

use crate::world::World;
use crate::{Quotes, STOCKS, name};
use decile_core::{Decimal, Money, Shares, Symbol};
use decile_trade::{ApprovedPlan, Broker, Position, Side};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Holds an approval against the limits, by arithmetic of its own.
pub(crate) fn approval(
    approved: &ApprovedPlan,
    positions: &[Position],
    (world, quotes, equity): (&World, &Quotes, Money),
) -> Result<(), TestCaseError> {
    let plan = approved.plan();
    let wanted = i64::try_from(plan.name_count().max(1)).unwrap();
    let name_most = match world.limits.name_weight_max {
        Some(weight) => weight.get(),
        None => Decimal::new(15, 2).max(Decimal::ONE / Decimal::from(wanted)),
    };
    // The quotient above may be cut at its last digit.
    let name_most = equity.get() * (name_most + Decimal::new(1, 20));
    for order in plan.orders() {
        let quote = &quotes[&order.symbol];
        let side = if order.side == Side::Buy { quote.ask } else { quote.bid };
        let dealt = order.kind.limit().or(side).unwrap_or(order.reference);
        let dearest = dealt.max(order.reference);
        let value = dearest.notional(order.quantity).unwrap();
        prop_assert!(value <= world.limits.order_notional_max, "{order}");
        prop_assert!(order.quantity.get() > 0, "{order}");
        let held = positions.iter().find(|held| held.symbol == order.symbol);
        let held = held.map_or(Shares::ZERO, |held| held.quantity);
        let after = held + order.side.signed(order.quantity);
        prop_assert!(after >= Shares::ZERO, "{order} of {held}");
        if order.side == Side::Buy {
            let value = dearest.notional(after).unwrap().get();
            prop_assert!(value <= name_most, "{order}: {value} of {name_most}");
            // An odd holding is bought up to whole lots.
            let is_even = |shares: Shares| shares.get() % world.rules.lot.get() == 0;
            prop_assert!(is_even(order.quantity) || is_even(held + order.quantity), "{order}");
        }
    }
    Ok(())
}

/// Nothing is overspent or oversold, and no holding is beyond the plan on either side.
pub(crate) async fn day(
    broker: &dyn Broker,
    before: &[Position],
    planned: &BTreeMap<Symbol, Shares>,
) -> Result<(), TestCaseError> {
    let cash = broker.account().await.unwrap().cash;
    prop_assert!(!cash.is_negative(), "{cash}");
    let after = broker.positions().await.unwrap();
    let of = |positions: &[Position], symbol: &Symbol| {
        let held = positions.iter().find(|held| held.symbol == *symbol);
        held.map_or(Shares::ZERO, |held| held.quantity)
    };
    for symbol in (0..STOCKS).map(name) {
        let (before, after) = (of(before, &symbol), of(&after, &symbol));
        let planned = planned.get(&symbol).copied().unwrap_or_default();
        let between = before.min(planned)..=before.max(planned);
        prop_assert!(between.contains(&after), "{after} {symbol}, from {before} to {planned}");
    }
    Ok(())
}
