//! What open orders keep from others, and what is charged on their parts.

use super::{Book, Order};
use crate::engine::event::Fill;
use crate::engine::terms::Side;
use decile_core::{Decimal, Error, Money, Price, Shares};

impl Book {
    pub(super) fn start_working(&mut self, index: usize) {
        let order = &self.orders[index];
        self.reserved += self.reservation(order);
        self.working.insert(index);
        let symbol = &order.terms.symbol;
        self.working_in.entry(symbol.clone()).or_default().insert(index);
        self.dated.extend(order.terms.good_till.map(|end| (end, index)));
        let promised = order.promised();
        if !promised.is_zero() {
            let position = self.positions.entry(symbol.clone()).or_default();
            position.promised = position.promised + promised;
        }
    }

    pub(super) fn stop_working(&mut self, index: usize) {
        let order = &self.orders[index];
        self.reserved -= self.reservation(order);
        self.working.remove(&index);
        let symbol = &order.terms.symbol;
        if let Some(working) = self.working_in.get_mut(symbol) {
            working.remove(&index);
        }
        if let Some(end) = order.terms.good_till {
            self.dated.remove(&(end, index));
        }
        let promised = order.promised();
        if let Some(position) = self.positions.get_mut(symbol) {
            position.promised = position.promised - promised;
        }
    }

    /// Returns what an open order keeps from other buys.
    pub(crate) fn reservation(&self, order: &Order) -> Money {
        let terms = &order.terms;
        let price = terms.kind.limit().or(terms.reckoned).or(terms.kind.stop());
        match (terms.side, price) {
            (Side::Buy, Some(price)) if order.is_plain() => {
                self.cost_left(order, price).unwrap_or(Money::ZERO)
            }
            _ => Money::ZERO,
        }
    }

    /// Returns what an order will keep from other buys after a fill.
    pub(crate) fn reservation_after(&self, order: &Order, fill: &Fill) -> Money {
        let filled = order.filled + fill.quantity;
        if filled == order.terms.quantity {
            return Money::ZERO;
        }
        let charged = order.charged + fill.commission;
        self.reservation(&Order { filled, charged, ..order.clone() })
    }

    /// Returns what the rest of a purchase costs at a price, with what is left to be charged.
    fn cost_left(&self, order: &Order, price: Price) -> Result<Money, Error> {
        let whole = self.commission.of(price, order.terms.quantity)?;
        let charge = (whole - order.charged).max(Money::ZERO);
        Ok(price.notional(order.remaining())? + charge)
    }

    /// Returns the commission on a part of an order: what the whole so far costs at its average
    /// price, less what has been charged.
    pub(crate) fn commission_on(
        &self,
        order: &Order,
        price: Price,
        quantity: Shares,
    ) -> Result<Money, Error> {
        if order.filled.is_zero() {
            return self.commission.of(price, quantity);
        }
        let (traded, filled) = (order.traded + price.notional(quantity)?, order.filled + quantity);
        let average = traded.get().checked_div(Decimal::from(filled.get()));
        let whole = self.commission.of(Price::new(average.unwrap_or_default())?, filled)?;
        Ok((whole - order.charged).max(Money::ZERO))
    }
}
