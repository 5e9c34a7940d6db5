//! Numbers as Yahoo writes them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A number, bare or as `{"raw": 1.5, "fmt": "1.50"}`; the same field comes both ways.
///
/// `{}`, `null` and anything that is not a number are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Number {
    #[default]
    Missing,
    /// `{"raw": 0, "fmt": null}`: a 0 that Yahoo itself does not show. Amounts that it no longer
    /// has come so; but so do counts of nobody.
    BlankZero,
    Value(f64),
}

impl Number {
    /// Returns an amount; a blank 0 is none.
    pub(super) fn amount(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::BlankZero => None,
        }
    }

    /// Returns an amount above 0, as a price; 0 stands for one that is not known.
    pub(super) fn positive(self) -> Option<f64> {
        self.amount().filter(|value| *value > 0.0)
    }

    /// Returns a whole number; a blank 0 is none.
    pub(super) fn count(self) -> Option<u32> {
        let value = self.amount()?;
        let whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "just checked")]
        whole.then_some(value as u32)
    }

    /// Returns a whole number; a blank 0 is 0, where it counts people.
    pub(super) fn head_count(self) -> Option<u32> {
        if self == Self::BlankZero { Some(0) } else { self.count() }
    }

    /// Returns an instant of seconds since 1970.
    pub(super) fn instant(self) -> Option<DateTime<Utc>> {
        let seconds = self.amount().filter(|value| value.abs() < 1e12)?;
        #[expect(clippy::cast_possible_truncation, reason = "it is below 1e12")]
        DateTime::from_timestamp(seconds as i64, 0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or an object with one")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
        Ok(if value.is_finite() { Number::Value(value) } else { Number::Missing })
    }

    #[expect(clippy::cast_precision_loss, reason = "an f64 is what is wanted")]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Value(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "an f64 is what is wanted")]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Value(value as f64))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Number, E> {
        Ok(Number::Missing)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Number, E> {
        Ok(Number::Missing)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Number, E> {
        Ok(Number::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Number, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number::Missing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Number, A::Error> {
        let (mut raw, mut is_shown) = (Number::Missing, false);
        while let Some(key) = fields.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                "raw" => raw = fields.next_value::<Number>()?,
                "fmt" => is_shown = fields.next_value::<Text>()?.0.is_some(),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        let is_blank = raw == Number::Value(0.0) && !is_shown;
        Ok(if is_blank { Number::BlankZero } else { raw })
    }
}

/// A text; anything else is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Option<String>);

impl Text {
    pub(super) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(Some(text))),
            _ => Ok(Self(None)),
        }
    }
}

/// A day, as `"2025-09-30"`, as `{"raw": 1759190400, "fmt": "2025-09-30"}` or as the bare seconds of
/// its midnight in UTC; anything else is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Day(pub(super) Option<NaiveDate>);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let of_text = |text: &serde_json::Value| text.as_str()?.parse().ok();
        let of_seconds = |seconds: &serde_json::Value| {
            DateTime::from_timestamp(seconds.as_i64()?, 0).map(|instant| instant.date_naive())
        };
        let day = match &value {
            serde_json::Value::Object(fields) => {
                let shown = fields.get("fmt").and_then(of_text);
                shown.or_else(|| fields.get("raw").and_then(of_seconds))
            }
            bare => of_text(bare).or_else(|| of_seconds(bare)),
        };
        Ok(Self(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Number {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn wrapped_and_bare_numbers_are_the_same() {
        assert_eq!(number(r#"{"raw":1.5,"fmt":"1.50"}"#), Number::Value(1.5));
        assert_eq!(number("1.5"), number(r#"{"fmt":"1.50","raw":1.5,"longFmt":"1.50"}"#));
    }

    #[test]
    fn what_is_not_a_number_is_missing_and_never_0() {
        for json in ["{}", "null", r#""1.5""#, r#""NaN""#, "[1,[2]]", "true", r#"{"raw":null}"#] {
            assert_eq!(number(json), Number::Missing, "{json}");
        }
        assert!(serde_json::from_str::<Number>("NaN").is_err());
        assert!(serde_json::from_str::<Number>("1e999").is_err());
    }

    #[test]
    fn a_zero_that_is_not_shown_is_no_amount_but_may_count_nobody() {
        let blank = number(r#"{"raw":0,"fmt":null,"longFmt":"0"}"#);
        assert_eq!((blank.amount(), blank.count(), blank.head_count()), (None, None, Some(0)));
        assert_eq!(number(r#"{"raw":0}"#), Number::BlankZero);
        assert_eq!(number(r#"{"raw":0,"fmt":"0.00"}"#).amount(), Some(0.0));
        assert_eq!(number("{}").head_count(), None);
    }

    #[test]
    fn days_come_in_three_shapes() {
        let day = |json: &str| serde_json::from_str::<Day>(json).unwrap().0;
        let expected = NaiveDate::from_ymd_opt(2025, 9, 30);
        for json in ["\"2025-09-30\"", "1759190400", r#"{"raw":1759190400,"fmt":"2025-09-30"}"#] {
            assert_eq!(day(json), expected, "{json}");
        }
        assert_eq!(day("{}"), None);
    }
}
