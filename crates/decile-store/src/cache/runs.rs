//! When the runs began that fetched what is kept.

use super::Fault;
use crate::time;
use chrono::{DateTime, Utc};
use rusqlite::Connection;

/// Two runs may begin at once.
const BEGIN: &str = "INSERT OR IGNORE INTO runs (began_at) VALUES (?1)";

const BEGAN: &str = "SELECT max(began_at) FROM runs WHERE began_at <= ?1";

pub(super) fn begin(connection: &Connection, at: DateTime<Utc>) -> Result<(), Fault> {
    connection.execute(BEGIN, (time::to_text(at),))?;
    Ok(())
}

pub(super) fn began(
    connection: &Connection,
    until: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let began: Option<String> =
        connection.query_row(BEGAN, (time::to_text(until),), |row| row.get(0))?;
    Ok(began.map(|text| time::from_text(&text)).transpose()?)
}
