//! What is known about the orders of a run, from whatever source it came.

use super::known::Known;
use crate::journal::learn;
use crate::{
    ClientOrderId, Execution, JournalRecord, OrderName, OrderSnapshot, OrderState, PlannedOrder,
};
use chrono::{DateTime, Utc};
use decile_core::Shares;
use std::collections::{BTreeMap, HashMap};

/// Collects states and executions, late, doubled and out of order as they come.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    /// By hash: each event looks here, and ids that sort are compared from their strategy on.
    orders: HashMap<ClientOrderId, Known>,
}

impl Tracker {
    /// Begins to listen for an order. What is told about others is not taken in.
    pub(super) fn watch(&mut self, id: &ClientOrderId, order: &PlannedOrder) {
        let known = Known {
            order: order.clone(),
            snapshot: None,
            executions: BTreeMap::new(),
            taken_back: Shares::ZERO,
            recorded: None,
            unwritten: Vec::new(),
            is_written: false,
        };
        self.orders.insert(id.clone(), known);
    }

    pub(super) fn see(&mut self, snapshot: OrderSnapshot) {
        let Some(known) = self.known(&snapshot.id) else { return };
        known.is_written = false;
        match &mut known.snapshot {
            Some(before) => before.merge(snapshot),
            None => known.snapshot = Some(snapshot),
        }
    }

    pub(super) fn execute(&mut self, execution: Execution) {
        let Some(known) = self.known(&execution.id) else { return };
        let name = execution.execution_id.clone();
        let before = known.executions.get(&name).cloned();
        let fewer = learn(&mut known.executions, execution);
        known.taken_back = (known.taken_back + fewer).max(Shares::ZERO);
        known.is_written = false;
        // Once more when it gains its commission.
        if known.executions.get(&name) != before.as_ref() && !known.unwritten.contains(&name) {
            known.unwritten.push(name);
        }
    }

    fn known(&mut self, name: &OrderName) -> Option<&mut Known> {
        self.orders.get_mut(name.ours()?)
    }

    /// Returns what is known of an order, states and executions taken together; `None` if nothing
    /// shows that it arrived.
    pub(super) fn snapshot(&self, id: &ClientOrderId) -> Option<OrderSnapshot> {
        let known = self.orders.get(id)?;
        if known.is_written { known.recorded.clone() } else { known.combined(id) }
    }

    pub(super) fn is_final(&self, id: &ClientOrderId) -> bool {
        self.orders.get(id).and_then(Known::state).is_some_and(OrderState::is_final)
    }

    /// Tells whether an order is final and its commission known.
    pub(super) fn is_complete(&self, id: &ClientOrderId) -> bool {
        let is_complete = |seen: &OrderSnapshot| seen.state.is_final() && seen.commission.is_some();
        self.orders.get(id).is_some_and(|known| match known.is_written {
            true => known.recorded.as_ref().is_some_and(is_complete),
            // To put all of it together takes longer.
            false if !known.state().is_some_and(OrderState::is_final) => false,
            false => known.combined(id).as_ref().is_some_and(is_complete),
        })
    }

    /// Returns the orders that are not final, or whose commission is not known.
    pub(super) fn incomplete(&self) -> Vec<ClientOrderId> {
        let mut ids: Vec<_> =
            self.orders.keys().filter(|id| !self.is_complete(id)).cloned().collect();
        ids.sort();
        ids
    }

    /// Tells whether an order is one of those that are listened for.
    pub(super) fn knows(&self, name: &OrderName) -> bool {
        name.ours().is_some_and(|id| self.orders.contains_key(id))
    }

    /// Tells whether more of an order has filled than its executions come to.
    pub(super) fn lacks_executions(&self, id: &ClientOrderId) -> bool {
        let known = self.orders.get(id).zip(self.snapshot(id));
        known.is_some_and(|(known, snapshot)| snapshot.filled > known.executed())
    }

    /// Returns how many shares all attempts at an order together have filled.
    pub(super) fn filled(&self, id: &ClientOrderId) -> Shares {
        let attempts = self.orders.iter().filter(|(attempt, _)| attempt.is_same_order(id));
        let filled = attempts.filter_map(|(_, known)| known.progress()).map(|(_, filled)| filled);
        filled.fold(Shares::ZERO, |sum, filled| sum + filled)
    }

    /// Tells whether the journal lacks an execution of an order, or its last word about one.
    pub(super) fn has_executions_to_tell(&self, id: &ClientOrderId) -> bool {
        self.orders.get(id).is_some_and(|known| !known.unwritten.is_empty())
    }

    /// Returns what the journal does not have yet of an order, which counts as written from here.
    pub(super) fn news(&mut self, id: &ClientOrderId, at: DateTime<Utc>) -> Vec<JournalRecord> {
        let Some(known) = self.orders.get_mut(id).filter(|known| !known.is_written) else {
            return Vec::new();
        };
        let unwritten = std::mem::take(&mut known.unwritten);
        let executions = unwritten.iter().filter_map(|name| known.executions.get(name)).cloned();
        let mut records: Vec<_> =
            executions.map(|execution| JournalRecord::Executed { execution }).collect();
        let combined = known.combined(id);
        if combined != known.recorded {
            records.extend(combined.clone().map(|snapshot| JournalRecord::Seen { snapshot, at }));
            known.recorded = combined;
        }
        known.is_written = true;
        records
    }

