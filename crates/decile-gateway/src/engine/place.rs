//! New orders, changed orders, and orders that only ask what they would do.

use super::book::Status;
use super::event::Event;
use super::notice::Refusal;
use super::reply::{Margins, OrderView, Reply};
use super::request::PlaceOrder;
use super::terms::{Side, Terms};
use super::{ConnectionId, Engine, Notice};
use decile_core::{Error, Money, Price, Shares};

/// What an open order keeps from others.
#[derive(Debug, Clone, Copy, Default)]
struct Bound {
    money: Money,
    shares: Shares,
}

impl Engine {
    /// Takes an order: a new one, or new terms of one that is open.
    pub(super) fn place(&mut self, at: ConnectionId, client: i32, order: PlaceOrder) {
        let id = order.id;
        // After the greatest number there would be no next one to tell of.
        if id <= 0 || id == i32::MAX {
            let refusal = Refusal::new(10149, format!("Invalid order id: {id}"));
            return self.refuse(at, id, refusal);
        }
        match self.book.find(client, id) {
            Some(index) => self.modify(at, index, &order),
            // An id that is not in the table and not above the highest one has been used up.
            None if id <= self.book.last_id(client) => {
                self.refuse(at, id, Refusal::new(103, "Duplicate order id"));
            }
            None => self.place_new(at, client, &order),
        }
    }

    fn place_new(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        let id = order.id;
        let terms = match self.check(order) {
            Ok((_, terms)) => terms,
            Err(refusal) => {
                self.commit(Event::IdUsed { client, order: id, perm_id: None });
                return self.refuse(at, id, refusal);
            }
        };
        if order.what_if {
            return self.what_if(at, (client, id), terms);
        }
        let perm_id = self.book.next_perm_id();
        let rejected = self.rejection(&terms, Bound::default());
        if order.outside_rth && rejected.is_none() {
            self.notify(at, Notice::outside_rth_ignored(id));
        }
        self.commit(Event::Placed {
            client,
            order: id,
            perm_id,
            terms,
            rejected: rejected.clone(),
            at: self.clock.now(),
        });
        let Some(index) = self.book.by_perm_id(perm_id) else { return };
        if let Some(reason) = rejected {
            self.tell_pair(index, "Inactive", true);
            self.notify_owner(client, Notice::rejected(id, &reason));
            return self.tell_pair(index, "Inactive", false);
        }
        match self.marketable(index) {
            Some(price) => {
                self.tell_pair(index, "Submitted", true);
                self.fill(index, price);
            }
            None => {
                self.tell_pair(index, "PreSubmitted", true);
                self.tell_pair(index, "Submitted", false);
            }
        }
    }

    /// Changes an open order's quantity, limit or name; what else differs is refused.
    fn modify(&mut self, at: ConnectionId, index: usize, order: &PlaceOrder) {
        let known = self.book.order(index);
        let (id, client, perm_id) = (known.id, known.client, known.perm_id);
        let old = known.terms.clone();
        if known.status != Status::Working {
            let refusal = Refusal::new(104, "Cannot modify a filled order.");
            return self.refuse(at, id, refusal);
        }
        let checked = self.check(order).and_then(|(_, new)| same_order(&old, new));
        let terms = match checked {
            Ok(terms) => terms,
            Err(refusal) => return self.refuse(at, id, refusal),
        };
        let freed = match old.side {
            Side::Buy => Bound { money: self.book.reservation(&old), shares: Shares::ZERO },
            Side::Sell => Bound { money: Money::ZERO, shares: old.quantity },
        };
        if let Some(reason) = self.rejection(&terms, freed) {
            // The order stays as it was, and is shown so.
            self.notify(at, Notice::rejected(id, &reason));
            return self.tell_pair(index, "Submitted", false);
        }
        log::info!("order {id} of client {client} becomes {terms}");
        self.commit(Event::Modified { perm_id, terms });
        self.tell_pair(index, "Submitted", false);
        match self.marketable(index) {
            Some(price) => self.fill(index, price),
            None => self.tell_pair(index, "Submitted", false),
        }
    }

