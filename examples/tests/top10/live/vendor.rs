//! Yahoo and the SEC as a market would look there: split-adjusted charts, spin-offs as odd splits,
//! statements as filed.

use chrono::{Days, NaiveDate};
use decile::core::{ActionKind, Calendar, CorporateAction, Filing, Market, Stock, Symbol, Tables};
use serde_json::{Value, json};

/// A stock of which no answer ever comes.
pub(super) const SILENT: &str = "HUSH";

/// Answers for a market.
pub(super) struct Vendor {
    market: Market,
    unknown: Option<Symbol>,
}

/// By how much a charting service divides what is before an action, and when.
fn steps(stock: &Stock) -> Vec<(NaiveDate, f64)> {
    let step = |action: &CorporateAction| {
        let step = match action.kind {
            ActionKind::Split => action.value,
            ActionKind::Dividend => 1.0,
            ActionKind::Spinoff => {
                let before = stock.bars().iter().rfind(|bar| bar.date < action.ex_date);
                before.map_or(1.0, |bar| bar.close / (bar.close - action.value))
            }
        };
        (action.ex_date, step)
    };
    stock.actions().iter().map(step).collect()
}

fn divisor(stock: &Stock, date: NaiveDate) -> f64 {
    let later = steps(stock).into_iter().filter(|(ex_date, _)| *ex_date > date);
    later.map(|(_, step)| step).product()
}

fn splits_between(stock: &Stock, after: NaiveDate, until: NaiveDate) -> f64 {
    let due = CorporateAction::due(stock.actions(), after, until);
    due.into_iter().filter_map(CorporateAction::split_ratio).product()
}

/// The market with its consensus dated on the session before the run's, as a live run sees it.
pub(super) fn as_shown(market: &Market, before: NaiveDate) -> Market {
    let mut tables = Tables::default();
    for stock in market.stocks() {
        tables.securities.push(stock.security().clone());
        let bars = stock.bars().iter().map(|bar| (stock.symbol().clone(), *bar));
        tables.prices.extend(bars);
        tables.actions.extend(stock.actions().iter().cloned());
        tables.filings.extend(stock.filings().iter().cloned());
        tables.estimates.extend(stock.estimates().iter().cloned().map(|mut snapshot| {
            snapshot.as_of = before;
            snapshot
        }));
    }
    Market::new(market.calendar().clone(), tables).expect("it fits")
}

impl Vendor {
    pub(super) fn new(market: &Market) -> Self {
        Self { market: market.clone(), unknown: None }
    }

    /// Knows nothing of a stock.
    pub(super) fn without(self, symbol: Symbol) -> Self {
        Self { unknown: Some(symbol), ..self }
    }

    /// Returns status and body for path and query.
    pub(super) fn answer(&self, target: &str) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if query.contains(SILENT) {
            std::thread::sleep(std::time::Duration::from_secs(3600));
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let stock = last.parse().ok().and_then(|symbol| self.stock(&symbol));
        match (path, stock) {
            ("/v1/test/getcrumb", _) => (200, "aaBBccDD.ee".to_owned()),
            ("/files/company_tickers.json", _) => (200, self.directory().to_string()),
            (_, Some(stock)) if path.starts_with("/v8/") => (200, chart(stock).to_string()),
            (_, Some(stock)) if path.starts_with("/v10/") => {
                (200, self.summary(stock, query).to_string())
            }
            (_, Some(stock)) if path.starts_with("/ws/") => (200, series(stock).to_string()),
            _ if path.starts_with("/v8/") => (404, not_found("chart")),
            _ if path.starts_with("/v10/") => (404, not_found("quoteSummary")),
            _ => match last.strip_prefix("CIK").and_then(|n| n.strip_suffix(".json")?.parse().ok())
            {
                Some(number) => self.facts(number),
                None => (404, String::new()),
            },
        }
    }

    fn stock(&self, symbol: &Symbol) -> Option<&Stock> {
        self.market.stock(symbol).filter(|_| self.unknown.as_ref() != Some(symbol))
    }

    fn directory(&self) -> Value {
        let stocks = self.market.stocks().iter().enumerate();
        let row = |(index, stock): (usize, &Stock)| {
            (index.to_string(), json!({"cik_str": index + 1, "ticker": stock.symbol()}))
        };
        Value::Object(stocks.map(row).collect())
    }

    fn facts(&self, number: usize) -> (u16, String) {
        let stock = number.checked_sub(1).and_then(|index| self.market.stocks().get(index));
        let Some(stock) = stock else { return (404, String::new()) };
        let all = |value: fn(&Stock, &Filing) -> Option<Value>| -> Vec<Value> {
            stock.filings().iter().filter_map(|filing| value(stock, filing)).collect()
        };
        let facts = json!({"us-gaap": {
            "NetIncomeLoss": {"units": {"USD": all(net_income)}},
            "StockholdersEquity": {"units": {"USD": all(book_equity)}},
            "WeightedAverageNumberOfDilutedSharesOutstanding": {"units": {"shares": all(shares)}},
        }});
        (200, json!({"cik": number, "facts": facts}).to_string())
    }

