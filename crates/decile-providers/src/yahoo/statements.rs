//! Quarterly statements, out of one time series for each item.

use super::envelope::short;
use super::number::{Day, Number, Text};
use super::spelling::{self, currency};
use super::{Yahoo, envelope};
use crate::Reply;
use crate::asked::Asked;
use crate::notes::Notes;
use chrono::NaiveDate;
use decile_core::source::{Basis, Fetched, SourceError};
use decile_core::{Currency, Filing, Symbol};
use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The items that are read, as Yahoo names them.
const ITEMS: [&str; 11] = [
    "NetIncomeCommonStockholders",
    "NetIncome",
    "CommonStockEquity",
    "StockholdersEquity",
    "PreferredStockEquity",
    "OrdinarySharesNumber",
    "TotalRevenue",
    "GrossProfit",
    "TotalAssets",
    "OperatingCashFlow",
    "CashDividendsPaid",
];

/// Share counts are labelled with a currency that means nothing.
const WITHOUT_CURRENCY: &str = "OrdinarySharesNumber";

#[derive(Debug, Deserialize)]
struct Series {
    meta: SeriesMeta,
    /// The points, under the name of the series; absent if there are none.
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
struct SeriesMeta {
    r#type: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Point {
    as_of_date: Day,
    currency_code: Text,
    period_type: Text,
    reported_value: Number,
}

impl Yahoo {
    /// Fetches the statements of the last quarters, and of older years the balance sheet.
    ///
    /// Yahoo names neither form nor filing date: a quarter that ends a fiscal year is given as a
    /// 10-K, the others as 10-Q, and `filed` is missing. Years without quarters have no flows, since
    /// a year's are not a quarter's. Share counts are restated for later splits.
    ///
    /// # Errors
    /// As [`FilingSource`](decile_core::source::FilingSource).
    pub async fn statements(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let asked = Self::asked(symbol);
        let read = |reply: &Reply| read(reply, symbol, &asked);
        self.caller().plain("timeseries", url(symbol), &asked, read).await
    }
}

fn url(symbol: &Symbol) -> crate::Url {
    let spelt = spelling::symbol(symbol);
    let path = ["ws", "fundamentals-timeseries", "v1", "finance", "timeseries", &spelt];
    let mut url = super::address(&path);
    let of = |span: &'static str| ITEMS.iter().map(move |item| format!("{span}{item}"));
    let types: Vec<String> = of("quarterly").chain(of("annual")).collect();
    url.query_pairs_mut()
        .append_pair("symbol", &spelt)
        .append_pair("type", &types.join(","))
        // From 1985 to 2100: the address does not depend on the day, so that a replay finds it.
        .append_pair("period1", "493590046")
        .append_pair("period2", "4102444800");
    url
}

fn read(reply: &Reply, symbol: &Symbol, asked: &Asked) -> Result<Fetched<Filing>, SourceError> {
    let series: Vec<Series> = envelope::open(reply, asked)?;
    let mut fetched = Fetched::new(Vec::new());
    fetched.basis = Basis::SplitAdjusted;
    fetched.retrieved_at = Some(reply.retrieved_at());
    let mut notes = Notes::default();
    let mut quarters = Periods::new("quarterly", "3M");
    let mut years = Periods::new("annual", "12M");
    for one in series {
        let Some(name) = one.meta.r#type.first() else { continue };
        for periods in [&mut quarters, &mut years] {
            let item = name.strip_prefix(periods.prefix);
            let item = item.and_then(|item| ITEMS.iter().find(|known| **known == item));
            if let (Some(item), Some(points)) = (item, one.rest.get(name)) {
                periods.take(item, points, asked, &mut notes)?;
            }
        }
    }
    if quarters.by_end.is_empty() && years.by_end.is_empty() {
        return Err(asked.lacks("quarterly statements"));
    }
    if years.by_end.is_empty() {
        let warning = "no annual statements: a quarter that ends a fiscal year counts as a 10-Q";
        notes.warn(warning);
    }
    let mut rows: BTreeMap<NaiveDate, Filing> = BTreeMap::new();
    let mut add = |end: NaiveDate, items: &Items, is_quarter: bool| {
        let form = if years.by_end.contains_key(&end) { "10-K" } else { "10-Q" };
        match items.filing(symbol, end, form, is_quarter, reply) {
            Ok(filing) => drop(rows.insert(end, filing)),
            Err(why) => notes.drop(format!("{end}: {why}")),
        }
    };
    for (end, items) in &quarters.by_end {
        add(*end, items, true);
    }
    for (end, items) in years.by_end.iter().filter(|(end, _)| !quarters.by_end.contains_key(end)) {
        add(*end, items, false);
    }
    fetched.rows = rows.into_values().collect();
    notes.append_to(&mut fetched);
    fetched.currency = one_currency(&fetched.rows);
    Ok(fetched)
}

/// Returns the currency of all rows, if it is one.
fn one_currency(rows: &[Filing]) -> Option<Currency> {
    let first = rows.first()?.currency;
    rows.iter().all(|row| row.currency == first).then_some(first)
}

/// The items of all quarters, or of all years.
struct Periods {
    prefix: &'static str,
    period_type: &'static str,
    by_end: BTreeMap<NaiveDate, Items>,
}

impl Periods {
    fn new(prefix: &'static str, period_type: &'static str) -> Self {
        Self { prefix, period_type, by_end: BTreeMap::new() }
    }

