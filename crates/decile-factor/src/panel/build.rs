//! Resolves a market into matrices, some stocks at a time.

use super::adjustment::Level;
use super::company::{Companies, Subject};
use super::estimates::{self, Usable};
use super::span::Span;
use super::{Panel, Screened, Sources};
use crate::Field;
use crate::group::Groups;
use chrono::NaiveDate;
use decile_core::{Currency, Market, Stock};
use rayon::prelude::*;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Stocks whose columns are held beside the matrices at one time.
const BLOCK_STOCKS: usize = 128;
/// Sessions for which there is room beyond the last, so that appending one moves no matrix. Memory that
/// is not written to takes up none.
const SPARE_SESSIONS: usize = 21;

pub(super) fn panel(market: &Market, wanted: &[Field]) -> Panel {
    let mut panel = Panel {
        sessions: Vec::new(),
        symbols: Vec::new(),
        sectors: Groups::new(Vec::new()),
        issuers: Groups::new(Vec::new()),
        universe: Vec::new(),
        fields: BTreeMap::new(),
        benchmark: Vec::new(),
        first_estimate: None,
        sources: Vec::new(),
        screened: Screened::default(),
    };
    let ours = wanted.iter().filter(|field| !is_foreign(field));
    panel.fields = ours.map(|field| (field.clone(), Vec::new())).collect();
    extend(&mut panel, market);
    panel
}

/// Adds the sessions of the market that the panel does not have yet; the market's first ones and its
/// stocks must be the panel's, and all fields the market's.
pub(super) fn extend(panel: &mut Panel, market: &Market) {
    let (sessions, stocks) = (market.calendar().sessions(), market.stocks());
    let span = Span { sessions, first: panel.sessions.len() };
    let levels = levels(panel, stocks, span);
    let name = |of: fn(&Stock) -> &SmolStr| Groups::new(stocks.iter().map(of).cloned().collect());
    panel.sessions.extend_from_slice(&sessions[span.first..]);
    panel.symbols = stocks.iter().map(|stock| stock.symbol().clone()).collect();
    panel.sectors = name(|stock| &stock.security().sector);
    panel.issuers = name(|stock| &stock.security().issuer);
    panel.benchmark.extend(benchmark(market, span));
    panel.first_estimate = estimates::first_usable(stocks, sessions);
    panel.sources = stocks.iter().map(|stock| Sources::new(stock, market.calendar())).collect();
    fill(panel, market, span, &levels);
    panel.screen_from(span.first);
}

/// Writes the cells of the span, of which there are none yet.
fn fill(panel: &mut Panel, market: &Market, span: Span<'_>, levels: &[Level]) {
    let stocks = market.stocks();
    let rows = Rows { first: span.first, width: stocks.len() };
    let fields: Vec<Field> = panel.fields.keys().cloned().collect();
    let mut matrices: Vec<&mut Vec<f64>> = panel.fields.values_mut().collect();
    let cells = span.sessions.len() * stocks.len();
    let spare = SPARE_SESSIONS * stocks.len();
    lengthen(&mut panel.universe, cells, spare, false);
    matrices.par_iter_mut().for_each(|matrix| lengthen(matrix, cells, spare, f64::NAN));
    let companies = Companies::new(market, span);
    let resolver = Resolver { market, span, fields: &fields, companies };
    let blocks = stocks.chunks(BLOCK_STOCKS).zip(levels.chunks(BLOCK_STOCKS));
    for (block, (stocks, levels)) in blocks.enumerate() {
        let stocks = stocks.par_iter().zip(levels);
        let columns: Vec<Columns> =
            stocks.map(|(stock, level)| resolver.columns(stock, *level)).collect();
        let at = block * BLOCK_STOCKS;
        rows.write(&mut panel.universe, at, &columns, |column| &column.universe);
        matrices.par_iter_mut().enumerate().for_each(|(field, matrix)| {
            rows.write(matrix, at, &columns, |column| &column.values[field]);
        });
    }
}

/// Fills up to so many cells, with room for some more if there is not enough for these.
fn lengthen<T: Clone>(matrix: &mut Vec<T>, cells: usize, spare: usize, value: T) {
    if matrix.capacity() < cells {
        matrix.reserve_exact(cells + spare - matrix.len());
    }
    matrix.resize(cells, value);
}

