//! Refusals, and what we do not ask for.

use super::{ever, serve, symbol};
use crate::shelf::{Recording, Shelf, transport, wait};
use crate::support::{Server, reply};
use decile_core::source::{
    BarSource, EstimateSource, FilingSource, QuoteSource, SecuritySource, SourceError, StatsSource,
};
use decile_providers::yahoo::Yahoo;

/// The crumb as it was recorded goes back to Yahoo.
pub(super) fn crumb(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let quotes = shelf.get("yahoo/quote-AAPL.json");
    let (server, yahoo) = serve(shelf, &quotes);
    wait(yahoo.quote(&symbol("AAPL"))).expect("a quote");
    let crumb = String::from_utf8(recording.body.clone()).expect("a text");
    let last = server.received().pop().expect("a request");
    assert!(last.target.ends_with(&format!("&crumb={crumb}")), "{last:?}");
    assert!(last.head.iter().any(|line| line == "cookie: a3=d"), "{last:?}");
    vec!["taken for the crumb, which goes back with its cookie".to_owned()]
}

/// Not an endpoint of ours: the pages between a visitor in Europe and the cookie. Each is served in
/// its place, and where the cookie should come from.
pub(super) fn consent(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let recording = recording.clone();
    let chain: Vec<_> =
        shelf.of("yahoo").into_iter().filter(|one| one.name().starts_with("crumb-quote")).collect();
    let server = Server::start(move |received, stream| match received.target.as_str() {
        "/" => recording.write(stream),
        target => match chain.iter().find(|one| one.answers(target)) {
            Some(page) => page.write(stream),
            None => reply(stream, 404, &[], b"not recorded"),
        },
    });
    let error = wait(Yahoo::new(transport(&server)).stats(&symbol("AAPL"))).expect_err("consent");
    assert_eq!((error.kind(), error.is_retryable()), ("auth", false), "{error}");
    assert!(error.to_string().contains("consent"), "{error}");
    vec!["not called; in the cookie's place: auth, for want of consent".to_owned()]
}

pub(super) fn refused(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (server, yahoo) = serve(shelf, recording);
    let error = wait(yahoo.bars(&symbol("AAPL"), ever())).expect_err("a chart without a crumb");
    assert_eq!(error.kind(), "auth");
    let error = wait(yahoo.stats(&symbol("AAPL"))).expect_err("a crumb is refused");
    assert_eq!((error.kind(), error.is_retryable()), ("auth", false));
    // The chart; then cookie, crumb and call, twice.
    assert_eq!(server.received().len(), 1 + 6);
    vec!["auth, after one fresh crumb".to_owned()]
}

pub(super) fn throttled(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    let error = wait(yahoo.bars(&symbol("AAPL"), ever())).expect_err("too many requests");
    assert_eq!((error.kind(), error.is_retryable()), ("rate_limited", true));

    let recording = recording.clone();
    let server = Server::start(move |received, stream| match received.target.as_str() {
        "/" => reply(stream, 404, &[], b""),
        _ => recording.write(stream),
    });
    let error = wait(Yahoo::new(transport(&server)).stats(&symbol("AAPL"))).expect_err("no crumb");
    assert_eq!(error.kind(), "rate_limited");
    assert_eq!(server.received().len(), 2, "the apology was used as a crumb");
    vec!["rate limited, and no crumb".to_owned()]
}

/// Modules that we do not ask for: whatever reads a summary says that it has nothing.
pub(super) fn not_read(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    for error in of_summaries(&yahoo, recording) {
        assert_eq!((error.kind(), error.is_retryable()), ("decode", false), "{error}");
    }
    vec!["a module that is not asked for: decode".to_owned()]
}

pub(super) fn no_fundamentals(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    for error in of_summaries(&yahoo, recording) {
        assert_eq!((error.kind(), error.is_retryable()), ("not_found", false), "{error}");
    }
    // Nor does any other endpoint take it for its own.
    let other = wait(yahoo.filings(&symbol(recording.last()))).expect_err("another path");
    assert_eq!(other.kind(), "network");
    assert!(wait(yahoo.quotes(&[symbol(recording.last())])).is_err());
    vec!["not found".to_owned()]
}

fn of_summaries(yahoo: &Yahoo, recording: &Recording) -> [SourceError; 5] {
    let symbol = symbol(recording.last());
    [
        wait(yahoo.stats(&symbol)).expect_err("no ratios"),
        wait(yahoo.estimates(&symbol)).expect_err("no estimates"),
        wait(yahoo.security(&symbol)).expect_err("no profile"),
        wait(yahoo.earnings_history(&symbol)).expect_err("no history"),
        wait(yahoo.agenda(&symbol)).expect_err("no agenda"),
    ]
}
