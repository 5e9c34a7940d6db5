//! Exact amounts as the doubles of the wire.

use decile_core::{Decimal, Money, Price};

pub(super) fn number(value: Decimal) -> f64 {
    // A decimal of 28 digits is far within the range of a double.
    f64::try_from(value).unwrap_or_default()
}

pub(super) fn money(amount: Money) -> f64 {
    number(amount.get())
}

/// Returns a price; one that is not there is 0 on the wire.
pub(super) fn price(price: Option<Price>) -> f64 {
    price.map_or(0.0, |price| number(price.get()))
}
