//! Resolves a market into matrices, stock by stock.

use super::company::{Companies, Subject};
use super::{Panel, Sources, estimates};
use crate::Field;
use crate::group::Groups;
use chrono::NaiveDate;
use decile_core::{Currency, Market, Stock};
use rayon::prelude::*;
use std::collections::BTreeMap;

pub(super) fn panel(market: &Market, wanted: &[Field]) -> Panel {
    let sessions = market.calendar().sessions();
    let stocks = market.stocks();
    let mut fields: Vec<Field> =
        wanted.iter().filter(|field| !is_foreign(field)).cloned().collect();
    fields.sort();
    fields.dedup();
    let companies = Companies::new(market, sessions);
    let resolver = Resolver { market, sessions, fields: &fields, companies };
    let columns: Vec<Columns> = stocks.par_iter().map(|stock| resolver.columns(stock)).collect();
    Panel {
        sessions: sessions.to_vec(),
        symbols: stocks.iter().map(|stock| stock.symbol().clone()).collect(),
        sectors: Groups::new(stocks.iter().map(|stock| stock.security().sector.clone()).collect()),
        issuers: Groups::new(stocks.iter().map(|stock| stock.security().issuer.clone()).collect()),
        universe: transpose(sessions.len(), &columns, |column| &column.universe),
        fields: matrices(sessions.len(), &fields, &columns),
        benchmark: benchmark(market),
        first_estimate: estimates::first_usable(stocks, sessions),
        sources: stocks.iter().map(|stock| Sources::new(stock, market.calendar())).collect(),
    }
}

/// The benchmark's close of every session; missing where there is none.
fn benchmark(market: &Market) -> Vec<f64> {
    let mut closes = market.benchmark().iter().peekable();
    let sessions = market.calendar().sessions().iter();
    let level = |date: &NaiveDate| closes.next_if(|close| close.date == *date);
    sessions.map(level).map(|close| close.map_or(f64::NAN, |close| close.close)).collect()
}

/// Tells whether the field is somebody else's to fill.
fn is_foreign(field: &Field) -> bool {
    matches!(field, Field::Custom(_) | Field::Derived(_))
}

/// Everything about one stock: one value per session, for each field in turn.
struct Columns {
    universe: Vec<bool>,
    values: Vec<Vec<f64>>,
}

struct Resolver<'a> {
    market: &'a Market,
    sessions: &'a [NaiveDate],
    fields: &'a [Field],
    companies: Companies<'a>,
}

impl Resolver<'_> {
    fn columns(&self, stock: &Stock) -> Columns {
        let subject = Subject::new(stock, self.market, self.sessions);
        let Subject { observed, statements, .. } = &subject;
        let column = |field: &Field| match field {
            Field::Close => observed.closes(),
            Field::Volume => observed.volumes(),
            Field::TotalReturn => observed.total_return(),
            Field::DailyReturn => observed.daily_returns(),
            Field::ClosesObserved => observed.counts(),
            Field::DividendsYear => observed.dividends(),
            Field::UsdRate => self.usd_rates(stock),
            Field::Fx => statements.column(self.sessions, |view, at| {
                let to = stock.security().trade_currency;
                self.market.exchange(view.newest()?.currency, to, self.sessions[at])
            }),
            Field::ListedShares => self.companies.listed_shares(&subject),
            Field::ClassShares => statements.column(self.sessions, |view, at| {
                subject.of_class(view, at).or(subject.of_all(view, at))
            }),
            Field::Ttm(item) => statements.column(self.sessions, |view, _| view.ttm(*item)),
            Field::TtmYearAgo(item) => {
                statements.column(self.sessions, |view, _| view.ttm_year_ago(*item))
            }
            Field::Quarter(item, back) => {
                statements.column(self.sessions, |view, _| view.quarter(*item, *back))
            }
            Field::QuarterYearAgo(item, back) => {
                statements.column(self.sessions, |view, _| view.quarter_year_ago(*item, *back))
            }
            Field::ChangeDeviation(item) => {
                statements.column(self.sessions, |view, _| view.change_deviation(*item))
            }
            Field::ForwardEps => estimates::forward(stock, self.sessions, |since, at| {
                observed.splits_since(since, at)
            }),
            Field::Estimate(number) => estimates::column(stock, self.sessions, *number),
            Field::Custom(_) | Field::Derived(_) => vec![f64::NAN; self.sessions.len()],
        };
        let priced =
            |(at, date): (usize, &NaiveDate)| observed.has_price(at) && stock.is_member(*date);
        Columns {
            universe: self.sessions.iter().enumerate().map(priced).collect(),
            values: self.fields.iter().map(column).collect(),
        }
    }
    fn usd_rates(&self, stock: &Stock) -> Vec<f64> {
        let rate = |date: &NaiveDate| {
            self.market.exchange(stock.security().trade_currency, Currency::USD, *date)
        };
        self.sessions.iter().map(|date| rate(date).unwrap_or(f64::NAN)).collect()
    }
}

fn matrices(sessions: usize, fields: &[Field], columns: &[Columns]) -> BTreeMap<Field, Vec<f64>> {
    let matrix = |(index, field): (usize, &Field)| {
        (field.clone(), transpose(sessions, columns, |column| &column.values[index]))
    };
    fields.iter().enumerate().map(matrix).collect()
}

/// Turns one vector per stock into one row per session.
fn transpose<T: Copy>(
    sessions: usize,
    columns: &[Columns],
    values: impl Fn(&Columns) -> &Vec<T>,
) -> Vec<T> {
    let mut matrix = Vec::with_capacity(sessions * columns.len());
    for session in 0..sessions {
        matrix.extend(columns.iter().map(|column| values(column)[session]));
    }
    matrix
}
