//! Exact fractions, for every decision that a rounded digit could turn.
//!
//! `rust_decimal` rounds a product that needs more than 28 digits without saying so, and a weight
//! of 1/30 alone has 24. One share too many is one digit rounded up, so sizes are worked out in
//! fractions of big integers and cut to shares and money at the very end.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use decile_core::{Decimal, Money, Shares};

/// A fraction of two integers of any length, reduced.
pub(crate) type Exact = RBig;

/// Makes a fraction of a decimal; nothing is lost.
pub(crate) fn exact(number: Decimal) -> Exact {
    let numerator = IBig::from(number.mantissa());
    match number.scale() {
        0 => Exact::from(numerator),
        scale => Exact::from_parts(numerator, ten_to(scale)),
    }
}

/// Makes a fraction of a number of shares.
pub(crate) fn whole(quantity: Shares) -> Exact {
    Exact::from(IBig::from(quantity.get()))
}

/// Adds fractions up.
pub(crate) fn sum(numbers: impl Iterator<Item = Exact>) -> Exact {
    numbers.fold(Exact::ZERO, |sum, number| sum + number)
}

fn ten_to(power: u32) -> UBig {
    UBig::from(10_u8).pow(power as usize)
}

/// Returns the largest multiple of `lot` that is not above `number`; `None` outside of `i64`.
pub(crate) fn floor_to_lot(number: &Exact, lot: Shares) -> Option<Shares> {
    let floored = (number / whole(lot)).floor() * IBig::from(lot.get());
    i64::try_from(&floored).ok().map(Shares::new)
}

/// Returns the number as money, cut downwards at the last digit that a decimal can hold.
///
/// `None` if not even the whole part fits.
pub(crate) fn money(number: &Exact) -> Option<Money> {
    (0..=Decimal::MAX_SCALE).rev().find_map(|scale| {
        let scaled = number * IBig::from(ten_to(scale));
        let mantissa = i128::try_from(&scaled.floor()).ok()?;
        let decimal = Decimal::try_from_i128_with_scale(mantissa, scale).ok()?;
        Some(Money::new(decimal.normalize()))
    })
}

/// Writes a fraction of the whole as a percentage with two decimals, for a person to read.
pub(crate) fn percent(number: &Exact) -> String {
    let hundredths = (number * IBig::from(10_000)).round();
    match i64::try_from(&hundredths) {
        Ok(count) => format!("{} %", Decimal::new(count, 2)),
        Err(_) => "over 90000000000000000 %".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn products_keep_every_digit() {
        // 33 digits: a decimal would round this product.
        let third = exact(decimal("0.333333333333333333333333"));
        let product = third * exact(decimal("100000.01")) * exact(decimal("3"));
        assert!(product < exact(decimal("100000.01")));
        assert_eq!(floor_to_lot(&product, Shares::new(1)), Some(Shares::new(100_000)));
    }

    #[test]
    fn lots_are_floored_below_zero_too() {
        let lot = Shares::new(100);
        assert_eq!(floor_to_lot(&exact(decimal("399.99")), lot), Some(Shares::new(300)));
        assert_eq!(floor_to_lot(&exact(decimal("-1")), lot), Some(Shares::new(-100)));
    }

    #[test]
    fn money_is_cut_downwards_and_never_wraps() {
        let third = Exact::from_parts(IBig::from(1), UBig::from(3_u8));
        assert_eq!(money(&third).unwrap().to_string(), "0.3333333333333333333333333333");
        assert_eq!(money(&-third).unwrap().to_string(), "-0.3333333333333333333333333334");
        assert_eq!(money(&exact(decimal("2099.110000"))).unwrap().to_string(), "2099.11");
        assert_eq!(money(&Exact::from(IBig::from(10).pow(30))), None);
    }

    #[test]
    fn percentages_have_two_decimals() {
        assert_eq!(percent(&exact(decimal("0.09876"))), "9.88 %");
    }
}
