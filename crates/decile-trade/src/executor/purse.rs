//! The cash that is left for buys.

use crate::{OrderSnapshot, Side};
use decile_core::{Decimal, Money};

/// Counts along with the account, whose word may come late, and believes the smaller of the two.
#[derive(Debug, Default)]
pub(super) struct Purse {
    /// What is left; not known before the first buy.
    left: Option<Money>,
    /// Commissions of sales that the broker has not named yet, at a guess.
    owed: Money,
    /// What orders of earlier runs may still take, since nobody knows that they don't.
    reserved: Money,
    /// What the account had before the first sale, and what the sales have brought since, at least.
    before: Option<Money>,
    proceeds: Money,
    /// By what factor the dearest buy so far cost more than it was approved with; `None` if none did.
    dearest: Option<Decimal>,
}

impl Purse {
    /// Begins with so much of the cash spoken for.
    pub(super) fn reserving(reserved: Money) -> Self {
        Self { reserved, ..Self::default() }
    }

    /// Takes in what the account has before anything is sold.
    pub(super) fn begin(&mut self, cash: Money) {
        self.before = self.before.or(Some(cash));
    }

    /// Tells whether an account with so much cash does not show yet what the sales have brought, before
    /// the first buy.
    pub(super) fn lacks_proceeds(&self, cash: Money) -> bool {
        let shown = |before: Money| cash < before + self.proceeds;
        self.left.is_none() && self.before.is_some_and(shown)
    }

    /// Takes in what the account has now.
    pub(super) fn read(&mut self, cash: Money) {
        self.left = Some(self.left.map_or(cash - self.owed, |left| left.min(cash)));
    }

    /// Returns why a buy that needs so much must not be sent, if it must not.
    pub(super) fn objection(&self, needed: Money) -> Option<String> {
        let left = self.left.unwrap_or_default();
        (needed > self.free()).then(|| {
            let (needed, left) = (needed.to_cents(), left.to_cents());
            let spoken_for = match self.reserved > Money::ZERO {
                true => format!(", of which open orders may take {:.2}", self.reserved.to_cents()),
                false => String::new(),
            };
            format!("it needs {needed:.2} and the cash is {left:.2}{spoken_for}")
        })
    }

    /// Returns the cash that a buy may take.
    fn free(&self) -> Money {
        self.left.unwrap_or_default() - self.reserved
    }

    /// Returns the cash that a buy which is made smaller may take: it goes to the brink of what there
    /// is, so it reckons with prices as far from the approved ones as those of the buys before it.
    pub(super) fn free_at_worst(&self) -> Money {
        let free = self.free().get();
        let at_worst = self.dearest.map_or(Some(free), |dearest| free.checked_div(dearest));
        at_worst.map(Money::new).unwrap_or_default()
    }

    /// Takes out what a buy needs that is about to be sent.
    pub(super) fn hold(&mut self, needed: Money) {
        self.left = self.left.map(|left| left - needed);
    }

    /// Puts back what was held for an order that was not sent.
    pub(super) fn release(&mut self, side: Side, needed: Money) {
        if side == Side::Buy {
            self.left = self.left.map(|left| left + needed);
        }
    }

    /// Takes out what an order took, as far as it is known, and else what it may take, in the place of
    /// what was held for it.
    ///
    /// `needed` is the cash that it was approved with, and `fee` the fraction that trading costs.
    pub(super) fn settle(
        &mut self,
        side: Side,
        snapshot: Option<&OrderSnapshot>,
        (needed, fee): (Money, Decimal),
    ) {
        let value = snapshot.and_then(value);
        let guess = value.and_then(|value| value.times(fee).ok());
        let commission = snapshot.and_then(|snapshot| match snapshot.filled.is_zero() {
            true => Some(Money::ZERO),
            false => snapshot.commission,
        });
        if side == Side::Sell {
            // Its proceeds count once the account shows them. No commission takes more than 1 %.
            let least = value.and_then(|value| value.times(Decimal::new(99, 2)).ok());
            self.proceeds += least.unwrap_or_default();
            self.owed += if commission.is_none() { guess.unwrap_or_default() } else { Money::ZERO };
            return;
        }
        if let Some((snapshot, value)) = snapshot.zip(value) {
            let paid = value + commission.or(guess).unwrap_or_default();
            self.dearest = self.dearest.max(dearness(snapshot, paid, needed));
        }
        let is_final = snapshot.is_some_and(|snapshot| snapshot.state.is_final());
        let spent = match (value, commission) {
            (Some(value), Some(commission)) if is_final => value + commission,
            // Shares may be dearer than at the approval, and the rest is still to come.
            (Some(value), _) => needed.max(value + guess.unwrap_or_default()),
            (None, _) => needed,
        };
        self.left = self.left.map(|left| left + needed - spent);
    }
}

/// Returns how many times the cash that they were approved with the filled shares took, if it was more.
fn dearness(snapshot: &OrderSnapshot, paid: Money, needed: Money) -> Option<Decimal> {
    let shares = Decimal::from(snapshot.quantity.get());
    let filled = Decimal::from(snapshot.filled.get());
    let approved = needed.get().checked_mul(filled)?.checked_div(shares)?;
    paid.get().checked_div(approved).filter(|factor| *factor > Decimal::ONE)
}

/// Returns what the filled shares were worth, if that is known.
fn value(snapshot: &OrderSnapshot) -> Option<Money> {
    match snapshot.average_price {
        Some(price) => price.notional(snapshot.filled).ok(),
        None => snapshot.filled.is_zero().then_some(Money::ZERO),
    }
}
