//! The time a synthetic market covers: sessions for prices, months for businesses.

use super::roster::{Company, Event};
use chrono::{Datelike, Months, NaiveDate};
use std::ops::Range;

/// Months of business before the first session.
///
/// Filings reach back 12 quarters, so that trailing twelve months and those of a year ago exist on
/// the first day; the rest is for the months of the oldest quarter.
const MONTHS_BEFORE: i32 = 42;

/// Returns a date's month counted from year 0.
fn month_number(date: NaiveDate) -> i32 {
    date.year() * 12 + date.month0() as i32
}

/// The sessions of the market, and the months from before the first filing to the last session.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) sessions: Vec<NaiveDate>,
    first_month: i32,
}

impl Span {
    /// Makes a span of at least one session.
    pub(super) fn new(sessions: Vec<NaiveDate>) -> Self {
        let first_month = month_number(sessions[0]) - MONTHS_BEFORE;
        Self { sessions, first_month }
    }

    pub(super) fn first(&self) -> NaiveDate {
        self.sessions[0]
    }

    pub(super) fn last(&self) -> NaiveDate {
        self.sessions[self.sessions.len() - 1]
    }

    /// Returns the date from which on quarters are reported.
    pub(super) fn reported_from(&self) -> NaiveDate {
        self.first() - Months::new(36)
    }

    /// Returns the place of a date's month in the monthly series.
    ///
    /// A date before the series, of which there is none in a generated market, counts as its start.
    pub(super) fn month(&self, date: NaiveDate) -> usize {
        usize::try_from(month_number(date) - self.first_month).unwrap_or(0)
    }

    /// Returns the number of months.
    pub(super) fn months(&self) -> usize {
        self.month(self.last()) + 1
    }

    /// Returns the session at a fraction of the span.
    pub(super) fn at(&self, fraction: f64) -> usize {
        (fraction * self.sessions.len() as f64) as usize
    }

    /// Returns the first session on or after a date, if the span has one.
    pub(super) fn session_from(&self, date: NaiveDate) -> Option<usize> {
        let index = self.sessions.partition_point(|session| *session < date);
        (index < self.sessions.len() && date >= self.first()).then_some(index)
    }
}

/// A company's events, put on sessions.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Sessions on which the stock is listed.
    pub(super) listed: Range<usize>,
    /// Sessions without trade.
    pub(super) halted: Range<usize>,
    /// Session and ratio of every split that was planned.
    pub(super) splits: Vec<(usize, f64)>,
    /// Session and share of the spin-off.
    pub(super) spinoff: Option<(usize, f64)>,
    /// Session at which analysts stop.
    pub(super) uncovered: Option<usize>,
    /// Session and age in quarters of every restatement.
    pub(super) restated: Vec<(usize, usize)>,
}

impl Schedule {
    pub(super) fn new(company: &Company, span: &Span) -> Self {
        let mut schedule = Self {
            listed: 0..span.sessions.len(),
            halted: 0..0,
            splits: Vec::new(),
            spinoff: None,
            uncovered: None,
            restated: Vec::new(),
        };
        for event in company.events {
            schedule.add(*event, span);
        }
        schedule
    }

    fn add(&mut self, event: Event, span: &Span) {
        match event {
            Event::Split { at, ratio } => self.splits.push((span.at(at), ratio)),
            Event::Spinoff { at, share } => self.spinoff = Some((span.at(at), share)),
            Event::Halt { at, sessions } => self.halted = span.at(at)..span.at(at) + sessions,
            Event::Listed { at } => self.listed.start = span.at(at),
            Event::Delisted { at } => self.listed.end = span.at(at) + 1,
            Event::Uncovered { at } => self.uncovered = Some(span.at(at)),
            Event::Restated { at, quarters_older } => {
                self.restated.push((span.at(at), quarters_older));
            }
        }
    }

    /// Returns the stock's last session.
    pub(super) fn last(&self, span: &Span) -> NaiveDate {
        span.sessions[self.listed.end - 1]
    }

    /// Returns the session on which the stock is first listed, unless it always was.
    pub(super) fn listed_on(&self, span: &Span) -> Option<NaiveDate> {
        (self.listed.start > 0).then(|| span.sessions[self.listed.start])
    }
}