    /// Returns what the journal does not have yet of any order, as [`news`](Self::news) does.
    pub(super) fn all_news(&mut self, at: DateTime<Utc>) -> Vec<JournalRecord> {
        let mut ids: Vec<_> = self.orders.keys().cloned().collect();
        ids.sort();
        ids.iter().flat_map(|id| self.news(id, at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderKind, Side, TimeInForce};

    fn id() -> ClientOrderId {
        "q:DU1:20251201:KO:B:1".parse().unwrap()
    }

    fn order() -> PlannedOrder {
        PlannedOrder {
            symbol: "KO".parse().unwrap(),
            side: Side::Buy,
            quantity: Shares::new(100),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
            reference: "50".parse().unwrap(),
            notional: "5000".parse().unwrap(),
        }
    }

    fn tracker() -> Tracker {
        let mut tracker = Tracker::default();
        tracker.watch(&id(), &order());
        tracker
    }

    fn execution(name: &str, quantity: i64, price: &str) -> Execution {
        Execution {
            execution_id: name.to_owned(),
            id: id().into(),
            symbol: "KO".parse().unwrap(),
            side: Side::Buy,
            quantity: Shares::new(quantity),
            price: price.parse().unwrap(),
            commission: Some("0.50".parse().unwrap()),
            time: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn executions_count_once_and_alone_prove_a_fill() {
        let mut tracker = tracker();
        assert_eq!(tracker.snapshot(&id()), None);
        for _ in 0..3 {
            tracker.execute(execution("a", 40, "50"));
        }
        let partial = tracker.snapshot(&id()).unwrap();
        assert_eq!((partial.state, partial.filled.get()), (OrderState::PartiallyFilled, 40));
        tracker.execute(execution("b", 60, "51"));
        let filled = tracker.snapshot(&id()).unwrap();
        assert_eq!(filled.state, OrderState::Filled);
        // (40 x 50 + 60 x 51) / 100
        assert_eq!(filled.average_price, Some("50.6".parse().unwrap()));
        assert_eq!(filled.commission, Some("1".parse().unwrap()));
        assert!(tracker.is_final(&id()));
    }

    #[test]
    fn nothing_of_an_order_of_no_shares_has_filled() {
        let mut tracker = tracker();
        let nothing = OrderSnapshot::unfilled(&id(), &order(), OrderState::Working);
        tracker.see(OrderSnapshot { quantity: Shares::ZERO, ..nothing });
        let known = tracker.snapshot(&id()).unwrap();
        assert_eq!((known.state, known.filled.get()), (OrderState::Working, 0));
        assert_eq!(known.quantity.get(), 100);
        assert!(!tracker.is_final(&id()));
    }

    #[test]
    fn what_a_correction_takes_back_is_not_filled() {
        let told = |filled: i64, state| OrderSnapshot {
            filled: Shares::new(filled),
            average_price: Some("50".parse().unwrap()),
            ..OrderSnapshot::unfilled(&id(), &order(), state)
        };
        let filled = || told(100, OrderState::Filled);
        let after = |corrections: &[i64], later: Option<OrderSnapshot>| {
            let mut tracker = tracker();
            tracker.execute(execution("a", 40, "50"));
            tracker.execute(execution("b", 60, "51"));
            tracker.see(filled());
            for quantity in corrections {
                tracker.execute(execution("b", *quantity, "51"));
            }
            later.into_iter().for_each(|later| tracker.see(later));
            let known = tracker.snapshot(&id()).unwrap();
            (known.state, known.filled.get(), known.average_price.unwrap().to_string())
        };
        use OrderState::{Filled, PartiallyFilled};
        assert_eq!(after(&[60, 60], None), (Filled, 100, "50.6".to_owned()));
        // (40 x 50 + 10 x 51) / 50
        assert_eq!(after(&[10], None), (PartiallyFilled, 50, "50.2".to_owned()));
        assert_eq!(after(&[10, 10], Some(filled())), (PartiallyFilled, 50, "50.2".to_owned()));
        assert_eq!(after(&[0], None), (PartiallyFilled, 40, "50".to_owned()));
        // The first word once more, late: it is what is known last.
        assert_eq!(after(&[10, 60], None), (Filled, 100, "50.6".to_owned()));
        // Not all of the executions are known, so what is left is what was told, less what is gone.
        let mut some = self::tracker();
        some.execute(execution("b", 60, "51"));
        some.see(filled());
        some.execute(execution("b", 10, "51"));
        let known = some.snapshot(&id()).unwrap();
        assert_eq!((known.filled.get(), known.average_price), (50, None));
        assert!(known.reason.unwrap().contains("taken 50 executed shares back"));
    }

    #[test]
    fn a_commission_that_comes_late_is_kept_and_written_down() {
        let mut tracker = tracker();
        let at = DateTime::UNIX_EPOCH;
        let bare = || Execution { commission: None, ..execution("a", 100, "50") };
        tracker.execute(bare());
        assert_eq!(tracker.news(&id(), at).len(), 2);
        assert!(!tracker.is_complete(&id()));
        tracker.execute(execution("a", 100, "50"));
        tracker.execute(bare());
        assert!(tracker.is_complete(&id()));
        let half = Some("0.50".parse().unwrap());
        let news = tracker.news(&id(), at);
        assert!(
            matches!(&news[0], JournalRecord::Executed { execution } if execution.commission == half)
        );
        assert!(
            matches!(&news[1], JournalRecord::Seen { snapshot, .. } if snapshot.commission == half)
        );
        assert_eq!(news.len(), 2);
    }

    #[test]
    fn the_journal_gets_each_piece_of_news_once() {
        let mut tracker = tracker();
        let at = DateTime::UNIX_EPOCH;
        assert!(tracker.news(&id(), at).is_empty());
        tracker.execute(execution("a", 40, "50"));
        assert_eq!(tracker.news(&id(), at).len(), 2);
        tracker.execute(execution("a", 40, "50"));
        assert!(tracker.news(&id(), at).is_empty());
    }
}
