//! Spans of time as people write them.

use serde::{Deserialize, Deserializer, de};
use std::time::Duration;

/// The longest span that is taken: a year.
const MILLISECONDS_MAX: u64 = 365 * 86_400_000;

/// Reads `500ms`, `10s`, `5m` or `2h`.
pub(crate) fn read(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let span = count.parse::<u64>().ok().and_then(|count| count.checked_mul(milliseconds));
    let span = span.filter(|span| (1..=MILLISECONDS_MAX).contains(span));
    let wrong = || format!("{text:?} is no span of time: write 500ms, 10s, 5m or 2h");
    span.map(Duration::from_millis).ok_or_else(wrong)
}

/// A span of a scenario, which may be left out.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Duration, de, read};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = String::deserialize(from)?;
        read(&text).map(Some).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_number_and_a_unit() {
        let millis = |text: &str| read(text).unwrap().as_millis();
        assert_eq!([millis("500ms"), millis("10s"), millis("5m")], [500, 10_000, 300_000]);
        assert_eq!(millis("2h"), 7_200_000);
        for bad in
            ["", "s", "10", "0s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999h", "9999h"]
        {
            assert!(read(bad).unwrap_err().contains("500ms"), "{bad}");
        }
    }
}
