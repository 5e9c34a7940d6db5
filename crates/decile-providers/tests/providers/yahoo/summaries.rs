//! Ratios, estimates, quotes and what a symbol is.

use super::{answering, day, symbol, told, yahoo};
use decile_core::source::{EstimateSource, QuoteSource, SecuritySource, StatsSource};
use serde_json::{Value, json};

fn summary(modules: &Value) -> Value {
    json!({"quoteSummary": {"result": [modules], "error": null}})
}

#[tokio::test]
async fn ratios_come_bare_or_wrapped() {
    let bare = json!({
        "price": {"currency": "USD", "marketCap": 3.6e12},
        "summaryDetail": {"trailingPE": 18.75, "forwardPE": 17.5},
        "defaultKeyStatistics": {"bookValue": 4.25, "priceToBook": 15.5, "trailingEps": 3.25,
            "sharesOutstanding": 15_000_123_456_i64, "forwardPE": 17.9},
        "financialData": {"returnOnEquity": 1.275, "financialCurrency": "USD"},
    });
    let wrap = |number: f64| json!({"raw": number, "fmt": number.to_string()});
    let mut wrapped = bare.clone();
    for (module, fields) in wrapped.as_object_mut().expect("modules") {
        for (name, value) in fields.as_object_mut().expect(module) {
            if let Some(number) = value.as_f64() {
                assert!(!name.is_empty());
                *value = wrap(number);
            }
        }
    }
    for body in [bare, wrapped] {
        let (server, yahoo) = told(&summary(&body));
        let stats = yahoo.stats(&symbol("AAPL")).await.expect("ratios");
        assert_eq!((stats.trailing_pe, stats.forward_pe), (Some(18.75), Some(17.5)));
        assert_eq!((stats.book_value, stats.price_to_book), (Some(4.25), Some(15.5)));
        assert_eq!((stats.trailing_eps, stats.return_on_equity), (Some(3.25), Some(1.275)));
        assert_eq!(stats.shares_outstanding, Some(15_000_123_456.0));
        assert_eq!(stats.market_cap, Some(3.6e12));
        let target = &server.received()[2].target;
        let expected = "/v10/finance/quoteSummary/AAPL?modules=price%2CsummaryDetail%2C\
                        defaultKeyStatistics%2CfinancialData&formatted=false&crumb=";
        assert!(target.starts_with(expected), "{target}");
    }
}

#[tokio::test]
async fn a_loss_maker_has_no_pe_and_empty_objects_are_missing() {
    let body = json!({"summaryDetail": {"forwardPE": -13.03, "currency": "USD", "marketCap": {}},
        "defaultKeyStatistics": {"trailingEps": -0.47, "bookValue": {"raw": 0, "fmt": null}}});
    let (_server, yahoo) = told(&summary(&body));
    let stats = yahoo.stats(&symbol("BFLY")).await.expect("ratios");
    assert_eq!((stats.trailing_pe, stats.forward_pe), (None, Some(-13.03)));
    assert_eq!((stats.trailing_eps, stats.market_cap, stats.book_value), (Some(-0.47), None, None));
}

#[tokio::test]
async fn ratios_of_two_currencies_are_left_out() {
    let body = |traded: &str, reported: &str| {
        summary(&json!({
            "price": {"currency": traded, "marketCap": 2000.0},
            "summaryDetail": {"trailingPE": 20.9, "forwardPE": 14.5},
            "defaultKeyStatistics": {"bookValue": 4.5, "priceToBook": 0.33, "forwardPE": 1.95,
                "trailingEps": 6.87},
            "financialData": {"financialCurrency": reported},
        }))
    };
    let (_server, yahoo) = told(&body("USD", "CNY"));
    let fetched = yahoo.statistics(&symbol("BABA")).await.expect("ratios");
    let stats = fetched.rows[0];
    assert_eq!((stats.price_to_book, stats.book_value), (None, None));
    assert_eq!((stats.forward_pe, stats.trailing_pe), (Some(14.5), Some(20.9)));
    assert_eq!((stats.trailing_eps, stats.market_cap), (Some(6.87), Some(2000.0)));
    assert!(fetched.warnings[0].contains("CNY"), "{:?}", fetched.warnings);

    // Nobody knows whether they are two.
    let alone = json!({"defaultKeyStatistics": {"bookValue": 432.5, "priceToBook": 0.33}});
    let (_server, yahoo) = told(&summary(&alone));
    let fetched = yahoo.statistics(&symbol("BABA")).await.expect("ratios");
    assert!(fetched.warnings[0].contains("not both known"), "{:?}", fetched.warnings);

    // Pounds are put into pence, which takes no rate of exchange.
    let (_server, yahoo) = told(&body("GBp", "GBP"));
    let stats = yahoo.stats(&symbol("OCDO.L")).await.expect("ratios");
    assert_eq!(stats.currency.map(|currency| currency.to_string()), Some("GBX".to_owned()));
    assert_eq!((stats.book_value, stats.price_to_book), (Some(450.0), None));
    assert_eq!((stats.trailing_eps, stats.market_cap), (Some(687.0), Some(200_000.0)));
}

