//! How many shares of one stock to trade, before the cash is shared out.

use super::{NoteKind, PlanInputs, PlanRules};
use crate::Error;
use crate::exact::{Exact, exact, floor_to_lot, whole};
use decile_core::{Price, Shares, Symbol, TargetSize, Weight};

/// Sizes one stock after the other.
#[derive(Debug)]
pub(super) struct Sizer<'a> {
    inputs: &'a PlanInputs<'a>,
    rules: &'a PlanRules,
    equity: Exact,
    investable_fraction: Exact,
}

/// The change of one holding that is wanted.
#[derive(Debug)]
pub(super) struct Draft {
    /// Shares to buy, or below 0 to sell.
    pub(super) change: Shares,
    /// Whether a buy may be scaled down to the cash: not if its number of shares is fixed.
    pub(super) scalable: bool,
    /// What was cut or left out.
    pub(super) notes: Vec<NoteKind>,
}

impl Draft {
    fn nothing(notes: Vec<NoteKind>) -> Self {
        Self { change: Shares::ZERO, scalable: true, notes }
    }
}

impl<'a> Sizer<'a> {
    pub(super) fn new(inputs: &'a PlanInputs<'a>, rules: &'a PlanRules) -> Self {
        Self {
            inputs,
            rules,
            equity: exact(inputs.account.equity.get()),
            investable_fraction: whole(Shares::new(1)) - exact(rules.cash_buffer),
        }
    }

    /// Returns the change from `held` to the target; a stock without a target is sold entirely.
    pub(super) fn draft(
        &self,
        symbol: &Symbol,
        target: Option<TargetSize>,
        (held, price): (Shares, Price),
    ) -> Result<Draft, Error> {
        let short = |size: String| Error::ShortTarget { symbol: symbol.clone(), size };
        match target.unwrap_or(TargetSize::Weight(Weight::ZERO)) {
            TargetSize::Weight(weight) if weight < Weight::ZERO => Err(short(weight.to_string())),
            TargetSize::Shares(count) if count < Shares::ZERO => Err(short(count.to_string())),
            TargetSize::Weight(weight) => self.by_weight(symbol, weight, (held, price)),
            // A fixed holding is what somebody typed. It is not bent to bands, clips or cash: the
            // risk limits let it pass as it is or deny it.
            TargetSize::Shares(count) => {
                Ok(Draft { change: count - held, scalable: false, notes: Vec::new() })
            }
        }
    }

    fn by_weight(
        &self,
        symbol: &Symbol,
        weight: Weight,
        (held, price): (Shares, Price),
    ) -> Result<Draft, Error> {
        let price = exact(price.get());
        let share = exact(weight.get()) * &self.investable_fraction;
        let target = self.lots(&(&share * &self.equity / &price), symbol)?;
        let change = target - held;
        if change.is_zero() {
            return Ok(Draft::nothing(Vec::new()));
        }
        let (exit, entry) = (target.is_zero(), held.is_zero());
        let drift = whole(held) * &price / &self.equity - share;
        if !exit && !entry && absolute(drift) < exact(self.rules.band) {
            return Ok(Draft::nothing(vec![NoteKind::Band]));
        }
        let notional = whole(change.abs()) * &price;
        if !exit && notional < exact(self.rules.min_notional.get()) {
            return Ok(Draft::nothing(vec![NoteKind::MinNotional]));
        }
        let (quantity, notes) = self.clip(symbol, change.abs(), &price)?;
        let change = if change < Shares::ZERO { -quantity } else { quantity };
        Ok(Draft { change, scalable: true, notes })
    }

    /// Clips a quantity by volume, then by value, each time to whole lots: an odd quantity above
    /// the lots below the limit is clipped to those, even if it is not above the limit itself.
    fn clip(
        &self,
        symbol: &Symbol,
        mut quantity: Shares,
        price: &Exact,
    ) -> Result<(Shares, Vec<NoteKind>), Error> {
        let mut notes = Vec::new();
        match self.inputs.average_daily_volume.map(|volumes| volumes.get(symbol)) {
            None => {}
            Some(None) => notes.push(NoteKind::AdvUnknown),
            Some(Some(volume)) => {
                let most = whole(volume.abs()) * exact(self.rules.adv_fraction_max);
                let most = self.lots(&most, symbol)?;
                if quantity > most {
                    quantity = most;
                    notes.push(NoteKind::AdvClip);
                }
            }
        }
        let most = exact(self.rules.order_notional_max.get()) / price;
        let most = self.lots(&most, symbol)?;
        if quantity > most {
            quantity = most;
            notes.push(NoteKind::NotionalClip);
        }
        Ok((quantity, notes))
    }

    fn lots(&self, number: &Exact, symbol: &Symbol) -> Result<Shares, Error> {
        floor_to_lot(number, self.rules.lot).ok_or_else(|| Error::OutOfRange {
            what: "number of shares",
            symbol: symbol.to_string(),
        })
    }
}

fn absolute(number: Exact) -> Exact {
    if number < whole(Shares::ZERO) { -number } else { number }
}
