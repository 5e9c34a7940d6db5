//! Bars, actions, quotes and rates.

use super::{PREMIUM, client, daily, day, functions, range, serving, symbol, transport};
use decile_core::source::{ActionSource, BarSource, Basis, FxSource, QuoteSource};
use decile_core::{ActionKind, Currency};
use decile_providers::Secret;
use decile_providers::alphavantage::AlphaVantage;

#[tokio::test]
async fn a_short_span_takes_one_short_call_and_the_live_bar_is_dropped() {
    // 10:00 in New York, so the bar of the 8th is of an hour.
    let body = daily(&[("2024-07-08", "11.5"), ("2024-07-05", "11.0"), ("2024-07-03", "10.0")]);
    let server = serving(&[("TIME_SERIES_DAILY", &body)]);
    let client = client(&server);
    let bars = client.bars(&symbol("QZA"), range("2024-07-03", "2024-07-08")).await.expect("bars");
    let rows: Vec<_> = bars.rows.iter().map(|bar| (bar.date, bar.close, bar.volume)).collect();
    let expected = [(day("2024-07-03"), 10.0), (day("2024-07-05"), 11.0)];
    assert_eq!(rows, expected.map(|(date, close)| (date, close, Some(700.0))));
    assert_eq!(bars.dropped, ["2024-07-08: the session is not over"]);
    assert_eq!((bars.basis, bars.timezone.as_deref()), (Basis::AsTraded, Some("US/Eastern")));
    assert_eq!(functions(&server), ["TIME_SERIES_DAILY compact"]);

    let daily = client.daily_bars(&symbol("QZA"), range("2024-07-08", "2024-07-08")).await;
    let daily = daily.expect("bars");
    assert_eq!((daily.rows[0].close, daily.rows[0].partial), (Some(11.5), true));
}

#[tokio::test]
async fn the_providers_own_time_tells_a_whole_bar_from_a_live_one() {
    let at = |refreshed: &str| daily(&[("2024-07-05", "11.0")]).replace("2024-07-08", refreshed);
    for (refreshed, partial) in [("2024-07-05 16:00:01", false), ("2024-07-05 15:59:59", true)] {
        let server = serving(&[("TIME_SERIES_DAILY", &at(refreshed))]);
        let span = range("2024-07-05", "2024-07-05");
        let bars = client(&server).daily_bars(&symbol("QZA"), span).await.expect("bars");
        assert_eq!(bars.rows[0].partial, partial, "{refreshed}");
    }
}

#[tokio::test]
async fn a_free_key_gets_month_ends_before_its_hundred_days_and_is_told_so_once() {
    let monthly = r#"{"Meta Data": {"2. Symbol": "QZA"}, "Monthly Adjusted Time Series": {
        "2024-07-05": {"1. open": "9", "4. close": "11.00", "5. adjusted close": "11.00"},
        "2024-02-29": {"1. open": "7", "4. close": "8.00", "5. adjusted close": "7.80"},
        "2024-01-31": {"1. open": "6", "4. close": "7.00", "5. adjusted close": "6.80"}}}"#;
    let compact = daily(&[("2024-07-05", "11.0"), ("2024-03-01", "8.1")]);
    let server = serving(&[
        ("TIME_SERIES_DAILY full", PREMIUM),
        ("TIME_SERIES_DAILY", &compact),
        ("TIME_SERIES_MONTHLY_ADJUSTED", monthly),
    ]);
    let client = client(&server);
    let (stock, span) = (symbol("QZA"), range("2024-01-01", "2024-07-05"));
    let bars = client.daily_bars(&stock, span).await.expect("bars");
    let rows: Vec<_> = bars.rows.iter().map(|bar| (bar.date, bar.close, bar.open)).collect();
    let expected = [
        (day("2024-01-31"), Some(7.0), None),
        (day("2024-02-29"), Some(8.0), None),
        (day("2024-03-01"), Some(8.1), Some(8.1)),
        (day("2024-07-05"), Some(11.0), Some(11.0)),
    ];
    assert_eq!(rows, expected);
    assert_eq!(bars.rows[1].adj_close, Some(7.8));
    assert_eq!(
        bars.warnings,
        [
            "a free key gets the last 100 sessions only",
            "rows up to 2024-02-29 are the last sessions of months"
        ]
    );
    client.daily_bars(&stock, span).await.expect("bars");
    let short = ["TIME_SERIES_DAILY compact", "TIME_SERIES_MONTHLY_ADJUSTED"];
    let all = [&["TIME_SERIES_DAILY full"], &short[..], &short[..]].concat();
    assert_eq!(functions(&server), all);
}

#[tokio::test]
async fn a_premium_key_gets_adjusted_closes() {
    let csv = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,\
        split_coefficient\n2024-07-05,10,12,9,11,10.5,700,0.0000,1.0\n";
    let server = serving(&[("TIME_SERIES_DAILY_ADJUSTED full", csv)]);
    let client = AlphaVantage::new(transport(&server), Secret::new(super::KEY)).premium();
    let bars = client.daily_bars(&symbol("QZA"), range("2020-01-01", "2024-07-05")).await;
    let bar = bars.expect("bars").rows[0];
    assert_eq!((bar.close, bar.adj_close, bar.high), (Some(11.0), Some(10.5), Some(12.0)));
}

