//! What was known of a stock's statements at every session.
//!
//! Of the filings known by a session, each period keeps the version known last (then filed last,
//! then later in the file), and the newest *period* rules, not the newest filing: a restatement of
//! an old quarter must not pass for the current one.

use super::Panel;
use super::span::Span;
use crate::Item;
use crate::cross_section::Moments;
use chrono::{Days, NaiveDate, TimeDelta};
use decile_core::{Calendar, Filing, Stock};
use std::collections::BTreeMap;

const QUARTER_DAYS_MIN: i64 = 80;
const QUARTER_DAYS_MAX: i64 = 120;
const YEAR_DAYS: u64 = 365;
const YEAR_TOLERANCE_DAYS: u64 = 20;
/// Quarters whose year-on-year changes tell how much a change varies, and how many must be known.
const CHANGES: u8 = 8;
const CHANGES_MIN: usize = 6;

/// The successive views of one stock's statements.
pub(super) struct Known<'a> {
    /// The session from which each view holds, in order.
    views: Vec<(NaiveDate, View<'a>)>,
    /// For each session of the span the view in force, by its place; none while its newest period is
    /// stale.
    places: Vec<Option<usize>>,
    span: Span<'a>,
}

impl<'a> Known<'a> {
    /// Takes the views that hold in a span.
    pub(super) fn new(stock: &'a Stock, calendar: &Calendar, span: Span<'a>) -> Self {
        let mut filings: Vec<(NaiveDate, &Filing)> = stock
            .filings()
            .iter()
            .filter_map(|filing| Some((filing.known_on(calendar)?, filing)))
            .collect();
        // Stable, so rows of one day stay in file order and the later one overwrites.
        filings.sort_by_key(|(known, filing)| (*known, filing.filed));
        let since = span.sessions.get(span.first);
        let before =
            filings.partition_point(|(known, _)| since.is_some_and(|since| known <= since));
        let (before, later) = filings.split_at(before);
        let days = std::iter::once(before).filter(|day| !day.is_empty());
        let mut current: BTreeMap<NaiveDate, &Filing> = BTreeMap::new();
        let mut views = Vec::new();
        for day in days.chain(later.chunk_by(|a, b| a.0 == b.0)) {
            current.extend(day.iter().map(|(_, filing)| (filing.period_end, *filing)));
            let from = day[day.len() - 1].0;
            views.push((from, View { rows: current.values().copied().collect() }));
        }
        let places = places(&views, span);
        Self { views, places, span }
    }

