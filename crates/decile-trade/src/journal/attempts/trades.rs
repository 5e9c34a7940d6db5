//! The shares that changed hands, as far as the journal has them.

use super::{Attempts, Standing};
use crate::{ClientOrderId, Side};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Money, Price, Shares, Symbol};

/// Shares of one order that changed hands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trade {
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) session: NaiveDate,
    /// When, or when it was heard of.
    pub(crate) time: DateTime<Utc>,
    pub(crate) quantity: Shares,
    /// What they cost, or what they brought, the commission taken in as far as it is known; `None` if
    /// the price is not known.
    pub(crate) amount: Option<Money>,
}

impl Attempts {
    /// Returns all trades by time; those of one instant by order.
    pub(crate) fn trades(&self) -> Vec<Trade> {
        let of = |(id, standing): (&ClientOrderId, &Standing)| standing.trades(id);
        let mut trades: Vec<_> = self.standings.iter().flat_map(of).collect();
        trades.sort_by_key(|trade| trade.time);
        trades
    }
}

impl Standing {
    fn trades(&self, id: &ClientOrderId) -> Vec<Trade> {
        let trade = |time, quantity, price: Option<Price>, commission: Option<Money>| Trade {
            symbol: self.order.symbol.clone(),
            side: id.side(),
            session: id.session(),
            time,
            quantity,
            amount: price.and_then(|price| amount(id.side(), price, quantity, commission)),
        };
        let executed = self.executions.values();
        let mut trades: Vec<_> =
            executed.map(|it| trade(it.time, it.quantity, Some(it.price), it.commission)).collect();
        let told = trades.iter().fold(Shares::ZERO, |sum, trade| sum + trade.quantity);
        let rest = self.filled() - told;
        if rest > Shares::ZERO {
            let time = self.seen_at.unwrap_or(self.intended_at);
            // The average is that of all its fills, so it says nothing of the rest of them. Nor does a
            // commission of what was known before a person said that more had filled.
            let price = self.average_price().filter(|_| told.is_zero());
            let seen = self.snapshot.as_ref().filter(|seen| told.is_zero() && seen.filled == rest);
            trades.push(trade(time, rest, price, seen.and_then(|seen| seen.commission)));
        }
        trades
    }
}

fn amount(side: Side, price: Price, quantity: Shares, commission: Option<Money>) -> Option<Money> {
    let (value, commission) = (price.notional(quantity).ok()?, commission.unwrap_or_default());
    Some(match side {
        Side::Buy => value + commission,
        Side::Sell => value - commission,
    })
}
