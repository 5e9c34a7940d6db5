//! Instants as text that sorts: people read it, SQLite compares it.

use chrono::{DateTime, SecondsFormat, Utc};

/// Years of four digits and nine digits after the second, always, so that texts sort as instants do.
pub(crate) fn to_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

pub(crate) fn from_text(text: &str) -> Result<DateTime<Utc>, String> {
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed.map(|instant| instant.to_utc()).map_err(|_| format!("{text:?} is no instant"))
}
