//! What the seed decides about a company once and for all.

use super::draws::{Draws, Purpose, rounded};
use super::economy::Source;
use super::roster::{Company, Event, Oddity, Temper};

/// Volatility a year of the shock that all stocks share.
pub(super) const MARKET_VOLATILITY: f64 = 0.15;
/// Volatility a year of the shock that a sector shares.
pub(super) const SECTOR_VOLATILITY: f64 = 0.06;

/// A company's lasting traits.
#[derive(Debug)]
pub(super) struct Character {
    /// Price on the eve of the first session.
    pub(super) price: f64,
    /// Shares before any split, on the first session.
    pub(super) shares: f64,
    /// Growth of those shares a quarter: below 0 for one that buys them back.
    pub(super) share_growth: f64,
    pub(super) risk: Risk,
    /// Part of the shares that changes hands on an ordinary session.
    pub(super) turnover: f64,
    /// Net income a year on the first session.
    pub(super) income: f64,
    /// Book equity when filings begin.
    pub(super) book: f64,
    /// Growth of the business a year.
    pub(super) growth: f64,
    /// Net income per revenue.
    pub(super) margin: f64,
    /// Gross profit per revenue, if the company states it.
    pub(super) gross_margin: Option<f64>,
    /// Total assets per book equity in an ordinary company of its kind.
    pub(super) leverage: f64,
    /// Part of the income paid as dividends.
    pub(super) payout: f64,
    /// Income of each fiscal quarter relative to the mean of the four.
    pub(super) seasons: [f64; 4],
}

/// What a stock's daily returns are made of.
#[derive(Debug)]
pub(super) struct Risk {
    /// Response to the shared shock.
    pub(super) beta: f64,
    /// Volatility a year of the stock's own shock.
    pub(super) own: f64,
    /// Volatility a year of all three together.
    pub(super) total: f64,
}

impl Character {
    pub(super) fn draw(company: &Company, source: Source) -> Self {
        let mut draws = source.draws(Purpose::Character);
        let price = price(company, &mut draws);
        let value = market_value(company, &mut draws);
        let risk = risk(company.temper, &mut draws);
        let (income, book) = income_and_book(company, value, &mut draws);
        let gross = draws.uniform(0.3, 0.7);
        let yields = draws.uniform(0.25, 0.5);
        Self {
            price,
            shares: rounded(value / price, 1e-3),
            share_growth: draws.uniform(-0.004, 0.002),
            risk,
            turnover: draws.uniform(0.003, 0.009),
            income,
            book,
            growth: draws.uniform(0.04, 0.08),
            margin: margin(company, &mut draws),
            gross_margin: (!company.is(Oddity::NoGrossProfit)).then_some(gross),
            leverage: draws.uniform(1.8, 3.5)
                * if company.sector == "Financials" { 4.0 } else { 1.0 },
            payout: if company.pays_dividends { yields } else { 0.0 },
            seasons: seasons(company, &mut draws),
        }
    }
}

/// Starts at 40 to 150; a company that will split its shares, where the split makes sense.
fn price(company: &Company, draws: &mut Draws) -> f64 {
    let base = draws.uniform(40.0, 150.0);
    let split = company.events.iter().find_map(|event| match event {
        Event::Split { ratio, .. } => Some(*ratio),
        _ => None,
    });
    let start = match split {
        Some(merged) if merged < 1.0 => 0.15 * base,
        Some(ratio) => ratio * (37.0 + 0.2 * base),
        None => base,
    };
    rounded(start, 100.0)
}

/// From 4 to 512 billion dollars, every doubling as likely as another.
fn market_value(company: &Company, draws: &mut Draws) -> f64 {
    let doublings = draws.whole(0, if company.temper == Temper::Wild { 2 } else { 6 });
    4e9 * f64::from(1_u32 << doublings) * draws.uniform(1.0, 2.0)
}

fn risk(temper: Temper, draws: &mut Draws) -> Risk {
    let (total, beta) = match temper {
        Temper::Steady => (draws.uniform(0.18, 0.24), draws.uniform(0.5, 0.8)),
        Temper::Average => (draws.uniform(0.22, 0.30), draws.uniform(0.8, 1.2)),
        Temper::Wild => (draws.uniform(0.42, 0.6), draws.uniform(1.1, 1.6)),
    };
    let shared = beta * MARKET_VOLATILITY;
    // Above 0 for every pair: 0.18² - 0.12² - 0.06² = 0.0144 at the least.
    let own = (total * total - shared * shared - SECTOR_VOLATILITY * SECTOR_VOLATILITY).sqrt();
    Risk { beta, own, total }
}

/// Returns income a year on the first session, and book equity when filings begin.
fn income_and_book(company: &Company, value: f64, draws: &mut Draws) -> (f64, f64) {
    let earnings_yield = draws.uniform(0.025, 0.065);
    let return_on_equity = draws.uniform(0.12, 0.20);
    if company.is(Oddity::LossMaker) {
        return (-0.5 * earnings_yield * value, 0.15 * value);
    }
    // What moves widely is dear: much of its worth lies in the future.
    let earnings_yield = earnings_yield * if company.temper == Temper::Wild { 0.4 } else { 1.0 };
    let book = earnings_yield * value / return_on_equity;
    // Three years of growth lie between the first filing and the first session.
    let book = if company.is(Oddity::NegativeBook) { -0.25 * value } else { 0.85 * book };
    (earnings_yield * value, book)
}

fn margin(company: &Company, draws: &mut Draws) -> f64 {
    let margin = draws.uniform(0.05, 0.22);
    if company.is(Oddity::LossMaker) { -margin } else { margin }
}

/// Draws a bump in the last quarter and a dip in the first; the four add up to 4.
fn seasons(company: &Company, draws: &mut Draws) -> [f64; 4] {
    let swing = draws.uniform(0.02, 0.15) + if company.is(Oddity::Seasonal) { 0.3 } else { 0.0 };
    [1.0 - swing, 1.0, 1.0 - 0.5 * swing, 1.0 + 1.5 * swing]
}
