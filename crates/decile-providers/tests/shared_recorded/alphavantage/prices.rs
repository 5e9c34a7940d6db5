//! Bars, actions and the quote.

use super::{RECORDED, always, client, client_told, day, number, of, symbol, text};
use crate::shelf::{Recording, Shelf, wait};
use crate::support::Server;
use chrono::NaiveDate;
use decile_core::source::{ActionSource, BarSource, Basis, QuoteSource};
use decile_core::{ActionKind, DateRange};
use serde_json::Value;
use std::collections::BTreeMap;

type Prices = BTreeMap<NaiveDate, Vec<Option<f64>>>;

/// The rows of a body under these fields: JSON by `N. field`, CSV by the names in its header.
fn rows(recording: &Recording, fields: &[&str]) -> Prices {
    if recording.name().ends_with(".csv") {
        let body = String::from_utf8(recording.body.clone()).expect("text");
        let mut lines = body.lines();
        let header: Vec<_> = lines.next().expect("a header").split(',').collect();
        let place = |field: &&str| header.iter().position(|name| name == field).expect("a column");
        let places: Vec<_> = fields.iter().map(place).collect();
        let row = |line: &str| {
            let cells: Vec<_> = line.split(',').collect();
            let numbers = places.iter().map(|at| number(&Value::from(cells[*at]))).collect();
            (day(cells[0]), numbers)
        };
        return lines.map(row).collect();
    }
    let json = recording.json();
    let series = json["Time Series (Daily)"].as_object().expect("a series");
    let row = |(date, row): (&String, &Value)| {
        let field = |(n, name): (usize, &&str)| number(&row[format!("{}. {name}", n + 1)]);
        (day(date), fields.iter().enumerate().map(field).collect())
    };
    series.iter().map(row).collect()
}

fn stock(recording: &Recording) -> &str {
    match recording.name() {
        name if name.starts_with("pt-") => "IBM",
        name => name[3..].split('_').next().expect("a symbol"),
    }
}

pub(super) fn daily(_: &Shelf, recording: &Recording) -> Vec<String> {
    let expected = rows(recording, &["open", "high", "low", "close", "volume"]);
    let client = client(&[("TIME_SERIES_DAILY", recording.clone())]);
    let stock = symbol(stock(recording));
    let (daily, bars) = wait(async {
        let daily = client.daily_bars(&stock, always()).await.expect("bars");
        (daily, client.bars(&stock, always()).await.expect("bars"))
    });
    let given: Prices = daily
        .rows
        .iter()
        .map(|bar| (bar.date, vec![bar.open, bar.high, bar.low, bar.close, bar.volume]))
        .collect();
    assert_eq!(given, expected);
    assert!(daily.rows.iter().all(|bar| !bar.partial && bar.adj_close.is_none()));
    assert!(daily.rows.is_sorted_by_key(|bar| bar.date), "oldest first");
    assert!(daily.dropped.is_empty() && daily.warnings.is_empty(), "{:?}", daily.warnings);
    let given: Prices = bars
        .rows
        .iter()
        .map(|bar| (bar.date, vec![bar.open, bar.high, bar.low, Some(bar.close), bar.volume]))
        .collect();
    assert_eq!(given, expected);
    assert_eq!(bars.basis, Basis::AsTraded);
    let close = |text: &str| expected.get(&day(text)).and_then(|row| row[3]);
    let mut told = vec![format!("{} bars equal, all five columns", expected.len())];
    if recording.name().starts_with("cs-TSLA") {
        // As traded: both splits show as falls.
        let closes = ["2020-08-28", "2020-08-31", "2022-08-24", "2022-08-25"].map(close);
        assert_eq!(closes, [2213.4, 498.32, 891.29, 296.07].map(Some));
        told.push("the splits of 2020 and 2022 are not adjusted for".to_owned());
    }
    told
}

