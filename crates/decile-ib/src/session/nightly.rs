//! The hour in which Interactive Brokers resets its servers, and gateways restart.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::America::New_York;

/// From when to when, in New York, of every night. Lines break in it, order ids go back, and what is
/// sent may be lost. No US stock trades then, so no order is missed for it.
const FROM: (u32, u32) = (23, 40);
const TO: (u32, u32) = (0, 10);

/// Tells whether an instant is in the nightly reset.
pub(super) fn is_reset(now: DateTime<Utc>) -> bool {
    let local = now.with_timezone(&New_York).time();
    let at = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0);
    at(FROM).is_some_and(|from| local >= from) || at(TO).is_some_and(|to| local < to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_hour_around_midnight_in_new_york_summer_and_winter() {
        let is_reset = |text: &str| is_reset(text.parse().unwrap());
        for (before, from, last, after) in [
            ("2026-01-06T04:39:59Z", "2026-01-06T04:40:00Z", "05:09:59Z", "05:10:00Z"),
            ("2026-07-07T03:39:59Z", "2026-07-07T03:40:00Z", "04:09:59Z", "04:10:00Z"),
        ] {
            let same_day = |time: &str| format!("{}T{time}", &from[..10]);
            assert!(!is_reset(before) && is_reset(from), "{from}");
            assert!(is_reset(&same_day(last)) && !is_reset(&same_day(after)), "{from}");
        }
    }
}
