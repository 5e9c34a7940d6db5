use super::{Journal, JournalRecord};
use crate::Error;
use std::sync::{Mutex, PoisonError};

/// A journal that is gone with its process: for simulations and tests.
///
/// ```
/// use decile_trade::{Journal, MemoryJournal};
///
/// assert!(MemoryJournal::default().replay()?.is_empty());
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Vec<JournalRecord>>);

impl Journal for MemoryJournal {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(records);
        Ok(())
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
