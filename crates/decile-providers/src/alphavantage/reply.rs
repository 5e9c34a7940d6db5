//! What kind of reply came. Alpha Vantage answers 200 whatever it has to say, so the body decides.

use super::row::{ROWS_MAX, Row, Rows};
use crate::asked::Asked;
use crate::bulk::Bulk;
use crate::notes::Notes;
use decile_core::source::SourceError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// Fields under which messages come instead of data.
const MESSAGES: [&str; 3] = ["Note", "Information", "Error Message"];
/// Messages are a few sentences; what is longer is data.
const MESSAGE_SIZE_MAX: usize = 4096;

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

/// Returns the error if the object holds a message and no data. Short of data, the wording decides
/// what kind of error it is.
fn message(bytes: &[u8], asked: &Asked) -> Option<SourceError> {
    if bytes.len() > MESSAGE_SIZE_MAX {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    if object.is_empty() {
        return Some(asked.not_found());
    }
    let is_message = |name: &String| MESSAGES.contains(&name.as_str());
    let (name, value) = object.iter().next().filter(|_| object.keys().all(is_message))?;
    let text = value.as_str().unwrap_or_default();
    Some(Wording::of(name, text).error(asked))
}

/// A message that some server takes for a table, so that its letters become columns:
/// `I,n,f,o,r,m,a,t,i,o,n`.
fn spelled_message(bytes: &[u8], asked: &Asked) -> Option<SourceError> {
    if bytes.len() > MESSAGE_SIZE_MAX {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let header = text.lines().next()?;
    if header.split(',').any(|field| field.chars().count() > 1) {
        return None;
    }
    let text = text.replace([',', '\r', '\n'], "");
    let begins = |name: &&&str| text.starts_with(**name) || name.starts_with(&text);
    let name = MESSAGES.iter().find(begins)?;
    Some(match Wording::of(name, &text) {
        // Only limits have been seen in this shape, often cut off before they say so.
        Wording::Unknown => Wording::Rate(None).error(asked),
        wording => wording.error(asked),
    })
}

/// What a message means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wording {
    Rate(Option<Duration>),
    Premium,
    Key,
    Request,
    Unknown,
}

impl Wording {
    fn of(name: &str, text: &str) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let text = text.to_ascii_lowercase();
        let says = |words: &str| text.contains(words);
        // The order matters. The message about bursts speaks of the daily limit and of premium plans
        // too, and that about the daily limit quotes the key.
        if says("is a premium") {
            Self::Premium
        } else if says("per second") {
            Self::Rate(Some(Duration::from_secs(1)))
        } else if says("per minute") {
            Self::Rate(Some(Duration::from_secs(60)))
        } else if says("per day") {
            Self::Rate(Some(DAY))
        } else if says("apikey") || says("demo purposes") {
            Self::Key
        } else if says("premium") {
            Self::Premium
        } else if name == "Error Message" {
            Self::Request
        } else if name == "Note" || says("rate limit") || says("frequency") {
            Self::Rate(None)
        } else {
            Self::Unknown
        }
    }

    /// The text itself is never shown: it may quote the key.
    fn error(self, asked: &Asked) -> SourceError {
        match self {
            Self::Rate(retry_after) => asked.limited(retry_after),
            Self::Premium => asked.premium("this"),
            Self::Key => asked.invalid_api_key(),
            Self::Request => asked.invalid_request(
                "it calls the request invalid, as it does for a stock that it does not know",
            ),
            Self::Unknown => asked.decode("it holds a message and no data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked::new("Alpha Vantage", "BRK.B")
    }

    fn kind(body: &str) -> &'static str {
        Body::of(body.as_bytes(), &asked()).map_or_else(|error| error.kind(), |_| "data")
    }

    fn says(name: &str, text: &str) -> (&'static str, Option<u64>) {
        let body = serde_json::json!({ name: text }).to_string();
        let error = Body::of(body.as_bytes(), &asked()).unwrap_err();
        (error.kind(), error.retry_after().map(|wait| wait.as_secs()))
    }

    #[test]
    fn messages_are_told_apart_by_their_wording() {
        let burst = "Please consider spreading out your free API requests more sparingly (1 request \
            per second). You may subscribe to any of the premium plans to lift the free key rate \
            limit (25 requests per day), raise the per-second burst limit, and instantly unlock all \
            premium endpoints";
        let daily = "We have detected your API key as ABCDEFGH12345678 and our standard API rate \
            limit is 25 requests per day. Please subscribe to any of the premium plans";
        let minute = "Our standard API call frequency is 5 calls per minute and 500 calls per day.";
        let premium = "Thank you for using Alpha Vantage! This is a premium endpoint. You may \
            subscribe to any of the premium plans to instantly unlock all premium endpoints";
        let full = "The outputsize=full parameter value is a premium feature for the \
            TIME_SERIES_DAILY endpoint.";
        let demo = "The **demo** API key is for demo purposes only. Please claim your free API key";
        let key = "the parameter apikey is invalid or missing. Please claim your free API key";
        let call = "Invalid API call. Please retry or visit the documentation";
        assert_eq!(says("Information", burst), ("rate_limited", Some(1)));
        assert_eq!(says("Note", minute), ("rate_limited", Some(60)));
        assert_eq!(says("Information", daily), ("rate_limited", Some(86_400)));
        assert_eq!(says("Information", premium), ("premium", None));
        assert_eq!(says("Information", full), ("premium", None));
        assert_eq!(says("Information", demo), ("invalid_api_key", None));
        assert_eq!(says("Error Message", key), ("invalid_api_key", None));
        assert_eq!(says("Error Message", call), ("invalid_request", None));
        assert_eq!(says("Note", "We are busy."), ("rate_limited", None));
        assert_eq!(says("Information", "We have moved."), ("decode", None));
    }

    #[test]
    fn the_key_that_a_message_quotes_is_not_shown() {
        let body = r#"{"Information": "We have detected your API key as ABCDEFGH12345678."}"#;
        let error = Body::of(body.as_bytes(), &asked()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ABCDEFGH"), "{error:?}");
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
    fn a_message_spelled_in_columns_is_a_message() {
        let letters = |text: &str| {
            let letters: Vec<String> = text.chars().map(String::from).collect();
            letters.join(",")
        };
        assert_eq!(kind("I,n,f,o,r,m,a\r\n"), "rate_limited");
        let limit = letters("Information") + "\n" + &letters("25 requests per day");
        assert_eq!(kind(&limit), "rate_limited");
        assert_eq!(kind("E,r,r,o,r, ,M,e,s,s,a,g,e\n"), "invalid_request");
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
