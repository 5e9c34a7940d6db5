//! The consensus, and which fiscal year is the first.

use super::{client, day, functions, serving, symbol};
use decile_core::source::EstimateSource;

fn period(end: &str, horizon: &str, average: &str, rest: &str) -> String {
    format!(
        r#"{{"date": "{end}", "horizon": "{horizon}", "eps_estimate_average": {average}{rest}}}"#
    )
}

fn body(periods: &[String]) -> String {
    format!(r#"{{"symbol": "QZA", "estimates": [{}]}}"#, periods.join(","))
}

/// Fiscal years end with June, and it is July 8th.
pub(super) fn estimates() -> String {
    let rest = r#", "eps_estimate_average_90_days_ago": "3.9", "eps_estimate_analyst_count": "21.0",
        "eps_estimate_low": "3.25", "eps_estimate_high": "6.5",
        "eps_estimate_revision_up_trailing_30_days": "4.0000",
        "eps_estimate_revision_down_trailing_30_days": null"#;
    body(&[
        period("2026-06-30", "fiscal year", "\"5.5\"", rest),
        period("2025-06-30", "fiscal year", "\"4.5\"", rest),
        period("2024-09-30", "fiscal quarter", "\"1.5\"", ""),
        period("2024-06-30", "fiscal year", "\"4.0\"", rest),
        period("2023-06-30", "fiscal year", "\"3.5\"", rest),
    ])
}

const NOT_YET: &str = r#"{"symbol": "QZA", "annualEarnings": [], "quarterlyEarnings": [
    {"fiscalDateEnding": "2024-06-30", "reportedDate": "2024-07-30", "reportedEPS": "None"}]}"#;

#[tokio::test]
async fn a_year_that_is_over_is_the_first_until_it_is_reported() {
    let server = serving(&[("EARNINGS_ESTIMATES", &estimates()), ("EARNINGS", NOT_YET)]);
    let fetched = client(&server).estimates(&symbol("QZA")).await.expect("estimates");
    let [snapshot] = &fetched.rows[..] else { panic!("{:?}", fetched.rows) };
    assert_eq!((snapshot.as_of, snapshot.fy1_end), (day("2024-07-08"), day("2024-06-30")));
    assert_eq!((snapshot.fy1, snapshot.fy2), (Some(4.0), Some(4.5)));
    assert_eq!(functions(&server), ["EARNINGS_ESTIMATES", "EARNINGS"]);

    let reported = NOT_YET.replace("None", "1.1");
    let server = serving(&[("EARNINGS_ESTIMATES", &estimates()), ("EARNINGS", &reported)]);
    let fetched = client(&server).estimates(&symbol("QZA")).await.expect("estimates");
    let snapshot = &fetched.rows[0];
    assert_eq!((snapshot.fy1_end, snapshot.fy1), (day("2025-06-30"), Some(4.5)));
    assert_eq!((snapshot.fy2, snapshot.fy2_90d), (Some(5.5), Some(3.9)));
    let ranges = [snapshot.fy1_low, snapshot.fy1_high, snapshot.fy2_low, snapshot.fy2_high];
    assert_eq!(ranges, [Some(3.25), Some(6.5), Some(3.25), Some(6.5)]);
    // Nobody cut the estimate: the provider leaves that out.
    assert_eq!((snapshot.fy2_up_30d, snapshot.fy2_down_30d), (Some(4), Some(0)));
    assert_eq!((snapshot.analysts, snapshot.fy2_std), (Some(21), None));
}

#[tokio::test]
async fn the_rows_are_as_sent_and_nobodys_mean_is_missing() {
    let nobody = r#", "eps_estimate_high": "0.0000", "eps_estimate_analyst_count": "0.0000",
        "eps_estimate_revision_down_trailing_30_days": null"#;
    let estimates = body(&[period("2025-06-30", "fiscal year", "\"0.0000\"", nobody)]);
    let server = serving(&[("EARNINGS_ESTIMATES", &estimates)]);
    let client = client(&server);
    let rows = client.consensus(&symbol("QZA")).await.expect("rows").rows;
    assert_eq!(
        (rows[0].period.as_str(), rows[0].end_date),
        ("fiscal year", Some(day("2025-06-30")))
    );
    assert_eq!((rows[0].eps_average, rows[0].eps_high), (None, None));
    assert_eq!((rows[0].analysts, rows[0].down_30), (Some(0), None));
    let snapshot = client.estimates(&symbol("QZA")).await.expect("a snapshot").rows.remove(0);
    assert_eq!((snapshot.fy1, snapshot.fy2, snapshot.fy2_down_30d), (None, None, None));
}

#[tokio::test]
async fn a_year_is_missing_and_not_passed_over() {
    // 2025 is not there: 2026 is not the year after 2024.
    let years = ["2024-12-31", "2026-12-31"];
    let years = years.map(|end| period(end, "fiscal year", "\"4.0\"", ""));
    let server = serving(&[("EARNINGS_ESTIMATES", &body(&years))]);
    let snapshot = client(&server).estimates(&symbol("QZA")).await.expect("one").rows.remove(0);
    assert_eq!((snapshot.fy1, snapshot.fy2, snapshot.fy2_high), (Some(4.0), None, None));
}

#[tokio::test]
async fn no_estimates_are_not_found() {
    let server = serving(&[("EARNINGS_ESTIMATES", &body(&[]))]);
    let none = client(&server).estimates(&symbol("QZA")).await;
    assert_eq!(none.expect_err("none").kind(), "not_found");
}
