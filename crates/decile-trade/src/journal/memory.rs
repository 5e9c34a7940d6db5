use super::intents::Intents;
use super::{Journal, JournalRecord};
use crate::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A journal that is gone with its process: for simulations and tests.
///
/// ```
/// use decile_trade::{Journal, MemoryJournal};
///
/// assert!(MemoryJournal::default().replay()?.is_empty());
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    records: Vec<JournalRecord>,
    intents: Intents,
}

impl MemoryJournal {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let mut kept = self.lock();
        kept.intents.refuse(records)?;
        kept.intents.add(records);
        kept.records.extend_from_slice(records);
        Ok(())
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        Ok(self.lock().records.clone())
    }
}
