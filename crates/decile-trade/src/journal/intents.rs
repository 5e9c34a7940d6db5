//! The ids that a journal has an intent for.

use super::JournalRecord;
use crate::{ClientOrderId, Error};
use std::collections::BTreeSet;

/// Kept in memory, so that no append has to read the journal.
#[derive(Debug, Default)]
pub(super) struct Intents(BTreeSet<ClientOrderId>);

impl Intents {
    /// Takes over what a journal has; a repetition there is for the replay to refuse.
    pub(super) fn of(records: &[JournalRecord]) -> Self {
        Self(intended(records).cloned().collect())
    }

    /// Refuses an intent whose id is known, or stands twice among these records.
    pub(super) fn refuse(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        match intended(records).find(|id| self.0.contains(*id) || !seen.insert(*id)) {
            Some(id) => Err(Error::DuplicateIntent { id: id.clone() }),
            None => Ok(()),
        }
    }

    /// Remembers the intents of these records.
    pub(super) fn add(&mut self, records: &[JournalRecord]) {
        self.0.extend(intended(records).cloned());
    }
}

fn intended(records: &[JournalRecord]) -> impl Iterator<Item = &ClientOrderId> {
    records.iter().filter_map(|record| match record {
        JournalRecord::Intent { id, .. } => Some(id),
        _ => None,
    })
}