#[tokio::test]
async fn a_reply_without_the_modules_asked_for_is_no_answer() {
    let (_server, yahoo) = told(&summary(&json!({"earnings": {"maxAge": 1}})));
    let ko = symbol("KO");
    let errors = [
        yahoo.stats(&ko).await.expect_err("no ratios"),
        yahoo.estimates(&ko).await.expect_err("no estimates"),
        yahoo.security(&ko).await.expect_err("no profile"),
        yahoo.earnings_history(&ko).await.expect_err("no history"),
        yahoo.agenda(&ko).await.expect_err("no agenda"),
    ];
    assert!(errors.iter().all(|error| error.kind() == "decode"), "{errors:?}");
}

fn number(value: f64) -> Value {
    json!({"raw": value, "fmt": value.to_string()})
}

fn trend(period: &str, end: &str, average: f64, currency: &str) -> Value {
    json!({
        "period": period, "endDate": end,
        "earningsEstimate": {"avg": number(average), "low": number(average - 1.0),
            "high": number(average + 1.0), "numberOfAnalysts": number(38.0),
            "earningsCurrency": currency},
        "epsTrend": {"current": number(average), "7daysAgo": number(average + 0.25),
            "30daysAgo": number(average + 0.5), "60daysAgo": number(0.0),
            "90daysAgo": number(average + 0.75)},
        "epsRevisions": {"upLast30days": number(9.0),
            "downLast30days": {"raw": 0, "fmt": null, "longFmt": "0"}},
    })
}

fn estimates(price: &str, earnings: &str) -> Value {
    json!({
        "earningsTrend": {"trend": [trend("0q", "2025-03-31", 1.5, earnings),
            trend("0y", "2025-09-30", 7.25, earnings), trend("+1y", "2026-09-30", 8.5, earnings)]},
        "recommendationTrend": {"trend": [
            {"period": "0m", "strongBuy": 2, "buy": 1, "hold": 1, "sell": 0, "strongSell": 0},
            {"period": "-1m", "strongBuy": 0, "buy": 2, "hold": 2, "sell": 0, "strongSell": 0}]},
        "price": {"currency": price},
        "quoteType": {"timeZoneFullName": "America/New_York"},
    })
}

#[tokio::test]
async fn estimates_are_read_as_of_the_day_of_the_reply() {
    let (_server, yahoo) = told(&summary(&estimates("USD", "USD")));
    let fetched = yahoo.consensus(&symbol("AAPL")).await.expect("estimates");
    assert_eq!(fetched.currency.map(|currency| currency.to_string()), Some("USD".to_owned()));
    let row = &fetched.rows[1];
    assert_eq!((row.as_of, row.period.as_str()), (day("2025-02-24"), "0y"));
    assert_eq!(row.end_date, Some(day("2025-09-30")));
    let spread = (row.eps_average, row.eps_low, row.eps_high);
    assert_eq!(spread, (Some(7.25), Some(6.25), Some(8.25)));
    assert_eq!((row.eps_7_days_ago, row.eps_30_days_ago), (Some(7.5), Some(7.75)));
    // A 0 of the past is one that Yahoo does not know, and a blank 0 is missing.
    assert_eq!((row.eps_60_days_ago, row.eps_90_days_ago), (None, Some(8.0)));
    assert_eq!((row.analysts, row.up_30, row.down_30), (Some(38), Some(9), None));

    let snapshot = yahoo.estimates(&symbol("AAPL")).await.expect("estimates").rows.remove(0);
    assert_eq!((snapshot.as_of, snapshot.fy1_end), (day("2025-02-24"), day("2025-09-30")));
    assert_eq!((snapshot.fy1, snapshot.fy1_90d), (Some(7.25), Some(8.0)));
    assert_eq!((snapshot.fy2, snapshot.fy2_90d), (Some(8.5), Some(9.25)));
    let ranges = [snapshot.fy1_low, snapshot.fy1_high, snapshot.fy2_low, snapshot.fy2_high];
    assert_eq!(ranges, [Some(6.25), Some(8.25), Some(7.5), Some(9.5)]);
    // Of 38 analysts, nobody cut: that is known.
    assert_eq!((snapshot.fy2_up_30d, snapshot.fy2_down_30d), (Some(9), Some(0)));
    assert_eq!(snapshot.analysts, Some(38));
    // (2·1 + 1·2 + 1·3) / 4 and (2·2 + 2·3) / 4.
    assert_eq!((snapshot.recommendation, snapshot.recommendation_30d), (Some(1.75), Some(2.5)));
    assert_eq!(snapshot.recommending, Some(4));
}

