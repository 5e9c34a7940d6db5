mod cleared;
mod standing;
mod trades;

pub(crate) use standing::{Standing, learn};
pub(crate) use trades::Trade;

use super::{Journal, JournalRecord};
use crate::{ClientOrderId, Error, OrderStatus, PlannedOrder, Side};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Decimal, Money, Shares, Symbol};
use std::collections::BTreeMap;

/// What a journal knows about every order: which may be tried again, and which not.
///
/// Only the replay of a journal makes one, so no order gets an id that was used before. An order
/// gets a further attempt once it is proven that the one before has left something to do: it was
/// never sent, rejected, or cancelled with a remainder, or once a person has said so. What has filled
/// wholly is done for its session, however often its plan is approved.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Attempts, Journal, JournalRecord, MemoryJournal};
///
/// let journal = MemoryJournal::default();
/// let order = plan("10000", &[("KO", "50")]).orders()[0].clone();
/// let id = "q-core:DU1234567:20251201:KO:B:1".parse()?;
/// journal.append(&[JournalRecord::Intent { id, order, arrival: None, at: now() }])?;
/// // Nobody knows whether it was sent.
/// assert_eq!(Attempts::replay(&journal)?.unresolved().count(), 1);
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug)]
pub struct Attempts {
    standings: BTreeMap<ClientOrderId, Standing>,
    latch: Option<String>,
    numbers_end: Option<u64>,
}

/// What has gone out for one session.
///
/// ```
/// let day = decile_trade::Day::default();
/// assert_eq!((day.orders, day.bought.is_negative()), (0, false));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// How many orders, without those that are proven not to have left.
    pub orders: usize,
    /// What they bought: what has filled of an order that is final, and else all of it.
    pub bought: Money,
}

impl Day {
    /// Takes an order out again that never left.
    pub(crate) fn take_back(&mut self, order: &PlannedOrder) {
        self.orders -= 1;
        if order.side == Side::Buy {
            self.bought -= order.notional;
        }
    }
}

impl Attempts {
    /// Reads a journal.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read, [`Error::DuplicateIntent`] if it intends an
    /// order twice, and [`Error::MissingIntent`] if it tells of one that it does not intend before.
    pub fn replay(journal: &dyn Journal) -> Result<Self, Error> {
        Self::of(journal.replay()?)
    }

    /// Takes the records of a journal, the oldest first.
    pub(crate) fn of(records: Vec<JournalRecord>) -> Result<Self, Error> {
        let mut attempts = Self::none();
        for record in records {
            attempts.learn(record)?;
        }
        Ok(attempts)
    }

    pub(crate) fn none() -> Self {
        Self { standings: BTreeMap::new(), latch: None, numbers_end: None }
    }

    /// Takes in the next record of a journal.
    pub(crate) fn learn(&mut self, record: JournalRecord) -> Result<(), Error> {
        match record {
            JournalRecord::Intent { id, order, arrival, at } => {
                if self.standings.contains_key(&id) {
                    return Err(Error::DuplicateIntent { id });
                }
                self.standings.insert(id, Standing::intended(order, arrival, at));
                self.numbers_end = self.numbers_end.map(|end| end.saturating_add(1));
            }
            JournalRecord::Began { run, .. } => {
                self.numbers_end = self.numbers_end.max(run.numbers_from);
            }
            JournalRecord::LossLatched { reason, .. } => self.latch = Some(reason),
            JournalRecord::LossReset { .. } => self.latch = None,
            // Of runs, not of orders.
            other if !other.is_of_order() => {}
            // To pass over what has no intent would give its id out once more; a foreign order
            // has no place here either.
            other => match other.order_id().and_then(|id| self.standings.get_mut(id)) {
                Some(standing) => standing.learn(other),
                None => return Err(Error::MissingIntent { order: named(&other) }),
            },
        }
        Ok(())
    }

    /// Returns why nothing may be bought, if too much was lost and nobody has lifted it.
    #[must_use]
    pub fn latched(&self) -> Option<&str> {
        self.latch.as_deref()
    }

    /// Returns what has gone out for a session, or may have.
    pub(crate) fn day(&self, session: NaiveDate) -> Day {
        let of_session = self.standings.iter().filter(|(id, _)| id.session() == session);
        let out = of_session.filter(|(_, standing)| !standing.is_not_sent());
        out.fold(Day::default(), |day, (id, standing)| {
            let bought = if id.side() == Side::Buy { standing.value() } else { Money::ZERO };
            Day { orders: day.orders + 1, bought: day.bought + bought }
        })
    }

    /// Returns what all fills together have added to each stock, by the session of their orders.
    pub(crate) fn net(&self) -> BTreeMap<(Symbol, NaiveDate), Shares> {
        let mut net: BTreeMap<_, Shares> = BTreeMap::new();
        for (id, standing) in &self.standings {
            let lot = (standing.order.symbol.clone(), id.session());
            let quantity = net.entry(lot).or_default();
            *quantity = *quantity + id.side().signed(standing.kept());
        }
        net
    }

    /// Returns the orders whose fate is not known and may still matter, by id.
    pub fn unresolved(&self) -> impl Iterator<Item = &ClientOrderId> {
        self.open().map(|(id, _)| id)
    }

    /// Returns the first of the broker's numbers that no order of this journal can bear: the highest
    /// that a run began with, and one more for each intent since. `None` if no run had one.
    #[must_use]
    pub fn numbers_end(&self) -> Option<u64> {
        self.numbers_end
    }

