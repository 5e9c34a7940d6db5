//! How an order stands, and how that is shown.

use super::book::{Order, Status};
use super::event::Event;
use super::reply::{OrderView, Reply, StatusView};
use super::terms::{Kind, Tif};
use super::{Engine, Notice, times};
use chrono::{Datelike, NaiveDate};

impl Engine {
    /// Tells the owner of an order what it is and how it stands.
    pub(super) fn tell_pair(&mut self, index: usize, status: &'static str, is_first: bool) {
        if !self.faulty.is_mute {
            self.tell_view(index, self.view(index, status, is_first));
        }
    }

    /// Tells the owner of an order what it is as a view has it, and how it stands.
    pub(super) fn tell_view(&mut self, index: usize, view: OrderView) {
        let (client, status) = (view.client, view.status);
        self.tell_owner(client, Reply::OpenOrder(Box::new(view)));
        self.tell_owner(client, Reply::OrderStatus(self.status_view(index, status)));
    }

    /// Ends an open order without a fill: its last status, and then the notice. Orders that wait
    /// for it end with it.
    pub(super) fn end(&mut self, index: usize, how: &str) {
        self.end_with(index, how, "");
    }

    /// Ends an open order for a reason that its owner is told.
    pub(super) fn end_with(&mut self, index: usize, how: &str, reason: &str) {
        let order = self.book.order(index);
        if order.status != Status::Working {
            return;
        }
        let (client, id, perm_id) = (order.client, order.id, order.perm_id);
        let at = self.now();
        self.commit(Event::Cancelled { perm_id, how: how.to_owned(), at });
        self.staged.remove(client, id);
        // Recorded gateways send no open order with this status.
        self.tell_owner(client, Reply::OrderStatus(self.status_view(index, "Cancelled")));
        self.notify_owner(client, Notice::cancelled(id, reason));
        for child in self.book.children(perm_id) {
            self.end_with(child, how, reason);
        }
    }

    pub(super) fn view(&self, index: usize, status: &'static str, is_first: bool) -> OrderView {
        let order = self.book.order(index);
        let listing = self.floor.listing(&order.terms.symbol).clone();
        let is_filled = status == "Filled";
        OrderView {
            listing,
            client: order.client,
            id: order.id,
            perm_id: order.perm_id,
            parent: self.parent_id(index),
            terms: order.terms.clone(),
            stop: order.stop,
            status,
            filled: order.filled,
            outside_rth: false,
            is_first,
            cancelled_at: (order.terms.tif == Tif::Gtc).then(|| {
                format!("{} 16:00:00 {}", quarter_end(order.session).format("%Y%m%d"), times::ZONE)
            }),
            commission: None,
            completed: order
                .done
                .as_ref()
                .filter(|_| is_filled)
                .map(|done| (times::local(done.at), done.how.clone())),
            what_if: None,
        }
    }

    pub(super) fn status_view(&self, index: usize, status: &'static str) -> StatusView {
        let order = self.book.order(index);
        let last = order.executions.last().map(|last| self.book.executions()[*last].price);
        StatusView {
            client: order.client,
            id: order.id,
            perm_id: order.perm_id,
            parent: self.parent_id(index),
            status,
            filled: order.filled,
            remaining: order.remaining(),
            average: order.average_price(),
            last,
            why_held: if status == "PreSubmitted" { self.why_held(index) } else { "" },
        }
    }

    /// Returns the order id of the one that an order waits or waited for, 0 for none.
    fn parent_id(&self, index: usize) -> i32 {
        self.parent_of(index).map_or(0, |parent| parent.id)
    }

    fn parent_of(&self, index: usize) -> Option<&Order> {
        let parent = self.book.by_perm_id(self.book.order(index).terms.parent?)?;
        Some(self.book.order(parent))
    }

    /// Tells what an open order waits for, in the words of a status.
    fn why_held(&self, index: usize) -> &'static str {
        match (self.waits_for_parent(index), self.book.order(index).is_triggered) {
            (true, true) => "child",
            (true, false) => "child,trigger",
            (false, false) => "trigger",
            (false, true) => "",
        }
    }

    pub(super) fn waits_for_parent(&self, index: usize) -> bool {
        self.parent_of(index).is_some_and(|parent| parent.status != Status::Filled)
    }

    /// Tells whether an order waits for one that has ended without its fill.
    pub(super) fn is_orphaned(&self, index: usize) -> bool {
        let is_over = |status| matches!(status, Status::Cancelled | Status::Inactive);
        self.parent_of(index).is_some_and(|parent| is_over(parent.status))
    }

    /// Tells whether an open order is at the exchange, and not held before it.
    pub(super) fn is_at_exchange(&self, index: usize) -> bool {
        let order = self.book.order(index);
        let is_for_auction = order.terms.tif == Tif::Opg
            || matches!(order.terms.kind, Kind::MarketOnClose | Kind::LimitOnClose(_));
        order.is_triggered && !is_for_auction && self.is_trading() && !self.waits_for_parent(index)
    }

    /// Returns the word for how an order stands when somebody asks.
    pub(super) fn status_name(&self, index: usize) -> &'static str {
        match self.book.order(index).status {
            Status::Working if self.is_at_exchange(index) => "Submitted",
            Status::Working => "PreSubmitted",
            Status::Filled => "Filled",
            Status::Cancelled => "Cancelled",
            Status::Inactive => "Inactive",
        }
    }
}

/// Returns the last day of the quarter after that of a date: good-till-cancelled orders end then.
pub(super) fn quarter_end(date: NaiveDate) -> NaiveDate {
    let quarters = date.year() * 4 + date.month0() as i32 / 3 + 2;
    let (year, month) = (quarters.div_euclid(4), quarters.rem_euclid(4) as u32 * 3 + 1);
    NaiveDate::from_ymd_opt(year, month, 1).and_then(|first| first.pred_opt()).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_till_cancelled_orders_end_with_the_next_quarter() {
        let end = |text: &str| quarter_end(text.parse().unwrap()).to_string();
        assert_eq!(end("2026-08-24"), "2026-12-31"); // as recorded
        assert_eq!(end("2026-10-01"), "2027-03-31");
        assert_eq!(end("2026-01-01"), "2026-06-30");
        assert_eq!(end("2026-12-31"), "2027-03-31");
    }
}