#[tokio::test]
async fn a_span_without_a_bar_is_an_error() {
    let server = serving(&[("TIME_SERIES_DAILY", &daily(&[("2024-07-03", "10.0")]))]);
    let bars = client(&server).bars(&symbol("QZA"), range("2024-07-05", "2024-07-05")).await;
    assert_eq!(bars.expect_err("none").kind(), "no_data_in_range");
}

const SPLITS: &str = "effective_date,split_factor\n2024-07-05,1.0460\n1999-05-27,2.0000\n";
const DIVIDENDS: &str = "ex_dividend_date,declaration_date,record_date,payment_date,amount\n\
    2024-07-03,None,None,None,0.24\n";

#[tokio::test]
async fn a_spin_off_is_worth_what_the_price_fell_by() {
    let server = serving(&[
        ("SPLITS", SPLITS),
        ("DIVIDENDS", DIVIDENDS),
        ("TIME_SERIES_DAILY", &daily(&[("2024-07-05", "100.0"), ("2024-07-03", "104.6")])),
    ]);
    let actions = client(&server).actions(&symbol("QZA"), range("1990-01-01", "2024-07-08")).await;
    let actions = actions.expect("actions");
    let rows: Vec<_> = actions.rows.iter().map(|it| (it.ex_date, it.kind, it.value)).collect();
    let [split, dividend, spinoff] = rows[..] else { panic!("{rows:?}") };
    assert_eq!(split, (day("1999-05-27"), ActionKind::Split, 2.0));
    assert_eq!(dividend, (day("2024-07-03"), ActionKind::Dividend, 0.24));
    assert_eq!((spinoff.0, spinoff.1), (day("2024-07-05"), ActionKind::Spinoff));
    assert!((spinoff.2 - 4.6).abs() < 1e-9, "{}", spinoff.2);
    assert_eq!(actions.warnings, ["2024-07-05: the split of 1.046 is taken for a spin-off"]);
}

#[tokio::test]
async fn a_spin_off_that_cannot_be_valued_is_dropped_and_nothing_else() {
    let server = serving(&[("SPLITS", SPLITS), ("DIVIDENDS", DIVIDENDS)]);
    let actions = client(&server).actions(&symbol("QZA"), range("2024-01-01", "2024-07-08")).await;
    let actions = actions.expect("actions");
    assert_eq!((actions.rows.len(), actions.rows[0].kind), (1, ActionKind::Dividend));
    assert_eq!(actions.dropped.len(), 1, "{:?}", actions.dropped);
    assert!(actions.dropped[0].starts_with("2024-07-05: the split of 1.046 is a spin-off"));
}

#[tokio::test]
async fn a_quote_has_the_time_of_its_close() {
    let body = r#"{"Global Quote": {"01. symbol": "QZA", "05. price": "11.0000",
        "07. latest trading day": "2024-07-05", "08. previous close": "10.0000"}}"#;
    let server = serving(&[("GLOBAL_QUOTE", body)]);
    let quotes = client(&server).quotes(&[symbol("QZA")]).await.expect("quotes");
    let quote = &quotes[0];
    assert_eq!(
        (quote.last, quote.previous_close),
        (Some("11".parse().unwrap()), Some("10".parse().unwrap()))
    );
    assert_eq!((quote.currency, quote.bid), (Currency::USD, None));
    assert_eq!(quote.time.to_string(), "2024-07-05 20:00:00 UTC");

    let server = serving(&[("GLOBAL_QUOTE", r#"{"Global Quote": {}}"#)]);
    assert_eq!(client(&server).quotes(&[symbol("QZA")]).await.expect("none"), []);
    let unknown = client(&server).quote(&symbol("QZA")).await;
    assert_eq!(unknown.expect_err("unknown").kind(), "not_found");
}

#[tokio::test]
async fn a_rate_of_a_day_that_goes_on_is_left_out() {
    let body = r#"{"Meta Data": {"2. From Symbol": "EUR", "6. Time Zone": "UTC"},
        "Time Series FX (Daily)": {"2024-07-08": {"4. close": "1.0840"},
        "2024-07-05": {"4. close": "1.0838"}}}"#;
    let server = serving(&[("FX_DAILY", body)]);
    let client = client(&server);
    let euro: Currency = "EUR".parse().expect("a currency");
    let rates = client.rates(euro, range("2024-07-01", "2024-07-08")).await.expect("rates");
    assert_eq!(rates.rows.len(), 1);
    assert_eq!((rates.rows[0].date, rates.rows[0].usd_per_unit), (day("2024-07-05"), 1.0838));
    let target = server.received()[0].target.clone();
    assert!(target.contains("from_symbol=EUR&to_symbol=USD"), "{target}");
    let dollar = client.rates(Currency::USD, range("2024-07-01", "2024-07-08")).await;
    assert_eq!((dollar.expect("no rates").rows.len(), server.received().len()), (0, 1));
}
