//! What a person has said of an order, and how long that stands.

use super::{Attempts, Standing};
use crate::{Clearance, ClientOrderId, JournalRecord};
use chrono::{DateTime, Utc};
use decile_core::Shares;

impl Attempts {
    /// Returns what a person may clear, or why there is nothing to clear.
    pub(crate) fn to_clear(&self, id: &ClientOrderId) -> Result<&Standing, String> {
        let Some(standing) = self.standings.get(id) else {
            return Err("has no intent".to_owned());
        };
        match standing.end() {
            Some(end) => Err(end),
            None => Ok(standing),
        }
    }
}

impl Standing {
    /// Tells whether it has ended by the word of a person alone.
    pub(crate) fn is_cleared(&self) -> bool {
        self.cleared.is_some()
    }

    /// Returns how many shares have filled by the word of a person, if it stands.
    pub(super) fn cleared_with(&self) -> Option<Shares> {
        self.cleared.as_ref().map(Clearance::filled)
    }

    /// Takes in what a person says.
    pub(super) fn clear(&mut self, clearance: Clearance, at: DateTime<Utc>) {
        self.seen_at = self.seen_at.max(Some(at));
        self.cleared = Some(clearance);
    }

    /// Lets go of what a person said if the broker has executed more, or has taken shares back since.
    pub(super) fn hold_against(&mut self, fewer: Shares) {
        let is_beyond = |claimed: Shares| self.executed() > claimed || fewer > Shares::ZERO;
        if self.cleared_with().is_some_and(is_beyond) {
            self.cleared = None;
        }
    }

    /// Returns what is known once these records are in the journal, too.
    pub(crate) fn after(&self, records: &[JournalRecord]) -> Self {
        let mut later = self.clone();
        records.iter().cloned().for_each(|record| later.learn(record));
        later
    }

    /// Returns what is known of its end, in words; `None` if it is open.
    fn end(&self) -> Option<String> {
        let seen = self.snapshot.as_ref().filter(|seen| seen.state.is_final());
        match (&self.cleared, seen) {
            (Some(clearance), _) => Some(format!("was cleared: it {clearance}")),
            (None, Some(seen)) => {
                let state = format!("{:?}", seen.state).to_lowercase();
                Some(format!("ended {state}, {} of {} filled", seen.filled, self.order.quantity))
            }
            (None, None) if self.is_not_sent() => Some("never left".to_owned()),
            (None, None) if self.lapsed => Some("has lapsed with its session".to_owned()),
            (None, None) => None,
        }
    }
}
