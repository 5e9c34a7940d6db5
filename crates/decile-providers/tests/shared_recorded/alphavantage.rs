//! Alpha Vantage's recordings.

mod faults;
mod mutations;
mod prices;
mod ratios;
mod statements;

use crate::shelf::{Recording, Shelf};
use crate::support::{Server, reply};
use crate::{Check, run};
use chrono::NaiveDate;
use decile_core::{DateRange, ManualClock, Symbol};
use decile_providers::alphavantage::AlphaVantage;
use decile_providers::{Secret, Transport};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// When the newest of them were recorded.
const RECORDED: &str = "2026-05-17T17:12:45Z";

/// One check for each recording; the names are those of the files.
const CHECKS: &[(&str, Check)] = &[
    ("cs-PYPL_daily_full.json", prices::daily),
    ("cs-TSLA_daily_full.json", prices::daily),
    ("cs-UBER_daily_full.json", prices::daily),
    ("empty-overview.json", faults::told),
    ("error-information-25-per-day.json", faults::told),
    ("error-information-demo-key.json", faults::told),
    ("error-message-invalid-call.json", faults::told),
    ("error-note-5-per-minute.json", faults::told),
    ("fk-AAPL_balance_sheet.json", statements::quarters),
    ("fk-AAPL_cash_flow.json", statements::quarters),
    ("fk-AAPL_earnings.json", statements::announcements),
    ("fk-AAPL_income_statement.json", statements::quarters),
    ("fk-AAPL_overview.json", ratios::overview),
    ("fk-AMZN_earnings.json", statements::announcements),
    ("fk-A_earnings.json", statements::announcements),
    ("fk-BMY_overview.json", ratios::overview),
    ("fk-CVX_overview.json", ratios::overview),
    ("fk-JPM_balance_sheet.json", statements::quarters),
    ("fk-JPM_earnings.json", statements::announcements),
    ("fk-JPM_income_statement.json", statements::quarters),
    ("fk-JPM_overview.json", ratios::overview),
    ("fk-MCK_cash_flow.json", faults::told),
    ("fk-MSFT_balance_sheet.json", statements::quarters),
    ("fk-MSFT_cash_flow.json", statements::quarters),
    ("fk-MSFT_earnings.json", statements::announcements),
    ("fk-MSFT_income_statement.json", statements::quarters),
    ("fk-MSFT_overview.json", ratios::overview),
    ("fk-XOM_overview.json", ratios::overview),
    ("pt-BALANCE_SHEET.json", statements::quarters),
    ("pt-CASH_FLOW.json", statements::quarters),
    ("pt-DIVIDENDS.csv", prices::dividends),
    ("pt-EARNINGS_ESTIMATES.json", ratios::estimates),
    ("pt-INCOME_STATEMENT.json", statements::quarters),
    ("pt-MARKET_STATUS.json", faults::not_asked),
    ("pt-OVERVIEW.json", ratios::overview),
    ("pt-SPLITS.csv", prices::splits),
    ("pt-SYMBOL_SEARCH.csv", faults::not_asked),
    ("pt-TIME_SERIES_DAILY.csv", prices::daily),
    ("pt-TIME_SERIES_DAILY_ADJUSTED.csv", prices::daily_adjusted),
    ("rt-global_quote.json", prices::quote),
    ("rt-mock_company_overview.json", ratios::overview),
    ("rt-mock_fundamental_data.json", statements::quarters_before_2021),
    ("rt-symbol_search.json", faults::not_asked),
    ("st-AAPL_daily.json", prices::daily),
    ("st-GOOGL_daily.json", prices::daily),
    ("st-NVDA_daily.json", prices::daily),
];

#[test]
#[ignore = "needs DECILE_SHARED"]
fn alpha_vantages_recordings_are_read_as_they_stand() {
    run("alphavantage", CHECKS);
}

/// A client of a server that answers each of these functions with a recording, and no other.
fn client(replies: &[(&'static str, Recording)]) -> AlphaVantage {
    let replies = replies.to_vec();
    let server = Server::start(move |received, stream| {
        let asked = |function: &str| received.target.contains(&format!("function={function}&"));
        match replies.iter().find(|(function, _)| asked(function)) {
            Some((_, recording)) => recording.write(stream),
            None => reply(stream, 404, &[], b"there is no recording of this function"),
        }
    });
    of(&server)
}

/// A client of a server that says one thing to everything.
fn client_told(recording: &Recording) -> AlphaVantage {
    let recording = recording.clone();
    of(&Server::start(move |_, stream| recording.write(stream)))
}

fn of(server: &Server) -> AlphaVantage {
    let clock = ManualClock::new(RECORDED.parse().expect("an instant"));
    let transport = Transport::builder()
        .base_url(server.url())
        .timeout(Duration::from_secs(10))
        .clock(Arc::new(clock));
    AlphaVantage::new(transport.build().expect("a transport"), Secret::new("K3YK3YK3YK3YK3Y1"))
}

/// The recording of another function of the same stock and collection, if there is one.
fn sibling(shelf: &Shelf, recording: &Recording, ending: &str) -> Option<Recording> {
    let name = recording.name();
    let stem = name.split_once('_').map_or(name, |(stem, _)| stem);
    let stem = if name.starts_with("pt-") { "pt-" } else { stem };
    let found = shelf.of("alphavantage").into_iter();
    found.into_iter().find(|it| it.name().starts_with(stem) && it.name().ends_with(ending))
}

fn symbol(text: &str) -> Symbol {
    text.parse().expect("a symbol")
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// Everything up to the day of the recording.
fn always() -> DateRange {
    DateRange::new(day("1990-01-02"), day("2026-05-17")).expect("a span")
}

/// A field as the provider writes numbers: as text, or as one of its words for missing.
fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        None | Some("None" | "-" | "") => None,
        Some(text) => Some(text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}
