//! Bars, actions and exchange rates.

use super::{answering, at, chart, day, range, symbol, told, yahoo};
use decile_core::source::{ActionSource, BarSource, Basis, FxSource};
use decile_core::{ActionKind, Currency};
use serde_json::{Value, json};

/// What the last bar's session looks like: its timestamp, the newest trade and the regular hours.
fn with_last(last: &str, traded: &str, hours: [&str; 2]) -> Value {
    let mut body = chart();
    let result = &mut body["chart"]["result"][0];
    result["timestamp"][1] = at(last).into();
    result["meta"]["regularMarketTime"] = at(traded).into();
    let regular = json!({"start": at(hours[0]), "end": at(hours[1])});
    result["meta"]["currentTradingPeriod"] = json!({"regular": regular});
    body
}

#[tokio::test]
async fn bars_come_with_what_yahoo_says_about_them() {
    let (_server, yahoo) = told(&chart());
    let fetched = yahoo.daily_bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await;
    let fetched = fetched.expect("bars");
    assert_eq!(fetched.currency, Some(Currency::USD));
    assert_eq!(fetched.timezone.as_deref(), Some("America/New_York"));
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    let bar = fetched.rows[0];
    assert_eq!((bar.date, bar.open, bar.high), (day("2024-01-02"), Some(59.26), Some(60.08)));
    assert_eq!((bar.low, bar.close, bar.adj_close), (Some(59.06), Some(59.82), Some(57.9)));
    assert_eq!((bar.volume, bar.partial), (Some(14_094_300.0), false));
    assert_eq!(fetched.rows[1].date, day("2024-01-03"));
    assert!(fetched.dropped.is_empty() && fetched.warnings.is_empty());
}

#[tokio::test]
async fn the_address_pads_the_span_and_bars_beyond_it_are_nobodys() {
    let (server, yahoo) = told(&chart());
    let bars = yahoo.bars(&symbol("KO"), range("2024-01-03", "2024-01-03")).await.expect("bars");
    assert_eq!(bars.rows.len(), 1);
    assert_eq!((bars.rows[0].date, bars.rows[0].close), (day("2024-01-03"), 60.06));
    let target = &server.received()[0].target;
    let (from, to) = (at("2023-12-24T00:00:00Z"), at("2024-01-05T00:00:00Z"));
    let expected = format!(
        "/v8/finance/chart/KO?period1={from}&period2={to}&interval=1d&includePrePost=false\
         &events=div%7Csplit"
    );
    assert_eq!(target, &expected);
}

#[tokio::test]
async fn dates_are_those_of_the_exchange_in_summer_and_winter() {
    // Berlin opens at 07:00 UTC in summer and 08:00 in winter; a fund is stamped at local midnight,
    // which is the day before in UTC. The offset in the reply is that of the day of the call.
    let mut body = chart();
    let result = &mut body["chart"]["result"][0];
    result["meta"]["exchangeTimezoneName"] = "Europe/Berlin".into();
    result["meta"]["gmtoffset"] = 3600.into();
    result["timestamp"] = json!([at("2023-08-06T22:00:00Z"), at("2023-12-05T23:00:00Z")]);
    let (_server, yahoo) = told(&body);
    let bars = yahoo.bars(&symbol("KO"), range("2023-01-01", "2023-12-31")).await.expect("bars");
    let dates: Vec<_> = bars.rows.iter().map(|bar| bar.date).collect();
    assert_eq!(dates, [day("2023-08-07"), day("2023-12-06")]);
}

#[tokio::test]
async fn a_bar_without_a_close_is_dropped_and_named_and_zeros_are_missing() {
    let mut body = chart();
    let quote = &mut body["chart"]["result"][0]["indicators"]["quote"][0];
    for field in ["open", "high", "low", "close", "volume"] {
        quote[field][0] = Value::Null;
    }
    quote["open"][1] = 0.into();
    quote["volume"][1] = 0.into();
    let (_server, yahoo) = told(&body);
    let fetched = yahoo.daily_bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await;
    let fetched = fetched.expect("bars");
    assert_eq!(fetched.dropped, ["2024-01-02: the bar has no close"]);
    let bar = fetched.rows[0];
    // No price is 0; that nothing was traded is something Yahoo says.
    assert_eq!((bar.date, bar.open, bar.volume), (day("2024-01-03"), None, Some(0.0)));
}

