//! TOML files whose faults name file, line and key.

use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a file, where, and what would be right.
///
/// ```
/// use decile_core::Document;
///
/// let text = "[gates]\neligible_min = 80\n";
/// let fault = Document::new("mine.toml", text).fault("gates.eligible_min", "write a share, 0.8");
/// assert_eq!(
///     fault.to_string(),
///     "mine.toml, line 2, gates.eligible_min: write a share, 0.8"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}{key}: {reason}", if key.is_empty() { "" } else { ", " })]
#[non_exhaustive]
pub struct DocumentError {
    /// The file, as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Path of the key, as in `groups[0].factors[1].weight`; empty where there is none yet.
    pub key: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// A TOML text with the name of its file. It is given, not read: this crate opens no files.
///
/// ```
/// use decile_core::Document;
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Settings {
///     count: usize,
/// }
///
/// let read = |text| Document::new("mine.toml", text).read::<Settings>();
/// assert_eq!(read("count = 10")?.count, 10);
/// let fault = read("\ncuont = 10").expect_err("a misprint");
/// assert_eq!((fault.line, fault.key.as_str()), (2, "cuont"));
/// assert!(fault.reason.contains("expected `count`"));
/// # Ok::<(), decile_core::DocumentError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Document<'a> {
    /// Takes the text of a file.
    #[must_use]
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text }
    }

    /// Reads the whole text.
    ///
    /// # Errors
    /// [`DocumentError`] for text that is no TOML, for a key of the wrong type, and for what `T`
    /// refuses, such as unknown and missing keys.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        toml::from_str(self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let table = DeTable::parse(self.text);
            let mut key = match &table {
                Ok(table) => innermost(&places(table.get_ref()), &span),
                // There is but the line to tell the key.
                Err(_) => self.key_in_line(span.start),
            };
            if let Some(missing) = missing_key(error.message()) {
                let dot = if key.is_empty() { "" } else { "." };
                key = format!("{key}{dot}{missing}");
            }
            self.fault_on(self.line(span.start), key, in_plain_words(error.message()))
        })
    }

    /// Returns the fault of a key that was read but cannot be used, on the line of that key, or of
    /// the nearest table around it that stands in the file.
    #[must_use]
    pub fn fault(&self, key: &str, reason: impl Into<String>) -> DocumentError {
        let table = DeTable::parse(self.text);
        let places = table.map_or_else(|_| Vec::new(), |table| places(table.get_ref()));
        let around = |place: &&Place| {
            key.strip_prefix(place.key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let nearest = places.iter().filter(around).max_by_key(|place| place.key.len());
        let line = nearest.map_or(1, |place| self.line(place.name.start));
        self.fault_on(line, key.to_owned(), reason.into())
    }

    /// Tells whether a key stands in the text, by its path.
    ///
    /// ```
    /// use decile_core::Document;
    ///
    /// let document = Document::new("mine.toml", "[plan]\nlot = 100\n");
    /// assert!(document.has("plan.lot") && !document.has("plan.band"));
    /// ```
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        let table = DeTable::parse(self.text);
        table.is_ok_and(|table| places(table.get_ref()).iter().any(|place| place.key == key))
    }

    fn fault_on(&self, line: usize, key: String, reason: String) -> DocumentError {
        DocumentError { file: self.file.to_owned(), line, key, reason }
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn key_in_line(&self, offset: usize) -> String {
        let line = self.text.lines().nth(self.line(offset) - 1).unwrap_or_default();
        let header = line.trim().strip_prefix('[');
        let header = header.map(|rest| rest.trim_matches(['[', ']', ' ']));
        let key = header.or_else(|| line.split_once('=').map(|(key, _)| key.trim()));
        key.unwrap_or_default().to_owned()
    }
}

/// The key that serde finds missing, and names in its message only.
fn missing_key(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// Speaks of keys and numbers where serde speaks of fields and Rust's types.
fn in_plain_words(message: &str) -> String {
    let mut message = message.replace("unknown field", "unknown key");
    for (rust, plain) in [
        ("missing field", "missing key"),
        ("expected f64", "expected a number"),
        ("expected u32", "expected a whole number"),
        ("expected usize", "expected a whole number"),
        ("expected struct", "expected a table of"),
        ("expected a sequence", "expected a list"),
    ] {
        message = message.replace(rust, plain);
    }
    message
}

/// Where a key stands.
#[derive(Debug)]
struct Place {
    key: String,
    /// Bytes of the key's name.
    name: Range<usize>,
    /// Bytes of its value.
    value: Range<usize>,
}

/// Every key of a table, outer ones before those within.
fn places(table: &DeTable<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    in_table(table, "", &mut places);
    places
}

/// The narrowest key or value that holds the whole span; empty for the file itself, whose faults
/// have a span of no length.
fn innermost(places: &[Place], span: &Range<usize>) -> String {
    if span.is_empty() {
        return String::new();
    }
    let holds = |range: &&Range<usize>| range.start <= span.start && span.end <= range.end;
    let width =
        |place: &Place| [&place.name, &place.value].into_iter().filter(holds).map(Range::len).min();
    // Of two with one width, as an array and its only table, the inner one comes later.
    let held = places.iter().rev().filter_map(|place| Some((width(place)?, place)));
    let narrowest = held.min_by_key(|(width, _)| *width);
    narrowest.map_or_else(String::new, |(_, place)| place.key.clone())
}

fn in_table(table: &DeTable<'_>, prefix: &str, places: &mut Vec<Place>) {
    for (name, value) in table {
        let dot = if prefix.is_empty() { "" } else { "." };
        let key = format!("{prefix}{dot}{}", name.get_ref());
        in_value(value, (&key, &name.span()), places);
    }
}

fn in_value(
    value: &Spanned<DeValue<'_>>,
    (key, name): (&str, &Range<usize>),
    places: &mut Vec<Place>,
) {
    places.push(Place { key: key.to_owned(), name: name.clone(), value: value.span() });
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, key, places),
        DeValue::Array(array) => {
            for (index, element) in array.iter().enumerate() {
                let key = format!("{key}[{index}]");
                in_value(element, (&key, &element.span()), places);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads is of interest")]
    struct Outer {
        name: String,
        #[serde(default)]
        groups: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads is of interest")]
    struct Inner {
        weight: f64,
        #[serde(default)]
        factors: Vec<Factor>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads is of interest")]
    struct Factor {
        weight: f64,
    }

    fn fault(text: &str) -> (usize, String, String) {
        let fault = Document::new("f.toml", text).read::<Outer>().unwrap_err();
        (fault.line, fault.key, fault.reason)
    }

    #[test]
    fn a_wrong_type_names_the_innermost_key() {
        let text = "name = 'a'\n\n[[groups]]\nweight = 1\n\n[[groups]]\nweight = 2\nfactors = [\n  { weight = 1 },\n  { weight = 'x' },\n]\n";
        let (line, key, reason) = fault(text);
        assert_eq!((line, key.as_str()), (10, "groups[1].factors[1].weight"));
        assert!(reason.contains("string \"x\""), "{reason}");
    }

    #[test]
    fn unknown_and_missing_keys_are_told_with_what_is_expected() {
        let (line, key, reason) = fault("name = 'a'\n[[groups]]\nweigth = 1\n");
        assert_eq!((line, key.as_str()), (3, "groups[0].weigth"));
        assert!(reason.contains("`weight`"), "{reason}");
        let (line, key, reason) = fault("name = 'a'\n\n[[groups]]\nfactors = []\n");
        assert_eq!((line, key.as_str()), (3, "groups[0].weight"));
        assert!(reason.contains("missing key `weight`"), "{reason}");
    }

    #[test]
    fn broken_toml_names_line_and_key() {
        let (line, key, _) = fault("name = 'a'\nwidth = = 3\n");
        assert_eq!((line, key.as_str()), (2, "width"));
        let (line, _, reason) = fault("name = 'a'\nname = 'b'\n");
        assert_eq!(line, 2);
        assert!(reason.contains("duplicate key"), "{reason}");
    }

    #[test]
    fn a_fault_found_later_is_put_on_the_line_of_its_key() {
        let text = "name = 'a'\n[[groups]]\nweight = 1\nfactors = [{ weight = 0 }]\n";
        let document = Document::new("f.toml", text);
        let line = |key: &str| document.fault(key, "no").line;
        assert_eq!(line("groups[0].weight"), 3);
        assert_eq!(line("groups[0].factors[0].weight"), 4);
        // Not in the file: the table that it would stand in.
        assert_eq!(line("groups[0].name"), 2);
        assert_eq!(line("nowhere"), 1);
    }
}
