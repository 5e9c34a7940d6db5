//! Prices: daily returns compounded, with splits, cash and halts on the way.

use super::character::{Character, MARKET_VOLATILITY, SECTOR_VOLATILITY};
use super::draws::{Draws, Purpose, rounded};
use super::economy::{Economy, Source};
use super::roster::SECTORS;
use super::span::{Schedule, Span};
use super::statements::Flows;
use chrono::NaiveDate;
use decile_core::{ActionKind, Bar};

/// Sessions in a year.
const YEAR: f64 = 252.0;
/// Sessions in a month, in which `planted_alpha` is earned.
const MONTH: f64 = 21.0;
/// Expected return a year of every stock: equal, so that without planted alpha no score predicts.
const EXPECTED_RETURN: f64 = 0.08;
/// A board splits a price that closes above this one, on the next session, 4 for 1 ...
const PRICE_MAX: f64 = 600.0;
/// ... and merges ten shares into one below this.
const PRICE_MIN: f64 = 6.0;

/// The shocks that stocks share, one a session, in parts of the price.
#[derive(Debug)]
pub(super) struct Shocks {
    market: Vec<f64>,
    sectors: Vec<Vec<f64>>,
}

impl Shocks {
    pub(super) fn draw(seed: u64, sessions: usize) -> Self {
        let series = |purpose, index, volatility: f64| {
            let mut draws = Draws::new(seed, purpose, index);
            let daily = volatility / YEAR.sqrt();
            (0..sessions).map(|_| daily * draws.normal()).collect::<Vec<f64>>()
        };
        let sector = |index| series(Purpose::Sector, index, SECTOR_VOLATILITY);
        Self {
            market: series(Purpose::Market, 0, MARKET_VOLATILITY),
            sectors: (0..SECTORS.len()).map(sector).collect(),
        }
    }

    fn on(&self, session: usize, beta: f64, sector: Option<usize>) -> f64 {
        beta * self.market[session] + sector.map_or(0.0, |sector| self.sectors[sector][session])
    }
}

/// What happens to the share on an ex-date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) ex_date: NaiveDate,
    pub(super) kind: ActionKind,
    pub(super) value: f64,
}

/// The way of one stock through the span.
#[derive(Debug, Default)]
pub(super) struct Path {
    pub(super) bars: Vec<Bar>,
    pub(super) changes: Vec<Change>,
    /// Total return of every session on which the stock is listed, with the session.
    pub(super) returns: Vec<(usize, f64)>,
}

impl Path {
    /// Returns the shares that one share from before the span has become.
    pub(super) fn split_factor(&self, date: NaiveDate) -> f64 {
        let splits = self.changes.iter().filter(|change| change.kind == ActionKind::Split);
        splits.filter(|split| split.ex_date <= date).fold(1.0, |factor, split| factor * split.value)
    }

    /// Returns ex-date and cash per share of every dividend.
    pub(super) fn dividends(&self) -> impl Iterator<Item = (NaiveDate, f64)> {
        let dividends = self.changes.iter().filter(|change| change.kind == ActionKind::Dividend);
        dividends.map(|dividend| (dividend.ex_date, dividend.value))
    }
}

/// What a stock's price depends on.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) character: &'a Character,
    pub(super) schedule: &'a Schedule,
    pub(super) economy: &'a Economy,
    pub(super) flows: &'a [Flows],
    pub(super) shocks: &'a Shocks,
    pub(super) sector: Option<usize>,
    pub(super) planted_alpha: f64,
}

