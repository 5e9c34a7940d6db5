//! New orders, changed orders, and orders that only ask what they would do.

use super::book::Status;
use super::check::given_stop;
use super::event::Event;
use super::funds::Bound;
use super::notice::Refusal;
use super::reply::{OrderView, Reply};
use super::request::PlaceOrder;
use super::terms::{Kind, Side, Terms, Tif};
use super::{ConnectionId, Engine, Notice, times};
use crate::Trouble;
use decile_core::{Decimal, Shares};

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
        if self.under_way.contains(client, id) {
            let text = "Unable to modify this order as its still being processed.";
            return self.refuse(at, id, Refusal::new(2102, text));
        }
        let is_known = self.book.find(client, id).is_some() || self.staged.contains(client, id);
        if order.what_if {
            self.what_if(at, client, &order);
        } else if !is_known && id <= self.book.last_id(client) {
            // An id that is not in the table and not above the highest one has been used up.
            self.refuse(at, id, Refusal::new(103, "Duplicate order id"));
        } else if order.transmit {
            self.send_off(at, client, order);
        } else {
            self.stage(at, client, order);
        }
        if self.faulty.happens(Trouble::DisconnectAfter, Some(id)) {
            self.cut_off(at);
        }
    }

    /// Places an order that is let go, or changes the one that it belongs to.
    pub(super) fn let_go(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        match self.book.find(client, order.id) {
            Some(index) => self.modify(at, index, order),
            None => self.place_new(at, client, order),
        }
    }

    fn place_new(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        let id = order.id;
        let mut terms = match self.check(client, order) {
            Ok(terms) => terms,
            Err(refusal) => {
                self.commit(Event::IdUsed { client, order: id, perm_id: None });
                return self.refuse(at, id, refusal);
            }
        };
        let rejected = self.rejection(&terms, client, Bound::default());
        if order.outside_rth && rejected.is_none() {
            self.notify(at, Notice::outside_rth_ignored(id));
        }
        if self.named_end(order).is_some_and(|end| !end.has_zone) {
            self.notify(at, Notice::zone_assumed(id));
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
            // As recorded, one with a date is held first.
            let is_dated = self.book.order(index).terms.good_till.is_some();
            if is_dated {
                self.tell_pair(index, "PreSubmitted", true);
            }
            if !self.habits.error_first {
                self.tell_pair(index, "Inactive", !is_dated);
            }
            self.notify_owner(client, Notice::rejected(id, &reason));
            return self.tell_pair(index, "Inactive", self.habits.error_first && !is_dated);
        }
        self.set_stop(index, given_stop(order), None);
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
                let mut view = self.view(index, "Submitted", false);
                // As recorded, in this one alone.
                view.outside_rth = tif == Tif::Ioc;
                self.tell_view(index, view);
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

    /// Returns what an open order would be with new terms: its quantity, prices or name may differ.
    pub(super) fn changed(&self, index: usize, order: &PlaceOrder) -> Result<Terms, Refusal> {
        let known = self.book.order(index);
        if known.status != Status::Working {
            return Err(Refusal::new(104, "Cannot modify a filled order."));
        }
        let new = self.check(known.client, order)?;
        let mut terms = same_order(&known.terms, new, known.filled)?;
        if known.terms.reckoned.is_some() {
            terms.reckoned = self.reckoned(&terms);
        }
        Ok(terms)
    }

    /// Changes an open order's quantity, prices or name; what else differs is refused.
    fn modify(&mut self, at: ConnectionId, index: usize, order: &PlaceOrder) {
        let known = self.book.order(index);
        let (id, client, perm_id, filled) = (known.id, known.client, known.perm_id, known.filled);
        let kind = known.terms.kind;
        let freed = self.bound(known);
        let terms = match self.changed(index, order) {
            Ok(terms) => terms,
            Err(refusal) => return self.refuse(at, id, refusal),
        };
        if let Some(reason) = self.rejection(&terms, client, freed) {
            // The order stays as it was, and is shown so.
            self.notify(at, Notice::rejected(id, &reason));
            let status = self.status_name(index);
            return self.tell_pair(index, status, false);
        }
        log::info!("order {id} of client {client} becomes {terms}");
        self.commit(Event::Modified { perm_id, terms });
        self.set_stop(index, given_stop(order), Some(kind));
        let status = self.status_name(index);
        self.tell_pair(index, status, false);
        self.work(index);
        let order = self.book.order(index);
        if order.status == Status::Working && order.filled == filled {
            self.tell_pair(index, status, false);
        }
    }

    /// Says what an order or a change would do, in the one message that recorded gateways send.
    /// It uses up an id that is new, and does nothing else, whatever the id.
    fn what_if(&mut self, at: ConnectionId, client: i32, order: &PlaceOrder) {
        let id = order.id;
        let known = self.book.find(client, id).map(|index| (index, self.book.order(index)));
        let open = known.filter(|(_, known)| known.status == Status::Working);
        let (asked, freed) = match open {
            Some((index, known)) => (self.changed(index, order), self.bound(known)),
            None => (self.check(client, order), Bound::default()),
        };
        let (known, next) = (known.map(|(_, known)| known.perm_id), self.book.next_perm_id());
        if known.is_none() {
            let perm_id = asked.is_ok().then_some(next);
            self.commit(Event::IdUsed { client, order: id, perm_id });
        }
        let terms = match asked {
            Ok(terms) => terms,
            Err(refusal) => return self.refuse(at, id, refusal),
        };
        let Some(price) = self.reckoned(&terms) else {
            let reason = format!("There is no price of {} to deal at.", terms.symbol);
            return self.notify(at, Notice::rejected(id, &reason));
        };
        let margins = match self.margins(&terms, price, freed) {
            Ok(margins) => margins,
            Err(error) => return self.notify(at, Notice::rejected(id, &error.to_string())),
        };
        let view = OrderView {
            listing: self.floor.listing(&terms.symbol).clone(),
            client,
            id,
            perm_id: known.unwrap_or(next),
            parent: 0,
            stop: terms.kind.stop(),
            terms,
            status: "PreSubmitted",
            filled: Shares::ZERO,
            outside_rth: false,
            is_first: true,
            cancelled_at: None,
            commission: None,
            completed: None,
            what_if: Some(margins),
        };
        self.tell(at, Reply::OpenOrder(Box::new(view)));
    }
}

/// Returns the new terms of an order if they are of the same one: only its quantity, its prices
/// and its name may differ.
fn same_order(old: &Terms, new: Terms, filled: Shares) -> Result<Terms, Refusal> {
    let is_same = (&new.symbol, new.side) == (&old.symbol, old.side)
        && (new.parent, &new.route) == (old.parent, &old.route);
    if !is_same {
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
    if new.adaptive != old.adaptive {
        let text = "The order modify failed. Algorithm cannot be modified.";
        return Err(Refusal::new(440, text));
    }
    if new.quantity <= filled {
        return Err(Refusal::invalid("The order size is not above what is filled"));
    }
    // What it is reckoned at may have changed with its stop.
    Ok(Terms { oca: new.oca.or_else(|| old.oca.clone()), ..new })
}