/// The newest bar of every stock before the span, with its total-return index, if the panel holds
/// that: from there the index goes on.
fn levels(panel: &Panel, stocks: &[Stock], span: Span<'_>) -> Vec<Level> {
    let level = |(column, stock): (usize, &Stock)| {
        let session = span.first.checked_sub(1)?;
        let before = stock.bars().partition_point(|bar| bar.date <= span.sessions[session]);
        let bar = before.checked_sub(1)?;
        let traded = span.sessions.binary_search(&stock.bars()[bar].date).ok()?;
        let index = panel.row(&Field::TotalReturn, traded)?[column];
        Some(Level { bar, index })
    };
    stocks.iter().enumerate().map(|stock| level(stock).unwrap_or(Level::FIRST)).collect()
}

/// The benchmark's close of every session; missing where there is none.
fn benchmark(market: &Market, span: Span<'_>) -> Vec<f64> {
    let closes = market.benchmark();
    span.column(|at| {
        let found = closes.binary_search_by_key(&span.sessions[at], |close| close.date);
        Some(closes[found.ok()?].close)
    })
}

/// Tells whether the field is somebody else's to fill.
pub(super) fn is_foreign(field: &Field) -> bool {
    matches!(field, Field::Custom(_) | Field::Derived(_))
}

/// Where the rows of a span are in a matrix.
struct Rows {
    first: usize,
    width: usize,
}

impl Rows {
    /// Turns one vector per stock into a piece of each row, from a column on.
    fn write<T: Copy>(
        &self,
        matrix: &mut [T],
        at: usize,
        columns: &[Columns],
        values: impl Fn(&Columns) -> &Vec<T>,
    ) {
        let rows = matrix.chunks_exact_mut(self.width).skip(self.first);
        for (row, cells) in rows.enumerate() {
            for (cell, column) in cells[at..].iter_mut().zip(columns) {
                *cell = values(column)[row];
            }
        }
    }
}

/// Everything about one stock: one value per session of the span, for each field in turn.
struct Columns {
    universe: Vec<bool>,
    values: Vec<Vec<f64>>,
}

struct Resolver<'a> {
    market: &'a Market,
    span: Span<'a>,
    fields: &'a [Field],
    companies: Companies<'a>,
}

impl Resolver<'_> {
    fn columns(&self, stock: &Stock, level: Level) -> Columns {
        let subject = Subject::new(stock, self.market, self.span);
        let Subject { observed, statements, .. } = &subject;
        let estimates = Usable::new(stock, self.span);
        let column = |field: &Field| match field {
            Field::Close => observed.closes(),
            Field::Volume => observed.volumes(),
            Field::TotalReturn => observed.total_return(level),
            Field::DailyReturn => observed.daily_returns(level),
            Field::ClosesObserved => observed.counts(),
            Field::DividendsYear => observed.dividends(),
            Field::UsdRate => self.usd_rates(stock),
            Field::Fx => statements.column(|view, at| {
                let to = stock.security().trade_currency;
                self.market.exchange(view.newest()?.currency, to, self.date(at))
            }),
            Field::ListedShares => self.companies.listed_shares(&subject),
            Field::ClassShares => statements
                .column(|view, at| subject.of_class(view, at).or(subject.of_all(view, at))),
            Field::Ttm(item) => statements.held(|view| view.ttm(*item)),
            Field::TtmYearAgo(item) => statements.held(|view| view.ttm_year_ago(*item)),
            Field::Quarter(item, back) => statements.held(|view| view.quarter(*item, *back)),
            Field::QuarterYearAgo(item, back) => {
                statements.held(|view| view.quarter_year_ago(*item, *back))
            }
            Field::ChangeDeviation(item) => statements.held(|view| view.change_deviation(*item)),
            Field::ForwardEps => estimates.forward(|since, at| observed.splits_since(since, at)),
            Field::Estimate(number) => estimates.column(*number),
            Field::Custom(_) | Field::Derived(_) => self.span.column(|_| None),
        };
        let priced =
            |(at, date): (usize, NaiveDate)| observed.has_price(at) && stock.is_member(date);
        Columns {
            universe: self.span.dates().map(priced).collect(),
            values: self.fields.iter().map(column).collect(),
        }
    }

    fn usd_rates(&self, stock: &Stock) -> Vec<f64> {
        let from = stock.security().trade_currency;
        self.span.column(|at| self.market.exchange(from, Currency::USD, self.date(at)))
    }

    fn date(&self, at: usize) -> NaiveDate {
        self.span.sessions[at]
    }
}
