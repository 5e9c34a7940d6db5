use crate::Error;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// A currency by its three-letter ISO 4217 code, as in `USD`.
///
/// The shape is checked, not the list of codes: test currencies such as `XTS` are welcome.
///
/// ```
/// use decile_core::Currency;
///
/// let euro: Currency = "EUR".parse()?;
/// assert_ne!(euro, Currency::USD);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Three ASCII letters by construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(Error::InvalidCurrency { text: text.to_owned() }),
        }
    }
}

impl TryFrom<SmolStr> for Currency {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Currency> for SmolStr {
    fn from(currency: Currency) -> Self {
        Self::new(currency.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_upper_case_letters_are_a_code() {
        assert_eq!("USD".parse(), Ok(Currency::USD));
        for bad in ["", "US", "usd", "USDT", "U$D", "ÄÖ"] {
            assert_eq!(
                bad.parse::<Currency>(),
                Err(Error::InvalidCurrency { text: bad.to_owned() })
            );
        }
    }
}