    /// Returns the orders that stand in the way of others of their session: filled, or not known to have
    /// ended.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &ClientOrderId> {
        let is_taken = |standing: &Standing| standing.is_filled() || !standing.is_final();
        self.standings.iter().filter(move |(_, standing)| is_taken(standing)).map(|(id, _)| id)
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = (&ClientOrderId, &Standing)> {
        self.standings.iter().filter(|(_, standing)| standing.is_open())
    }

    /// Returns the orders intended at `since` or later that have ended, lapsed or never left.
    pub(crate) fn ended(
        &self,
        since: DateTime<Utc>,
    ) -> impl Iterator<Item = (&ClientOrderId, &Standing)> {
        let is_asked_for =
            move |standing: &Standing| !standing.is_open() && standing.intended_at >= since;
        self.standings.iter().filter(move |(_, standing)| is_asked_for(standing))
    }

    /// Returns what the buys that may still fill would cost at their limits or, without one, at their
    /// reference prices, with a fee as a fraction of that.
    pub(crate) fn cash_to_come(&self, fee: Decimal) -> Money {
        let buys = self.open().filter(|(id, _)| id.side() == Side::Buy);
        let with_fee = Decimal::ONE + fee;
        buys.map(|(_, standing)| {
            let order = &standing.order;
            let filled = standing.snapshot.as_ref().map_or(Shares::ZERO, |seen| seen.filled);
            let dearest = order.kind.limit().map_or(order.reference, |it| it.max(order.reference));
            let cost = dearest.notional(order.quantity - filled);
            // A value out of range cannot come up: the whole order was approved by its value.
            cost.and_then(|cost| cost.times(with_fee)).unwrap_or(order.notional)
        })
        .sum()
    }

    /// Returns the id of the next attempt at an order, given its first one and when it was
    /// approved, or what stands in its way.
    pub(crate) fn next(
        &self,
        first: ClientOrderId,
        approved_at: DateTime<Utc>,
    ) -> Result<ClientOrderId, Blocked> {
        let earlier: Vec<_> =
            self.standings.iter().filter(|(id, _)| id.is_same_order(&first)).collect();
        let blocked =
            |id: &ClientOrderId, status, reason| Err(Blocked { id: id.clone(), status, reason });
        let find = |is_so: &dyn Fn(&Standing) -> bool| {
            earlier.iter().find(|(_, standing)| is_so(standing)).map(|(id, _)| *id)
        };
        // It may have been carried over to this session by whoever took it late.
        let mut carried = self.open().filter(|(id, _)| id.is_same_trade(&first));
        if let Some((id, _)) = carried.find(|(id, _)| id.session() != first.session()) {
            let reason = format!("what became of {id}, of another session, is not known");
            return blocked(id, OrderStatus::Unknown, reason);
        }
        if let Some(id) = find(&|standing| !standing.is_final()) {
            let reason = format!("what became of {id} is not known");
            return blocked(id, OrderStatus::Unknown, reason);
        }
        if let Some(id) = find(&Standing::is_filled) {
            let reason = format!("filled earlier in this session as {id}");
            return blocked(id, OrderStatus::NotSent, reason);
        }
        // An old approval of a cancelled order would buy, on top of what filled, all of it again.
        if let Some(id) = find(&|standing| standing.has_filled_since(approved_at)) {
            let reason = format!("{id} has filled in part since the approval, so plan anew");
            return blocked(id, OrderStatus::NotSent, reason);
        }
        // Ids sort by attempt last.
        let Some((last, _)) = earlier.last() else { return Ok(first) };
        let refused = |error: Error| Blocked {
            id: (*last).clone(),
            status: OrderStatus::NotSent,
            reason: error.to_string(),
        };
        last.next_attempt().map_err(refused)
    }
}

impl Attempts {
    /// Returns the id of a further attempt at what a cancelled order has left, and how many shares
    /// that is, or what stands in its way. Its fills are part of what is left, so it does not matter
    /// when they came.
    pub(crate) fn rest(&self, id: &ClientOrderId) -> Result<(ClientOrderId, Shares), Blocked> {
        let next = self.next(id.clone(), DateTime::<Utc>::MAX_UTC)?;
        let standing =
            self.standings.get(id).filter(|_| id.next_attempt().is_ok_and(|id| id == next));
        match standing.and_then(Standing::left) {
            Some(left) => Ok((next, left)),
            None => {
                let reason = format!("the journal has no proof that {id} was cancelled");
                Err(Blocked { id: id.clone(), status: OrderStatus::NotSent, reason })
            }
        }
    }
}

/// Why there is no further attempt.
#[derive(Debug)]
pub(crate) struct Blocked {
    /// The attempt that stands in the way.
    pub(crate) id: ClientOrderId,
    /// What to report: unknown if that attempt may still fill, else not sent.
    pub(crate) status: OrderStatus,
    /// Why it does.
    pub(crate) reason: String,
}

/// Returns the order of a record in words.
fn named(record: &JournalRecord) -> String {
    match record {
        JournalRecord::Seen { snapshot, .. } => snapshot.id.to_string(),
        JournalRecord::Executed { execution } => execution.id.to_string(),
        other => other.order_id().map_or_else(|| "an order".to_owned(), ToString::to_string),
    }
}

#[cfg(test)]
mod tests;
