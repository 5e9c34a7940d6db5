//! The prices of an order beside its limit, as both dialects show them.

use crate::engine::{Distance, Kind, OrderView, Terms};
use crate::wire::number::number;
use decile_core::Decimal;

/// Returns the auxiliary price: the stop, or the distance of a trailing one; 0 for none.
pub(super) fn aux_price(terms: &Terms) -> f64 {
    match terms.kind {
        Kind::Stop(price)
        | Kind::StopLimit { stop: price, .. }
        | Kind::Trail(Distance::Amount(price)) => number(price.get()),
        _ => 0.0,
    }
}

pub(super) fn trailing_percent(terms: &Terms) -> Option<f64> {
    match terms.kind {
        Kind::Trail(Distance::Percent(percent)) => Some(number(percent)),
        _ => None,
    }
}

/// Returns the stop price that open orders show: a limit order, a sale as well as a purchase, shows
/// its limit plus 1 here.
pub(super) fn trail_stop(view: &OrderView) -> Option<f64> {
    match view.terms.kind {
        Kind::Limit(limit) => Some(number(limit.get() + Decimal::ONE)),
        _ => view.stop.map(|stop| number(stop.get())),
    }
}

/// Returns how a group of orders cancels each other: 1 for all at once, 2 and 3 for as large a part.
pub(super) fn oca_type(terms: &Terms) -> i32 {
    match &terms.oca {
        Some(oca) if oca.cancels => 1,
        Some(oca) if oca.blocks => 2,
        _ => 3,
    }
}
