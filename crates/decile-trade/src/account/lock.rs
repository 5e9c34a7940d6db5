use super::AccountId;
use crate::Error;
use crate::journal::file_error;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Keeps other runs on this machine away from an account, until it is dropped.
///
/// A journal lets one run in at a time. But two runs with two journals know nothing of each other, and
/// would send the same orders. Runs that take this lock first, in a folder that all of them name, come
/// one after the other, whatever their journals. It is a locked file, `decile-DU1234567.lock`, that
/// stays behind and means nothing when no run holds it.
///
/// ```
/// use decile_trade::{AccountId, AccountLock, Error};
///
/// let folder = tempfile::tempdir()?;
/// let account: AccountId = "DU1234567".parse()?;
/// let lock = AccountLock::take(folder.path(), &account)?;
/// let second = AccountLock::take(folder.path(), &account);
/// assert!(matches!(second, Err(Error::AccountInUse { .. })));
/// drop(lock);
/// assert!(AccountLock::take(folder.path(), &account).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the account is free again once this is dropped"]
pub struct AccountLock {
    // Locked as long as it is open.
    _file: File,
}

impl AccountLock {
    /// Takes an account, if no other run that uses the same folder has it.
    ///
    /// # Errors
    /// [`Error::AccountInUse`] if another run has it, and [`Error::File`] if the file cannot be made
    /// in the folder.
    pub fn take(folder: impl AsRef<Path>, account: &AccountId) -> Result<Self, Error> {
        let path = folder.as_ref().join(format!("decile-{account}.lock"));
        let in_use = |path| Error::AccountInUse { account: account.clone(), path };
        lock_file(path, ["open the lock of the account", "lock the account"], in_use)
            .map(|file| Self { _file: file })
    }
}

/// Locks a file as long as it is open, and makes it if it is not there.
///
/// It is left behind. Whoever removes it may remove that of the next one, who would then share what
/// it stands for with a third.
pub(crate) fn lock_file(
    path: PathBuf,
    [open, lock]: [&'static str; 2],
    in_use: impl FnOnce(PathBuf) -> Error,
) -> Result<File, Error> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(file_error(open, &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(path)),
        Err(TryLockError::Error(source)) => Err(file_error(lock, &path)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_folders_are_apart() {
        let [here, there] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [first, second]: [AccountId; 2] = ["DU1", "DU2"].map(|text| text.parse().unwrap());
        let _held = AccountLock::take(here.path(), &first).unwrap();
        let _other = AccountLock::take(here.path(), &second).unwrap();
        let _elsewhere = AccountLock::take(there.path(), &first).unwrap();
        let error = AccountLock::take(here.path(), &first).unwrap_err();
        assert!(error.to_string().starts_with("another run on this machine trades in DU1"));
        assert!(error.is_retryable());
        let nowhere = AccountLock::take(here.path().join("none"), &first).unwrap_err();
        assert!(matches!(nowhere, Error::File { .. }), "{nowhere:?}");
    }
}
