use crate::Error;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// A listed security's canonical ticker, as in `AAPL` or `BRK.B`.
///
/// 1 to 16 upper-case ASCII letters, digits, `.` or `-`, the first a letter or digit. The dot marks
/// a share class; an adapter maps to its provider's spelling at its own edge (Yahoo `BRK-B`,
/// Interactive Brokers `BRK B`). Cloning is cheap: symbols are stored inline.
///
/// ```
/// use decile_core::Symbol;
///
/// let symbol: Symbol = "BRK.B".parse()?;
/// assert_eq!(symbol.as_str(), "BRK.B");
/// assert!("brk b".parse::<Symbol>().is_err());
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Symbol(SmolStr);

impl Symbol {
    /// The longest symbol that is accepted, in characters.
    pub const LENGTH_MAX: usize = 16;

    /// Makes a symbol of its canonical text.
    ///
    /// # Errors
    /// [`Error::InvalidSymbol`] if the text is not canonical; nothing is upper-cased or trimmed.
    pub fn new(text: &str) -> Result<Self, Error> {
        let allowed = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
        let valid = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|c| allowed(c) || c == b'.' || c == b'-')
            && text.bytes().next().is_some_and(allowed);
        if !valid {
            return Err(Error::InvalidSymbol { text: text.to_owned() });
        }
        Ok(Self(SmolStr::new(text)))
    }

    /// Returns the canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<SmolStr> for Symbol {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<Symbol> for SmolStr {
    fn from(symbol: Symbol) -> Self {
        symbol.0
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<&str> for Symbol {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_canonical_text_only() {
        for good in ["A", "AAPL", "BRK.B", "7203.T", "CAR-UN.TO"] {
            assert_eq!(Symbol::new(good).unwrap().to_string(), good);
        }
        for bad in ["", "aapl", " AAPL", "BRK B", ".A", "-A", "A/B", "ÄB", "ABCDEFGHIJKLMNOPQ"] {
            assert_eq!(Symbol::new(bad), Err(Error::InvalidSymbol { text: bad.to_owned() }));
        }
    }

    #[test]
    fn deserialising_goes_through_the_constructor() {
        assert_eq!(serde_json::from_str::<Symbol>("\"KO\"").unwrap(), "KO");
        let refused = serde_json::from_str::<Symbol>("\"ko\"").unwrap_err();
        assert!(refused.to_string().contains("upper-case"), "{refused}");
    }
}
