use super::event::Event;
use super::reply::Reply;
use super::terms::{Kind, Side, Terms, Tif};
use super::{ConnectionId, Engine};
use decile_core::Shares;

/// The client of orders that no client has placed.
pub(super) const NOBODY: i32 = -1;

impl Engine {
    /// Closes the first holding of the account at its quote, as a broker does that wants its money
    /// back, and tells every client of the execution.
    pub(super) fn liquidate(&mut self) {
        let held = self.book.positions().iter().find(|(_, held)| !held.holding.quantity.is_zero());
        let Some((symbol, quantity)) =
            held.map(|(symbol, held)| (symbol.clone(), held.holding.quantity))
        else {
            return log::warn!("there is nothing to liquidate");
        };
        let is_long = quantity > Shares::ZERO;
        let terms = Terms {
            symbol,
            side: if is_long { Side::Sell } else { Side::Buy },
            quantity: quantity.abs(),
            kind: Kind::Market,
            tif: Tif::Day,
            order_ref: None,
            route: None,
            // It takes what other sales were promised.
            parent: None,
            oca: None,
            adaptive: None,
            reckoned: None,
            good_till: None,
        };
        let (perm_id, at) = (self.book.next_perm_id(), self.now());
        // Each has a number of its own here, and shows as -1.
        let order = self.book.first_id(NOBODY) - 1;
        self.commit(Event::Placed { client: NOBODY, order, perm_id, terms, rejected: None, at });
        let Some(index) = self.book.by_perm_id(perm_id) else { return };
        self.work(index);
        let Some(execution) = self.book.order(index).executions.last().copied() else {
            return self.end(index, "Cancelled by System:\nNo price");
        };
        let view = self.execution_view(index, execution);
        let report = Reply::Commission {
            order: view.order,
            exec_id: view.fill.exec_id.clone(),
            amount: Some(view.fill.commission),
            realized: view.fill.realized,
        };
        let here: Vec<ConnectionId> = self.by_client_id.values().copied().collect();
        for at in here {
            self.tell(at, Reply::Execution(-1, Box::new(view.clone())));
            self.tell(at, report.clone());
        }
    }
}
