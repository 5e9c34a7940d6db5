use crate::Error;
use crate::journal::{file_error, sync_folder};
use chrono::{DateTime, SecondsFormat, Utc};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// How much of the file is told.
const TEXT_MAX: u64 = 400;

/// A file that stops a strategy while it is there.
///
/// It is engaged when the file exists, whatever is in it, and also when nobody can tell: when it
/// cannot be read, or its folder is not there. `touch FILE` engages it, and removing the file releases
/// it. An [`Executor`](crate::Executor) that has one looks before every order: see
/// [`with_kill_switch`](crate::Executor::with_kill_switch).
///
/// ```
/// use decile_trade::KillSwitch;
///
/// let folder = tempfile::tempdir()?;
/// let switch = KillSwitch::at(folder.path().join("kill"));
/// assert_eq!(switch.engaged(), None);
/// switch.engage("the data look wrong", "ada", "2025-12-01T15:00:00Z".parse()?)?;
/// let told = switch.engaged().expect("engaged");
/// assert!(told.ends_with("by ada at 2025-12-01T15:00:00Z: the data look wrong"), "{told}");
/// switch.release()?;
/// assert_eq!(switch.engaged(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillSwitch {
    path: PathBuf,
}

impl KillSwitch {
    /// Names the file. Nothing is read or written yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns why nothing may be sent, with what the file says; `None` if it is surely not engaged.
    #[must_use]
    pub fn engaged(&self) -> Option<String> {
        let path = self.path.display();
        match self.text() {
            Ok(None) => None,
            Ok(Some(text)) if text.is_empty() => Some(format!("the kill switch {path} is engaged")),
            Ok(Some(text)) => Some(format!("the kill switch {path} is engaged {text}")),
            Err(error) => Some(format!("the kill switch {path} cannot be read: {error}")),
        }
    }

    /// Returns what the file says, in one line; `None` if it is not there.
    fn text(&self) -> std::io::Result<Option<String>> {
        // A link that leads nowhere is there.
        match std::fs::symlink_metadata(&self.path) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Where there is no folder nobody could have engaged it.
                let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
                return match folder.is_none_or(Path::is_dir) {
                    true => Ok(None),
                    false => Err(error),
                };
            }
            Err(error) => return Err(error),
        }
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(TEXT_MAX).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    /// Engages it and writes down who did, when and why. What an engaged one says stays, and this is
    /// added.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be written.
    pub fn engage(&self, reason: &str, by: &str, at: DateTime<Utc>) -> Result<(), Error> {
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let line = format!("by {by} at {at}: {reason}\n");
        let write = || {
            let mut file = File::options().create(true).append(true).open(&self.path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()?;
            sync_folder(&self.path)
        };
        write().map_err(file_error("engage the kill switch", &self.path))
    }

    /// Releases it. One that is not engaged stays so.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be removed; it is still engaged then.
    pub fn release(&self) -> Result<(), Error> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(file_error("release the kill switch", &self.path)(error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_engages_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let switch = KillSwitch::at(folder.path().join("kill"));
        assert_eq!(switch.engaged(), None);
        std::fs::write(switch.path(), "").unwrap();
        assert!(switch.engaged().unwrap().ends_with("is engaged"));
        std::fs::write(switch.path(), [0xff, b'\n', b'!']).unwrap();
        assert!(switch.engaged().unwrap().ends_with("is engaged \u{fffd} !"));
        switch.release().unwrap();
        switch.release().unwrap();
        assert_eq!(switch.engaged(), None);
    }

    #[test]
    fn what_cannot_be_told_counts_as_engaged() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = KillSwitch::at(folder.path().join("none/kill"));
        assert!(nowhere.engaged().unwrap().contains("cannot be read"));
        assert!(matches!(
            nowhere.engage("x", "y", DateTime::UNIX_EPOCH),
            Err(Error::File { operation: "engage the kill switch", .. })
        ));
        // A folder of that name can be no file, and is not removed as one.
        let folded = KillSwitch::at(folder.path());
        assert!(folded.engaged().unwrap().contains("cannot be read"));
        assert!(matches!(folded.release(), Err(Error::File { .. })));
        #[cfg(unix)]
        {
            let link = KillSwitch::at(folder.path().join("link"));
            std::os::unix::fs::symlink(folder.path().join("gone"), link.path()).unwrap();
            assert!(link.engaged().unwrap().contains("cannot be read"));
        }
    }

    #[test]
    fn the_second_reason_does_not_hide_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let switch = KillSwitch::at(folder.path().join("kill"));
        for reason in ["first", "second"] {
            switch.engage(reason, "ada", DateTime::UNIX_EPOCH).unwrap();
        }
        let told = switch.engaged().unwrap();
        assert!(told.contains(": first by ada") && told.ends_with(": second"), "{told}");
    }
}