#[tokio::test]
async fn where_nobody_estimates_zero_is_missing() {
    let mut body = estimates("USD", "USD");
    for trend in body["earningsTrend"]["trend"].as_array_mut().expect("trends") {
        let estimate = &mut trend["earningsEstimate"];
        for field in ["avg", "low", "high", "numberOfAnalysts"] {
            estimate[field] = number(0.0);
        }
        trend["epsRevisions"]["downLast30days"] = json!({});
    }
    let (_server, yahoo) = told(&summary(&body));
    let rows = yahoo.consensus(&symbol("CRON")).await.expect("rows").rows;
    for row in rows {
        let values = [row.eps_average, row.eps_low, row.eps_high];
        assert_eq!((values, row.analysts, row.down_30), ([None; 3], None, None));
    }
    let snapshot = yahoo.estimates(&symbol("CRON")).await.expect("rows").rows.remove(0);
    assert_eq!((snapshot.fy1, snapshot.analysts, snapshot.fy2_down_30d), (None, None, None));
    assert_eq!((snapshot.fy1_low, snapshot.fy2_high), (None, None));
}

#[tokio::test]
async fn estimates_are_never_in_another_currency_than_the_price() {
    let (_server, yahoo) = told(&summary(&estimates("USD", "EUR")));
    let fetched = yahoo.estimates(&symbol("SPOT")).await.expect("no snapshot");
    assert!(fetched.rows.is_empty() && fetched.dropped[0].contains("currency"), "{fetched:?}");

    let (_server, yahoo) = told(&summary(&estimates("GBp", "GBP")));
    let snapshot = yahoo.estimates(&symbol("OCDO.L")).await.expect("estimates").rows.remove(0);
    assert_eq!((snapshot.fy1, snapshot.fy2_90d), (Some(725.0), Some(925.0)));
    assert_eq!((snapshot.fy1_low, snapshot.fy2_high), (Some(625.0), Some(950.0)));
    // A grade is no amount.
    assert_eq!((snapshot.recommendation, snapshot.recommending), (Some(1.75), Some(4)));
}

fn quote(symbol: &str) -> Value {
    json!({"symbol": symbol, "currency": "USD", "regularMarketPrice": 61.4,
        "regularMarketPreviousClose": 60.75, "regularMarketTime": 1_739_566_800,
        "bid": 0, "ask": 61.45, "marketCap": 3_500_000_123_456_i64})
}

fn quotes(quotes: &[Value]) -> Value {
    json!({"quoteResponse": {"result": quotes, "error": null}})
}

#[tokio::test]
async fn quotes_come_in_the_order_asked_and_strangers_are_left_out() {
    let stub = json!({"symbol": "BRKS", "quoteType": "NONE"});
    let (server, yahoo) = told(&quotes(&[quote("KO"), stub, quote("BRK-B")]));
    let symbols = ["BRK.B", "SIX", "BRKS", "KO"].map(symbol);
    let found = yahoo.quotes(&symbols).await.expect("quotes");
    assert_eq!(found.iter().map(|q| q.symbol.as_str()).collect::<Vec<_>>(), ["BRK.B", "KO"]);
    let ko = &found[1];
    assert_eq!((ko.bid, ko.ask), (None, Some("61.45".parse().expect("a price"))));
    assert_eq!(ko.last, Some("61.4".parse().expect("a price")));
    assert_eq!(ko.previous_close, Some("60.75".parse().expect("a price")));
    assert_eq!(ko.time.to_rfc3339(), "2025-02-14T21:00:00+00:00");
    let target = &server.received()[2].target;
    assert!(target.starts_with("/v7/finance/quote?symbols=BRK-B%2CSIX%2CBRKS%2CKO&"), "{target}");
}

