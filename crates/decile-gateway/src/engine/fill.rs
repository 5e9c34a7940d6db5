//! A trade: what it does to the account, and what everybody hears of it.

use super::Engine;
use super::event::{Event, Fill};
use super::liquidation::NOBODY;
use super::reply::{ExecutionView, Reply};
use super::terms::Side;
use super::times;
use crate::Trouble;
use decile_core::{Decimal, Error, Money, Price, Shares};

impl Engine {
    /// Fills an open order or a part of it, in the sequence of messages that is recorded.
    pub(super) fn fill(&mut self, index: usize, price: Price, quantity: Shares) {
        let fill = match self.deal(index, price, quantity) {
            Ok(fill) => fill,
            Err(error) => return self.end(index, &format!("Cancelled by System:\n{error}")),
        };
        if let Some(reason) = self.unaffordable(index, &fill) {
            return self.end(index, &format!("Cancelled by System:\n{reason}"));
        }
        let symbol = self.book.order(index).terms.symbol.clone();
        let remaining = self.book.order(index).remaining();
        self.commit(Event::Filled(Box::new(fill)));
        self.floor.traded(&symbol, quantity.get());
        self.moved.insert(symbol);
        self.money_moved = true;
        self.tell_fill(index);
        self.settle_group(index, remaining);
        let order = self.book.order(index);
        if order.remaining().is_zero() {
            self.staged.remove(order.client, order.id);
            self.release_children(index);
        }
    }

    fn tell_fill(&mut self, index: usize) {
        let order = self.book.order(index);
        let (client, id, charged) = (order.client, order.id, order.charged);
        let is_whole = order.remaining().is_zero();
        let Some(execution) = order.executions.last().copied() else { return };
        let view = self.execution_view(index, execution);
        let report = Reply::Commission {
            order: id,
            exec_id: view.fill.exec_id.clone(),
            amount: Some(view.fill.commission),
            realized: view.fill.realized,
        };
        let is_first = self.faulty.happens(Trouble::CommissionFirst, Some(id));
        if is_first {
            self.tell_owner(client, report.clone());
        }
        self.tell_owner(client, Reply::Execution(-1, Box::new(view.clone())));
        if !is_whole {
            self.tell_pair(index, "Submitted", false);
        } else if !self.faulty.is_mute {
            self.tell_pair(index, "Filled", false);
            let mut view = self.view(index, "Filled", false);
            view.commission = Some(charged);
            self.tell_owner(client, Reply::OpenOrder(Box::new(view)));
            self.tell_owner(client, Reply::OrderStatus(self.status_view(index, "Filled")));
        }
        if self.faulty.happens(Trouble::CommissionUnset, Some(id)) {
            let exec_id = view.fill.exec_id.clone();
            self.tell_owner(
                client,
                Reply::Commission { order: id, exec_id, amount: None, realized: None },
            );
        }
        if !is_first {
            self.tell_owner(client, report);
        }
        if self.faulty.happens(Trouble::CorrectExecution, Some(id)) {
            self.tell_owner(client, Reply::Execution(-1, Box::new(corrected(view))));
        }
    }

    fn deal(&self, index: usize, price: Price, quantity: Shares) -> Result<Fill, Error> {
        let order = self.book.order(index);
        let notional = price.notional(quantity)?;
        let commission = self.book.commission_on(order, price, quantity)?;
        let held = self.book.position(&order.terms.symbol).holding;
        let flow = match order.terms.side {
            Side::Buy => -(notional + commission),
            Side::Sell => notional - commission,
        };
        let trade = Trade { side: order.terms.side, quantity, flow };
        let (holding, realized) = trade.after(held)?;
        Ok(Fill {
            perm_id: order.perm_id,
            exec_id: self.book.next_execution_id(),
            quantity,
            price,
            commission,
            realized,
            cash: self.book.cash() + flow,
            holding,
            at: self.now(),
        })
    }

