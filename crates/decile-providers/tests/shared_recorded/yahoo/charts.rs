//! Charts.

use super::{ever, serve, symbol};
use crate::shelf::{Recording, Shelf, wait};
use chrono::{DateTime, NaiveDate};
use decile_core::ActionKind;
use decile_core::source::{ActionSource, BarSource, Basis};
use decile_providers::rows::DailyBar;
use decile_providers::yahoo::Yahoo;
use serde_json::Value;

/// A chart as read by hand: how many bars, the close and volume of one, and all actions.
struct ByHand {
    file: &'static str,
    bars: usize,
    day: &'static str,
    close: f64,
    volume: f64,
    actions: &'static [(&'static str, ActionKind, f64)],
}

const BY_HAND: &[ByHand] = &[
    ByHand {
        file: "chart-AAPL-2020-08-31-to-2020-11-07.json",
        bars: 49,
        day: "2020-11-06",
        close: 118.690_002_441_406_25,
        volume: 114_457_900.0,
        actions: &[
            ("2020-08-31", ActionKind::Split, 4.0),
            ("2020-11-06", ActionKind::Dividend, 0.205),
        ],
    },
    ByHand {
        file: "chart-WSU.DE-2023-08-04-to-2023-08-09.json",
        bars: 3,
        day: "2023-08-07",
        close: 34.0,
        volume: 336.0,
        actions: &[],
    },
    ByHand {
        file: "historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.json",
        bars: 252,
        day: "2022-01-28",
        close: 308.260_009_765_625,
        volume: 49_743_700.0,
        actions: &[
            ("2021-02-17", ActionKind::Dividend, 0.56),
            ("2021-05-19", ActionKind::Dividend, 0.56),
            ("2021-08-18", ActionKind::Dividend, 0.56),
            ("2021-11-17", ActionKind::Dividend, 0.62),
        ],
    },
    ByHand {
        file: "yfrs-history_chart_GS2C.DE.json",
        bars: 5,
        day: "2025-10-29",
        close: 19.947_999_954_223_633,
        volume: 9179.0,
        actions: &[],
    },
];

/// Recordings whose newest bar bears the time of a trade.
const LIVE: [&str; 2] = ["yfrs-history_chart_AAPL.json", "yfrs-history_chart_GS2C.DE.json"];

pub(super) fn daily(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let body = recording.json();
    let chart = &body["chart"]["result"][0];
    let (_server, yahoo) = serve(shelf, recording);
    let symbol = symbol(recording.last());

    let fetched = wait(yahoo.daily_bars(&symbol, ever())).expect("bars");
    let expected = expected_bars(chart, LIVE.contains(&recording.name()));
    assert_eq!(fetched.rows, expected, "{}", recording.file);
    let nulls = times(chart).len() - expected.len();
    assert_eq!(fetched.dropped.len(), nulls);
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    let meta = &chart["meta"];
    assert_eq!(fetched.currency.map(Yahoo::currency_text).as_deref(), meta["currency"].as_str());
    assert_eq!(fetched.timezone.as_deref(), meta["exchangeTimezoneName"].as_str());

    let bars = wait(yahoo.bars(&symbol, ever())).expect("bars");
    let closes: Vec<_> = bars.rows.iter().map(|bar| (bar.date, Some(bar.close))).collect();
    assert_eq!(closes, expected.iter().map(|bar| (bar.date, bar.close)).collect::<Vec<_>>());

    let actions = wait(yahoo.actions(&symbol, ever())).expect("actions");
    let found: Vec<_> = actions.rows.iter().map(|a| (a.ex_date, a.kind, a.value)).collect();
    assert_eq!(found, expected_actions(chart));

    let mut told = vec![
        format!("{} bars, each as in the body; {nulls} without a close", expected.len()),
        format!("{} actions as in the body", found.len()),
    ];
    for by_hand in BY_HAND.iter().filter(|by_hand| by_hand.file == recording.name()) {
        let day: NaiveDate = by_hand.day.parse().expect("a date");
        let bar = fetched.rows.iter().find(|bar| bar.date == day).expect("the bar");
        assert_eq!((bar.close, bar.volume), (Some(by_hand.close), Some(by_hand.volume)));
        assert_eq!(fetched.rows.len(), by_hand.bars);
        let actions = by_hand.actions.iter();
        let actions =
            actions.map(|(day, kind, value)| (day.parse().expect("a date"), *kind, *value));
        assert_eq!(found, actions.collect::<Vec<(NaiveDate, _, _)>>());
        told.push(format!("{} bars, that of {day} and all actions as read by hand", by_hand.bars));
    }
    told
}