#[tokio::test]
async fn a_quote_of_one_stock_is_there_or_not_found() {
    let (_server, yahoo) =
        told(&quotes(&[quote("KO"), json!({"symbol": "BRKS", "quoteType": "NONE"})]));
    let row = yahoo.quote(&symbol("KO")).await.expect("a quote").rows[0];
    assert_eq!((row.price, row.previous_close), (Some(61.4), Some(60.75)));
    assert_eq!(row.market_cap, Some(3_500_000_123_456.0));
    for stranger in ["SIX", "BRKS"] {
        let error = yahoo.quote(&symbol(stranger)).await.expect_err("no quote");
        assert_eq!(error.kind(), "not_found");
    }
    // What cannot be read must not be remembered as a stock that there is not.
    let (_server, yahoo) = told(&quotes(&[json!({"regularMarketPrice": 61.4})]));
    assert_eq!(yahoo.quote(&symbol("KO")).await.expect_err("of nobody").kind(), "decode");
}

#[tokio::test]
async fn a_security_is_whole_or_says_what_is_not_known() {
    let whole = json!({"assetProfile": {"sector": "Technology"},
        "price": {"currency": "USD", "longName": "Apple Inc."},
        "financialData": {"financialCurrency": "USD"}});
    let (_server, yahoo) = told(&summary(&whole));
    let apple = yahoo.security(&symbol("AAPL")).await.expect("a security");
    assert_eq!((apple.issuer.as_str(), apple.sector.as_str()), ("Apple Inc.", "Technology"));
    assert_eq!((apple.trade_currency, apple.adr_ratio), (apple.report_currency, 1.0));

    let mut receipt = whole.clone();
    receipt["financialData"]["financialCurrency"] = "CNY".into();
    let (_server, yahoo) = told(&summary(&receipt));
    let error = yahoo.security(&symbol("BABA")).await.expect_err("no ratio");
    assert_eq!(error.to_string(), "Yahoo has no data for the depositary ratio of BABA");
    let row = yahoo.profile(&symbol("BABA")).await.expect("a row").rows.remove(0);
    assert_eq!(row.adr_ratio, None);

    let mut fund = whole;
    fund.as_object_mut().expect("modules").remove("assetProfile");
    let (_server, yahoo) = told(&summary(&fund));
    let error = yahoo.security(&symbol("QQQ")).await.expect_err("no sector");
    assert_eq!((error.kind(), error.is_retryable()), ("not_found", false));
}

#[tokio::test]
async fn history_and_agenda_are_read() {
    let body = json!({
        "earningsHistory": {"history": [
            {"quarter": {"raw": 1_735_603_200, "fmt": "2024-12-31"}, "epsActual": number(2.4),
                "epsEstimate": number(2.375), "currency": "USD"},
            {"quarter": {"raw": 1_727_654_400, "fmt": "2024-09-30"}, "epsActual": {}},
            {"epsActual": number(1.0)}]},
        "calendarEvents": {"earnings": {"earningsDate": [1_746_010_740, number(1_746_446_400.0)],
            "isEarningsDateEstimate": true}, "exDividendDate": 1_739_145_600,
            "dividendDate": {"raw": 1_739_404_800, "fmt": "2025-02-13"}},
    });
    let (_server, yahoo) = told(&summary(&body));
    let history = yahoo.earnings_history(&symbol("AAPL")).await.expect("a history");
    let found: Vec<_> = history.rows.iter().map(|row| (row.quarter_end, row.eps_actual)).collect();
    assert_eq!(found, [(day("2024-09-30"), None), (day("2024-12-31"), Some(2.4))]);
    assert_eq!((history.rows[1].eps_estimate, history.dropped.len()), (Some(2.375), 1));
    let agenda = yahoo.agenda(&symbol("AAPL")).await.expect("an agenda");
    let seconds: Vec<_> = agenda.earnings.iter().map(chrono::DateTime::timestamp).collect();
    assert_eq!(seconds, [1_746_010_740, 1_746_446_400]);
    assert_eq!(
        (agenda.is_estimate, agenda.ex_dividend_date),
        (Some(true), Some(day("2025-02-10")))
    );
    assert_eq!(agenda.dividend_date, Some(day("2025-02-13")));
}

#[tokio::test]
async fn no_fundamentals_is_not_found() {
    let body = json!({"quoteSummary": {"result": null, "error": {"code": "Not Found",
        "description": "No fundamentals data found for any of the summaryTypes=price"}}});
    let server = answering(404, body.to_string());
    let error = yahoo(&server).stats(&symbol("QQQ")).await.expect_err("a fund");
    assert_eq!(error.kind(), "not_found");
}
