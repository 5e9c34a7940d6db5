//! Instants in the shapes of the wire. The gateway's machine stands in New York.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::America::New_York;
use chrono_tz::Tz;

/// The name that recorded gateways use for the zone of New York.
pub(crate) const ZONE: &str = "US/Eastern";

/// Writes an instant as `20260825 14:11:30 US/Eastern`.
pub(crate) fn local(at: DateTime<Utc>) -> String {
    format!("{} {ZONE}", at.with_timezone(&New_York).format("%Y%m%d %H:%M:%S"))
}

/// Writes an instant as `2026-08-25 09:30:00 US/Eastern`, as notice 399 has it.
pub(crate) fn dashed(at: DateTime<Utc>) -> String {
    format!("{} {ZONE}", at.with_timezone(&New_York).format("%Y-%m-%d %H:%M:%S"))
}

/// Writes the time of day as `14:11`.
pub(crate) fn hour_minute(at: DateTime<Utc>) -> String {
    at.with_timezone(&New_York).format("%H:%M").to_string()
}

/// Returns the date in New York.
pub(crate) fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&New_York).date_naive()
}

/// Reads what clients write: `20260825 14:11:30 US/Eastern` with any zone, the same without a
/// zone for New York, `20260825-14:11:30` for UTC, or a date alone for its beginning.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(utc) = NaiveDateTime::parse_from_str(text, "%Y%m%d-%H:%M:%S") {
        return Some(utc.and_utc());
    }
    let mut words = text.splitn(3, ' ').filter(|word| !word.is_empty());
    let date = NaiveDate::parse_from_str(words.next()?, "%Y%m%d").ok()?;
    let time = match words.next() {
        Some(time) => chrono::NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?,
        None => chrono::NaiveTime::MIN,
    };
    let zone: Tz = match words.next() {
        Some(zone) => zone.trim().parse().ok()?,
        None => New_York,
    };
    Some(zone.from_local_datetime(&date.and_time(time)).earliest()?.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_clients_are_read_in_their_zones() {
        let noon: DateTime<Utc> = "2026-08-25T16:00:00Z".parse().unwrap();
        for text in [
            "20260825 12:00:00 US/Eastern",
            "20260825 12:00:00",
            "20260825-16:00:00",
            "20260825 16:00:00 UTC",
        ] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(read("20260825"), Some("2026-08-25T04:00:00Z".parse().unwrap()));
        for bad in ["", "yesterday", "20260825 12:00", "20260825 12:00:00 Mars/Olympus"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(local(noon), "20260825 12:00:00 US/Eastern");
        assert_eq!(hour_minute(noon), "12:00");
    }
}
