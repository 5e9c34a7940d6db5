//! Executions of one order, and what they cost.

use super::news::Executed;
use decile_core::{Decimal, Money, Price, Shares};
use std::collections::BTreeMap;

/// Commissions by the gateway's number of the execution. They come before it or after it.
pub(super) type Commissions = BTreeMap<String, Money>;

/// The executions of an order, each in its latest correction.
#[derive(Debug, Clone, Default)]
pub(super) struct Fills {
    by_name: BTreeMap<String, (u32, Executed)>,
}

/// Splits the gateway's number of an execution into what stays and what a correction raises:
/// `0000e0d5.69e0429a.01.02` is the first correction of `0000e0d5.69e0429a.01`.
pub(super) fn split(execution_id: &str) -> (&str, u32) {
    let parts = execution_id.rsplit_once('.').and_then(|(name, revision)| {
        let is_number = revision.len() == 2 && revision.bytes().all(|c| c.is_ascii_digit());
        is_number.then(|| Some((name, revision.parse().ok()?)))?
    });
    parts.unwrap_or((execution_id, 0))
}

impl Fills {
    /// Adds an execution; tells whether it was new, or corrects a known one.
    pub(super) fn add(&mut self, executed: Executed) -> bool {
        let (name, revision) = split(&executed.execution_id);
        match self.by_name.get(name) {
            Some((known, _)) if *known >= revision => false,
            _ => {
                self.by_name.insert(name.to_owned(), (revision, executed));
                true
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Executed)> {
        self.by_name.iter().map(|(name, (_, executed))| (name, executed))
    }

    pub(super) fn first(&self) -> Option<&Executed> {
        self.by_name.values().map(|(_, executed)| executed).next()
    }

    pub(super) fn quantity(&self) -> Shares {
        self.iter().fold(Shares::ZERO, |sum, (_, executed)| sum + executed.quantity)
    }

    /// The average price, rounded to eight decimals.
    pub(super) fn average(&self) -> Option<Price> {
        let mut value = Money::ZERO;
        for (_, executed) in self.iter() {
            value += executed.price.notional(executed.quantity).ok()?;
        }
        average(value, self.quantity())
    }

    /// What all of them cost, if all of it is known.
    pub(super) fn commission(&self, commissions: &Commissions) -> Option<Money> {
        self.iter().map(|(_, executed)| commissions.get(&executed.execution_id).copied()).sum()
    }
}

pub(super) fn average(value: Money, quantity: Shares) -> Option<Price> {
    let average = value.get().checked_div(Decimal::from(quantity.get()))?;
    Price::new(average.round_dp(8)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_keep_their_name() {
        assert_eq!(split("0000e0d5.69e0429a.01.01"), ("0000e0d5.69e0429a.01", 1));
        assert_eq!(split("0000e0d5.69e0429a.01.12"), ("0000e0d5.69e0429a.01", 12));
        for plain in ["sanitized-exec-00000001", "a.b", "a.001", ""] {
            assert_eq!(split(plain), (plain, 0));
        }
    }
}
