//! Made-up replies in Yahoo's shape, and a local server that gives them.

use chrono::{NaiveDate, NaiveTime};
use decile::core::Symbol;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Replies by the path that asks for them.
pub type Pages = BTreeMap<String, Vec<u8>>;

/// Makes everything that is asked about so many stocks, each with a chart of so many bars.
#[must_use]
pub fn pages(stocks: usize, bars: usize) -> Pages {
    let mut pages = Pages::new();
    pages.insert("/v1/test/getcrumb".to_owned(), b"cr.UMB/12345".to_vec());
    let names: Vec<String> = symbols(stocks).iter().map(ToString::to_string).collect();
    for name in &names {
        let mut page = |path: &str, body: &Value| {
            pages.insert(format!("{path}{name}"), body.to_string().into_bytes());
        };
        page("/v8/finance/chart/", &chart(name, bars));
        page("/ws/fundamentals-timeseries/v1/finance/timeseries/", &statements());
        page("/v10/finance/quoteSummary/", &summary(name));
    }
    let quotes = json!({"quoteResponse": {"result": names.iter().map(|name| quote(name))
        .collect::<Vec<_>>(), "error": null}});
    pages.insert("/v7/finance/quote".to_owned(), quotes.to_string().into_bytes());
    pages
}

/// Names so many made-up stocks.
///
/// # Panics
/// Never: the names are symbols.
#[must_use]
pub fn symbols(stocks: usize) -> Vec<Symbol> {
    (0..stocks).map(|n| format!("QZ{n}").parse().expect("a symbol")).collect()
}

/// Weekdays at half past two, the last of them in November 2025, with prices that go up and down.
fn chart(name: &str, bars: usize) -> Value {
    const DAY: usize = 86_400;
    const LAST: usize = 1_764_340_200;
    let weeks = bars.div_ceil(5);
    let times: Vec<usize> =
        (0..bars).map(|n| LAST - (weeks - n / 5) * 7 * DAY + n % 5 * DAY).collect();
    let column = |shift: f64| -> Vec<f64> {
        (0..bars)
            .map(|n| 100.0 + 20.0 * (n as f64 * 0.017).sin() + (n % 7) as f64 / 7.0 + shift)
            .collect()
    };
    let volume: Vec<usize> = (0..bars).map(|n| 1_000_000 + n * 7919 % 500_000).collect();
    let dividend =
        |row: &usize| (times[*row].to_string(), json!({"amount": 0.25, "date": times[*row]}));
    let dividends: serde_json::Map<String, Value> =
        (0..bars).step_by(63).collect::<Vec<_>>().iter().map(dividend).collect();
    let period =
        json!({"timezone": "EST", "start": LAST, "end": LAST + 23_400, "gmtoffset": -18000});
    json!({"chart": {"result": [{
        "meta": {"currency": "USD", "symbol": name, "exchangeName": "NMS", "instrumentType": "EQUITY",
            "firstTradeDate": times[0], "regularMarketTime": LAST + 23_400, "gmtoffset": -18000,
            "timezone": "EST", "exchangeTimezoneName": "America/New_York", "priceHint": 2,
            "regularMarketPrice": 100.0, "chartPreviousClose": 100.0, "dataGranularity": "1d",
            "range": "", "validRanges": ["1d", "max"],
            "currentTradingPeriod": {"pre": period, "regular": period, "post": period}},
        "timestamp": times,
        "events": {"dividends": dividends},
        "indicators": {
            "quote": [{"open": column(0.1), "high": column(1.0), "low": column(-1.0),
                "close": column(0.0), "volume": volume}],
            "adjclose": [{"adjclose": column(-0.5)}]},
    }], "error": null}})
}

fn number(value: f64) -> Value {
    json!({"raw": value, "fmt": format!("{value:.2}")})
}

fn statements() -> Value {
    let ends = ["2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"];
    let midnight = |end: &&str| {
        let end: NaiveDate = end.parse().expect("a date");
        end.and_time(NaiveTime::MIN).and_utc().timestamp()
    };
    let times: Vec<i64> = ends.iter().map(midnight).collect();
    let items = [
        "NetIncomeCommonStockholders",
        "NetIncome",
        "CommonStockEquity",
        "TotalAssets",
        "OrdinarySharesNumber",
        "TotalRevenue",
        "GrossProfit",
    ];
    let series = items.iter().map(|item| {
        let name = format!("quarterly{item}");
        let points: Vec<Value> = ends
            .iter()
            .map(|end| {
                json!({"dataId": 1, "asOfDate": end, "periodType": "3M",
                "currencyCode": "USD", "reportedValue": number(1.0e9)})
            })
            .collect();
        json!({"meta": {"symbol": ["QZ"], "type": [name]}, "timestamp": times, name: points})
    });
    json!({"timeseries": {"result": series.collect::<Vec<_>>(), "error": null}})
}

fn summary(name: &str) -> Value {
    let trend = |period: &str, end: &str| {
        json!({"maxAge": 1, "period": period, "endDate": end, "growth": number(0.1),
            "earningsEstimate": {"avg": number(5.0), "low": number(4.0), "high": number(6.0),
                "yearAgoEps": number(4.5), "numberOfAnalysts": number(20.0), "growth": number(0.1),
                "earningsCurrency": "USD"},
            "revenueEstimate": {"avg": number(1e9), "numberOfAnalysts": number(20.0)},
            "epsTrend": {"current": number(5.0), "7daysAgo": number(5.0), "30daysAgo": number(5.0),
                "60daysAgo": number(5.0), "90daysAgo": number(4.9), "epsTrendCurrency": "USD"},
            "epsRevisions": {"upLast7days": number(1.0), "upLast30days": number(3.0),
                "downLast30days": number(2.0), "downLast90days": {}}})
    };
    json!({"quoteSummary": {"result": [{
        "price": {"currency": "USD", "longName": name, "marketCap": number(1.0e11)},
        "summaryDetail": {"trailingPE": 20.5, "forwardPE": 18.25, "marketCap": 1.0e11,
            "currency": "USD"},
        "defaultKeyStatistics": {"bookValue": 20.5, "priceToBook": 4.8, "trailingEps": 5.0,
            "sharesOutstanding": 1.0e9, "forwardPE": 18.0},
        "financialData": {"returnOnEquity": 0.25, "financialCurrency": "USD"},
        "quoteType": {"quoteType": "EQUITY", "symbol": name, "timeZoneFullName": "America/New_York"},
        "earningsTrend": {"trend": [trend("0q", "2025-12-31"), trend("+1q", "2026-03-31"),
            trend("0y", "2025-12-31"), trend("+1y", "2026-12-31")]},
    }], "error": null}})
}

fn quote(name: &str) -> Value {
    json!({"symbol": name, "currency": "USD", "quoteType": "EQUITY", "regularMarketPrice": 100.5,
        "regularMarketPreviousClose": 100.0, "regularMarketTime": 1_764_363_600, "bid": 100.4,
        "ask": 100.6, "marketCap": 100_000_000_000_i64})
}

/// Serves pages on 127.0.0.1 as long as the program runs, and returns the address.
///
/// # Panics
/// If there is no free port.
#[must_use]
pub fn serve(pages: Pages) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let pages = Arc::new(pages);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            thread::spawn(move || answer(stream, &pages));
        }
    });
    url
}

/// Answers one request after the other on a connection that stays open.
fn answer(mut stream: TcpStream, pages: &Pages) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let first = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let path = first.split([' ', '?']).nth(1)?;
        let (status, body) = pages.get(path).map_or((404, &[][..]), |body| (200, body));
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    }
}