    /// The view in force at each session.
    pub(super) fn in_force(&self) -> impl Iterator<Item = Option<&View<'a>>> {
        self.places.iter().map(|place| Some(&self.views[(*place)?].1))
    }

    /// One value per session, of the view in force and the session.
    pub(super) fn column(&self, value: impl Fn(&View<'a>, usize) -> Option<f64>) -> Vec<f64> {
        let views = self.span.indices().zip(self.in_force());
        views.map(|(at, view)| value(view?, at)).map(|value| value.unwrap_or(f64::NAN)).collect()
    }

    /// One value per session: that of the view in force, which is asked once.
    pub(super) fn held(&self, value: impl Fn(&View<'a>) -> Option<f64>) -> Vec<f64> {
        let values: Vec<Option<f64>> = self.views.iter().map(|(_, view)| value(view)).collect();
        let at = |place: &Option<usize>| values[(*place)?];
        self.places.iter().map(|place| at(place).unwrap_or(f64::NAN)).collect()
    }
}

fn places(views: &[(NaiveDate, View<'_>)], span: Span<'_>) -> Vec<Option<usize>> {
    let fresh_until: Vec<Option<NaiveDate>> =
        views.iter().map(|(_, view)| view.fresh_until()).collect();
    let mut known = 0;
    let at = |(_, date): (usize, NaiveDate)| {
        while views.get(known).is_some_and(|(from, _)| *from <= date) {
            known += 1;
        }
        let place = known.checked_sub(1)?;
        fresh_until[place].is_some_and(|until| date <= until).then_some(place)
    };
    span.dates().map(at).collect()
}

/// The periods known at one time, each in its last version, in the order of their ends.
pub(super) struct View<'a> {
    rows: Vec<&'a Filing>,
}

impl<'a> View<'a> {
    pub(super) fn newest(&self) -> Option<&'a Filing> {
        self.rows.last().copied()
    }

    /// The last day on which the newest period is not stale.
    fn fresh_until(&self) -> Option<NaiveDate> {
        self.newest()?.period_end.checked_add_signed(TimeDelta::days(Panel::FILING_AGE_DAYS_MAX))
    }

    /// Ordinary shares of the newest period, with the date whose split basis they are on.
    pub(super) fn shares(&self) -> Option<(NaiveDate, f64)> {
        let newest = self.newest()?;
        let shares = newest.shares.filter(|shares| *shares > 0.0)?;
        Some((newest.period_end, shares))
    }

    /// The same for the class alone.
    pub(super) fn class_shares(&self) -> Option<(NaiveDate, f64)> {
        let newest = self.newest()?;
        let shares = newest.class_shares.filter(|shares| *shares > 0.0)?;
        Some((newest.period_end, shares))
    }

    pub(super) fn ttm(&self, item: Item) -> Option<f64> {
        self.sum_to(self.rows.len().checked_sub(1)?, item)
    }

    pub(super) fn ttm_year_ago(&self, item: Item) -> Option<f64> {
        self.sum_to(self.year_before(self.rows.len().checked_sub(1)?)?, item)
    }

    pub(super) fn quarter(&self, item: Item, back: u8) -> Option<f64> {
        let filing = self.rows[self.index(back)?];
        if self.in_newest_currency(filing) { read(filing, item) } else { None }
    }

    pub(super) fn quarter_year_ago(&self, item: Item, back: u8) -> Option<f64> {
        read(self.rows[self.year_before(self.index(back)?)?], item)
    }

    /// Sample standard deviation of the year-on-year changes of the quarters before the newest.
    pub(super) fn change_deviation(&self, item: Item) -> Option<f64> {
        let change =
            |back: u8| Some(self.quarter(item, back)? - self.quarter_year_ago(item, back)?);
        let changes: Vec<f64> = (1..=CHANGES).filter_map(change).collect();
        let moments = Moments::of(&changes).filter(|_| changes.len() >= CHANGES_MIN)?;
        let count = changes.len() as f64;
        Some(moments.deviation * (count / (count - 1.0)).sqrt())
    }

    /// The row so many quarters before the newest, if the quarters between follow one another: a
    /// gap must not pass a quarter of half a year ago for the last one.
    fn index(&self, back: u8) -> Option<usize> {
        let index = self.rows.len().checked_sub(1 + usize::from(back))?;
        self.rows[index..].windows(2).all(follow).then_some(index)
    }

    /// Sum of four quarters ending at a row. They must follow one another and share a currency.
    fn sum_to(&self, last: usize, item: Item) -> Option<f64> {
        let quarters = &self.rows[last.checked_sub(3)?..=last];
        let alike = quarters.iter().all(|filing| self.in_newest_currency(filing));
        if !alike || !quarters.windows(2).all(follow) {
            return None;
        }
        quarters.iter().map(|filing| read(filing, item)).sum()
    }

    /// The last row whose period ended 365 ± 20 days before that row's, in the same currency.
    fn year_before(&self, row: usize) -> Option<usize> {
        let end = self.rows[row].period_end;
        let from = end.checked_sub_days(Days::new(YEAR_DAYS + YEAR_TOLERANCE_DAYS))?;
        let to = end.checked_sub_days(Days::new(YEAR_DAYS - YEAR_TOLERANCE_DAYS))?;
        let found =
            self.rows[..row].iter().rposition(|filing| (from..=to).contains(&filing.period_end))?;
        self.in_newest_currency(self.rows[found]).then_some(found)
    }

    /// Amounts are never mixed: whatever is compared or added must be in the newest row's currency.
    fn in_newest_currency(&self, filing: &Filing) -> bool {
        self.newest().is_some_and(|newest| newest.currency == filing.currency)
    }
}

/// Tells whether two periods are neighbouring quarters: 12, 13 or 16 weeks apart.
fn follow(pair: &[&Filing]) -> bool {
    let gap = pair[1].period_end.signed_duration_since(pair[0].period_end).num_days();
    (QUARTER_DAYS_MIN..=QUARTER_DAYS_MAX).contains(&gap)
}

fn read(filing: &Filing, item: Item) -> Option<f64> {
    match item {
        Item::NetIncome => filing.net_income,
        Item::BookEquity => filing.book_equity,
        Item::Revenue => filing.revenue,
        Item::GrossProfit => filing.gross_profit,
        Item::TotalAssets => filing.total_assets,
        Item::OperatingCashFlow => filing.operating_cash_flow,
        Item::DividendsPaid => filing.dividends_paid,
    }
}
