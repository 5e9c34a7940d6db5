use crate::{Error, Money, Shares};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An exact price per share, above 0.
///
/// A price has no currency of its own: the [`Quote`](crate::Quote), order or account around it
/// names one. It serialises as a decimal string, so that no reader rounds it.
///
/// ```
/// use decile_core::Price;
///
/// assert_eq!(Price::from_f64(82.39)?, "82.39".parse()?);
/// assert!("0".parse::<Price>().is_err());
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Price(Decimal);

impl Price {
    /// Makes a price of a decimal.
    ///
    /// # Errors
    /// [`Error::InvalidPrice`] if the number is not above 0.
    pub fn new(value: Decimal) -> Result<Self, Error> {
        if value <= Decimal::ZERO {
            return Err(Error::InvalidPrice { text: value.to_string() });
        }
        Ok(Self(value.normalize()))
    }

    /// Makes a price of a binary number: the shortest decimal that reads back as the same `f64`.
    ///
    /// This is the door from research to orders. A close that was written `82.39` in a file comes
    /// out as exactly 82.39.
    ///
    /// # Errors
    /// [`Error::InvalidPrice`] if the number is missing (NaN), infinite, not above 0, or outside
    /// the range of a decimal.
    pub fn from_f64(value: f64) -> Result<Self, Error> {
        // `Display` of f64 prints the shortest digits that round-trip.
        value.to_string().parse()
    }

    /// Returns the price as a decimal.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }

    /// Returns the value of so many shares at this price; negative for a short holding.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the product leaves the range of a decimal.
    pub fn notional(self, quantity: Shares) -> Result<Money, Error> {
        let product = self.0.checked_mul(Decimal::from(quantity.get()));
        product.map(Money::new).ok_or_else(|| Error::Overflow {
            operation: "product",
            left: self.to_string(),
            right: quantity.to_string(),
        })
    }
}

impl FromStr for Price {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidPrice { text: text.to_owned() };
        Self::new(Decimal::from_str_exact(text).map_err(|_| invalid())?)
    }
}

impl TryFrom<Decimal> for Price {
    type Error = Error;

    fn try_from(value: Decimal) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<Price> for Decimal {
    fn from(price: Price) -> Self {
        price.0
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_numbers_come_out_as_they_were_written() {
        for text in ["82.39", "0.0001", "319.7456", "715000.5", "1"] {
            let number: f64 = text.parse().unwrap();
            assert_eq!(Price::from_f64(number).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_paid_is_refused() {
        for bad in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, 1e-300] {
            assert!(Price::from_f64(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn notional_is_exact_and_checked() {
        let price: Price = "1510.10".parse().unwrap();
        assert_eq!(price.notional(Shares::new(-6)).unwrap(), "-9060.60".parse().unwrap());
        let huge: Price = "79228162514264337593543950335".parse().unwrap();
        assert!(matches!(huge.notional(Shares::new(2)), Err(Error::Overflow { .. })));
    }

    #[test]
    fn serialises_as_a_string() {
        let price: Price = "250.00".parse().unwrap();
        assert_eq!(serde_json::to_string(&price).unwrap(), "\"250\"");
        assert!(serde_json::from_str::<Price>("\"-1\"").is_err());
    }
}
