//! Messages, which come with status 200 in the place of data.

use crate::asked::Asked;
use decile_core::source::SourceError;
use serde_json::{Map, Value};
use std::time::Duration;

/// Fields under which messages come instead of data.
const MESSAGES: [&str; 3] = ["Note", "Information", "Error Message"];
/// Messages are a few sentences; what is longer is data.
const MESSAGE_SIZE_MAX: usize = 4096;

/// Returns the error if the object holds a message and no data. Short of data, the wording decides
/// what kind of error it is.
pub(super) fn message(bytes: &[u8], asked: &Asked) -> Option<SourceError> {
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
pub(super) fn spelled_message(bytes: &[u8], asked: &Asked) -> Option<SourceError> {
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
    use crate::alphavantage::reply::Body;
    use crate::alphavantage::reply::tests::{asked, kind};

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
}