    /// Says what an order would do, in the one message that recorded gateways send.
    fn what_if(&mut self, at: ConnectionId, (client, id): (i32, i32), terms: Terms) {
        let perm_id = self.book.next_perm_id();
        self.commit(Event::IdUsed { client, order: id, perm_id: Some(perm_id) });
        let margins = match self.margins(&terms) {
            Ok(margins) => margins,
            Err(error) => return self.notify(at, Notice::rejected(id, &error.to_string())),
        };
        let view = OrderView {
            listing: self.floor.listing(&terms.symbol).clone(),
            client,
            id,
            perm_id,
            terms,
            status: "PreSubmitted",
            filled: Shares::ZERO,
            is_first: true,
            cancelled_at: None,
            commission: None,
            completed: None,
            what_if: Some(margins),
        };
        self.tell(at, Reply::OpenOrder(Box::new(view)));
    }

    fn margins(&self, terms: &Terms) -> Result<Margins, Error> {
        let quote = self.floor.quote(&terms.symbol);
        let dealt = match terms.side {
            Side::Buy => quote.and_then(|quote| quote.ask),
            Side::Sell => quote.and_then(|quote| quote.bid),
        };
        let price = terms.kind.limit().or(dealt);
        let (notional, commission) = match price {
            Some(price) => {
                let commission = self.book.commission().of(price, terms.quantity)?;
                (price.notional(terms.quantity)?, commission)
            }
            None => (Money::ZERO, Money::ZERO),
        };
        let values = self.values();
        let change = if terms.side == Side::Buy { notional } else { -notional };
        let (initial, maintenance) = (values.initial_margin(), values.gross);
        Ok(Margins {
            initial: [initial, initial + change],
            maintenance: [maintenance, maintenance + change],
            equity: [values.equity(), values.equity() - commission],
            commission,
        })
    }

    /// Returns why the account cannot bear an order, if it cannot; `freed` is what the order
    /// that it takes the place of has bound.
    fn rejection(&self, terms: &Terms, freed: Bound) -> Option<String> {
        if !terms.tif.is_simulated() {
            let tif = terms.tif.name();
            return Some(format!(
                "The time-in-force {tif} is invalid for this combination of exchange and security type."
            ));
        }
        let quote = self.floor.quote(&terms.symbol);
        let price: Option<Price> = match (terms.kind.limit(), terms.side) {
            (Some(limit), _) => Some(limit),
            (None, Side::Buy) => quote.and_then(|quote| quote.ask),
            (None, Side::Sell) => quote.and_then(|quote| quote.bid),
        };
        let Some(price) = price else {
            return Some(format!("There is no price of {} to deal at.", terms.symbol));
        };
        match terms.side {
            Side::Buy => self.lacking_funds(price, terms.quantity, freed.money),
            Side::Sell => {
                let position = self.book.position(&terms.symbol);
                let free = position.holding.quantity - position.promised + freed.shares;
                (terms.quantity > free).then(|| {
                    format!(
                        "The account has {free} {} to sell and the order sells {}. Short sales \
                         are not simulated.",
                        terms.symbol, terms.quantity
                    )
                })
            }
        }
    }

    fn lacking_funds(&self, price: Price, quantity: Shares, freed: Money) -> Option<String> {
        let Ok(cost) = self.book.cost(price, quantity) else {
            return Some("The value of the order is out of range.".to_owned());
        };
        let free = self.book.cash() - self.book.reserved() + freed;
        if cost <= free {
            return None;
        }
        let values = self.values();
        let (equity, margin) = (values.equity(), values.initial_margin() - freed + cost);
        Some(format!(
            "We are unable to accept your order. Your Available Funds are in sufficient to cover \
             the change in the account's margin requirements if this order executes. In order to \
             obtain the desired position your Equity with Loan Value [{:.2} USD] must exceed the \
             new total Initial Margin of [{:.2} USD].",
            equity.get(),
            margin.get(),
        ))
    }
}

/// Returns the new terms of an order if they are of the same one: only its quantity, limit and name
/// may differ.
fn same_order(old: &Terms, new: Terms) -> Result<Terms, Refusal> {
    if (&new.symbol, new.side) != (&old.symbol, old.side) {
        return Err(Refusal::new(105, "Order being modified does not match original order"));
    }
    if new.kind.name() != old.kind.name() {
        let text = "Order modify failed. Cannot change to the new order type.";
        return Err(Refusal::new(329, text));
    }
    if new.tif != old.tif {
        let text = "Order modify failed. Cannot change to the new Time in Force";
        return Err(Refusal::new(462, text));
    }
    Ok(new)
}
