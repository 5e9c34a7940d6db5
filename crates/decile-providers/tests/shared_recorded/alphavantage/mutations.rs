//! The recordings, each gone wrong in many places.

use super::{RECORDED, always, sibling, text};
use crate::shelf::{Recording, Shelf, wait};
use crate::support::alphavantage::{Stage, damaged, fault};
use crate::support::damage::Damage;
use std::time::{Duration, Instant};

/// Places of a recording that are changed, each in every way.
const PLACES: usize = 4;
/// All questions together, about one reply.
const TIME_MAX: Duration = Duration::from_secs(20);

/// Functions by what the names of their recordings end with.
const ENDINGS: [(&str, &str); 21] = [
    ("OVERVIEW", "overview.json"),
    ("OVERVIEW", "OVERVIEW.json"),
    ("BALANCE_SHEET", "_balance_sheet.json"),
    ("BALANCE_SHEET", "BALANCE_SHEET.json"),
    ("INCOME_STATEMENT", "_income_statement.json"),
    ("INCOME_STATEMENT", "INCOME_STATEMENT.json"),
    ("INCOME_STATEMENT", "_fundamental_data.json"),
    ("CASH_FLOW", "_cash_flow.json"),
    ("CASH_FLOW", "CASH_FLOW.json"),
    ("EARNINGS", "_earnings.json"),
    ("EARNINGS_ESTIMATES", "EARNINGS_ESTIMATES.json"),
    ("SPLITS", "SPLITS.csv"),
    ("DIVIDENDS", "DIVIDENDS.csv"),
    ("TIME_SERIES_DAILY", "_daily.json"),
    ("TIME_SERIES_DAILY", "_daily_full.json"),
    ("TIME_SERIES_DAILY", "DAILY.csv"),
    ("TIME_SERIES_DAILY", "DAILY_ADJUSTED.csv"),
    ("GLOBAL_QUOTE", "global_quote.json"),
    ("OVERVIEW", "MARKET_STATUS.json"),
    ("SPLITS", "SYMBOL_SEARCH.csv"),
    ("SPLITS", "symbol_search.json"),
];

/// The function of a recording; messages may come for any.
fn function(recording: &Recording) -> &'static str {
    let found = ENDINGS.iter().find(|(_, ending)| recording.name().ends_with(ending));
    found.map_or("OVERVIEW", |(function, _)| *function)
}

fn symbol(recording: &Recording) -> String {
    let json = serde_json::from_slice(&recording.body).unwrap_or_default();
    let json: &serde_json::Value = &json;
    let places = [&json["symbol"], &json["Symbol"], &json["Meta Data"]["2. Symbol"]];
    let found = places.into_iter().find(|place| place.is_string()).map(text);
    let quoted = json["Global Quote"]["01. symbol"].as_str();
    found.or(quoted).unwrap_or("IBM").to_owned()
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn a_recording_that_is_wrong_somewhere_makes_no_zero() {
    let shelf = Shelf::open();
    let (mut replies, mut given) = (0, 0);
    for recording in shelf.of("alphavantage") {
        let stage = Stage::new(RECORDED, &symbol(&recording), always());
        // What belongs together is asked for together.
        for (function, ending) in ENDINGS {
            if let Some(other) = sibling(&shelf, &recording, ending) {
                stage.say(function, other.body);
            }
        }
        let function = function(&recording);
        stage.say(function, recording.body.clone());
        let whole = wait(stage.told());
        for place in 0..PLACES {
            for damage in Damage::ALL {
                let spread = |places: usize| place * places / PLACES;
                stage.say(function, damaged_or_empty(&recording.body, damage, spread));
                let started = Instant::now();
                let wrong = wait(stage.told());
                assert!(started.elapsed() < TIME_MAX, "{}: {damage:?}", recording.file);
                let fault = fault(&whole, &wrong);
                assert!(fault.is_none(), "{} {damage:?} {place}: {fault:?}", recording.file);
                replies += 1;
                given += wrong.iter().filter(|(text, _)| text.contains(' ')).count();
            }
        }
    }
    assert!(replies > 1_500 && given > replies / 2, "{replies} replies, {given} answers");
    println!("{replies} replies that are wrong somewhere, {given} answers without a new 0");
}

/// An empty object has no place that could be damaged.
fn damaged_or_empty(body: &[u8], damage: Damage, place: impl Fn(usize) -> usize) -> Vec<u8> {
    if body == b"{}" { b"{".to_vec() } else { damaged(body, damage, place) }
}
