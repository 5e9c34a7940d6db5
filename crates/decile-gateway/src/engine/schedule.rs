//! What comes with time: bells, halts, and prices that move by themselves.

use super::Engine;
use super::hours::{is_open, next_bell};
use super::walk::Walk;
use crate::HaltKind;
use crate::ticks::{Source, Tick, Ticks};
use chrono::{DateTime, Utc};
use decile_core::{Currency, Price, Quote, Shares, Symbol};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How many quotes are walked through after a clock has jumped; what is before them is passed over.
const QUOTES_AT_ONCE: usize = 20_000;

/// A stock is halted, or trades again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Halt {
    pub(crate) at: DateTime<Utc>,
    pub(crate) symbol: Symbol,
    pub(crate) halt: Option<HaltKind>,
}

/// Where the clock is, and what it comes to.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Everything up to here has happened.
    seen: DateTime<Utc>,
    /// The instant that is being caught up with, if one is.
    passing: Option<DateTime<Utc>>,
    /// What comes next, as far as it was known when the clock was last looked at.
    next: Option<DateTime<Utc>>,
    bell: Option<DateTime<Utc>>,
    halts: VecDeque<Halt>,
    player: Option<Player>,
}

/// What moves prices.
#[derive(Debug)]
enum Player {
    /// Each stock with what its path goes around.
    Walk { walk: Walk, middles: BTreeMap<Symbol, (u64, f64)> },
    /// Ticks, and which of them is next.
    Path { ticks: Arc<[Tick]>, next: usize },
}

impl Schedule {
    pub(super) fn new(now: DateTime<Utc>, halts: &[Halt]) -> Self {
        let mut halts = halts.to_vec();
        halts.sort_by_key(|halt| halt.at);
        // Everything is looked at once.
        let (passing, next) = (None, Some(now));
        Self { seen: now, passing, next, bell: next_bell(now), halts: halts.into(), player: None }
    }

    /// Returns the next instant at which something happens; `walks` tells of one whether prices
    /// walk then.
    fn next(
        &self,
        now: DateTime<Utc>,
        walks: impl Fn(DateTime<Utc>) -> bool,
    ) -> Option<DateTime<Utc>> {
        let tick = match &self.player {
            Some(Player::Walk { walk, middles }) => {
                let steps = QUOTES_AT_ONCE / middles.len().max(1);
                let first = walk.steps_before(now, i32::try_from(steps).unwrap_or(i32::MAX));
                // At the bell it walks again.
                walk.next_step(self.seen.max(first)).filter(|step| walks(*step))
            }
            Some(Player::Path { ticks, next }) => ticks.get(*next).map(|tick| tick.time),
            None => None,
        };
        let halt = self.halts.front().map(|halt| halt.at);
        let next = [self.bell, halt, tick].into_iter().flatten().min();
        next.map(|next| next.max(self.seen))
    }
}

