use crate::Error;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An exact share of a portfolio, from -1 to 1.
///
/// ```
/// use decile_core::Weight;
///
/// assert_eq!(Weight::equal(10), "0.1".parse()?);
/// assert!("1.5".parse::<Weight>().is_err());
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Weight(Decimal);

impl Weight {
    const DECIMALS_MAX: u32 = 24;

    /// Nothing of the portfolio.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Makes a weight of a decimal.
    ///
    /// # Errors
    /// [`Error::InvalidWeight`] if it is below -1 or above 1.
    pub fn new(value: Decimal) -> Result<Self, Error> {
        if value.abs() > Decimal::ONE {
            return Err(Error::InvalidWeight { text: value.to_string() });
        }
        Ok(Self(value.normalize()))
    }

    /// Returns the weight of each of `count` equal positions: 1/`count` cut off after 24 decimals,
    /// so that the weights never add up to more than 1. None of 0 positions: 0.
    #[must_use]
    pub fn equal(count: usize) -> Self {
        if count == 0 {
            return Self::ZERO;
        }
        let exact = Decimal::ONE / Decimal::from(count);
        // Division rounds its last digit, the 26th or a later one, and a weight rounded up could
        // plan one share too many.
        let cut = exact.round_dp_with_strategy(Self::DECIMALS_MAX, RoundingStrategy::ToZero);
        Self(cut.normalize())
    }

    /// Makes a weight of a binary number: the shortest decimal that reads back as the same `f64`,
    /// rounded to 24 decimals.
    ///
    /// # Errors
    /// [`Error::InvalidWeight`] if it is missing (NaN), or not between -1 and 1.
    pub fn from_f64(value: f64) -> Result<Self, Error> {
        let text = value.to_string();
        let exact = Decimal::from_str(&text).map_err(|_| Error::InvalidWeight { text })?;
        Self::new(exact.round_dp(Self::DECIMALS_MAX))
    }

    /// Returns the weight as a decimal.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl FromStr for Weight {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidWeight { text: text.to_owned() };
        Self::new(Decimal::from_str_exact(text).map_err(|_| invalid())?)
    }
}

impl TryFrom<Decimal> for Weight {
    type Error = Error;

    fn try_from(value: Decimal) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<Weight> for Decimal {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_never_exceed_the_whole() {
        for count in 1..=500_usize {
            let sum = Weight::equal(count).get() * Decimal::from(count);
            assert!(sum <= Decimal::ONE, "{count}: {sum}");
            assert!(Decimal::ONE - sum < Decimal::new(1, 20), "{count}: {sum}");
        }
        assert_eq!(Weight::equal(0), Weight::ZERO);
    }

    #[test]
    fn more_than_everything_is_refused() {
        for bad in ["1.0000001", "-2", "", "half"] {
            assert_eq!(bad.parse::<Weight>(), Err(Error::InvalidWeight { text: bad.to_owned() }));
        }
        assert!(Weight::from_f64(f64::NAN).is_err());
    }

    #[test]
    fn the_smallest_weights_are_weights() {
        assert_eq!(
            Weight::from_f64(1.234_567_890_123_456_7e-13).unwrap().to_string(),
            "0.000000000000123456789012"
        );
        assert_eq!(Weight::from_f64(1e-300).unwrap(), Weight::ZERO);
    }
}