    /// All modules at once: whoever asks for some finds them.
    fn summary(&self, stock: &Stock, query: &str) -> Value {
        assert!(query.contains("crumb="), "{query}");
        let security = stock.security();
        let estimate = stock.estimates().last();
        let trend = |period: &str, end: NaiveDate, now: Option<f64>, ago: Option<f64>| {
            json!({
                "period": period,
                "endDate": end,
                "earningsEstimate": {"avg": raw(now), "numberOfAnalysts": raw(Some(9.0)),
                    "earningsCurrency": "USD"},
                "epsTrend": {"current": raw(now), "90daysAgo": raw(ago),
                    "epsTrendCurrency": "USD"},
            })
        };
        let trends = estimate.map_or_else(Vec::new, |estimate| {
            let next = estimate.fy1_end + Days::new(365);
            vec![
                trend("0y", estimate.fy1_end, estimate.fy1, estimate.fy1_90d),
                trend("+1y", next, estimate.fy2, estimate.fy2_90d),
            ]
        });
        let modules = json!({
            "assetProfile": {"sector": security.sector},
            "price": {"currency": "USD", "longName": security.issuer},
            "quoteType": {"quoteType": "EQUITY", "timeZoneFullName": "America/New_York"},
            "financialData": {"financialCurrency": "USD"},
            "earningsTrend": {"trend": trends},
        });
        json!({"quoteSummary": {"result": [modules], "error": null}})
    }
}

fn raw(value: Option<f64>) -> Value {
    value.map_or_else(|| json!({}), |value| json!({"raw": value, "fmt": value.to_string()}))
}

fn not_found(envelope: &str) -> String {
    let error = json!({"code": "Not Found", "description": "No data found"});
    json!({envelope: {"result": null, "error": error}}).to_string()
}

fn fact(filing: &Filing, start: Option<NaiveDate>, value: f64) -> Option<Value> {
    let mut fact = json!({"end": filing.period_end, "val": value, "filed": filing.filed?,
        "form": filing.form, "accn": format!("0000000000-{}", filing.filed?)});
    if let Some(start) = start {
        fact["start"] = json!(start);
    }
    Some(fact)
}

/// The quarter's first day is near enough: what counts is how long it was.
fn start(filing: &Filing) -> Option<NaiveDate> {
    filing.period_end.checked_sub_days(Days::new(90))
}

fn net_income(_: &Stock, filing: &Filing) -> Option<Value> {
    fact(filing, start(filing), filing.net_income?)
}

fn book_equity(_: &Stock, filing: &Filing) -> Option<Value> {
    fact(filing, None, filing.book_equity?)
}

/// A filing after a split counts as if it had been before.
fn shares(stock: &Stock, filing: &Filing) -> Option<Value> {
    let splits = splits_between(stock, filing.period_end, filing.filed?);
    fact(filing, start(filing), filing.shares? * splits)
}

/// The last four quarters, at the ends of months, with share counts of today.
fn series(stock: &Stock) -> Value {
    let last = stock.filings().iter().rev().take(4);
    let points: Vec<Value> = last
        .filter_map(|filing| {
            let point = json!({"asOfDate": filing.period_end, "periodType": "3M",
                "currencyCode": "USD", "reportedValue": {"raw": filing.net_income?}});
            Some(point)
        })
        .collect();
    let name = "quarterlyNetIncomeCommonStockholders";
    let result = json!([{"meta": {"type": [name]}, name: points}]);
    json!({"timeseries": {"result": result, "error": null}})
}

fn chart(stock: &Stock) -> Value {
    let open = |date: NaiveDate| Calendar::nyse().open(date).map(|open| open.timestamp());
    let column = |value: &dyn Fn(f64, Option<f64>) -> Option<f64>| -> Vec<Option<f64>> {
        let bars = stock.bars().iter();
        bars.map(|bar| value(bar.close / divisor(stock, bar.date), bar.volume)).collect()
    };
    let close = column(&|close, _| Some(close));
    let volume: Vec<Option<f64>> =
        stock.bars().iter().map(|bar| Some(bar.volume? * divisor(stock, bar.date))).collect();
    let (mut dividends, mut splits) = (serde_json::Map::new(), serde_json::Map::new());
    for (action, (_, step)) in stock.actions().iter().zip(steps(stock)) {
        let Some(time) = open(action.ex_date) else { continue };
        if action.kind == ActionKind::Dividend {
            let amount = action.value / divisor(stock, action.ex_date);
            dividends.insert(time.to_string(), json!({"amount": amount, "date": time}));
        } else {
            let terms = json!({"date": time, "numerator": step, "denominator": 1.0});
            splits.insert(time.to_string(), terms);
        }
    }
    let times: Vec<Option<i64>> = stock.bars().iter().map(|bar| open(bar.date)).collect();
    json!({"chart": {"error": null, "result": [{
        "meta": {"currency": "USD", "symbol": stock.symbol(), "dataGranularity": "1d",
            "exchangeTimezoneName": "America/New_York"},
        "timestamp": times,
        "events": {"dividends": dividends, "splits": splits},
        "indicators": {"quote": [{"open": close, "high": close, "low": close, "close": close,
            "volume": volume}]},
    }]}})
}