impl Course<'_> {
    pub(super) fn walk(&self, span: &Span, source: Source) -> Path {
        let returns = self.returns(span, &mut source.draws(Purpose::Own));
        let dividends = self.dividends_due(span);
        let mut tape = source.draws(Purpose::Session);
        let mut path = Path::default();
        let mut price = self.character.price;
        let mut factor = 1.0;
        for session in self.schedule.listed.clone() {
            let gain = returns[session];
            let ratio = self.ratio(session, price, factor);
            let basis = price / ratio;
            factor *= ratio;
            let spun = self.spun_off(session, basis);
            let paid = rounded(dividends[session] / factor, 100.0);
            // A dividend that would eat up the share is not paid.
            let paid = if paid < 0.2 * basis { paid } else { 0.0 };
            let start = basis - spun - paid;
            price = start * (1.0 + gain);
            let bar = self.bar(span.sessions[session], start, price, factor, &mut tape);
            let mut change = |kind, value| {
                path.changes.push(Change { ex_date: span.sessions[session], kind, value });
            };
            (ratio != 1.0).then(|| change(ActionKind::Split, ratio));
            (spun > 0.0).then(|| change(ActionKind::Spinoff, spun));
            (paid > 0.0).then(|| change(ActionKind::Dividend, paid));
            path.returns.push((session, gain));
            if !self.schedule.halted.contains(&session) {
                path.bars.push(bar);
            }
        }
        path
    }

    /// Returns the total return of every session.
    fn returns(&self, span: &Span, draws: &mut Draws) -> Vec<f64> {
        let risk = &self.character.risk;
        let daily = risk.own / YEAR.sqrt();
        let gains = span.sessions.iter().enumerate().map(|(session, date)| {
            // Paid a month later, so that nothing of the signal's month has to be known in time.
            let signal = self.economy.signal[span.month(*date) - 1];
            let expected = EXPECTED_RETURN / YEAR + self.planted_alpha * signal / MONTH;
            let shared = self.shocks.on(session, risk.beta, self.sector);
            // A stock that loses more than half in a session would be a different story.
            (expected + shared + daily * draws.normal()).max(-0.5)
        });
        gains.collect()
    }

    /// Returns the dividend due on each session, per share before any split.
    fn dividends_due(&self, span: &Span) -> Vec<f64> {
        let mut due = vec![0.0; span.sessions.len()];
        for flows in self.flows {
            if let Some(session) = span.session_from(flows.ex_date_after()) {
                due[session] += flows.declared;
            }
        }
        due
    }

    fn ratio(&self, session: usize, price: f64, factor: f64) -> f64 {
        let planned = self.schedule.splits.iter().find(|(at, _)| *at == session);
        match planned {
            // A planned merger of shares has already happened if the price fell that far.
            Some((_, ratio)) if *ratio > 1.0 || factor >= 1.0 => *ratio,
            Some(_) => 1.0,
            None if self.schedule.halted.contains(&session) => 1.0,
            None if price > PRICE_MAX => 4.0,
            None if price < PRICE_MIN => 0.1,
            None => 1.0,
        }
    }

    fn spun_off(&self, session: usize, basis: f64) -> f64 {
        let today = self.schedule.spinoff.filter(|(at, _)| *at == session);
        today.map_or(0.0, |(_, share)| rounded(share * basis, 100.0))
    }

    /// Draws a session around its close: the open near the start, high and low beyond both.
    fn bar(&self, date: NaiveDate, start: f64, close: f64, factor: f64, tape: &mut Draws) -> Bar {
        let daily = self.character.risk.total / YEAR.sqrt();
        let open = start * (1.0 + 0.35 * daily * tape.normal());
        let high = open.max(close) * (1.0 + 0.5 * daily * tape.normal().abs());
        let low = open.min(close) * (1.0 - 0.5 * daily * tape.normal().abs());
        let moved = ((close / start - 1.0) / daily).abs();
        let crowd = tape.uniform(0.5, 1.1) * (1.0 + 0.4 * moved);
        let volume = self.character.shares * factor * self.character.turnover * crowd;
        Bar {
            date,
            open: Some(rounded(open, 100.0)),
            high: Some(rounded(high, 100.0)),
            low: Some(rounded(low, 100.0)),
            close: rounded(close, 100.0),
            volume: Some(rounded(volume, 1.0)),
        }
    }
}
