use crate::Error;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Counts the calls of a day, so that a budget outlives the process.
///
/// The count is taken *before* a call leaves and is never given back: a call whose answer was lost
/// has been counted by the provider too. `decile_data::conformance::ledger`, with
/// the feature `conformance`, tests these promises.
///
/// ```
/// use decile_data::{BudgetLedger, MemoryLedger};
///
/// let ledger = MemoryLedger::default();
/// let day = "2025-12-01".parse()?;
/// assert!(ledger.spend("alphavantage", day, 1)?);
/// assert!(!ledger.spend("alphavantage", day, 1)?);
/// assert_eq!(ledger.spent("alphavantage", day)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait BudgetLedger: fmt::Debug + Send + Sync {
    /// Counts one more call of an account on a day if fewer than `limit` are counted, and tells
    /// whether it did. The count is durable when this returns, and exact among all who use it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the count cannot be read or written: the call must not leave then.
    fn spend(&self, account: &str, day: NaiveDate, limit: u32) -> Result<bool, Error>;

    /// Returns how many calls of an account are counted on a day.
    ///
    /// # Errors
    /// [`Error::Storage`] if the count cannot be read.
    fn spent(&self, account: &str, day: NaiveDate) -> Result<u32, Error>;
}

/// Counts in memory: for one process and as long as it lives.
///
/// ```
/// use decile_data::{BudgetLedger, MemoryLedger};
///
/// assert_eq!(MemoryLedger::default().spent("alphavantage", "2025-12-01".parse()?)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<BTreeMap<(String, NaiveDate), u32>>);

impl BudgetLedger for MemoryLedger {
    fn spend(&self, account: &str, day: NaiveDate, limit: u32) -> Result<bool, Error> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((account.to_owned(), day)).or_default();
        let allowed = *count < limit;
        *count += u32::from(allowed);
        Ok(allowed)
    }

    fn spent(&self, account: &str, day: NaiveDate) -> Result<u32, Error> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(counts.get(&(account.to_owned(), day)).copied().unwrap_or_default())
    }
}
