//! What a company earns, owns and pays, quarter by quarter, before anybody files it.

use super::character::Character;
use super::draws::{Purpose, rounded};
use super::economy::{Economy, Source};
use super::fiscal::{Quarter, quarters};
use super::path::Path;
use super::roster::Company;
use super::span::Span;
use chrono::{Days, NaiveDate};

/// Days from a quarter's end to the ex-date of its dividend.
const DIVIDEND_LAG_DAYS: u64 = 47;
/// Days in a quarter of a year.
const QUARTER_DAYS: f64 = 365.25 / 4.0;

/// The flows of one quarter.
#[derive(Debug, Clone)]
pub(super) struct Flows {
    pub(super) quarter: Quarter,
    pub(super) net_income: f64,
    pub(super) revenue: f64,
    pub(super) gross_profit: Option<f64>,
    pub(super) operating_cash_flow: f64,
    /// Shares at the quarter's end, before any split.
    pub(super) shares: f64,
    /// Dividend declared on the quarter, per share before any split.
    pub(super) declared: f64,
    /// Growth of the business since the quarter before.
    growth: f64,
    /// What moves book equity beside income and payouts, as a part of it.
    other_income: f64,
}

impl Flows {
    /// Returns the date from which on the quarter's dividend is no longer bought with the share.
    pub(super) fn ex_date_after(&self) -> NaiveDate {
        self.quarter.end + Days::new(DIVIDEND_LAG_DAYS)
    }
}

/// Draws the flows of every quarter that ends in the span or in the three years before it.
pub(super) fn flows(
    company: &Company,
    character: &Character,
    economy: &Economy,
    span: &Span,
    source: Source,
) -> Vec<Flows> {
    let mut draws = source.draws(Purpose::Statement);
    let mut shares = character.shares;
    let ended = quarters(company.fiscal_year, span.reported_from(), span.last());
    let mut all: Vec<Flows> = Vec::with_capacity(ended.len());
    for quarter in ended {
        let months = span.month(quarter.end) - 2..=span.month(quarter.end);
        let length = quarter.days as f64 / QUARTER_DAYS / 4.0;
        let mean = |values: &[f64]| values[months.clone()].iter().sum::<f64>() / 3.0;
        let season = character.seasons[quarter.number];
        let business = mean(&economy.revenue);
        let growth = business / economy.revenue[*months.start() - 2] - 1.0;
        let revenue = business * length * season * (1.0 + 0.01 * draws.normal());
        let margin = mean(&economy.margin) + 0.08 * character.margin.abs() * draws.normal();
        let gross = 1.0 + 0.02 * draws.normal();
        let cash = 0.06 + 0.03 * draws.normal();
        shares *= 1.0 + character.share_growth;
        all.push(Flows {
            quarter,
            net_income: revenue * margin,
            revenue,
            gross_profit: character.gross_margin.map(|part| revenue * part * gross),
            operating_cash_flow: revenue * (margin + cash),
            shares,
            declared: 0.0,
            growth,
            other_income: 0.004 * draws.normal(),
        });
    }
    declare(&mut all, character.payout);
    all
}

/// Sets the dividends: raised or cut once a year, by the income of the four quarters before.
fn declare(all: &mut [Flows], payout: f64) {
    let mut declared = 0.0;
    for index in 0..all.len() {
        let known = &all[index.saturating_sub(3)..=index];
        if index == 0 || all[index].quarter.is_last_of_year() {
            let mean = known.iter().map(|flows| flows.net_income).sum::<f64>() / known.len() as f64;
            declared = if mean > 0.0 { payout * mean / all[index].shares } else { 0.0 };
        }
        all[index].declared = declared;
    }
}

/// A quarter's flows with what they leave behind.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) flows: Flows,
    pub(super) book_equity: f64,
    pub(super) total_assets: f64,
    pub(super) dividends_paid: f64,
    /// Shares on the split basis of the quarter's end.
    pub(super) shares: f64,
}

/// Rolls the books forward: income less dividends, less buy-backs, plus a little noise.
pub(super) fn statements(
    all: Vec<Flows>,
    character: &Character,
    path: &Path,
    span: &Span,
) -> Vec<Statement> {
    let mut book = character.book;
    let mut before = all.first().map_or(span.first(), |flows| flows.quarter.end);
    let roll = all.into_iter().map(|flows| {
        let dividends_paid = paid(&flows, path, span, before);
        let kept = flows.net_income - dividends_paid;
        // Most of what the business does not need to grow goes into buying back shares (or, on a
        // spin-off, goes with the part), and what it lacks comes from issuing some: return on
        // equity neither fades nor explodes.
        let needed = if book > 0.0 { book * flows.growth } else { 0.0 };
        book += kept - 0.8 * (kept - needed) + flows.other_income * book.abs();
        let end = flows.quarter.end;
        before = end;
        Statement {
            book_equity: book,
            total_assets: book.abs() * character.leverage,
            dividends_paid,
            shares: rounded(flows.shares * path.split_factor(end), 1.0),
            flows,
        }
    });
    roll.collect()
}

/// Returns the cash of the ex-dates in a quarter; before the first session, what was declared.
fn paid(flows: &Flows, path: &Path, span: &Span, before: NaiveDate) -> f64 {
    if before < span.first() {
        return flows.declared * flows.shares;
    }
    let within = |date: NaiveDate| before < date && date <= flows.quarter.end;
    let cash = path.dividends().filter(|(ex_date, _)| within(*ex_date));
    cash.map(|(ex_date, cash)| cash * flows.shares * path.split_factor(ex_date)).sum()
}
