//! What of a stock was bought when, and at what cost.

use super::history::carried;
use crate::Side;
use crate::journal::Trade;
use chrono::NaiveDate;
use decile_core::{CorporateAction, Decimal, Error, Holding, Money, Shares, Symbol};
use std::collections::VecDeque;

/// The purchases of one stock, first in, first out: what is sold is what was bought first, as long as
/// nobody names other shares (26 CFR 1.1012-1(c)(1)).
#[derive(Debug)]
pub(crate) struct Lots<'a> {
    symbol: &'a Symbol,
    actions: &'a [CorporateAction],
    held: VecDeque<Lot>,
    /// The days on which shares were bought.
    pub(crate) bought: Vec<NaiveDate>,
    /// The days on which shares were sold, and how.
    pub(crate) sold: Vec<(NaiveDate, Sold)>,
}

#[derive(Debug)]
struct Lot {
    /// The day of whose shares it is.
    day: NaiveDate,
    holding: Holding,
    is_cost_known: bool,
}

/// How shares were sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sold {
    /// Some of them for less than they cost.
    AtLoss,
    /// None of them for less, as far as cost and price are known.
    NotKnown,
    /// None of them for less.
    Fine,
}

impl<'a> Lots<'a> {
    /// Takes the trades of the stock, the oldest first. The splits among the actions are applied.
    pub(super) fn of<'t>(
        symbol: &'a Symbol,
        trades: impl Iterator<Item = &'t Trade>,
        actions: &'a [CorporateAction],
    ) -> Result<Self, Error> {
        let (held, bought, sold) = (VecDeque::new(), Vec::new(), Vec::new());
        let mut lots = Self { symbol, actions, held, bought, sold };
        for trade in trades {
            let (day, quantity) = (trade.session, trade.quantity);
            match trade.side {
                Side::Buy => {
                    let holding = Holding { quantity, cost: trade.amount.unwrap_or_default() };
                    lots.held.push_back(Lot {
                        day,
                        holding,
                        is_cost_known: trade.amount.is_some(),
                    });
                    lots.bought.push(day);
                }
                Side::Sell => {
                    let how = lots.sell(day, quantity, trade.amount)?;
                    lots.sold.push((day, how));
                }
            }
        }
        Ok(lots)
    }

    /// Takes out what is sold on a day for so much.
    pub(crate) fn sell(
        &mut self,
        day: NaiveDate,
        quantity: Shares,
        amount: Option<Money>,
    ) -> Result<Sold, Error> {
        let price = amount.and_then(|amount| each(amount, quantity));
        let (mut left, mut how) = (quantity, Sold::Fine);
        while left > Shares::ZERO {
            // What came otherwise than by an order of the journal has no cost in it.
            let Some(lot) = self.held.front_mut() else { return Ok(how.or(Sold::NotKnown)) };
            let span = (std::mem::replace(&mut lot.day, day), day);
            lot.holding = carried(lot.holding, (self.actions, self.symbol), span)?;
            let taken = left.min(lot.holding.quantity);
            let cost = each(lot.holding.cost, lot.holding.quantity).filter(|_| lot.is_cost_known);
            how = how.or(match price.zip(cost) {
                // A reverse split may leave nothing of a lot.
                _ if taken.is_zero() => Sold::Fine,
                Some((price, cost)) if price < cost => Sold::AtLoss,
                Some(_) => Sold::Fine,
                None => Sold::NotKnown,
            });
            lot.holding = lot.holding.sold(taken)?;
            left = left - taken;
            if lot.holding.quantity.is_zero() {
                self.held.pop_front();
            }
        }
        Ok(how)
    }
}

impl Sold {
    /// Returns how both were sold together.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::AtLoss, _) | (_, Self::AtLoss) => Self::AtLoss,
            (Self::NotKnown, _) | (_, Self::NotKnown) => Self::NotKnown,
            (Self::Fine, Self::Fine) => Self::Fine,
        }
    }
}

fn each(amount: Money, quantity: Shares) -> Option<Money> {
    amount.get().checked_div(Decimal::from(quantity.get())).map(Money::new)
}
