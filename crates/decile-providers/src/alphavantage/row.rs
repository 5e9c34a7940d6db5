//! A row of a reply, whether it came as JSON or as CSV.
//!
//! Alpha Vantage writes every number as text, and missing as `None`, `-`, nothing, or `null`.

use crate::notes::Notes;
use crate::scalar::Scalar;
use chrono::NaiveDate;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;
use std::fmt;

/// Ratios that cannot be computed are sent as this.
const SENTINEL: f64 = -99_999.99;

/// The fields of one row by name.
///
/// Names are those of the CSV files; the JSON names `5. adjusted close` and `adjusted_close` are one.
#[derive(Debug, Default)]
pub(super) struct Row(Vec<(SmolStr, Scalar)>);

/// The rows of a list. A reply with more than [`ROWS_MAX`] is refused.
#[derive(Debug, Default)]
pub(super) struct Rows(pub(super) Vec<Row>);

/// A century of days has fewer; what has more is not a reply, and would fill the memory.
pub(super) const ROWS_MAX: usize = 40_000;

impl Row {
    /// Adds a field.
    pub(super) fn push(&mut self, name: &str, text: &str) {
        self.0.push((plain(name), known(Scalar::Text(text.to_owned()))));
    }

    fn get(&self, name: &str) -> &Scalar {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or(&Scalar::Missing, |(_, scalar)| scalar)
    }

    /// Tells whether the field is there, whatever it says.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Tells whether the field is there and says that there is nothing.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.0.iter().any(|(known, scalar)| known == name && matches!(scalar, Scalar::Missing))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).text()
    }

    pub(super) fn date(&self, name: &str) -> Option<NaiveDate> {
        // `Last Refreshed` may carry a time of day behind the date.
        self.text(name)?.get(..10)?.parse().ok()
    }

    /// Returns a number; what is there and is none is missing, and noted.
    pub(super) fn number(&self, name: &str, notes: &mut Notes) -> Option<f64> {
        match self.get(name).number() {
            Some(SENTINEL) => None,
            Some(number) => Some(number),
            None if matches!(self.get(name), Scalar::Missing) => None,
            None => {
                notes.warn(format!("{}{name} is not a number", self.place()));
                None
            }
        }
    }

    /// Returns a number above 0, as prices and share counts are.
    pub(super) fn positive(&self, name: &str, notes: &mut Notes) -> Option<f64> {
        self.number_that(|number| number > 0.0, name, notes)
    }

    /// Returns a number that is not below 0, as volumes and dividends are.
    pub(super) fn not_negative(&self, name: &str, notes: &mut Notes) -> Option<f64> {
        self.number_that(|number| number >= 0.0, name, notes)
    }

    /// Returns a count, which the provider writes as `21.0000`.
    pub(super) fn count(&self, name: &str, notes: &mut Notes) -> Option<u32> {
        let is_count =
            |number: f64| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        // Whole and within the range, so nothing is cut off.
        self.number_that(is_count, name, notes).map(|count| count as u32)
    }

    fn number_that(
        &self,
        possible: impl Fn(f64) -> bool,
        name: &str,
        notes: &mut Notes,
    ) -> Option<f64> {
        let number = self.number(name, notes)?;
        if possible(number) {
            return Some(number);
        }
        notes.warn(format!("{}{name} is {number}, which it cannot be", self.place()));
        None
    }

    /// Where the row stands, by the date in it.
    fn place(&self) -> String {
        let names = ["timestamp", "fiscaldateending", "date", "ex_dividend_date", "effective_date"];
        let date = names.iter().find_map(|name| self.date(name));
        date.map_or_else(String::new, |date| format!("{date}: "))
    }
}

/// Turns the words for missing into missing.
fn known(scalar: Scalar) -> Scalar {
    match &scalar {
        Scalar::Text(text) if matches!(text.trim(), "" | "-" | "None") => Scalar::Missing,
        _ => scalar,
    }
}

/// `1. open` is `open`, `5. adjusted close` is `adjusted_close`, `fiscalDateEnding` is in lower case.
fn plain(name: &str) -> SmolStr {
    let numbered = |(number, _): &(&str, &str)| number.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.split_once(". ").filter(numbered).map_or(name, |(_, name)| name);
    let plain = |c: char| if c == ' ' { '_' } else { c.to_ascii_lowercase() };
    name.trim().chars().map(plain).collect()
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {ROWS_MAX} rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Rows, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = seq.next_element()? {
            if rows.len() == ROWS_MAX {
                return Err(de::Error::invalid_length(ROWS_MAX + 1, &self));
            }
            rows.push(row);
        }
        Ok(Rows(rows))
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a row's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(name) = map.next_key::<String>()? {
            row.0.push((plain(&name), known(map.next_value()?)));
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::source::Fetched;

    fn row(json: &str) -> Row {
        serde_json::from_str(json).unwrap()
    }

    fn lines(notes: Notes) -> Vec<String> {
        let mut fetched = Fetched::new(Vec::<()>::new());
        notes.append_to(&mut fetched);
        fetched.warnings
    }

    #[test]
    fn json_and_csv_have_one_set_of_names() {
        let json = row(r#"{"1. open": "112.63", "5. adjusted close": 7, "fiscalDateEnding": "x"}"#);
        let names: Vec<_> = json.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["open", "adjusted_close", "fiscaldateending"]);
    }

    #[test]
    fn missing_is_none_and_never_noted() {
        let mut notes = Notes::default();
        let row = row(r#"{"a": "None", "b": "-", "c": "", "d": null, "e": " ", "f": "-99999.99"}"#);
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            assert_eq!(row.number(name, &mut notes), None, "{name}");
        }
        assert_eq!(lines(notes), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_number_is_missing_and_noted() {
        let mut notes = Notes::default();
        let row = row(r#"{"timestamp": "2024-05-02", "a": "NaN", "b": "1e999", "c": true,
            "d": [1, {"x": 2}], "e": {"raw": 1}, "f": "12%"}"#);
        for name in ["a", "b", "c", "d", "e", "f"] {
            assert_eq!(row.number(name, &mut notes), None, "{name}");
        }
        let lines = lines(notes);
        assert_eq!((lines.len(), lines[0].as_str()), (6, "2024-05-02: a is not a number"));
    }

    #[test]
    fn counts_are_whole() {
        let mut notes = Notes::default();
        let row = row(r#"{"a": "21.0000", "b": "1.5", "c": "-1.0", "d": "1e12"}"#);
        let counts = ["a", "b", "c", "d"].map(|name| row.count(name, &mut notes));
        assert_eq!(counts, [Some(21), None, None, None]);
    }
}
