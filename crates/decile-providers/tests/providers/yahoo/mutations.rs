//! Whatever is wrong with a reply: no panic, no invented number, and bounds on time and size.

use super::{chart, symbol};
use crate::support::damage::{Damage, Numbers, Step, paths};
use crate::support::yahoo::{Answers, Endpoint, Parrot};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A reply to every question of ours about QQ, in the shapes of the recorded ones.
fn bodies(price: f64, shares: f64) -> Vec<Value> {
    let raw = |value: f64| json!({"raw": value, "fmt": format!("{value:.2}")});
    let mut chart = chart();
    chart["chart"]["result"][0]["meta"]["symbol"] = Value::Null;
    let split = json!({"date": 1_704_292_200, "numerator": 4.0, "denominator": 1.0});
    let dividend = json!({"date": 1_704_292_200, "amount": price / 100.0});
    chart["chart"]["result"][0]["events"] =
        json!({"splits": {"1704292200": split}, "dividends": {"1704292200": dividend}});
    let trend = |period: &str, end: &str| {
        json!({"period": period, "endDate": end,
            "earningsEstimate": {"avg": raw(price), "low": raw(price), "high": raw(price),
                "numberOfAnalysts": raw(12.0), "earningsCurrency": "USD"},
            "epsTrend": {"7daysAgo": raw(price), "90daysAgo": raw(price)},
            "epsRevisions": {"upLast30days": raw(3.0), "downLast30days": raw(2.0)}})
    };
    let summary = json!({"quoteSummary": {"result": [{
        "price": {"currency": "USD", "longName": "Q", "marketCap": raw(price * shares)},
        "summaryDetail": {"trailingPE": raw(price), "forwardPE": price, "currency": "USD"},
        "defaultKeyStatistics": {"bookValue": price, "priceToBook": raw(price),
            "trailingEps": price, "sharesOutstanding": shares},
        "financialData": {"returnOnEquity": price, "financialCurrency": "USD"},
        "assetProfile": {"sector": "Technology"},
        "quoteType": {"quoteType": "EQUITY", "timeZoneFullName": "America/New_York"},
        "earningsTrend": {"trend": [trend("0y", "2025-09-30"), trend("+1y", "2026-09-30")]},
        "earningsHistory": {"history": [{"quarter": raw(1_735_603_200.0), "epsActual": raw(price)}]},
        "calendarEvents": {"earnings": {"earningsDate": [1_746_010_740]}, "dividendDate": 1},
    }], "error": null}});
    let series = |name: &str, value: f64| {
        json!({"meta": {"type": [name]}, name: [{"asOfDate": "2024-09-30", "periodType": "3M",
            "currencyCode": "USD", "reportedValue": raw(value)}]})
    };
    let statements = json!({"timeseries": {"result": [
        series("quarterlyNetIncome", price),
        series("quarterlyNetIncomeCommonStockholders", price),
        series("quarterlyCommonStockEquity", price),
        series("quarterlyOrdinarySharesNumber", shares),
        series("quarterlyTotalRevenue", price),
    ], "error": null}});
    let quote = json!({"quoteResponse": {"result": [{"symbol": "QQ", "currency": "USD",
        "regularMarketPrice": price, "regularMarketPreviousClose": price, "bid": price,
        "ask": price, "regularMarketTime": 1_739_566_800, "marketCap": shares}], "error": null}});
    vec![chart, summary, statements, quote]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every number given is one of the reply, or one that the whole reply gives as well: nothing
    /// that is missing becomes 0.
    #[test]
    fn a_reply_that_is_wrong_somewhere_never_invents_a_number(
        price in 0.01..1e5f64,
        shares in 1e3..1e10f64,
        which in any::<Index>(),
        place in any::<Index>(),
        damage in select(&Damage::ALL[..]),
    ) {
        let bodies = bodies(price, shares);
        let body = which.get(&bodies);
        let paths = paths(body);
        let path: &Vec<Step> = place.get(&paths);
        let mutant = damage.apply(body, path);
        // A client takes longer to make than to answer.
        static PARROT: LazyLock<Parrot> = LazyLock::new(Parrot::new);
        let (parrot, qq) = (&*PARROT, symbol("QQ"));
        let (whole, wrong) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(async {
                let whole = parrot.told(body.to_string().into_bytes(), &qq, Endpoint::of(body)).await;
                (whole, parrot.told(mutant.clone(), &qq, Endpoint::of(body)).await)
            });
        prop_assert!(whole.given > 0, "{:?}", whole.errors);
        let mut known = Numbers::default();
        known.add(body);
        known.merge(&whole.numbers);
        if let Ok(mutant) = serde_json::from_slice::<Value>(&mutant) {
            known.add(&mutant);
        }
        let invented = wrong.numbers.beyond(&known);
        prop_assert!(invented.is_empty(), "{invented:?} of {:?}", place.get(&paths[..]));
        prop_assert!(wrong.given <= whole.given);
    }

    #[test]
    fn bytes_that_are_no_reply_are_errors(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let answers = runtime.expect("a runtime").block_on(everything(bytes));
        prop_assert_eq!(answers.given, 0);
    }
}

/// Says the same to all questions.
async fn everything(body: Vec<u8>) -> Answers {
    static PARROT: LazyLock<Parrot> = LazyLock::new(Parrot::new);
    let (parrot, mut answers) = (&*PARROT, Answers::default());
    for endpoint in [Endpoint::Chart, Endpoint::Summary, Endpoint::Statements, Endpoint::Quote] {
        let some = parrot.told(body.clone(), &symbol("QQ"), endpoint).await;
        answers.given += some.given;
    }
    answers
}

#[tokio::test]
async fn twenty_megabytes_are_read_in_bounded_time() {
    let parrot = Parrot::new();
    let qq = symbol("QQ");
    let rows = 1_000_000;
    let times: Vec<i64> = (0..rows).collect();
    // A million bars, of one day and without a close: 19 MB of nothing to give.
    let nulls = vec![Value::Null; times.len()];
    let many = json!({"chart": {"result": [{
        "meta": {"dataGranularity": "1d", "exchangeTimezoneName": "UTC"}, "timestamp": times,
        "indicators": {"quote": [{"close": nulls, "open": nulls}]}}], "error": null}});
    let mut many = many.to_string().into_bytes();
    many.resize(19_900_000, b' ');
    let deep = [b"[".repeat(10_000_000), b"]".repeat(9_000_000)].concat();
    let open = format!("{{\"chart\":{{\"result\":[{}", "{\"meta\":".repeat(1_000_000)).into_bytes();
    let text =
        format!("{{\"chart\":{{\"error\":{{\"description\":\"{}\"}}}}}}", "x".repeat(19_000_000));
    for (name, body) in
        [("many", many), ("deep", deep), ("open", open), ("text", text.into_bytes())]
    {
        let started = Instant::now();
        let answers = parrot.told(body, &qq, Endpoint::Chart).await;
        assert!(started.elapsed() < Duration::from_secs(120), "{name}: {:?}", started.elapsed());
        let shown: usize = answers.errors.iter().map(|error| format!("{error:?}").len()).sum();
        assert!(shown < 100_000, "{name}: errors of {shown} characters");
    }
}
