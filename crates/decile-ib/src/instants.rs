//! The times of executions.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Reads a time such as `20260825 14:11:30 US/Eastern`, in the zone that it names.
///
/// `None` for a time without a zone, or with one that is not known: which instant is meant would be
/// a guess. In the hour that the clocks are set back the earlier of the two instants counts.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = text.split_whitespace();
    let (date, time, zone) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let local = NaiveDateTime::parse_from_str(&format!("{date} {time}"), "%Y%m%d %H:%M:%S").ok()?;
    let zone: Tz = zone.parse().ok()?;
    zone.from_local_datetime(&local).earliest().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_and_never_guessed() {
        let expected: DateTime<Utc> = "2026-08-25T18:11:30Z".parse().unwrap();
        assert_eq!(instant("20260825 14:11:30 US/Eastern"), Some(expected));
        assert_eq!(instant("20260825  13:11:30 US/Central"), Some(expected));
        assert_eq!(instant("20260825 18:11:30 UTC"), Some(expected));
        for bad in ["", "20260825 14:11:30", "20260825", "20260825 14:11:30 Mars/North", "now"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
