//! What makes an order trade, and what everybody hears of it.

use super::book::Status;
use super::event::{Event, Fill};
use super::reply::{ExecutionView, OrderView, Reply, StatusView};
use super::terms::{Kind, Side, Terms, Tif};
use super::{Engine, Notice, times};
use chrono::{Datelike, NaiveDate};
use decile_core::{Error, Price, Shares, Symbol};

impl Engine {
    /// Returns the price at which an open order trades now, if it does.
    pub(super) fn marketable(&self, index: usize) -> Option<Price> {
        let terms = &self.book.order(index).terms;
        let quote = self.floor.quote(&terms.symbol)?;
        match (terms.side, terms.kind) {
            (Side::Buy, Kind::Market) => quote.ask,
            (Side::Sell, Kind::Market) => quote.bid,
            (Side::Buy, Kind::Limit(limit)) => quote.ask.filter(|ask| *ask <= limit),
            (Side::Sell, Kind::Limit(limit)) => quote.bid.filter(|bid| *bid >= limit),
        }
    }

    /// Fills every open order of a stock that its quote makes marketable, the oldest first.
    pub(super) fn cross(&mut self, symbol: &Symbol) {
        for index in self.book.working_in(symbol) {
            if let Some(price) = self.marketable(index) {
                self.fill(index, price);
            }
        }
    }

    /// Fills an open order as a whole, in the sequence of messages that is recorded.
    pub(super) fn fill(&mut self, index: usize, price: Price) {
        let terms = &self.book.order(index).terms;
        let fill = match self.deal(index, price) {
            Ok(fill) => fill,
            Err(error) => {
                let how = format!("Cancelled by System:\n{error}");
                return self.end(index, &how);
            }
        };
        let (symbol, quantity) = (terms.symbol.clone(), terms.quantity);
        self.commit(Event::Filled(Box::new(fill)));
        self.floor.traded(&symbol, quantity.get());
        self.moved.insert(symbol);
        self.money_moved = true;

        let client = self.book.order(index).client;
        if let Some(execution) = self.execution_view(index) {
            let (exec_id, amount) = (execution.fill.exec_id.clone(), execution.fill.commission);
            let realized = execution.fill.realized;
            self.tell_owner(client, Reply::Execution(-1, Box::new(execution)));
            self.tell_pair(index, "Filled", false);
            let mut view = self.view(index, "Filled", false);
            view.commission = Some(amount);
            self.tell_owner(client, Reply::OpenOrder(Box::new(view)));
            self.tell_owner(client, Reply::OrderStatus(self.status_view(index, "Filled")));
            self.tell_owner(client, Reply::Commission { exec_id, amount, realized });
        }
    }

    fn deal(&self, index: usize, price: Price) -> Result<Fill, Error> {
        let order = self.book.order(index);
        let Terms { symbol, side, quantity, .. } = &order.terms;
        let notional = price.notional(*quantity)?;
        let commission = self.book.commission().of(price, *quantity)?;
        let held = self.book.position(symbol).holding;
        let (cash, holding, realized) = match side {
            Side::Buy => {
                let cost = notional + commission;
                (self.book.cash() - cost, held.bought(*quantity, cost)?, None)
            }
            Side::Sell => {
                let proceeds = notional - commission;
                let cost = held.average_cost.times(quantity.get().into())?;
                (self.book.cash() + proceeds, held.sold(*quantity), Some(proceeds - cost))
            }
        };
        Ok(Fill {
            perm_id: order.perm_id,
            exec_id: self.book.next_execution_id(),
            quantity: *quantity,
            price,
            commission,
            realized,
            cash,
            holding,
            at: self.clock.now(),
        })
    }

    /// Ends an open order without a fill: its last status, and then the notice.
    pub(super) fn end(&mut self, index: usize, how: &str) {
        let order = self.book.order(index);
        let (client, id, perm_id) = (order.client, order.id, order.perm_id);
        let at = self.clock.now();
        self.commit(Event::Cancelled { perm_id, how: how.to_owned(), at });
        // Recorded gateways send no open order with this status.
        self.tell_owner(client, Reply::OrderStatus(self.status_view(index, "Cancelled")));
        self.notify_owner(client, Notice::cancelled(id));
    }

    /// Tells the owner of an order what it is and how it stands.
    pub(super) fn tell_pair(&mut self, index: usize, status: &'static str, is_first: bool) {
        let client = self.book.order(index).client;
        let view = self.view(index, status, is_first);
        self.tell_owner(client, Reply::OpenOrder(Box::new(view)));
        self.tell_owner(client, Reply::OrderStatus(self.status_view(index, status)));
    }

    pub(super) fn view(&self, index: usize, status: &'static str, is_first: bool) -> OrderView {
        let order = self.book.order(index);
        let listing = self.floor.listing(&order.terms.symbol).clone();
        let done = order.done.as_ref();
        let is_filled = status == "Filled";
        OrderView {
            listing,
            client: order.client,
            id: order.id,
            perm_id: order.perm_id,
            terms: order.terms.clone(),
            status,
            filled: if is_filled { order.terms.quantity } else { Shares::ZERO },
            is_first,
            cancelled_at: (order.terms.tif == Tif::Gtc).then(|| {
                format!("{} 16:00:00 {}", quarter_end(order.session).format("%Y%m%d"), times::ZONE)
            }),
            commission: None,
            completed: done
                .filter(|_| is_filled)
                .map(|done| (times::local(done.at), done.how.clone())),
            what_if: None,
        }
    }

    pub(super) fn status_view(&self, index: usize, status: &'static str) -> StatusView {
        let order = self.book.order(index);
        let quantity = order.terms.quantity;
        let execution = order.execution.map(|execution| &self.book.executions()[execution]);
        let execution = execution.filter(|_| status == "Filled");
        let filled = execution.map_or(Shares::ZERO, |fill| fill.quantity);
        StatusView {
            client: order.client,
            id: order.id,
            perm_id: order.perm_id,
            status,
            filled,
            remaining: quantity - filled,
            price: execution.map(|fill| fill.price),
        }
    }

    pub(super) fn execution_view(&self, index: usize) -> Option<ExecutionView> {
        let order = self.book.order(index);
        let fill = self.book.executions()[order.execution?].clone();
        Some(ExecutionView {
            listing: self.floor.listing(&order.terms.symbol).clone(),
            client: order.client,
            order: order.id,
            side: order.terms.side,
            order_ref: order.terms.order_ref.clone(),
            time: times::local(fill.at),
            fill,
        })
    }

    /// Returns the word for how an order stands when somebody asks.
    pub(super) fn status_name(&self, index: usize) -> &'static str {
        match self.book.order(index).status {
            Status::Working => "Submitted",
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
