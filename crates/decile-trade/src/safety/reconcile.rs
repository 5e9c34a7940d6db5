use crate::{ExecutionReport, OrderStatus, Position};
use decile_core::{Shares, Symbol};
use std::collections::{BTreeMap, BTreeSet};

/// Returns where what is held after a run is not what was held before and what the report says has
/// filled, a sentence each. A stock with an order that is open, or of which nobody knows, is left
/// out: that is told already.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{ExecutionReport, position_breaks};
///
/// let idle = ExecutionReport::default();
/// let (before, after) = ([position("KO", 100)], [position("KO", 90)]);
/// assert!(position_breaks(&idle, &before, &before).is_empty());
/// assert_eq!(
///     position_breaks(&idle, &before, &after),
///     ["90 KO are held, and 100 held before and 0 traded are 100"]
/// );
/// ```
#[must_use]
pub fn position_breaks(
    report: &ExecutionReport,
    before: &[Position],
    after: &[Position],
) -> Vec<String> {
    let sum = |positions: &[Position]| {
        let mut held: BTreeMap<Symbol, Shares> = BTreeMap::new();
        for position in positions {
            let quantity = held.entry(position.symbol.clone()).or_default();
            *quantity = *quantity + position.quantity;
        }
        held
    };
    let (before, after) = (sum(before), sum(after));
    let mut traded: BTreeMap<Symbol, Shares> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    for order in &report.orders {
        let quantity = traded.entry(order.symbol.clone()).or_default();
        *quantity = *quantity + order.side.signed(order.filled);
        if order.status == OrderStatus::Unknown || order.is_open {
            unknown.insert(&order.symbol);
        }
    }
    let names: BTreeSet<&Symbol> = before.keys().chain(after.keys()).chain(traded.keys()).collect();
    let told = |symbol: &&Symbol| {
        let of =
            |shares: &BTreeMap<Symbol, Shares>| shares.get(*symbol).copied().unwrap_or_default();
        let (had, change, has) = (of(&before), of(&traded), of(&after));
        (had + change != has).then(|| {
            let should = had + change;
            format!(
                "{has} {symbol} are held, and {had} held before and {change} traded are {should}"
            )
        })
    };
    names.iter().filter(|symbol| !unknown.contains(**symbol)).filter_map(told).collect()
}
