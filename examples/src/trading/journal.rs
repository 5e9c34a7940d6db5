//! Where the intents are written.

use crate::arguments::Arguments;
use decile::store::JournalStore;
use decile::trade::{AccountId, FileJournal, Journal, MemoryJournal, StrategyId};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// The ending of a journal that is a SQLite file; any other is one of lines.
const SQLITE: &str = "sqlite";

/// The journal of the run; one that only looks at a simulated broker leaves the file alone.
pub(super) fn open(
    arguments: &Arguments,
    strategy: &StrategyId,
    account: &AccountId,
) -> Result<Arc<dyn Journal>, Box<dyn Error>> {
    Ok(match arguments.journal.as_ref().filter(|_| arguments.keeps_journal()) {
        Some(path) if is_sqlite(path) => Arc::new(JournalStore::open(path, strategy, account)?),
        Some(path) => Arc::new(FileJournal::open(path, strategy, account)?),
        None => Arc::new(MemoryJournal::default()),
    })
}

/// Tells by its ending what kind of journal a file is.
pub(crate) fn is_sqlite(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == SQLITE)
}
