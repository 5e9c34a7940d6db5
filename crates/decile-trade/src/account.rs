mod kind;
mod lock;

pub use kind::AccountKind;
pub use lock::AccountLock;
pub(crate) use lock::lock_file;

use crate::Error;
use decile_core::{Currency, Holding, Money, Shares, Symbol};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The broker's name of an account: 1 to 12 ASCII letters or digits.
///
/// ```
/// use decile_trade::AccountId;
///
/// let account: AccountId = "DU1234567".parse()?;
/// assert!(account.is_paper());
/// assert!("DU 1".parse::<AccountId>().is_err());
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct AccountId(SmolStr);

impl AccountId {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the prefix is one of Interactive Brokers' paper accounts, `DU` or `DF`.
    #[must_use]
    pub fn is_paper(&self) -> bool {
        self.0.starts_with("DU") || self.0.starts_with("DF")
    }
}

impl FromStr for AccountId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(SmolStr::new(text))
    }
}

impl TryFrom<SmolStr> for AccountId {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        let valid =
            (1..=12).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric());
        if !valid {
            return Err(Error::InvalidAccountId { text: text.into() });
        }
        Ok(Self(text))
    }
}

impl From<AccountId> for SmolStr {
    fn from(account: AccountId) -> Self {
        account.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an account has, at one instant.
///
/// ```
/// use decile_core::Currency;
/// use decile_trade::Account;
///
/// let account = Account {
///     id: "DU1234567".parse()?,
///     currency: Currency::USD,
///     cash: "20000".parse()?,
///     equity: "100000".parse()?,
///     settled_cash: Some("15000".parse()?), // 5,000 were sold today
/// };
/// assert!(account.cash < account.equity);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Currency of its money.
    pub currency: Currency,
    /// Cash, below 0 for a debit.
    pub cash: Money,
    /// Cash and holdings at market value.
    pub equity: Money,
    /// Cash without what sales have brought that is not settled yet, all purchases taken off;
    /// `None` if the broker does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_cash: Option<Money>,
}

impl Account {
    /// Returns the cash that buys may take; `None` if it is not known.
    pub(crate) fn spendable(&self, kind: AccountKind) -> Option<Money> {
        match kind {
            AccountKind::Margin => Some(self.cash),
            // A debit is there, whatever has settled.
            AccountKind::Cash => Some(self.settled_cash?.min(self.cash)),
        }
    }
}

/// Shares of one stock in an account.
///
/// ```
/// use decile_core::Shares;
/// use decile_trade::Position;
///
/// let position = Position {
///     symbol: "KO".parse()?,
///     quantity: Shares::new(100),
///     average_cost: "61.215".parse()?,
/// };
/// assert_eq!(position.quantity.get(), 100);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The stock.
    pub symbol: Symbol,
    /// How many shares; below 0 for a short holding.
    pub quantity: Shares,
    /// What a share cost on average, the commissions of the purchases included, as Interactive
    /// Brokers reports it.
    pub average_cost: Money,
}

impl Position {
    pub(crate) fn of(symbol: Symbol, holding: Holding) -> Self {
        Self { symbol, quantity: holding.quantity, average_cost: holding.average_cost() }
    }

    pub(crate) fn holding(&self) -> Result<Holding, decile_core::Error> {
        Holding::at_average(self.quantity, self.average_cost)
    }
}

/// Returns the holdings by symbol, without empty ones.
pub(crate) fn holdings(positions: &[Position]) -> Result<BTreeMap<Symbol, &Position>, Error> {
    let mut held = BTreeMap::new();
    for position in positions.iter().filter(|position| !position.quantity.is_zero()) {
        let symbol = position.symbol.clone();
        if position.quantity < Shares::ZERO {
            return Err(Error::ShortPosition { symbol, quantity: position.quantity });
        }
        if held.insert(symbol.clone(), position).is_some() {
            return Err(Error::DuplicatePosition { symbol });
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_prefix_tells_paper_from_live() {
        let is_paper = |text: &str| text.parse::<AccountId>().unwrap().is_paper();
        assert!(is_paper("DU1234567") && is_paper("DF42"));
        assert!(!is_paper("U1234567") && !is_paper("F42DU"));
    }

    #[test]
    fn what_is_not_an_account_is_refused() {
        for bad in ["", "DU:1", "DU1234567890123", "dü1"] {
            assert!(matches!(bad.parse::<AccountId>(), Err(Error::InvalidAccountId { .. })));
            assert!(serde_json::from_str::<AccountId>(&format!("{bad:?}")).is_err());
        }
    }

    #[test]
    fn shorts_and_duplicates_are_refused_and_empty_positions_dropped() {
        let position = |count| Position {
            symbol: "KO".parse().unwrap(),
            quantity: Shares::new(count),
            average_cost: Money::ZERO,
        };
        assert!(matches!(holdings(&[position(-1)]), Err(Error::ShortPosition { .. })));
        assert!(matches!(
            holdings(&[position(1), position(2)]),
            Err(Error::DuplicatePosition { .. })
        ));
        assert!(holdings(&[position(0)]).unwrap().is_empty());
    }
}
