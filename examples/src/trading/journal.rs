//! Where the intents are written.

use crate::arguments::{Arguments, BrokerChoice};
use decile::core::{Clock, SystemClock};
use decile::store::JournalStore;
use decile::trade::{
    AccountId, Error as TradeError, FileJournal, Journal, JournalRecord, MemoryJournal, StrategyId,
};
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The ending of a journal that is a SQLite file; any other is one of lines.
const SQLITE: &str = "sqlite";

/// The journal of a run, from when it is opened.
///
/// ```
/// use decile_examples::trading::RunJournal;
///
/// // Where there is none yet, there is nothing to write to.
/// assert!(RunJournal::default().refuse("no gateway".to_owned()).is_ok());
/// ```
#[derive(Debug, Default)]
pub struct RunJournal(OnceLock<Arc<dyn Journal>>);

impl RunJournal {
    /// Opens the journal of a run that is to send orders through a gateway that is running, before anybody
    /// is asked for anything: whatever fails from here on leaves a record. For a simulated broker it is
    /// opened with the account.
    ///
    /// # Errors
    /// If it cannot be opened or read, or is in another run's use or another owner's.
    pub fn open_first(
        &self,
        arguments: &Arguments,
        strategy: &StrategyId,
    ) -> Result<(), Box<dyn Error>> {
        let is_wanted = arguments.broker == BrokerChoice::Ib && arguments.sends();
        match arguments.account.as_ref().filter(|_| is_wanted) {
            Some(account) => self.open(arguments, strategy, account).map(drop),
            None => Ok(()),
        }
    }

    /// Opens the journal, unless it is open.
    pub(super) fn open(
        &self,
        arguments: &Arguments,
        strategy: &StrategyId,
        account: &AccountId,
    ) -> Result<Arc<dyn Journal>, Box<dyn Error>> {
        if let Some(journal) = self.0.get() {
            return Ok(journal.clone());
        }
        let opened = open(arguments, strategy, account)?;
        Ok(self.0.get_or_init(|| opened).clone())
    }

    /// Writes down that nothing was sent, and why, if the journal is open.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn refuse(&self, reason: String) -> Result<(), TradeError> {
        let at = SystemClock.now();
        // Which the record says by itself.
        let reason = reason.strip_prefix("nothing was sent: ").unwrap_or(&reason).to_owned();
        match self.0.get() {
            Some(journal) => journal.append(&[JournalRecord::Refused { reason, at }]),
            None => Ok(()),
        }
    }
}

/// The journal of the run; one that only looks at a simulated broker leaves the file alone.
fn open(
    arguments: &Arguments,
    strategy: &StrategyId,
    account: &AccountId,
) -> Result<Arc<dyn Journal>, Box<dyn Error>> {
    match arguments.journal.as_ref().filter(|_| arguments.keeps_journal()) {
        Some(path) => open_file(path, strategy, account),
        None => Ok(Arc::new(MemoryJournal::default())),
    }
}

/// Opens a journal of either kind, which lets nobody else in as long as it lives.
pub(super) fn open_file(
    path: &Path,
    strategy: &StrategyId,
    account: &AccountId,
) -> Result<Arc<dyn Journal>, Box<dyn Error>> {
    Ok(match is_sqlite(path) {
        true => Arc::new(JournalStore::open(path, strategy, account)?),
        false => Arc::new(FileJournal::open(path, strategy, account)?),
    })
}

/// Tells by its ending what kind of journal a file is.
pub(crate) fn is_sqlite(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == SQLITE)
}