    fn take(
        &mut self,
        item: &'static str,
        points: &Value,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<(), SourceError> {
        // A list may hold nulls where a period is not known.
        let points: Vec<Option<Point>> = Vec::deserialize(points).map_err(|error| {
            asked.decode_because(format!("{item} is no list of points"), Some(Box::new(error)))
        })?;
        for point in points.into_iter().flatten() {
            let Some(end) = point.as_of_date.0 else {
                notes.drop(format!("{}{item}: a value has no date", self.prefix));
                continue;
            };
            match point.period_type.as_str() {
                Some(found) if found != self.period_type => {
                    let found = short(found);
                    notes.drop(format!("{end}: {}{item} covers {found:?}", self.prefix));
                }
                _ => self.by_end.entry(end).or_default().put(item, &point),
            }
        }
        Ok(())
    }
}

/// The items of one period, each with its currency.
#[derive(Debug, Default)]
struct Items(BTreeMap<&'static str, (f64, Option<Currency>)>);

impl Items {
    fn put(&mut self, item: &'static str, point: &Point) {
        if let Some(value) = point.reported_value.amount() {
            let currency = currency(point.currency_code.as_str());
            self.0.insert(item, (value, currency.filter(|_| item != WITHOUT_CURRENCY)));
        }
    }

    /// Makes a filing in the currency of its amounts; two currencies in one period are none.
    fn filing(
        &self,
        symbol: &Symbol,
        end: NaiveDate,
        form: &str,
        is_quarter: bool,
        reply: &Reply,
    ) -> Result<Filing, &'static str> {
        let form = form.parse().map_err(|_| "its form is none")?;
        let mut filing = Filing::new(symbol.clone(), end, form);
        filing.retrieved_at = Some(reply.retrieved_at());
        filing.source = SmolStr::new_static("yahoo");
        let flow = |item| self.value(item).filter(|_| is_quarter);
        filing.net_income = flow("NetIncomeCommonStockholders").or(flow("NetIncome"));
        filing.book_equity = self.book_equity();
        filing.shares = self.value(WITHOUT_CURRENCY).filter(|shares| *shares > 0.0);
        filing.revenue = flow("TotalRevenue");
        filing.gross_profit = flow("GrossProfit");
        filing.total_assets = self.value("TotalAssets");
        filing.operating_cash_flow = flow("OperatingCashFlow");
        // Yahoo counts what leaves the company as negative.
        filing.dividends_paid = flow("CashDividendsPaid").map(|paid| 0.0 - paid);
        let amounts = [filing.net_income, filing.book_equity, filing.revenue, filing.total_assets];
        if amounts.iter().all(Option::is_none) && filing.shares.is_none() {
            return Err("it holds no item of a quarter");
        }
        filing.currency = self.currency()?;
        Ok(filing)
    }

    /// Common equity, else all equity less what is preferred; not reported is none of that.
    fn book_equity(&self) -> Option<f64> {
        let preferred = self.value("PreferredStockEquity").unwrap_or(0.0);
        let all = self.value("StockholdersEquity").map(|equity| equity - preferred);
        self.value("CommonStockEquity").or(all.filter(|equity| equity.is_finite()))
    }

    fn value(&self, item: &str) -> Option<f64> {
        self.0.get(item).map(|(value, _)| *value)
    }

    fn currency(&self) -> Result<Currency, &'static str> {
        let amounts = self.0.iter().filter(|(item, _)| **item != WITHOUT_CURRENCY);
        let mut found: Vec<Option<Currency>> =
            amounts.map(|(_, (_, currency))| *currency).collect();
        found.sort();
        found.dedup();
        match found[..] {
            [Some(one)] => Ok(one),
            [] => Err("share counts alone do not name a currency"),
            [None] => Err("it names no currency"),
            _ => Err("its amounts are in more than one currency"),
        }
    }
}
