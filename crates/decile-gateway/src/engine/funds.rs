//! What the account can bear.

use super::Engine;
use super::book::Order;
use super::event::Fill;
use super::reply::Margins;
use super::terms::{Side, Terms, Tif};
use decile_core::{Error, Money, Price, Shares};

/// What an open order keeps from others, and what of it is done: a change of it frees the one and
/// does not do the other again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bound {
    money: Money,
    shares: Shares,
    filled: Shares,
    charged: Money,
}

impl Engine {
    /// Returns what an open order keeps from others, which a change of it frees.
    pub(super) fn bound(&self, order: &Order) -> Bound {
        let (money, shares) = match order.terms.side {
            Side::Buy => (self.book.reservation(order), Shares::ZERO),
            Side::Sell => (Money::ZERO, order.promised()),
        };
        Bound { money, shares, filled: order.filled, charged: order.charged }
    }

    /// Returns the price that an order is reckoned at: its own, or the one it would deal at.
    pub(super) fn reckoned(&self, terms: &Terms) -> Option<Price> {
        let quote = self.floor.quote(&terms.symbol);
        let dealt = match terms.side {
            Side::Buy => quote.and_then(|quote| quote.ask),
            Side::Sell => quote.and_then(|quote| quote.bid),
        };
        // A stop that is reached already deals at the quote.
        let stop = match terms.side {
            Side::Buy => terms.kind.stop().max(dealt),
            Side::Sell => terms.kind.stop().or(dealt),
        };
        terms.kind.limit().or(stop)
    }

    /// Returns why the account cannot bear an order, if it cannot; `freed` is what the order
    /// that it takes the place of has bound.
    pub(super) fn rejection(&self, terms: &Terms, client: i32, freed: Bound) -> Option<String> {
        let is_known = terms.tif.is_traded() && (terms.tif != Tif::Fok || self.rules.fill_or_kill);
        if terms.good_till.is_some_and(|end| self.is_before_open(end)) {
            return Some("Order will be expired before market opens.".to_owned());
        }
        if !is_known {
            let tif = terms.tif.name();
            return Some(format!(
                "The time-in-force {tif} is invalid for this combination of exchange and security type."
            ));
        }
        if terms.oca.as_ref().is_some_and(|oca| self.book.is_group_filled(client, &oca.group)) {
            return Some("OCA group is already filled.".to_owned());
        }
        let Some(price) = self.reckoned(terms) else {
            return Some(format!("There is no price of {} to deal at.", terms.symbol));
        };
        // What waits for its parent is looked at when it fills.
        if terms.parent.is_some() {
            return None;
        }
        if self.is_margin {
            return self.lacking_margin(terms, price, freed);
        }
        match terms.side {
            Side::Buy => self.lacking_funds(terms, price, freed),
            Side::Sell => {
                let position = self.book.position(&terms.symbol);
                let free = position.holding.quantity - position.promised + freed.shares;
                let sold = terms.quantity - freed.filled;
                (sold > free).then(|| {
                    format!(
                        "The account has {free} {} to sell and the order sells {sold}. A cash \
                         account cannot sell short.",
                        terms.symbol
                    )
                })
            }
        }
    }

    fn lacking_funds(&self, terms: &Terms, price: Price, freed: Bound) -> Option<String> {
        let notional = price.notional(terms.quantity - freed.filled);
        let (Ok(notional), Ok(commission)) = (notional, self.charge(terms, price, freed)) else {
            return Some("The value of the order is out of range.".to_owned());
        };
        let cost = notional + commission;
        let free = self.spendable() - self.book.reserved() + freed.money;
        if cost <= free {
            return None;
        }
        let values = self.values();
        Some(lacking(values.with_loan(), values.initial_margin() - freed.money + cost))
    }

    /// Returns what is left to be charged on an order.
    fn charge(&self, terms: &Terms, price: Price, freed: Bound) -> Result<Money, Error> {
        let whole = self.book.commission().of(price, terms.quantity)?;
        Ok((whole - freed.charged).max(Money::ZERO))
    }

    /// Returns why a margin account cannot bear an order: what is left of its equity after the
    /// commission has to cover the initial margin of all it would hold. Orders that make a holding
    /// smaller are always borne.
    fn lacking_margin(&self, terms: &Terms, price: Price, freed: Bound) -> Option<String> {
        let Ok(margins) = self.margins(terms, price, freed) else {
            return Some("The value of the order is out of range.".to_owned());
        };
        let [before, after] = margins.initial;
        let equity = margins.equity[1];
        (after > before && after > equity).then(|| lacking(equity, after))
    }

    /// Returns why a trade cannot be settled, if it cannot: the quote may have moved since an order
    /// was taken, and orders of a group are only checked here.
    pub(super) fn unaffordable(&self, index: usize, fill: &Fill) -> Option<&'static str> {
        if self.is_margin {
            return None;
        }
        let order = self.book.order(index);
        // What other orders keep stays theirs, and the rest of this one has to be paid for too.
        let kept = self.book.reserved() - self.book.reservation(order)
            + self.book.reservation_after(order, fill);
        let left = self.spendable() + fill.cash - self.book.cash() - kept;
        let is_short = fill.holding.quantity < Shares::ZERO;
        match order.terms.side {
            Side::Buy if left.is_negative() => Some("The cash does not pay for it."),
            Side::Sell if is_short => Some("A cash account cannot sell short."),
            _ => None,
        }
    }

    /// Returns the cash that a cash account may pay with. `Values::with_loan` tells clients the
    /// same with what is held.
    fn spendable(&self) -> Money {
        self.book.cash() - self.unsettled()
    }

    /// Returns what sales of this session brought in and the next one settles.
    pub(super) fn unsettled(&self) -> Money {
        match self.rules.next_day_settlement {
            true => self.book.unsettled(),
            false => Money::ZERO,
        }
    }

    /// Returns what an order would do to the account at a price; `freed` is what the order that it
    /// takes the place of has bound.
    pub(super) fn margins(
        &self,
        terms: &Terms,
        price: Price,
        freed: Bound,
    ) -> Result<Margins, Error> {
        let commission = self.charge(terms, price, freed)?;
        let values = self.values();
        let held = self.book.position(&terms.symbol).holding.quantity;
        let quantity = terms.quantity - freed.filled;
        let after = match terms.side {
            Side::Buy => held + quantity,
            Side::Sell => held - quantity,
        };
        let worth = |quantity: Shares| {
            let value = price.notional(quantity.abs())?;
            Ok::<_, Error>((
                value.times(values.initial_rate())?,
                value.times(values.maintenance_rate(quantity))?,
            ))
        };
        let ((initial_before, maintenance_before), (initial_after, maintenance_after)) =
            (worth(held)?, worth(after)?);
        let (initial, maintenance) = (values.initial_margin(), values.maintenance_margin());
        let kept = initial - freed.money.times(values.initial_rate())?;
        Ok(Margins {
            initial: [initial, kept + initial_after - initial_before],
            maintenance: [maintenance, maintenance + maintenance_after - maintenance_before],
            equity: [values.with_loan(), values.with_loan() - commission],
            commission,
        })
    }
}

fn lacking(equity: Money, margin: Money) -> String {
    format!(
        "We are unable to accept your order. Your Available Funds are in sufficient to cover the \
         change in the account's margin requirements if this order executes. In order to obtain the \
         desired position your Equity with Loan Value [{:.2} USD] must exceed the new total Initial \
         Margin of [{:.2} USD].",
        equity.get(),
        margin.get(),
    )
}
