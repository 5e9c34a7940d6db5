//! How older files become new ones.

use crate::Error;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The tables of a kind of file.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Marks the file as ours, and as one of this kind.
    pub(crate) application_id: i32,
    /// Each step takes a file from its index to the next version. Steps that were released never
    /// change.
    pub(crate) steps: &'static [&'static str],
}

/// Brings a file to the newest version, whole or not at all; a second process waits and finds it done.
pub(crate) fn migrate(
    schema: &Schema,
    connection: &mut Connection,
    path: &Path,
) -> Result<(), Error> {
    let Schema { application_id, steps } = schema;
    let failed = |source| Error::of(path, source);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let missing = match is_new(&transaction).map_err(failed)? {
        true => *steps,
        false => &steps[check(schema, &transaction, path)?..],
    };
    for step in missing {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "application_id", application_id).map_err(failed)?;
        transaction.pragma_update(None, "user_version", steps.len() as u32).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Returns the version of a file of ours.
pub(crate) fn check(schema: &Schema, connection: &Connection, path: &Path) -> Result<usize, Error> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let failed = |source| Error::of(path, source);
    let (id, found): (i32, i32) =
        (number("application_id").map_err(failed)?, number("user_version").map_err(failed)?);
    if id != schema.application_id {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    let known = schema.steps.len();
    match usize::try_from(found) {
        Ok(version) if version <= known => Ok(version),
        _ => {
            let (found, known) = (found.unsigned_abs(), known as u32);
            Err(Error::NewerVersion { path: path.to_owned(), found, known })
        }
    }
}

/// Tells whether nobody has written anything yet.
fn is_new(connection: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let (id, version): (i32, i32) = (number("application_id")?, number("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(id == 0 && version == 0 && tables == 0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a new file with these rows, which every one of the statements must fail on.
    pub(crate) fn refusing(
        schema: &Schema,
        rows: &str,
        forbidden: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(schema, &mut connection, Path::new("x")).unwrap();
        connection.execute_batch(rows).unwrap();
        for statement in forbidden {
            let statement = statement.as_ref();
            assert!(connection.execute(statement, ()).is_err(), "{statement}");
        }
        connection
    }

    fn of(steps: &'static [&'static str]) -> Schema {
        Schema { application_id: 7, steps }
    }

    fn version(connection: &Connection) -> u32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_file_gets_the_steps_it_lacks_and_keeps_its_rows() {
        let (path, mut connection) = (Path::new("x"), Connection::open_in_memory().unwrap());
        migrate(&of(&["CREATE TABLE a (x INTEGER)"]), &mut connection, path).unwrap();
        connection.execute("INSERT INTO a VALUES (7)", ()).unwrap();
        let two = of(&["CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER"]);
        for _ in 0..2 {
            migrate(&two, &mut connection, path).unwrap();
            assert_eq!(version(&connection), 2);
        }
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let kept: (i64, Option<i64>) = connection.query_row("SELECT x, y FROM a", (), row).unwrap();
        assert_eq!(kept, (7, None));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let (path, mut connection) = (Path::new("x"), Connection::open_in_memory().unwrap());
        let steps = &["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (y INTEGER); nonsense"];
        let bad = of(steps);
        assert!(migrate(&bad, &mut connection, path).is_err());
        assert_eq!(version(&connection), 0);
        migrate(&of(&steps[..1]), &mut connection, path).unwrap();
        assert!(migrate(&bad, &mut connection, path).is_err());
        assert_eq!(version(&connection), 1);
        assert!(connection.execute("SELECT y FROM b", ()).is_err());
    }
}
