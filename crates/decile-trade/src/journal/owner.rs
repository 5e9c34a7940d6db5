//! Whose journal it is.

use super::JournalRecord;
use crate::{AccountId, Error, StrategyId};

/// Makes sure that nothing in a journal is of another strategy or account.
pub(crate) fn check_owner(
    records: &[JournalRecord],
    (strategy, account): (&StrategyId, &AccountId),
) -> Result<(), Error> {
    match stranger(records, |owner| owner == (strategy, account)) {
        Some((found, at)) => {
            let (found, owner) = (told((found, at)), told((strategy, account)));
            Err(Error::ForeignJournal { found, owner })
        }
        None => Ok(()),
    }
}

/// Makes sure that nothing in a journal is of another account.
pub(crate) fn check_account(records: &[JournalRecord], account: &AccountId) -> Result<(), Error> {
    match stranger(records, |(_, at)| at == account) {
        Some(found) => {
            Err(Error::ForeignJournal { found: told(found), owner: account.to_string() })
        }
        None => Ok(()),
    }
}

/// Returns an owner that is not the one, if there is any.
fn stranger(
    records: &[JournalRecord],
    is_it: impl Fn((&StrategyId, &AccountId)) -> bool,
) -> Option<(&StrategyId, &AccountId)> {
    records.iter().filter_map(JournalRecord::owner).find(|owner| !is_it(*owner))
}

/// Returns an owner in words.
pub(super) fn told((strategy, account): (&StrategyId, &AccountId)) -> String {
    format!("{strategy} at {account}")
}
