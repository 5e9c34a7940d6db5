//! What open orders wait for, and when they trade.

use super::Engine;
use super::book::Status;
use super::event::Event;
use super::terms::{Kind, Oca, Side, Tif};
use decile_core::{Decimal, Price, Quote, Shares, Symbol};

impl Engine {
    /// Lets every open order of a stock do what its quote makes it do, the oldest first.
    pub(super) fn cross(&mut self, symbol: &Symbol) {
        for index in self.book.working_in(symbol) {
            self.work(index);
        }
    }

    /// Lets an open order follow its quote: its stop moves or is reached, and then it trades as
    /// much as there is.
    pub(super) fn work(&mut self, index: usize) {
        if self.book.order(index).status != Status::Working {
            return;
        }
        self.trail(index);
        if self.reaches_stop(index) {
            let perm_id = self.book.order(index).perm_id;
            self.commit(Event::Triggered { perm_id });
            self.tell_pair(index, "Submitted", false);
        }
        // Each round fills the order, ends it, or uses up what there is to trade.
        while let Some((price, quantity)) = self.dealt(index) {
            self.fill(index, price, quantity);
        }
    }

    /// Returns the price at which an open order trades now and how many shares, if it does.
    pub(super) fn dealt(&self, index: usize) -> Option<(Price, Shares)> {
        let order = self.book.order(index);
        if order.status != Status::Working || !self.is_at_exchange(index) {
            return None;
        }
        let terms = &order.terms;
        let tape = self.floor.tape(&terms.symbol).filter(|tape| tape.halt.is_none())?;
        let price = match terms.side {
            Side::Buy => tape.quote.ask,
            Side::Sell => tape.quote.bid,
        };
        let price = price.filter(|price| within(*price, terms.side, terms.kind.limit()))?;
        let remaining = order.remaining();
        let there = tape.liquidity.map_or(remaining, |liquidity| remaining.min(liquidity));
        let is_enough = match terms.tif {
            Tif::Fok => there == remaining,
            _ => !there.is_zero(),
        };
        is_enough.then_some((price, there))
    }

    /// Moves the stop of a trailing order after the market, never away from it.
    fn trail(&mut self, index: usize) {
        let order = self.book.order(index);
        let Kind::Trail(distance) = order.terms.kind else { return };
        if order.is_triggered || self.waits_for_parent(index) {
            return;
        }
        let quote = self.floor.quote(&order.terms.symbol);
        let Some(price) = quote.and_then(Quote::reference) else { return };
        let side = order.terms.side;
        let Some(stop) = distance.stop(side, price) else { return };
        let goes_beyond = |price: Price, old: Option<Price>| match (old, side) {
            (None, _) => true,
            (Some(old), Side::Sell) => price > old,
            (Some(old), Side::Buy) => price < old,
        };
        if goes_beyond(price, order.beyond) && goes_beyond(stop, order.stop) {
            let perm_id = order.perm_id;
            self.commit(Event::StopMoved { perm_id, stop, beyond: None });
        }
    }

    /// Lets the stop of a trailing order stand where a new order or a change says, or else, if a
    /// change gives it another distance from the `old` one, at that distance from the market.
    pub(super) fn set_stop(&mut self, index: usize, given: Option<Price>, old: Option<Kind>) {
        let order = self.book.order(index);
        let Kind::Trail(distance) = order.terms.kind else { return };
        if order.is_triggered {
            return;
        }
        let price = self.floor.quote(&order.terms.symbol).and_then(Quote::reference);
        let is_other = old.is_some_and(|old| old != order.terms.kind);
        let moved = match given.filter(|given| order.stop != Some(*given)) {
            Some(given) => Some((given, price)),
            None if is_other => {
                let stop = price.and_then(|price| distance.stop(order.terms.side, price));
                stop.map(|stop| (stop, None))
            }
            None => None,
        };
        if let Some((stop, beyond)) = moved {
            let perm_id = order.perm_id;
            self.commit(Event::StopMoved { perm_id, stop, beyond });
        }
    }

    /// Tells whether the last price has reached the stop of an order that waits for it.
    fn reaches_stop(&self, index: usize) -> bool {
        let order = self.book.order(index);
        let (Some(stop), false) = (order.stop, order.is_triggered) else { return false };
        if !self.is_trading() || self.waits_for_parent(index) {
            return false;
        }
        let Some(tape) = self.floor.tape(&order.terms.symbol) else { return false };
        let reference = tape.quote.reference().filter(|_| tape.halt.is_none());
        reference.is_some_and(|price| match order.terms.side {
            Side::Buy => price >= stop,
            Side::Sell => price <= stop,
        })
    }

    /// Lets the orders go that waited for one which has filled.
    pub(super) fn release_children(&mut self, index: usize) {
        let perm_id = self.book.order(index).perm_id;
        for child in self.book.children(perm_id) {
            let status = self.status_name(child);
            self.tell_pair(child, status, false);
            self.work(child);
        }
    }

    /// Lets the fill of an order cancel the others of its group, or take as large a part from
    /// them; `before` is what remained of the order before the fill.
    pub(super) fn settle_group(&mut self, index: usize, before: Shares) {
        let order = self.book.order(index);
        let Some(Oca { group, cancels, .. }) = order.terms.oca.clone() else { return };
        let (client, left) = (order.client, order.remaining());
        for other in self.book.group(client, &group).into_iter().filter(|other| *other != index) {
            if cancels || left.is_zero() {
                self.end(other, "Cancelled by System:\nOCA group is already filled.");
            } else {
                self.reduce(other, Decimal::from(left.get()) / Decimal::from(before.get()));
            }
        }
    }

    /// Leaves a part of what remains of an order.
    fn reduce(&mut self, index: usize, part: Decimal) {
        let order = self.book.order(index);
        let remaining = (Decimal::from(order.remaining().get()) * part).floor();
        let remaining = Shares::new(i64::try_from(remaining).unwrap_or_default());
        if remaining.is_zero() {
            return self.end(index, "Cancelled by System:\nOCA group is already filled.");
        }
        let perm_id = order.perm_id;
        let mut terms = order.terms.clone();
        terms.quantity = order.filled + remaining;
        self.commit(Event::Modified { perm_id, terms });
        let status = self.status_name(index);
        self.tell_pair(index, status, false);
    }
}

/// Tells whether a price is as good as a limit, or better.
pub(super) fn within(price: Price, side: Side, limit: Option<Price>) -> bool {
    match (side, limit) {
        (_, None) => true,
        (Side::Buy, Some(limit)) => price <= limit,
        (Side::Sell, Some(limit)) => price >= limit,
    }
}
