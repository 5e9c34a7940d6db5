use super::{Journal, JournalRecord};
use crate::{
    AccountId, ClientOrderId, Error, Execution, OrderSnapshot, PlannedOrder, Side, StrategyId,
};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Symbol;
use std::collections::BTreeMap;

/// What a journal knows about every order: which may be tried again, and which not.
///
/// Only the replay of a journal makes one, so no order gets an id that was used before. An order
/// gets a further attempt once the one before is proven final: filled, cancelled, rejected, or
/// never sent.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Attempts, Journal, JournalRecord, MemoryJournal};
///
/// let journal = MemoryJournal::default();
/// let order = plan("10000", &[("KO", "50")]).orders()[0].clone();
/// let id = "q-core:DU1234567:20251201:KO:B:1".parse()?;
/// journal.append(&[JournalRecord::Intent { id, order, at: now() }])?;
/// // Nobody knows whether it was sent.
/// assert_eq!(Attempts::replay(&journal)?.unresolved().count(), 1);
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug)]
pub struct Attempts {
    standings: BTreeMap<ClientOrderId, Standing>,
}

/// What is known about one attempt.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) order: PlannedOrder,
    pub(crate) intended_at: DateTime<Utc>,
    pub(crate) snapshot: Option<OrderSnapshot>,
    pub(crate) executions: BTreeMap<String, Execution>,
    not_sent: bool,
    lapsed: bool,
}

impl Standing {
    /// Tells whether it is proven that nothing more can happen.
    fn is_final(&self) -> bool {
        self.not_sent || self.snapshot.as_ref().is_some_and(|seen| seen.state.is_final())
    }
}

impl Attempts {
    /// Reads a journal.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read.
    pub fn replay(journal: &dyn Journal) -> Result<Self, Error> {
        let mut standings = BTreeMap::new();
        for record in journal.replay()? {
            match record {
                JournalRecord::Intent { id, order, at } => {
                    standings.insert(id, Standing::intended(order, at));
                }
                other => {
                    if let Some(standing) = standings.get_mut(other.id()) {
                        standing.learn(other);
                    }
                }
            }
        }
        Ok(Self { standings })
    }

    /// Returns the orders whose fate is not known and may still matter, by id.
    pub fn unresolved(&self) -> impl Iterator<Item = &ClientOrderId> {
        self.open().map(|(id, _)| id)
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = (&ClientOrderId, &Standing)> {
        self.standings.iter().filter(|(_, standing)| !standing.is_final() && !standing.lapsed)
    }

    /// Returns the id of the next attempt, or what stands in its way.
    pub(crate) fn next(
        &self,
        owner: (&StrategyId, &AccountId),
        session: NaiveDate,
        what: (&Symbol, Side),
    ) -> Result<ClientOrderId, Blocked> {
        let first = ClientOrderId::first(owner, session, what);
        let earlier: Vec<_> =
            self.standings.iter().filter(|(id, _)| id.is_same_order(&first)).collect();
        if let Some((id, _)) = earlier.iter().find(|(_, standing)| !standing.is_final()) {
            let reason = format!("what became of {id} is not known");
            return Err(Blocked { id: (*id).clone(), reason });
        }
        // Ids sort by attempt last.
        let Some((last, _)) = earlier.last() else { return Ok(first) };
        let blocked = |error: Error| Blocked { id: (*last).clone(), reason: error.to_string() };
        last.next_attempt().map_err(blocked)
    }
}

/// Why there is no further attempt.
#[derive(Debug)]
pub(crate) struct Blocked {
    /// The attempt that stands in the way.
    pub(crate) id: ClientOrderId,
    /// Why it does.
    pub(crate) reason: String,
}

impl Standing {
    fn intended(order: PlannedOrder, intended_at: DateTime<Utc>) -> Self {
        Self {
            order,
            intended_at,
            snapshot: None,
            executions: BTreeMap::new(),
            not_sent: false,
            lapsed: false,
        }
    }

    fn learn(&mut self, record: JournalRecord) {
        match record {
            // An intent starts a standing, and a doubt takes nothing back that was proven.
            JournalRecord::Intent { .. } | JournalRecord::Unknown { .. } => {}
            JournalRecord::NotSent { .. } => self.not_sent = true,
            JournalRecord::Lapsed { .. } => self.lapsed = true,
            JournalRecord::Executed { execution } => {
                self.executions.insert(execution.execution_id.clone(), execution);
            }
            JournalRecord::Seen { snapshot, .. } => match &mut self.snapshot {
                Some(known) => known.merge(snapshot),
                None => self.snapshot = Some(snapshot),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryJournal, OrderState};

    fn order() -> PlannedOrder {
        PlannedOrder {
            symbol: "KO".parse().unwrap(),
            side: Side::Buy,
            quantity: decile_core::Shares::new(100),
            kind: crate::OrderKind::Market,
            time_in_force: crate::TimeInForce::Day,
            reference: "50".parse().unwrap(),
            notional: "5000".parse().unwrap(),
        }
    }

    fn id(attempt: u32) -> ClientOrderId {
        format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap()
    }

    fn next(records: &[JournalRecord]) -> Result<ClientOrderId, Blocked> {
        let journal = MemoryJournal::default();
        journal.append(records).unwrap();
        let attempts = Attempts::replay(&journal).unwrap();
        let owner = ("q".parse().unwrap(), "DU1".parse().unwrap());
        attempts.next((&owner.0, &owner.1), id(1).session(), (id(1).symbol(), Side::Buy))
    }

    fn intent(attempt: u32) -> JournalRecord {
        let at = DateTime::UNIX_EPOCH;
        JournalRecord::Intent { id: id(attempt), order: order(), at }
    }

    fn seen(attempt: u32, state: OrderState) -> JournalRecord {
        let snapshot = OrderSnapshot::unfilled(&id(attempt), &order(), state);
        JournalRecord::Seen { snapshot, at: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn attempts_rise_only_past_what_is_final() {
        assert_eq!(next(&[]).unwrap(), id(1));
        assert!(matches!(next(&[intent(1)]), Err(Blocked { id: by, .. }) if by == id(1)));
        let working = [intent(1), seen(1, OrderState::Working)];
        assert!(matches!(next(&working), Err(Blocked { .. })));
        let done = [intent(1), seen(1, OrderState::Filled), seen(1, OrderState::Working)];
        assert_eq!(next(&done).unwrap(), id(2));
        let reason = "stopped".to_owned();
        let not_sent = JournalRecord::NotSent { id: id(1), reason, at: DateTime::UNIX_EPOCH };
        assert_eq!(next(&[intent(1), not_sent.clone()]).unwrap(), id(2));
        let records = [intent(1), not_sent, intent(2)];
        assert!(matches!(next(&records), Err(Blocked { id: by, .. }) if by == id(2)));
    }

    #[test]
    fn a_doubt_blocks_for_the_session_but_a_lapsed_order_is_not_looked_up() {
        let at = DateTime::UNIX_EPOCH;
        let unknown = JournalRecord::Unknown { id: id(1), reason: String::new(), at };
        assert!(matches!(next(&[intent(1), unknown]), Err(Blocked { .. })));
        let journal = MemoryJournal::default();
        journal.append(&[intent(1), JournalRecord::Lapsed { id: id(1), at }]).unwrap();
        assert_eq!(Attempts::replay(&journal).unwrap().unresolved().count(), 0);
    }
}
