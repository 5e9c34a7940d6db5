//! Executions of one order, and what they cost.

use super::news::Executed;
use decile_core::{Decimal, Money, Price, Shares};
use smol_str::SmolStr;
use std::collections::HashMap;

/// Commissions by the gateway's number of the execution. They come before it or after it.
pub(super) type Commissions = HashMap<SmolStr, Money>;

/// The executions of an order, each in its latest correction, by name. They are few.
#[derive(Debug, Clone, Default)]
pub(super) struct Fills(Vec<Fill>);

/// An execution under the name that all its corrections share.
#[derive(Debug, Clone)]
pub(super) struct Fill {
    pub(super) name: SmolStr,
    revision: u32,
    pub(super) executed: Executed,
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
    /// Adds an execution; returns it if it was new, or corrects a known one.
    pub(super) fn add(&mut self, executed: Executed) -> Option<&Fill> {
        let (name, revision) = split(&executed.execution_id);
        let place = self.0.binary_search_by(|fill| fill.name.as_str().cmp(name));
        match place {
            Ok(place) if self.0[place].revision >= revision => None,
            Ok(place) => {
                let fill = &mut self.0[place];
                (fill.revision, fill.executed) = (revision, executed);
                Some(fill)
            }
            Err(place) => {
                let name = SmolStr::new(name);
                self.0.insert(place, Fill { name, revision, executed });
                self.0.get(place)
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Fill> {
        self.0.iter()
    }

    pub(super) fn find(&self, name: &str) -> Option<&Fill> {
        self.0.iter().find(|fill| fill.name == name)
    }

    pub(super) fn first(&self) -> Option<&Executed> {
        self.0.first().map(|fill| &fill.executed)
    }

    pub(super) fn quantity(&self) -> Shares {
        self.iter().fold(Shares::ZERO, |sum, fill| sum + fill.executed.quantity)
    }

    /// The average price, rounded to eight decimals.
    pub(super) fn average(&self) -> Option<Price> {
        let mut value = Money::ZERO;
        for Fill { executed, .. } in self.iter() {
            value += executed.price.notional(executed.quantity).ok()?;
        }
        average(value, self.quantity())
    }

    /// What all of them cost, if all of it is known.
    pub(super) fn commission(&self, commissions: &Commissions) -> Option<Money> {
        let of = |fill: &Fill| commissions.get(&fill.executed.execution_id).copied();
        self.iter().map(of).sum()
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