pub(super) fn daily_adjusted(_: &Shelf, recording: &Recording) -> Vec<String> {
    let expected = rows(recording, &["open", "close", "adjusted_close", "volume"]);
    let shown = recording.clone();
    let server = Server::start(move |received, stream| {
        assert!(received.target.contains("function=TIME_SERIES_DAILY_ADJUSTED&"));
        shown.write(stream);
    });
    let client = of(&server).premium();
    let bars = wait(client.daily_bars(&symbol("IBM"), always())).expect("bars");
    let given: Prices = bars
        .rows
        .iter()
        .map(|bar| (bar.date, vec![bar.open, bar.close, bar.adj_close, bar.volume]))
        .collect();
    assert_eq!(given, expected);
    // By hand: the dividend of 1.69 on 2026-05-08 comes off the day before.
    let before = bars.rows.iter().find(|bar| bar.date == day("2026-05-07")).expect("a bar");
    assert_eq!((before.close, before.adj_close), (Some(231.31), Some(229.621_022_251_026_12)));
    vec![format!("{} bars equal, raw and adjusted", expected.len())]
}

/// The two tables of actions; each needs the other to answer.
fn actions(shelf: &Shelf) -> Vec<(&'static str, Recording)> {
    let of = |name: &str| shelf.get(&format!("alphavantage/{name}"));
    vec![("SPLITS", of("pt-SPLITS.csv")), ("DIVIDENDS", of("pt-DIVIDENDS.csv"))]
}

pub(super) fn dividends(shelf: &Shelf, recording: &Recording) -> Vec<String> {
    let body = String::from_utf8(recording.body.clone()).expect("text");
    let expected: BTreeMap<NaiveDate, f64> = body
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            (day(cells[0]), cells[4].parse().expect("an amount"))
        })
        .collect();
    let actions = wait(client(&actions(shelf)).actions(&symbol("IBM"), always())).expect("actions");
    let given = actions.rows.iter().filter(|action| action.kind == ActionKind::Dividend);
    let given: BTreeMap<_, _> = given.map(|action| (action.ex_date, action.value)).collect();
    assert_eq!(given, expected);
    // As paid at the time: 0.24 before the split of May 1999, 0.12 after it.
    assert_eq!((given[&day("1999-05-06")], given[&day("1999-08-06")]), (0.24, 0.12));
    let month = DateRange::new(day("2026-05-01"), day("2026-05-17")).expect("a span");
    let month = wait(client(&self::actions(shelf)).actions(&symbol("IBM"), month));
    assert_eq!(month.expect("actions").rows.len(), 1);
    vec![format!("{} dividends equal, as paid", expected.len())]
}

pub(super) fn splits(shelf: &Shelf, _: &Recording) -> Vec<String> {
    let actions = wait(client(&actions(shelf)).actions(&symbol("IBM"), always())).expect("actions");
    let other = actions.rows.iter().filter(|action| action.kind != ActionKind::Dividend);
    let other: Vec<_> = other.map(|it| (it.ex_date, it.kind, it.value)).collect();
    assert_eq!(other, [(day("1999-05-27"), ActionKind::Split, 2.0)]);
    // Kyndryl. No recording has the close before it.
    assert_eq!(actions.dropped.len(), 1);
    let dropped = &actions.dropped[0];
    assert!(dropped.starts_with("2021-11-04: the split of 1.046 is a spin-off"), "{dropped}");
    vec!["the split of 1999, and the spin-off of 2021 that is written as a split".to_owned()]
}

pub(super) fn quote(_: &Shelf, recording: &Recording) -> Vec<String> {
    let raw = &recording.json()["Global Quote"];
    let client = client_told(recording);
    let quotes = wait(client.quotes(&[symbol("MSFT")])).expect("a quote");
    let [quote] = &quotes[..] else { panic!("{quotes:?}") };
    let price = |field: &str| text(&raw[field]).parse().expect("a price");
    assert_eq!(quote.last, Some(price("05. price")));
    assert_eq!(quote.previous_close, Some(price("08. previous close")));
    // 16:00 in New York on 2018-10-05.
    assert_eq!(quote.time.to_rfc3339(), "2018-10-05T20:00:00+00:00");
    let now = RECORDED.parse().expect("an instant");
    assert!(quote.age(now).num_days() > 2000, "too old for any order");
    vec!["price, previous close and time equal".to_owned()]
}
