//! From the numbers of the wire to exact values.

use decile_core::{Decimal, Money, Price, Shares};

/// Returns a whole number of shares, if it is one.
pub(crate) fn shares(value: f64) -> Option<Shares> {
    // Whole numbers up to 2^53 are exact in an f64.
    let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and in range, as just checked")]
    is_whole.then(|| Shares::new(value as i64))
}

/// Returns a price; `None` for 0, for -1 and for what stands for nothing.
pub(crate) fn price(value: f64) -> Option<Price> {
    Price::from_f64(value).ok()
}

/// Returns an amount as the shortest decimal that reads back as the same number; `None` for
/// 1.7976931348623157E308, which stands for nothing.
pub(crate) fn money(value: f64) -> Option<Money> {
    Decimal::from_str_exact(&value.to_string()).ok().map(Money::new)
}

/// Returns a commission; gateways also write -1 while it is not known.
pub(crate) fn commission(value: f64) -> Option<Money> {
    money(value).filter(|_| value != -1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_as_they_were_meant() {
        assert_eq!(money(1.000003).unwrap().to_string(), "1.000003");
        assert_eq!(money(-1441.67).unwrap().to_string(), "-1441.67");
        assert_eq!(price(309.16).unwrap().to_string(), "309.16");
        assert_eq!(shares(100.0), Some(Shares::new(100)));
        assert_eq!(shares(-3.0), Some(Shares::new(-3)));
    }

    #[test]
    fn what_stands_for_nothing_is_missing() {
        for nothing in [f64::MAX, f64::NAN, f64::INFINITY] {
            assert_eq!(money(nothing), None);
            assert_eq!(commission(nothing), None);
            assert_eq!(price(nothing), None);
            assert_eq!(shares(nothing), None);
        }
        assert_eq!(commission(-1.0), None);
        assert_eq!(commission(0.0), Some(Money::ZERO));
        assert_eq!(price(0.0), None);
        assert_eq!(price(-1.0), None);
        assert_eq!(shares(0.5), None);
    }
}
