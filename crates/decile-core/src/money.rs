use crate::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// An exact amount of money, of either sign.
///
/// The currency is that of the account or plan that holds the amount, and a plan refuses quotes in
/// another one, so two amounts side by side always share it. It serialises as a decimal string.
///
/// ```
/// use decile_core::Money;
///
/// let cash: Money = "100.10".parse()?;
/// let fee: Money = "0.35".parse()?;
/// assert_eq!((cash - fee).to_string(), "99.75");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(Decimal);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Makes an amount of a decimal.
    #[must_use]
    pub fn new(amount: Decimal) -> Self {
        Self(amount)
    }

    /// Returns the amount as a decimal.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }

    /// Returns the amount without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Tells whether the amount is below 0.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// Returns the amount times an exact factor, as for a fee or a weight.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the product leaves the range of a decimal.
    pub fn times(self, factor: Decimal) -> Result<Self, Error> {
        self.0.checked_mul(factor).map(Self).ok_or_else(|| Error::Overflow {
            operation: "product",
            left: self.to_string(),
            right: factor.to_string(),
        })
    }

    /// Returns the amount rounded to cents, halves away from zero.
    #[must_use]
    pub fn to_cents(self) -> Self {
        let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        Self(self.0.round_dp_with_strategy(2, strategy))
    }
}

// A decimal holds 28 digits. Sums saturate there rather than panic or wrap; no account comes near.
impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Money {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |_| Error::InvalidMoney { text: text.to_owned() };
        Decimal::from_str_exact(text).map(Self).map_err(invalid)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn sums_are_exact() {
        let tenth = money("0.1");
        assert_eq!((0..10).map(|_| tenth).sum::<Money>(), money("1"));
    }

    #[test]
    fn cents_round_away_from_zero() {
        assert_eq!(money("0.125").to_cents(), money("0.13"));
        assert_eq!(money("-0.125").to_cents(), money("-0.13"));
    }

    #[test]
    fn words_are_not_money() {
        for bad in ["", "1,000", "$5", "1e6", "NaN"] {
            assert_eq!(bad.parse::<Money>(), Err(Error::InvalidMoney { text: bad.to_owned() }));
        }
    }
}
