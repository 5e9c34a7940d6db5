//! Instants in the shapes of the wire. The gateway's machine stands in New York.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
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
        Some(time) => NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?,
        None => NaiveTime::MIN,
    };
    let zone: Tz = match words.next() {
        Some(zone) => zone.trim().parse().ok()?,
        None => New_York,
    };
    Some(zone.from_local_datetime(&date.and_time(time)).earliest()?.with_timezone(&Utc))
}

/// An instant that an order names, and whether it says in which zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) at: DateTime<Utc>,
    pub(crate) has_zone: bool,
}

/// Reads an instant as a gateway takes it in an order: `20260825 14:11:30 US/Eastern`, where the
/// date may be left out for `today` and the zone for New York's, or `20260825-18:11:30` for UTC. Of
/// zones a gateway knows UTC, that of the stocks, and its `own` by the name that it has for it.
pub(crate) fn named(text: &str, today: NaiveDate, own: Option<&str>) -> Option<Named> {
    if is_like(text, "00000000-00:00:00") {
        let utc = NaiveDateTime::parse_from_str(text, "%Y%m%d-%H:%M:%S").ok()?;
        return Some(Named { at: utc.and_utc(), has_zone: true });
    }
    let (date, rest) = match text.split_once(' ') {
        Some((date, rest)) if is_like(date, "00000000") => {
            (NaiveDate::parse_from_str(date, "%Y%m%d").ok()?, rest)
        }
        _ => (today, text),
    };
    let (time, zone) = rest.split_once(' ').map_or((rest, None), |(time, zone)| (time, Some(zone)));
    let time = Some(time).filter(|time| is_like(time, "00:00:00"))?;
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?;
    let tz = match zone {
        Some("UTC") => Tz::UTC,
        None | Some(ZONE) => New_York,
        Some(other) if own == Some(other) => New_York,
        Some(_) => return None,
    };
    let at = tz.from_local_datetime(&date.and_time(time)).earliest()?.with_timezone(&Utc);
    Some(Named { at, has_zone: zone.is_some() })
}

/// Tells whether a text has a shape, in which 0 stands for any digit.
fn is_like(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_orders_are_read_in_the_zones_of_a_gateway() {
        let today = "2026-08-25".parse().unwrap();
        let noon: DateTime<Utc> = "2026-08-25T16:00:00Z".parse().unwrap();
        let read = |text: &str| named(text, today, Some("Central European Standard Time"));
        for (text, has_zone) in [
            ("20260825 12:00:00 US/Eastern", true),
            ("20260825 12:00:00 Central European Standard Time", true),
            ("20260825 16:00:00 UTC", true),
            ("20260825-16:00:00", true),
            ("12:00:00 US/Eastern", true),
            ("20260825 12:00:00", false),
            ("12:00:00", false),
        ] {
            assert_eq!(read(text), Some(Named { at: noon, has_zone }), "{text}");
        }
        for bad in [
            "",
            "tomorrow",
            "20260825",
            "2026082 12:00:00",
            "20260825 12:00",
            "20260825 25:00:00",
            "2026-08-25 12:00:00",
            "20260825 12:00:00 ",
            // As recorded: names of New York's zone that the gateway does not have for it.
            "20260825 12:00:00 America/New_York",
            "20260825 12:00:00 EST5EDT",
            "20260825 12:00:00 US/Pacific",
            "20260825-16:00:00 UTC",
            // The clocks go from 2 to 3.
            "20260308 02:30:00",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

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