impl Engine {
    /// Returns the time: the clock's, or that of what is being caught up with.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.schedule.passing.unwrap_or_else(|| self.clock.now())
    }

    /// Lets happen what the clock has passed, each at its time: prices that move, halts, auctions,
    /// the end of orders and of sessions.
    pub(super) fn catch_up(&mut self) {
        let now = self.clock.now();
        // An order may have come since then that ends before all that was known.
        let next = self.schedule.next.map(|next| self.book.next_end().unwrap_or(next).min(next));
        if next.is_some_and(|next| now < next) {
            return;
        }
        while let Some(next) = self.next_moment(now).filter(|next| *next <= now) {
            self.schedule.passing = Some(next);
            self.pass(next);
            self.schedule.seen = next;
        }
        self.schedule.passing = None;
        self.schedule.seen = now;
        self.schedule.next = self.next_moment(now);
        self.begin_session_if_due();
    }

    fn next_moment(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.schedule.next(now, |step| !self.rules.hours || is_open(step));
        let end = self.book.next_end().map(|end| end.max(self.schedule.seen));
        [next, end].into_iter().flatten().min()
    }

    /// Lets happen what happens at an instant: at a bell it is dealt at the prices of the bell.
    fn pass(&mut self, moment: DateTime<Utc>) {
        while self.schedule.halts.front().is_some_and(|halt| halt.at <= moment) {
            let Some(halt) = self.schedule.halts.pop_front() else { break };
            let becomes = if halt.halt.is_some() { "is halted" } else { "trades again" };
            log::info!("{} {becomes}", halt.symbol);
            self.set_halted(&halt.symbol, halt.halt);
        }
        if self.schedule.bell.is_none_or(|bell| moment < bell) {
            self.play(moment, Self::moved_to);
        } else {
            self.pass_bell(moment);
        }
        self.end_dated();
    }

    fn pass_bell(&mut self, bell: DateTime<Utc>) {
        // The auction comes before what trades on.
        self.play(bell, Self::show);
        self.ring(self.schedule.seen, bell);
        let working: Vec<usize> = self.book.working().collect();
        working.into_iter().for_each(|index| self.work(index));
        self.schedule.bell = next_bell(bell);
        self.begin_session_if_due();
    }

    /// Lets prices move from now on as they are told to.
    pub(crate) fn set_ticks(&mut self, ticks: &Ticks) {
        if self.has_failed() {
            return;
        }
        self.catch_up();
        self.follow(ticks);
        self.finish();
    }

    /// Takes up a path at its prices of now.
    pub(super) fn follow(&mut self, ticks: &Ticks) {
        let now = self.now();
        let player = match &ticks.0 {
            Source::Walk { seed, every } => {
                let walk = Walk::new(*seed, *every);
                let mut middles = self.floor.middles();
                // It begins where the stock stands.
                for (stock, middle) in middles.values_mut() {
                    *middle /= 1.0 + walk.at(*stock, now).0;
                }
                Player::Walk { walk, middles }
            }
            Source::Path(ticks) => {
                let past = ticks.partition_point(|tick| tick.time <= now);
                // What a stock traded at last is what it trades at.
                let moved: BTreeSet<&Symbol> =
                    ticks[..past].iter().map(|tick| &tick.symbol).collect();
                ticks[..past].iter().for_each(|tick| self.floor.move_quote(tick));
                moved.into_iter().for_each(|symbol| self.moved_to(symbol));
                Player::Path { ticks: ticks.clone(), next: past }
            }
        };
        self.schedule.player = Some(player);
        self.schedule.next = Some(now);
        self.play(now, Self::moved_to);
    }

    /// Moves prices to where they are at an instant, and does with each stock what follows from it.
    fn play(&mut self, moment: DateTime<Utc>, moved: fn(&mut Self, &Symbol)) {
        let Some(mut player) = self.schedule.player.take() else { return };
        match &mut player {
            Player::Walk { walk, middles } => {
                for (symbol, (stock, middle)) in middles {
                    if self.floor.is_halted(symbol) {
                        continue;
                    }
                    let (deviation, lots) = walk.at(*stock, moment);
                    if let Some(price) = in_cents(*middle * (1.0 + deviation)) {
                        self.step(symbol, price, lots, moment);
                        moved(self, symbol);
                    }
                }
            }
            Player::Path { ticks, next } => {
                while let Some(tick) = ticks.get(*next).filter(|tick| tick.time <= moment) {
                    *next += 1;
                    self.floor.move_quote(tick);
                    moved(self, &tick.symbol);
                }
            }
        }
        self.schedule.player = Some(player);
    }

    /// Lets a stock trade at a price, with the spread that its venue has.
    fn step(&mut self, symbol: &Symbol, price: Price, lots: i64, time: DateTime<Utc>) {
        let (half_spread, symbol) = (self.rules.half_spread, symbol.clone());
        let quote = Quote::centred(symbol, price, half_spread, Currency::USD, time);
        let Quote { symbol, bid, ask, last, .. } = quote;
        self.floor.move_quote(&Tick { time, symbol: symbol.clone(), bid, ask, last, size: None });
        self.floor.traded_elsewhere(&symbol, Shares::new(lots * 100));
    }

    /// Lets the path of a stock go on from the quote that it was given.
    pub(super) fn walk_on_from(&mut self, symbol: &Symbol) {
        let (now, middles_now) = (self.now(), self.floor.middle(symbol));
        if let (Some(Player::Walk { walk, middles }), Some((stock, price))) =
            (&mut self.schedule.player, middles_now)
        {
            let (deviation, _) = walk.at(stock, now);
            middles.insert(symbol.clone(), (stock, price / (1.0 + deviation)));
        }
    }
}

fn in_cents(price: f64) -> Option<Price> {
    Price::from_f64(((price * 100.0).round() / 100.0).max(0.01)).ok()
}