pub(super) fn of_minutes(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    let error = wait(yahoo.bars(&symbol(recording.last()), ever())).expect_err("bars of a minute");
    assert_eq!(error.kind(), "decode");
    assert!(error.to_string().contains("\"1m\""), "{error}");
    vec!["bars of a minute are refused".to_owned()]
}

pub(super) fn empty(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    let symbol = symbol(recording.last());
    let error = wait(yahoo.bars(&symbol, ever())).expect_err("no bars");
    assert_eq!(error.kind(), "no_data_in_range", "{error}");
    assert!(wait(yahoo.actions(&symbol, ever())).expect("none").rows.is_empty());
    vec!["no bar in the span, and no action".to_owned()]
}

pub(super) fn unknown(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let (_server, yahoo) = serve(shelf, recording);
    let symbol = symbol(recording.last());
    let errors = [
        wait(yahoo.bars(&symbol, ever())).expect_err("unknown"),
        wait(yahoo.actions(&symbol, ever())).expect_err("unknown"),
    ];
    assert!(errors.iter().all(|error| error.kind() == "not_found"), "{errors:?}");
    vec!["not found".to_owned()]
}

fn times(chart: &Value) -> Vec<i64> {
    chart["timestamp"].as_array().expect("times").iter().filter_map(Value::as_i64).collect()
}

/// All exchanges in the recordings open and close within a day of UTC, so its date is theirs.
fn day(seconds: i64) -> NaiveDate {
    DateTime::from_timestamp(seconds, 0).expect("an instant").date_naive()
}

fn expected_bars(chart: &Value, is_live: bool) -> Vec<DailyBar> {
    let indicators = &chart["indicators"];
    let quote = &indicators["quote"][0];
    let times = times(chart);
    let bar = |(row, seconds): (usize, &i64)| {
        let price = |column: &Value| column[row].as_f64().filter(|price| *price != 0.0);
        let mut bar = DailyBar::new(day(*seconds));
        bar.open = price(&quote["open"]);
        bar.high = price(&quote["high"]);
        bar.low = price(&quote["low"]);
        bar.close = price(&quote["close"]);
        bar.adj_close = price(&indicators["adjclose"][0]["adjclose"]);
        bar.volume = quote["volume"][row].as_f64();
        bar.partial = is_live && row + 1 == times.len();
        bar.close.is_some().then_some(bar)
    };
    times.iter().enumerate().filter_map(bar).collect()
}

fn expected_actions(chart: &Value) -> Vec<(NaiveDate, ActionKind, f64)> {
    let events = |name: &str| chart["events"][name].as_object().cloned().unwrap_or_default();
    let date = |event: &Value| day(event["date"].as_i64().expect("a time"));
    let number = |event: &Value, name: &str| event[name].as_f64().expect("a number");
    let splits = events("splits").into_values().map(|event| {
        let ratio = number(&event, "numerator") / number(&event, "denominator");
        (date(&event), ActionKind::Split, ratio)
    });
    let mut actions: Vec<_> = splits.collect();
    actions.extend(
        events("dividends")
            .into_values()
            .map(|event| (date(&event), ActionKind::Dividend, number(&event, "amount"))),
    );
    actions.sort_by_key(|(day, ..)| *day);
    actions
}
