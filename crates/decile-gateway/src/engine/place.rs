//! New orders, changed orders, and orders that only ask what they would do.

use super::book::Status;
use super::check::in_cents;
use super::event::Event;
use super::funds::Bound;
use super::notice::Refusal;
use super::reply::{OrderView, Reply};
use super::request::PlaceOrder;
use super::terms::{Kind, Side, Terms, Tif};
use super::{ConnectionId, Engine, Notice, times};
use crate::Trouble;
use decile_core::{Decimal, Price, Shares};

/// How an order ends that is filled at once or not at all.
pub(super) const NOT_AT_ONCE: &str = "Cancelled by System:\nNot filled at once";

impl Engine {
    /// Takes an order: a new one, or new terms of one that is open.
    pub(super) fn place(&mut self, at: ConnectionId, client: i32, order: PlaceOrder) {
        let id = order.id;
        if !self.survives(at, id) {
            self.stall(at, super::Request::PlaceOrder(Box::new(order)));
            return;
        }
        // After the greatest number there would be no next one to tell of.
        if id <= 0 || id == i32::MAX {
            let refusal = Refusal::new(10149, format!("Invalid order id: {id}"));
            return self.refuse(at, id, refusal);
        }
        let is_staged = self.staged.contains(client, id);
        match self.book.find(client, id) {
            Some(index) => self.modify(at, index, &order),
            // An id that is not in the table and not above the highest one has been used up.
            None if id <= self.book.last_id(client) && !is_staged => {
                self.refuse(at, id, Refusal::new(103, "Duplicate order id"));
            }
            None if !order.transmit => self.stage(at, client, order),
            None => self.release(at, client, &order),
        }
        if self.faulty.happens(Trouble::DisconnectAfter, Some(id)) {
            self.cut_off(at);
        }
    }

    pub(super) fn place_new(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        let id = order.id;
        let mut terms = match self.check(client, order) {
            Ok(terms) => terms,
            Err(refusal) => {
                self.commit(Event::IdUsed { client, order: id, perm_id: None });
                return self.refuse(at, id, refusal);
            }
        };
        if order.what_if {
            return self.what_if(at, (client, id), terms);
        }
        let rejected = self.rejection(&terms, client, Bound::default());
        if order.outside_rth && rejected.is_none() {
            self.notify(at, Notice::outside_rth_ignored(id));
        }
        if !matches!(terms.kind, Kind::Market | Kind::Limit(_)) || !self.is_trading() {
            terms.reckoned = self.reckoned(&terms);
        }
        let perm_id = self.book.next_perm_id();
        let is_rejected = rejected.clone();
        let placed = Event::Placed { client, order: id, perm_id, terms, rejected, at: self.now() };
        self.commit(placed);
        let Some(index) = self.book.by_perm_id(perm_id) else { return };
        if let Some(reason) = is_rejected {
            if !self.habits.error_first {
                self.tell_pair(index, "Inactive", true);
            }
            self.notify_owner(client, Notice::rejected(id, &reason));
            return self.tell_pair(index, "Inactive", self.habits.error_first);
        }
        if let Some(stop) = given_stop(order) {
            self.commit(Event::StopMoved { perm_id, stop });
        }
        self.begin(index);
    }

    /// Tells the first of an order that is taken, and lets it trade.
    fn begin(&mut self, index: usize) {
        let order = self.book.order(index);
        let (tif, client, id) = (order.terms.tif, order.client, order.id);
        if let Some(notice) = self.waits_for_open(index) {
            self.notify_owner(client, notice);
        }
        // An order that the band keeps out never works, whatever the quote.
        let beyond = self.beyond_band(index);
        let is_dealt = beyond.is_none() && self.dealt(index).is_some();
        if self.faulty.happens(Trouble::PresetNotice, Some(id)) {
            self.notify_owner(client, Notice::preset(id));
        }
        if is_dealt && self.faulty.happens(Trouble::NoStatus, Some(id)) {
            self.faulty.is_mute = true;
            self.work(index);
            self.faulty.is_mute = false;
            return;
        }
        if is_dealt || (tif == Tif::Ioc && beyond.is_none()) {
            self.tell_pair(index, "Submitted", true);
        } else {
            self.tell_pair(index, "PreSubmitted", true);
        }
        if let Some(reason) = beyond {
            self.tell_pair(index, "PendingCancel", false);
            return self.end_with(index, &format!("Cancelled by System:\n{reason}"), &reason);
        }
        self.work(index);
        let order = self.book.order(index);
        if order.status != Status::Working {
            return;
        }
        if matches!(tif, Tif::Ioc | Tif::Fok) {
            if order.filled.is_zero() {
                self.tell_pair(index, "Submitted", false);
            }
            self.tell_pair(index, "PendingCancel", false);
            return self.end(index, NOT_AT_ONCE);
        }
        if order.filled.is_zero() {
            let status = self.status_name(index);
            self.tell_pair(index, status, false);
        }
    }

