//! Replies that hold no data, or not what anybody asks for.

use super::{always, client_told, symbol};
use crate::shelf::{Recording, Shelf, wait};
use crate::support::alphavantage::refusals;
use decile_core::source::SourceError;

/// Asks everything of a server that says this to all.
fn errors(recording: &Recording) -> Vec<SourceError> {
    wait(refusals(&client_told(recording), &symbol("QZA"), always()))
}

/// What messages about limits quote: the key of whoever asked. In the recordings it is crossed out;
/// ours begins so, and a client that showed the text would show it.
const KEYS: [&str; 2] = ["XXXX", "K3Y"];

/// Each message, read by a person.
pub(super) fn told(_: &Shelf, recording: &Recording) -> Vec<String> {
    let (kind, wait_s) = match recording.name() {
        "empty-overview.json" => ("not_found", None),
        "error-information-25-per-day.json" => ("rate_limited", Some(86_400)),
        "error-information-demo-key.json" => ("invalid_api_key", None),
        "error-message-invalid-call.json" => ("invalid_request", None),
        "error-note-5-per-minute.json" | "fk-MCK_cash_flow.json" => ("rate_limited", Some(60)),
        other => panic!("nobody has read {other}"),
    };
    for error in errors(recording) {
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.retry_after().map(|wait| wait.as_secs()), wait_s, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!KEYS.iter().any(|key| shown.contains(key)), "{shown}");
    }
    vec![format!("{kind} from all nine sources, wait {wait_s:?}")]
}

/// Endpoints that are never called: whoever sends their replies sends nothing that can be read.
pub(super) fn not_asked(_: &Shelf, recording: &Recording) -> Vec<String> {
    for error in errors(recording) {
        assert_eq!(error.kind(), "decode", "{error}");
    }
    vec!["not an endpoint of ours: decode from all nine sources".to_owned()]
}
