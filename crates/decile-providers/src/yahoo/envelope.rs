//! What every reply of Yahoo is wrapped in, and what its errors mean.

use crate::Reply;
use crate::asked::Asked;
use crate::bulk::Bulk;
use decile_core::source::SourceError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Ten thousand sessions are 70,000 values; all modules and quotes of a call, some thousand objects.
const BULK: Bulk = Bulk { objects_max: 20_000, values_max: 1_000_000 };

/// `{"chart": {"result": […], "error": null}}`; a refused crumb comes under `finance`, whatever was
/// asked.
#[derive(Debug, Deserialize)]
struct Envelope<T> {
    #[serde(
        alias = "chart",
        alias = "quoteSummary",
        alias = "quoteResponse",
        alias = "timeseries",
        alias = "finance"
    )]
    outcome: Outcome<T>,
}

#[derive(Debug, Deserialize)]
struct Outcome<T> {
    result: Option<Vec<T>>,
    error: Option<Fault>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Option<String>,
    description: Option<String>,
}

/// Takes the results out of a reply.
///
/// The body is judged by what it holds, not by its `Content-Type`.
pub(super) fn open<T: DeserializeOwned>(
    reply: &Reply,
    asked: &Asked,
) -> Result<Vec<T>, SourceError> {
    if is_throttled(reply) {
        return Err(asked.rate_limited(reply));
    }
    BULK.check(reply.body(), asked)
        .map_err(|error| if reply.is_success() { error } else { by_status(reply, asked) })?;
    let envelope = match serde_json::from_slice::<Envelope<T>>(reply.body()) {
        Ok(envelope) => envelope,
        Err(error) => return Err(unreadable(reply, asked, error)),
    };
    match envelope.outcome {
        Outcome { error: Some(fault), .. } => Err(fault.judge(reply, asked)),
        Outcome { result: Some(results), .. } if reply.is_success() => Ok(results),
        Outcome { .. } if !reply.is_success() => Err(by_status(reply, asked)),
        Outcome { .. } => Err(asked.decode("it holds neither a result nor an error")),
    }
}

/// Tells whether Yahoo asks for patience: with status 429, or with nothing but these words.
pub(super) fn is_throttled(reply: &Reply) -> bool {
    let is_short = reply.body().len() < 200;
    reply.status() == 429 || (is_short && reply.text().contains("Too Many Requests"))
}

/// Tells whether the crumb was refused, so that a new one may help.
pub(super) fn is_crumb_refused(reply: &Reply) -> bool {
    let is_short = reply.body().len() < 1000;
    let says_so = || {
        let text = reply.text();
        text.contains("Invalid Crumb") || text.contains("Invalid Cookie")
    };
    matches!(reply.status(), 401 | 403) || (is_short && says_so())
}

impl Fault {
    fn judge(self, reply: &Reply, asked: &Asked) -> SourceError {
        let code = self.code.unwrap_or_default();
        let description = self.description.unwrap_or_default();
        match code.as_str() {
            _ if description.starts_with("Data doesn't exist") => asked.no_data(),
            _ if is_crumb_refused(reply) => asked.denied(CRUMB_REFUSED),
            "Not Found" => asked.not_found(),
            "Too Many Requests" => asked.rate_limited(reply),
            "Bad Request" | "argument-error" => asked.invalid_request(short(&description)),
            _ if !reply.is_success() => by_status(reply, asked),
            _ => asked.decode(format!("it says {:?}", short(&format!("{code}: {description}")))),
        }
    }
}

pub(super) const CRUMB_REFUSED: &str = "it refuses a fresh crumb too; try again in some minutes";

fn by_status(reply: &Reply, asked: &Asked) -> SourceError {
    match reply.status() {
        401 | 403 => asked.denied(CRUMB_REFUSED),
        _ => asked.status(reply),
    }
}

fn unreadable(reply: &Reply, asked: &Asked, error: serde_json::Error) -> SourceError {
    if !reply.is_success() {
        return by_status(reply, asked);
    }
    let is_html = reply.body().trim_ascii_start().starts_with(b"<");
    let what = if is_html { "it is a page, not data" } else { "it is not what a reply looks like" };
    asked.decode_because(what, Some(Box::new(error)))
}

/// Cuts what is quoted from a reply, which may be of any length.
pub(super) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