    /// Returns the notice of an order that trading hours keep from the exchange.
    fn waits_for_open(&self, index: usize) -> Option<Notice> {
        let order = self.book.order(index);
        if self.is_trading() {
            return None;
        }
        let Terms { symbol, side, quantity, .. } = &order.terms;
        let listing = self.floor.listing(symbol);
        let subject = format!(
            "{} {quantity} {} {}.{}",
            side.action(),
            listing.wire_symbol,
            listing.exchange,
            listing.trading_class
        );
        let open = times::dashed(self.next_open()?);
        Some(Notice::waits_for_open(order.id, &subject, &open))
    }

    /// Returns why the limit of an order reaches too far beyond the market, if it does.
    fn beyond_band(&self, index: usize) -> Option<String> {
        let (band, terms) = (self.rules.price_band?, &self.book.order(index).terms);
        let last = self.floor.quote(&terms.symbol)?.reference()?;
        let limit = terms.kind.limit()?;
        let (bound, is_beyond) = match terms.side {
            Side::Buy => {
                let bound = last.get() * (Decimal::ONE + band);
                (bound, limit.get() >= bound)
            }
            Side::Sell => {
                let bound = last.get() * (Decimal::ONE - band);
                (bound, limit.get() <= bound)
            }
        };
        is_beyond.then(|| {
            format!(
                "We cannot accept an order at a limit price at or more aggressive than {}. Please \
                 submit your order using a limit price that is closer to the current market price \
                 of {last}.",
                bound.round_dp(6).normalize()
            )
        })
    }

    /// Changes an open order's quantity, prices or name; what else differs is refused.
    fn modify(&mut self, at: ConnectionId, index: usize, order: &PlaceOrder) {
        let known = self.book.order(index);
        let (id, client, perm_id) = (known.id, known.client, known.perm_id);
        let (old, filled) = (known.terms.clone(), known.filled);
        if known.status != Status::Working {
            let refusal = Refusal::new(104, "Cannot modify a filled order.");
            return self.refuse(at, id, refusal);
        }
        let freed = self.bound(known);
        let checked = self.check(client, order).and_then(|new| same_order(&old, new, filled));
        let mut terms = match checked {
            Ok(terms) => terms,
            Err(refusal) => return self.refuse(at, id, refusal),
        };
        if old.reckoned.is_some() {
            terms.reckoned = self.reckoned(&terms);
        }
        if let Some(reason) = self.rejection(&terms, client, freed) {
            // The order stays as it was, and is shown so.
            self.notify(at, Notice::rejected(id, &reason));
            let status = self.status_name(index);
            return self.tell_pair(index, status, false);
        }
        log::info!("order {id} of client {client} becomes {terms}");
        self.commit(Event::Modified { perm_id, terms });
        let status = self.status_name(index);
        self.tell_pair(index, status, false);
        self.work(index);
        let order = self.book.order(index);
        if order.status == Status::Working && order.filled == filled {
            self.tell_pair(index, status, false);
        }
    }

    /// Says what an order would do, in the one message that recorded gateways send.
    fn what_if(&mut self, at: ConnectionId, (client, id): (i32, i32), terms: Terms) {
        let perm_id = self.book.next_perm_id();
        self.commit(Event::IdUsed { client, order: id, perm_id: Some(perm_id) });
        let price: Option<Price> = self.reckoned(&terms);
        let Some(price) = price else {
            let reason = format!("There is no price of {} to deal at.", terms.symbol);
            return self.notify(at, Notice::rejected(id, &reason));
        };
        let margins = match self.margins(&terms, price) {
            Ok(margins) => margins,
            Err(error) => return self.notify(at, Notice::rejected(id, &error.to_string())),
        };
        let view = OrderView {
            listing: self.floor.listing(&terms.symbol).clone(),
            client,
            id,
            perm_id,
            parent: 0,
            stop: terms.kind.stop(),
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
}

/// Returns where the stop of a trailing order is to begin, if it says so.
fn given_stop(order: &PlaceOrder) -> Option<Price> {
    let stop = order.trail_stop.filter(|_| order.order_type == "TRAIL");
    in_cents(Some(stop?)).ok()
}

/// Returns the new terms of an order if they are of the same one: only its quantity, its prices
/// and its name may differ.
fn same_order(old: &Terms, new: Terms, filled: Shares) -> Result<Terms, Refusal> {
    let identity =
        |terms: &Terms| (terms.symbol.clone(), terms.side, terms.parent, terms.route.clone());
    if identity(&new) != identity(old) {
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
    if new.quantity <= filled {
        return Err(Refusal::invalid("The order size is not above what is filled"));
    }
    // What it is reckoned at may have changed with its stop.
    Ok(Terms { oca: new.oca.or_else(|| old.oca.clone()), ..new })
}
