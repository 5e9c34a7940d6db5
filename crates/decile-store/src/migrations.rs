//! The tables of `cache.sqlite` and how older files become new ones.

use crate::Error;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Marks the file as ours: "dcil" in ASCII.
const APPLICATION_ID: i32 = 0x6463_696c;

/// Each step takes a file from its index to the next version. Steps that were released never change.
const STEPS: &[&str] = &["
    -- A body is kept once for as long as a provider repeats itself.
    CREATE TABLE bodies (
        id INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        subject TEXT NOT NULL,
        request TEXT NOT NULL,
        retrieved_at TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('answer', 'nothing')),
        status INTEGER NOT NULL,
        content_type TEXT,
        body INTEGER NOT NULL REFERENCES bodies (id)
    ) STRICT;
    CREATE INDEX replies_by_request ON replies (provider, request, retrieved_at);
    CREATE INDEX replies_by_subject ON replies (provider, endpoint, subject, retrieved_at);

    CREATE TRIGGER replies_stay BEFORE DELETE ON replies
        BEGIN SELECT RAISE(ABORT, 'replies are kept for ever'); END;
    CREATE TRIGGER replies_stay_as_they_are BEFORE UPDATE ON replies
        BEGIN SELECT RAISE(ABORT, 'replies are never changed'); END;
    CREATE TRIGGER bodies_stay BEFORE DELETE ON bodies
        BEGIN SELECT RAISE(ABORT, 'replies are kept for ever'); END;
    CREATE TRIGGER bodies_stay_as_they_are BEFORE UPDATE ON bodies
        BEGIN SELECT RAISE(ABORT, 'replies are never changed'); END;

    CREATE TABLE budgets (
        account TEXT NOT NULL,
        day TEXT NOT NULL,
        spent INTEGER NOT NULL CHECK (spent >= 0),
        PRIMARY KEY (account, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER budgets_never_sink BEFORE UPDATE ON budgets WHEN NEW.spent < OLD.spent
        BEGIN SELECT RAISE(ABORT, 'calls are never given back'); END;
"];

/// Brings a file to the newest version, whole or not at all; a second process waits and finds it done.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    migrate_by(STEPS, connection, path)
}

fn migrate_by(steps: &[&str], connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::of(path, source);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let number = |pragma: &str| transaction.pragma_query_value(None, pragma, |row| row.get(0));
    let (id, found): (i32, i32) =
        (number("application_id").map_err(failed)?, number("user_version").map_err(failed)?);
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .map_err(failed)?;
    let is_new = id == 0 && found == 0 && tables == 0;
    if !is_new && id != APPLICATION_ID {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    let at = usize::try_from(found).unwrap_or_default();
    let Some(missing) = steps.get(at..) else {
        let (found, known) = (found.unsigned_abs(), steps.len() as u32);
        return Err(Error::NewerVersion { path: path.to_owned(), found, known });
    };
    for step in missing {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", steps.len() as u32).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> u32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_file_gets_the_steps_it_lacks_and_keeps_its_rows() {
        let (path, mut connection) = (Path::new("x"), Connection::open_in_memory().unwrap());
        migrate_by(&["CREATE TABLE a (x INTEGER)"], &mut connection, path).unwrap();
        connection.execute("INSERT INTO a VALUES (7)", ()).unwrap();
        let two = ["CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER"];
        for _ in 0..2 {
            migrate_by(&two, &mut connection, path).unwrap();
            assert_eq!(version(&connection), 2);
        }
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let kept: (i64, Option<i64>) = connection.query_row("SELECT x, y FROM a", (), row).unwrap();
        assert_eq!(kept, (7, None));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let (path, mut connection) = (Path::new("x"), Connection::open_in_memory().unwrap());
        let bad = ["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (y INTEGER); nonsense"];
        assert!(migrate_by(&bad, &mut connection, path).is_err());
        assert_eq!(version(&connection), 0);
        migrate_by(&bad[..1], &mut connection, path).unwrap();
        assert!(migrate_by(&bad, &mut connection, path).is_err());
        assert_eq!(version(&connection), 1);
        assert!(connection.execute("SELECT y FROM b", ()).is_err());
    }

    #[test]
    fn replies_and_counts_only_grow() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        connection
            .execute_batch(
                "INSERT INTO bodies VALUES (1, x'00');
                 INSERT INTO replies VALUES (1, 'p', 'e', 's', 'r', 't', 'answer', 200, NULL, 1);
                 INSERT INTO budgets VALUES ('a', '2025-12-01', 3);",
            )
            .unwrap();
        for forbidden in [
            "DELETE FROM replies",
            "UPDATE replies SET status = 500",
            "DELETE FROM bodies",
            "UPDATE bodies SET body = x'01'",
            "UPDATE budgets SET spent = 2",
        ] {
            assert!(connection.execute(forbidden, ()).is_err(), "{forbidden}");
        }
        connection.execute("UPDATE budgets SET spent = 4", ()).unwrap();
    }
}