    /// Returns the view of one execution of an order.
    pub(super) fn execution_view(&self, index: usize, execution: usize) -> ExecutionView {
        let order = self.book.order(index);
        let all = self.book.executions();
        let until = order.executions.iter().take_while(|other| **other <= execution);
        let (mut cumulative, mut traded) = (Shares::ZERO, Decimal::ZERO);
        for fill in until.map(|execution| &all[*execution]) {
            cumulative = cumulative + fill.quantity;
            traded += fill.price.get() * Decimal::from(fill.quantity.get());
        }
        let fill = all[execution].clone();
        let count = Decimal::from(cumulative.get());
        ExecutionView {
            listing: self.floor.listing(&order.terms.symbol).clone(),
            client: order.client,
            order: order.id.max(-1),
            is_liquidation: order.client == NOBODY,
            side: order.terms.side,
            order_ref: order.terms.order_ref.clone(),
            route: order.terms.route.clone(),
            time: times::local(fill.at),
            cumulative,
            average: traded.checked_div(count).unwrap_or(fill.price.get()),
            fill,
        }
    }
}

/// Returns an execution under the next revision of its id, which is its last number.
fn corrected(mut view: ExecutionView) -> ExecutionView {
    if let Some(before) = view.fill.exec_id.strip_suffix("01") {
        view.fill.exec_id = format!("{before}02");
    }
    view
}

/// Shares that change hands, and the cash that comes in for them, below 0 if it goes out.
#[derive(Debug, Clone, Copy)]
struct Trade {
    side: Side,
    quantity: Shares,
    flow: Money,
}

impl Trade {
    /// Returns what is held after the trade, and what it gained on what it closed. The part of a
    /// trade that closes has its share of the commission.
    fn after(
        self,
        held: decile_core::Holding,
    ) -> Result<(decile_core::Holding, Option<Money>), Error> {
        let sign = if self.side == Side::Buy { 1 } else { -1 };
        let is_against = held.quantity.get().signum() == -sign;
        let closing =
            if is_against { held.quantity.abs().min(self.quantity) } else { Shares::ZERO };
        let opening = self.quantity - closing;
        let closed = match (closing.is_zero(), opening.is_zero()) {
            (true, _) => Money::ZERO,
            (_, true) => self.flow,
            _ => {
                let part = Decimal::from(closing.get()) / Decimal::from(self.quantity.get());
                Money::new(self.flow.times(part)?.get().round_dp(6).normalize())
            }
        };
        let mut after = held;
        if !closing.is_zero() {
            after = after.sold(Shares::new(-sign * closing.get()))?;
        }
        // What it brought in, less what it takes from the cost of what is held.
        let realized = (!closing.is_zero()).then(|| closed - (held.cost - after.cost));
        if !opening.is_zero() {
            after = after.bought(Shares::new(sign * opening.get()), closed - self.flow);
        }
        Ok((after, realized))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::Holding;

    fn after(
        held: (i64, &str),
        side: Side,
        quantity: i64,
        flow: &str,
    ) -> (i64, String, Option<String>) {
        let held = Holding::at_average(Shares::new(held.0), held.1.parse().unwrap()).unwrap();
        let trade = Trade { side, quantity: Shares::new(quantity), flow: flow.parse().unwrap() };
        let (after, realized) = trade.after(held).unwrap();
        (
            after.quantity.get(),
            after.average_cost().to_string(),
            realized.map(|gain| gain.to_string()),
        )
    }

    #[test]
    fn a_sale_beyond_what_is_held_opens_a_short_holding() {
        // 15 at 60 less a commission of 1.5: ten close, five open.
        let sold = after((10, "50"), Side::Sell, 15, "898.5");
        assert_eq!(sold, (-5, "59.9".to_owned(), Some("99".to_owned())));
        let more = after((-5, "59.9"), Side::Sell, 5, "299.5");
        assert_eq!(more, (-10, "59.9".to_owned(), None));
    }

    #[test]
    fn a_purchase_covers_what_is_short_first() {
        // 15 at 40 and a commission of 1.5.
        let bought = after((-10, "59.9"), Side::Buy, 15, "-601.5");
        assert_eq!(bought, (5, "40.1".to_owned(), Some("198.0".to_owned())));
        assert_eq!(
            after((-10, "59.9"), Side::Buy, 10, "-401"),
            (0, "0".to_owned(), Some("198.0".to_owned()))
        );
    }
}
