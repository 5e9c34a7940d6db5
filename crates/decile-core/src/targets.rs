use crate::{Error, Shares, Symbol, Weight};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much of one stock is wanted.
///
/// ```
/// use decile_core::{Shares, TargetSize, Weight};
///
/// assert_ne!(TargetSize::Weight(Weight::equal(10)), TargetSize::Shares(Shares::new(10)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetSize {
    /// A share of the portfolio.
    Weight(Weight),
    /// A fixed holding.
    Shares(Shares),
}

/// One stock that the portfolio should hold.
///
/// ```
/// use decile_core::{Target, TargetSize};
///
/// let target = Target { symbol: "KO".parse()?, size: TargetSize::Weight("0.05".parse()?) };
/// assert_eq!(serde_json::to_string(&target).expect("plain data"), r#"{"symbol":"KO","size":{"weight":"0.05"}}"#);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The stock.
    pub symbol: Symbol,
    /// How much of it.
    pub size: TargetSize,
}

/// The portfolio that a ranking asks for, on one date. What it does not name is to be sold.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::{Symbol, Targets};
///
/// let as_of = NaiveDate::from_ymd_opt(2025, 11, 28).expect("a date");
/// let symbols: [Symbol; 2] = ["KO".parse()?, "PEP".parse()?];
/// let targets = Targets::equal_weight(as_of, &symbols)?;
/// assert_eq!(targets.iter().count(), 2);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Targets {
    as_of: NaiveDate,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Unchecked {
    as_of: NaiveDate,
    targets: Vec<Target>,
}

impl TryFrom<Unchecked> for Targets {
    type Error = Error;

    fn try_from(raw: Unchecked) -> Result<Self, Error> {
        Self::new(raw.as_of, raw.targets)
    }
}

impl Targets {
    /// Makes a portfolio of targets, in the order in which they are wanted.
    ///
    /// # Errors
    /// [`Error::DuplicateTarget`] if a symbol stands twice.
    pub fn new(as_of: NaiveDate, targets: Vec<Target>) -> Result<Self, Error> {
        let mut seen = BTreeSet::new();
        for target in &targets {
            if !seen.insert(&target.symbol) {
                return Err(Error::DuplicateTarget { symbol: target.symbol.clone() });
            }
        }
        Ok(Self { as_of, targets })
    }

    /// Makes a portfolio that holds the same weight, 1/n, of each symbol.
    ///
    /// # Errors
    /// [`Error::DuplicateTarget`] if a symbol stands twice.
    pub fn equal_weight(as_of: NaiveDate, symbols: &[Symbol]) -> Result<Self, Error> {
        Self::uniform(as_of, symbols, TargetSize::Weight(Weight::equal(symbols.len())))
    }

    /// Makes a portfolio that holds the same number of shares of each symbol.
    ///
    /// # Errors
    /// [`Error::DuplicateTarget`] if a symbol stands twice.
    pub fn equal_shares(
        as_of: NaiveDate,
        symbols: &[Symbol],
        quantity: Shares,
    ) -> Result<Self, Error> {
        Self::uniform(as_of, symbols, TargetSize::Shares(quantity))
    }

    /// Returns the same stocks with so many shares of each, instead of their weights.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use decile_core::{Shares, Symbol, TargetSize, Targets};
    /// # let as_of = NaiveDate::from_ymd_opt(2025, 11, 28).expect("a date");
    /// let ko: Symbol = "KO".parse()?;
    /// let targets = Targets::equal_weight(as_of, &[ko.clone()])?.with_shares(Shares::new(7));
    /// assert_eq!(targets.size(&ko), Some(TargetSize::Shares(Shares::new(7))));
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_shares(&self, quantity: Shares) -> Self {
        let size = TargetSize::Shares(quantity);
        let targets = self.targets.iter().map(|target| Target { size, ..target.clone() });
        Self { as_of: self.as_of, targets: targets.collect() }
    }

    fn uniform(as_of: NaiveDate, symbols: &[Symbol], size: TargetSize) -> Result<Self, Error> {
        let target = |symbol: &Symbol| Target { symbol: symbol.clone(), size };
        Self::new(as_of, symbols.iter().map(target).collect())
    }

    /// Returns the session whose close the targets were made of.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the targets in their order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Target> {
        self.targets.iter()
    }

    /// Returns how much of a symbol is wanted; `None` for a stock that is not wanted.
    #[must_use]
    pub fn size(&self, symbol: &Symbol) -> Option<TargetSize> {
        self.targets.iter().find(|target| target.symbol == *symbol).map(|target| target.size)
    }

    /// Returns the number of targets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Tells whether nothing is wanted: the portfolio is to be sold.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_may_stand_once() {
        let as_of = NaiveDate::from_ymd_opt(2025, 11, 28).unwrap();
        let symbol: Symbol = "KO".parse().unwrap();
        let twice = Targets::equal_weight(as_of, &[symbol.clone(), symbol.clone()]);
        assert_eq!(twice, Err(Error::DuplicateTarget { symbol }));
    }

    #[test]
    fn deserialising_goes_through_the_constructor() {
        let text = r#"{"as_of":"2025-11-28","targets":[
            {"symbol":"KO","size":{"weight":"0.5"}},{"symbol":"KO","size":{"shares":3}}]}"#;
        assert!(serde_json::from_str::<Targets>(text).unwrap_err().to_string().contains("KO"));
    }
}
