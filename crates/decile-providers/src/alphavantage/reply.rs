//! What kind of reply came. Alpha Vantage answers 200 whatever it has to say, so the body decides.

use super::message::{message, spelled_message};
use super::row::{ROWS_MAX, Row, Rows};
use crate::asked::Asked;
use crate::bulk::Bulk;
use crate::notes::Notes;
use decile_core::source::SourceError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Thirty years of sessions are 8,000 rows.
const BULK: Bulk = Bulk { objects_max: 100_000, values_max: 1_000_000 };

const NOT_JSON: &str = "it is not the JSON that was asked for";

/// A reply that is no message.
#[derive(Debug)]
pub(super) enum Body<'a> {
    Json(&'a [u8]),
    Csv(&'a [u8]),
}

impl<'a> Body<'a> {
    /// Tells data from messages, and JSON from CSV: an error of a CSV endpoint comes as JSON.
    pub(super) fn of(bytes: &'a [u8], asked: &Asked) -> Result<Self, SourceError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match bytes.first() {
            None => Err(asked.decode("it is empty")),
            Some(b'{') => match message(bytes, asked) {
                Some(error) => Err(error),
                None => Ok(Self::Json(bytes)),
            },
            Some(b'[') => Err(asked.decode("it is a list, where an object or CSV belongs")),
            Some(b'<') => Err(asked.decode("it is a web page, not data")),
            Some(_) => match spelled_message(bytes, asked) {
                Some(error) => Err(error),
                None => Ok(Self::Csv(bytes)),
            },
        }
    }

    /// Reads JSON; CSV is an error.
    pub(super) fn json<T: DeserializeOwned>(self, asked: &Asked) -> Result<T, SourceError> {
        match self {
            Self::Json(bytes) => {
                BULK.check(bytes, asked)?;
                let unreadable = |error| asked.decode_because(NOT_JSON, Some(Box::new(error)));
                serde_json::from_slice(bytes).map_err(unreadable)
            }
            Self::Csv(_) => Err(asked.decode("it is neither JSON nor a message")),
        }
    }

    /// Reads the rows of a table: those of the list `data` in JSON, or those of CSV.
    pub(super) fn table(
        self,
        columns: &[&str],
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Vec<Row>, SourceError> {
        match self {
            Self::Csv(bytes) => csv_rows(bytes, columns, asked, notes),
            Self::Json(_) => {
                let table: Table = self.json(asked)?;
                about(table.symbol.as_deref(), asked)?;
                Ok(table.data.0)
            }
        }
    }
}

#[derive(Deserialize)]
struct Table {
    symbol: Option<String>,
    data: Rows,
}

/// Reads CSV; the header must have the columns, whatever else it has.
pub(super) fn csv_rows(
    bytes: &[u8],
    columns: &[&str],
    asked: &Asked,
    notes: &mut Notes,
) -> Result<Vec<Row>, SourceError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let unreadable = |_| asked.decode("it is not CSV in UTF-8");
    let header = reader.headers().map_err(unreadable)?.clone();
    if let Some(absent) = columns.iter().find(|name| !header.iter().any(|has| has == **name)) {
        return Err(asked.decode(format!("its CSV has no column {absent}")));
    }
    let mut rows = Vec::new();
    for (line, record) in (2..).zip(reader.records()) {
        let record = record.map_err(unreadable)?;
        if record.len() != header.len() {
            notes.drop(format!("line {line} has {} of {} fields", record.len(), header.len()));
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(asked.decode(format!("it has more than {ROWS_MAX} rows")));
        }
        let mut row = Row::default();
        header.iter().zip(&record).for_each(|(name, text)| row.push(name, text));
        rows.push(row);
    }
    // Every file ends with a line end. Without it the last number may be cut short, as 61 of 612.
    if !bytes.ends_with(b"\n") && rows.pop().is_some() {
        notes.drop("the last line, which is cut off");
    }
    Ok(rows)
}

/// Refuses a reply about another stock. The provider takes `BRK.B` and answers `BRK-B`.
pub(super) fn about(symbol: Option<&str>, asked: &Asked) -> Result<(), SourceError> {
    let plain = |text: &str| text.trim().to_ascii_uppercase().replace('.', "-");
    match symbol {
        Some(symbol) if plain(symbol) != plain(asked.subject()) => {
            Err(asked.decode("it is about another stock"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::alphavantage) fn asked() -> Asked {
        Asked::new("Alpha Vantage", "BRK.B")
    }

    /// The kind of error that a body is, or `data`.
    pub(in crate::alphavantage) fn kind(body: &str) -> &'static str {
        Body::of(body.as_bytes(), &asked()).map_or_else(|error| error.kind(), |_| "data")
    }

    #[test]
    fn a_body_is_what_it_begins_with() {
        assert_eq!(kind("{}"), "not_found");
        assert_eq!(kind(""), "decode");
        assert_eq!(kind("<html>"), "decode");
        assert_eq!(kind("[]"), "decode");
        assert_eq!(kind("\u{feff}\r\n{\"Note\": \"5 calls per minute\"}"), "rate_limited");
        assert_eq!(kind("{\"Note\": \"5 calls per minute\", \"symbol\": \"KO\"}"), "data");
        assert_eq!(kind("timestamp,open\n"), "data");
    }

    #[test]
    fn a_reply_about_another_stock_is_refused() {
        assert!(about(Some("BRK-B"), &asked()).is_ok());
        assert!(about(None, &asked()).is_ok());
        assert_eq!(about(Some("BRK-A"), &asked()).unwrap_err().kind(), "decode");
    }

    #[test]
    fn a_line_cut_in_half_is_dropped() {
        let mut notes = Notes::default();
        let csv = b"timestamp,close\n2024-05-02,61.2\n2024-05-01\n2024-04-30,61";
        let rows = csv_rows(csv, &["timestamp", "close"], &asked(), &mut notes).unwrap();
        assert_eq!((rows.len(), rows[0].text("close")), (1, Some("61.2")));
        let mut fetched = decile_core::source::Fetched::new(rows);
        notes.append_to(&mut fetched);
        assert_eq!(
            fetched.dropped,
            ["line 3 has 1 of 2 fields", "the last line, which is cut off"]
        );
    }
}