#[tokio::test]
async fn another_granularity_than_asked_is_refused() {
    let mut body = chart();
    body["chart"]["result"][0]["meta"]["dataGranularity"] = "3mo".into();
    let (_server, yahoo) = told(&body);
    let error = yahoo.bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await;
    let error = error.expect_err("quarterly bars");
    assert_eq!(error.kind(), "decode");
    assert!(error.to_string().contains("3mo"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_a_chart_is_refused() {
    let edits: [fn(&mut Value); 6] = [
        |result| result["meta"]["symbol"] = "PEP".into(),
        |result| result["meta"]["exchangeTimezoneName"] = "Mars/Olympus".into(),
        |result| drop(result["meta"].as_object_mut().expect("meta").remove("exchangeTimezoneName")),
        |result| result["indicators"]["quote"][0]["close"] = json!([1.0]),
        |result| result["timestamp"] = json!([1_704_292_200, 1_704_205_800]),
        |result| result["timestamp"][0] = i64::MAX.into(),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let mut body = chart();
        edit(&mut body["chart"]["result"][0]);
        let (_server, yahoo) = told(&body);
        let error = yahoo.bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await;
        assert_eq!(error.expect_err("no chart").kind(), "decode", "{n}");
    }
}

#[tokio::test]
async fn an_empty_window_is_no_data_and_for_actions_an_empty_list() {
    let body = json!({"chart": {"result": [{"meta": {"symbol": "KO", "dataGranularity": "1h"},
        "indicators": {"quote": [{}]}}], "error": null}});
    let (_server, yahoo) = told(&body);
    let span = range("2024-01-06", "2024-01-07");
    let error = yahoo.bars(&symbol("KO"), span).await.expect_err("a weekend");
    assert_eq!(error.kind(), "no_data_in_range");
    let actions = yahoo.actions(&symbol("KO"), span).await.expect("none");
    assert!(actions.rows.is_empty() && actions.basis == Basis::SplitAdjusted);
}

#[tokio::test]
async fn a_session_that_goes_on_is_flagged_and_is_no_bar_yet() {
    let hours = ["2024-01-03T14:30:00Z", "2024-01-03T21:00:00Z"];
    let body = with_last("2024-01-03T17:12:00Z", "2024-01-03T17:12:00Z", hours);
    let (_server, yahoo) = told(&body);
    let span = range("2024-01-01", "2024-01-05");
    let rows = yahoo.daily_bars(&symbol("KO"), span).await.expect("bars").rows;
    let partial: Vec<_> = rows.iter().map(|bar| (bar.date, bar.partial)).collect();
    assert_eq!(partial, [(day("2024-01-02"), false), (day("2024-01-03"), true)]);
    let bars = yahoo.bars(&symbol("KO"), span).await.expect("bars");
    assert_eq!(bars.rows.last().map(|bar| bar.date), Some(day("2024-01-02")));
    assert_eq!(bars.dropped, ["2024-01-03: the session is not over"]);
}

#[tokio::test]
async fn the_live_bar_of_a_session_that_is_over_is_flagged_and_given() {
    let hours = ["2024-01-03T14:30:00Z", "2024-01-03T21:00:00Z"];
    let body = with_last("2024-01-03T21:00:01Z", "2024-01-03T21:00:01Z", hours);
    let (_server, yahoo) = told(&body);
    let span = range("2024-01-01", "2024-01-05");
    assert!(yahoo.daily_bars(&symbol("KO"), span).await.expect("bars").rows[1].partial);
    let bars = yahoo.bars(&symbol("KO"), span).await.expect("bars");
    assert_eq!(bars.rows.last().map(|bar| bar.date), Some(day("2024-01-03")));
    assert_eq!(bars.warnings, ["2024-01-03: the newest bar may still change"]);
}

#[tokio::test]
async fn of_two_bars_of_one_session_the_live_one_stays() {
    let mut body = chart();
    let result = &mut body["chart"]["result"][0];
    result["timestamp"] = json!([at("2024-01-03T14:30:00Z"), at("2024-01-03T17:12:00Z")]);
    let (_server, yahoo) = told(&body);
    let fetched = yahoo.daily_bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await;
    let fetched = fetched.expect("bars");
    assert_eq!(fetched.rows.len(), 1);
    assert_eq!(fetched.rows[0].close, Some(60.06));
    assert_eq!(fetched.dropped.len(), 1, "{:?}", fetched.dropped);
}

#[tokio::test]
async fn prices_in_pence_and_prices_without_a_currency() {
    for (text, expected) in
        [(json!("GBp"), Some("GBX")), (json!("GBP"), Some("GBP")), (Value::Null, None)]
    {
        let mut body = chart();
        body["chart"]["result"][0]["meta"]["currency"] = text;
        let (_server, yahoo) = told(&body);
        let bars =
            yahoo.bars(&symbol("KO"), range("2024-01-01", "2024-01-05")).await.expect("bars");
        assert_eq!(bars.currency.as_ref().map(Currency::as_str), expected);
        assert_eq!(bars.warnings.len(), usize::from(expected.is_none()));
        assert_eq!(bars.rows[0].close, 59.82);
    }
}

#[tokio::test]
async fn actions_are_read_and_odd_splits_are_spin_offs() {
    let mut body = chart();
    let (first, second) = (at("2024-01-02T14:30:00Z"), at("2024-01-03T14:30:00Z"));
    body["chart"]["result"][0]["events"] = json!({
        "dividends": {
            second.to_string(): {"amount": 0.46, "date": second},
            first.to_string(): {"date": first},
        },
        "splits": {
            second.to_string(): {"date": second, "numerator": 1046.0, "denominator": 1000.0,
                "splitRatio": "1046:1000"},
            first.to_string(): {"numerator": 3, "denominator": 2},
            "x": {"numerator": 2, "denominator": 1},
        },
    });
    let (_server, yahoo) = told(&body);
    let fetched = yahoo.actions(&symbol("KO"), range("2024-01-02", "2024-01-05")).await;
    let fetched = fetched.expect("actions");
    let found: Vec<_> = fetched.rows.iter().map(|a| (a.ex_date, a.kind)).collect();
    let expected = [
        (day("2024-01-02"), ActionKind::Split),
        (day("2024-01-03"), ActionKind::Spinoff),
        (day("2024-01-03"), ActionKind::Dividend),
    ];
    assert_eq!(found, expected);
    assert_eq!(fetched.rows[0].value, 1.5);
    // 4.6 % of the close before, 59.82.
    assert!((fetched.rows[1].value - 2.75172).abs() < 1e-9, "{}", fetched.rows[1].value);
    assert_eq!(fetched.rows[2].value, 0.46);
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    assert_eq!(
        fetched.dropped,
        ["a split has no date (\"x\")", "2024-01-02: a dividend has no amount"]
    );
    assert_eq!(fetched.warnings.len(), 1, "{:?}", fetched.warnings);
}

#[tokio::test]
async fn classes_of_shares_are_asked_for_with_a_dash() {
    let mut body = chart();
    body["chart"]["result"][0]["meta"]["symbol"] = "BRK-B".into();
    let (server, yahoo) = told(&body);
    let actions = yahoo.actions(&symbol("BRK.B"), range("2024-01-01", "2024-01-05")).await;
    assert!(actions.expect("none").rows.is_empty());
    assert!(server.received()[0].target.starts_with("/v8/finance/chart/BRK-B?"));
}

#[tokio::test]
async fn rates_are_dollars_for_a_unit_and_pence_a_hundredth_of_pounds() {
    let mut body = chart();
    let result = &mut body["chart"]["result"][0];
    result["meta"]["symbol"] = "GBPUSD=X".into();
    result["meta"]["exchangeTimezoneName"] = "Europe/London".into();
    result["indicators"]["quote"][0]["close"] = json!([1.25, 1.5]);
    let (server, yahoo) = told(&body);
    let span = range("2024-01-01", "2024-01-05");
    for (code, expected) in [("GBP", [1.25, 1.5]), ("GBX", [0.0125, 0.015])] {
        let currency = code.parse().expect("a currency");
        let rates = yahoo.rates(currency, span).await.expect("rates").rows;
        assert_eq!(rates.iter().map(|rate| rate.usd_per_unit).collect::<Vec<_>>(), expected);
        assert!(rates.iter().all(|rate| rate.currency == currency));
    }
    assert!(server.received().iter().all(|r| r.target.starts_with("/v8/finance/chart/GBPUSD=X?")));
    assert!(yahoo.rates(Currency::USD, span).await.expect("none needed").rows.is_empty());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_symbol_that_yahoo_does_not_know_is_not_found() {
    let body = json!({"chart": {"result": null, "error": {"code": "Not Found",
        "description": "No data found, symbol may be delisted"}}});
    let server = answering(404, body.to_string());
    let span = range("2024-01-01", "2024-01-05");
    let error = yahoo(&server).actions(&symbol("SIX"), span).await.expect_err("unknown");
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        ("not_found", "Yahoo has no data for SIX")
    );
}
