//! Cookie and crumb.

use super::{COOKIE, CRUMB, answering, chart, range, symbol, yahoo};
use crate::secrets::all_of;
use crate::support::{Server, reply};
use decile_core::source::{BarSource, QuoteSource, StatsSource};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const QUOTES: &str = r#"{"quoteResponse":{"result":[],"error":null}}"#;
const REFUSED: &str =
    r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;

#[tokio::test]
async fn one_session_serves_many_calls() {
    let server = answering(200, QUOTES);
    let yahoo = yahoo(&server);
    let ko = [symbol("KO")];
    let (one, two) = tokio::join!(yahoo.quotes(&ko), yahoo.quotes(&ko));
    assert!(one.is_ok() && two.is_ok());
    let targets: Vec<String> = server.received().into_iter().map(|r| r.target).collect();
    assert_eq!(targets.len(), 4, "{targets:?}");
    assert_eq!(targets[..2], ["/", "/v1/test/getcrumb"]);
    assert_eq!(targets[3], "/v7/finance/quote?symbols=KO&crumb=cr.UMB%2F12345");
    let cookie = format!("cookie: {}", COOKIE.to_lowercase());
    assert!(server.received()[1..].iter().all(|received| received.head.contains(&cookie)));
}

#[tokio::test]
async fn a_chart_needs_no_session() {
    let server = answering(200, chart().to_string());
    let bars = yahoo(&server).bars(&symbol("KO"), range("2024-01-02", "2024-01-03")).await;
    assert_eq!(bars.expect("bars").rows.len(), 2);
    assert_eq!(server.received().len(), 1);
}

/// Refuses the first `refusals` crumbs, each of which is another one.
fn refusing(refusals: usize) -> Server {
    let crumbs = AtomicUsize::new(0);
    Server::start(move |received, stream| match received.target.as_str() {
        "/" => reply(stream, 404, &[], b""),
        "/v1/test/getcrumb" => {
            let n = crumbs.fetch_add(1, Ordering::SeqCst);
            reply(stream, 200, &[], format!("crumb{n}").as_bytes());
        }
        target => {
            let is_good = target.ends_with(&format!("crumb{refusals}"));
            match is_good {
                true => reply(stream, 200, &[], QUOTES.as_bytes()),
                false => reply(stream, 401, &[], REFUSED.as_bytes()),
            }
        }
    })
}

#[tokio::test]
async fn a_refused_crumb_is_renewed_once_and_no_more() {
    let server = refusing(1);
    let yahoo_of_one = yahoo(&server);
    assert!(yahoo_of_one.quotes(&[symbol("KO")]).await.is_ok());
    assert!(yahoo_of_one.quotes(&[symbol("KO")]).await.is_ok());
    assert_eq!(server.received().len(), 2 + 1 + 2 + 1 + 1);

    let server = refusing(2);
    let error = yahoo(&server).quotes(&[symbol("KO")]).await.expect_err("refused twice");
    assert_eq!((error.kind(), error.is_retryable()), ("auth", false));
    assert_eq!(server.received().len(), 2 + 1 + 2 + 1);
}

#[tokio::test]
async fn an_apology_is_no_crumb() {
    let apologies = [
        (200, "Too Many Requests\r\n", "rate_limited"),
        (429, "Edge: Too Many Requests", "rate_limited"),
        (200, "", "decode"),
        (200, "a b", "decode"),
        (200, "<html></html>", "decode"),
        (401, "", "auth"),
    ];
    for (status, body, kind) in apologies {
        let server = Server::start(move |received, stream| match received.target.as_str() {
            "/" => reply(stream, 404, &[], b""),
            _ => reply(stream, status, &["retry-after: 30".to_owned()], body.as_bytes()),
        });
        let error = yahoo(&server).stats(&symbol("KO")).await.expect_err("no crumb");
        assert_eq!(error.kind(), kind, "{error}");
        let wait = (kind == "rate_limited").then_some(Duration::from_secs(30));
        assert_eq!(error.retry_after(), wait);
        assert_eq!(server.received().len(), 2, "nothing was asked with it");
    }
}

#[tokio::test]
async fn consent_is_reported() {
    for location in ["https://guce.yahoo.com/consent?brandType=nonEu&done=x", "/v2/collectConsent"]
    {
        let server = Server::start(move |received, stream| match received.target.as_str() {
            "/v2/collectConsent" => reply(stream, 200, &[], b"<html>do you agree?</html>"),
            _ => reply(stream, 307, &[format!("location: {location}")], b""),
        });
        let error = yahoo(&server).stats(&symbol("KO")).await.expect_err("it asks for consent");
        assert_eq!((error.kind(), error.is_retryable()), ("auth", false));
        assert!(error.to_string().contains("consent"), "{error}");
    }
}

#[tokio::test]
async fn faults_have_their_kinds_and_nothing_is_repeated() {
    let not_found = json!({"chart": {"result": null, "error": {
        "code": "Not Found", "description": "No data found, symbol may be delisted"}}});
    let before = json!({"chart": {"result": null, "error": {
        "code": "Bad Request", "description": "Data doesn't exist for startDate = 1"}}});
    let bad = json!({"chart": {"result": null, "error": {
        "code": "Bad Request", "description": "Invalid input - interval=2d is not supported"}}});
    let faults = [
        (404, not_found.to_string(), "not_found", false),
        (400, before.to_string(), "no_data_in_range", false),
        (400, bad.to_string(), "invalid_request", false),
        (401, REFUSED.to_owned(), "auth", false),
        (429, "Too Many Requests\r\n".to_owned(), "rate_limited", true),
        (500, "{}".to_owned(), "network", true),
        (503, "<html>Will be right back</html>".to_owned(), "network", true),
        (404, "<html>no such page</html>".to_owned(), "network", false),
        (200, "<!doctype html><html></html>".to_owned(), "decode", false),
        (200, String::new(), "decode", false),
        (200, "{}".to_owned(), "decode", false),
        (200, r#"{"chart":{"result":null,"error":null}}"#.to_owned(), "decode", false),
    ];
    for (status, body, kind, is_retryable) in faults {
        let server = answering(status, body.clone());
        let answer = yahoo(&server).bars(&symbol("KO"), range("2024-01-02", "2024-01-03")).await;
        let error = answer.expect_err(&body);
        assert_eq!((error.kind(), error.is_retryable()), (kind, is_retryable), "{status} {body}");
        assert_eq!(server.received().len(), 1, "{status} {body}");
    }
}

#[tokio::test]
async fn no_error_shows_crumb_or_cookie() {
    for body in [REFUSED, "<html>", r#"{"quoteSummary":{"result":[{}],"error":null}}"#] {
        let server = answering(200, body);
        let error = yahoo(&server).stats(&symbol("KO")).await.expect_err(body);
        let text = format!("{} {:?}", all_of(&error), yahoo(&server));
        let escaped = CRUMB.replace('/', "%2F");
        assert!(
            !text.contains(CRUMB) && !text.contains(&escaped) && !text.contains("C00K1E"),
            "{text}"
        );
    }
}
