//! Opens a file of ours, or begins one.

use crate::Error;
use crate::migrations::{Schema, check, migrate};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to wait for another process, which holds the file for milliseconds at a time.
const BUSY_MAX: Duration = Duration::from_secs(10);

pub(crate) fn open(path: &Path, schema: &Schema) -> Result<Connection, Error> {
    check_place(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)
        .and_then(prepared)
        .map_err(|source| Error::of(path, source))?;
    migrate(schema, &mut connection, path)?;
    Ok(connection)
}

/// Opens a file that is there, for reading alone.
pub(crate) fn open_to_read(path: &Path, schema: &Schema) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(Error::Missing { path: path.to_owned() });
    }
    let failed = |source| Error::of(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_MAX).map_err(failed)?;
    check(schema, &connection, path)?;
    Ok(connection)
}

/// SQLite opens a file that cannot be written for reading, and would tell only later.
pub(crate) fn check_place(path: &Path) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(Error::FolderMissing { folder: folder.to_owned(), name });
    }
    let is_read_only = |place: &Path| match fs::metadata(place) {
        Ok(found) => found.permissions().readonly(),
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    };
    if is_read_only(path) || is_read_only(folder) {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    Ok(())
}

/// Turns the log of writes ahead on, which stays on for ever. Processes that begin a file together are in
/// each other's way here, and SQLite then does not wait as it does elsewhere.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_MAX;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn prepared(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY_MAX)?;
    // Readers and one writer go on side by side; every commit is flushed, since a count that is
    // lost with the power would let calls out twice.
    write_ahead(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}
