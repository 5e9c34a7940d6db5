//! What analysts say each month.
//!
//! They see the business of the month, judge its margin by a signal that they follow too slowly,
//! share an error that lasts, and extrapolate at the ordinary growth. Of the future they see
//! nothing.

use super::character::Character;
use super::draws::{Draws, Purpose, rounded};
use super::economy::{Economy, Source};
use super::fiscal::{Quarter, quarters};
use super::path::Path;
use super::roster::{Company, Oddity};
use super::span::{Schedule, Span};
use super::statements::Statement;
use chrono::{Datelike, Days, Months, NaiveDate};
use decile_core::{EstimateSnapshot, Filing, Symbol};

/// Months in the 90 days over which estimates are compared.
const REVISION_MONTHS: usize = 3;
/// Days between the first session of a new stock and its first estimate.
const QUIET_DAYS: u64 = 40;
/// Days from a fiscal year's end to its report, if the report is not in the market.
const REPORT_DAYS: u64 = 60;
/// How far the highest and the lowest of the analysts are from their mean, in deviations.
const RANGE_DEVIATIONS: f64 = 1.7;
/// Steps per dollar to which estimates are rounded.
const STEPS: f64 = 1e4;

/// What the analysts of one company know.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) company: &'a Company,
    pub(super) character: &'a Character,
    pub(super) economy: &'a Economy,
    pub(super) schedule: &'a Schedule,
    pub(super) path: &'a Path,
    pub(super) statements: &'a [Statement],
    pub(super) filings: &'a [Filing],
}

impl Desk<'_> {
    /// Returns one snapshot a month, with the gaps that real collections have.
    pub(super) fn snapshots(
        &self,
        symbol: &Symbol,
        span: &Span,
        source: Source,
    ) -> Vec<EstimateSnapshot> {
        let mut draws = source.draws(Purpose::Snapshot);
        let analysts = draws.whole(4, 30);
        let day = draws.whole(2, 26);
        let years = self.fiscal_years(span);
        let (from, to) = self.covered(span);
        let mut recommended = None;
        let mut all = Vec::new();
        for as_of in monthly(span, day) {
            let mut snapshot = self.consensus(symbol, as_of, &years, span);
            poll(&mut snapshot, analysts, &mut draws);
            snapshot.recommendation_30d = recommended;
            recommended = snapshot.recommendation;
            let shown = leave_gaps(&mut snapshot, &mut draws);
            if shown && (from..=to).contains(&as_of) {
                all.push(snapshot);
            }
        }
        if self.company.is(Oddity::NeverCovered) { Vec::new() } else { all }
    }

    /// Returns the dates between which the company is followed.
    fn covered(&self, span: &Span) -> (NaiveDate, NaiveDate) {
        let from = self.schedule.listed_on(span).map(|listed| listed + Days::new(QUIET_DAYS));
        let last = self.schedule.last(span);
        let until = self.schedule.uncovered.map_or(last, |session| span.sessions[session]);
        (from.unwrap_or(NaiveDate::MIN), until)
    }

    /// Returns the end of every fiscal year, with the day of its report.
    fn fiscal_years(&self, span: &Span) -> Vec<(NaiveDate, NaiveDate)> {
        let to = span.last() + Months::new(36);
        let ended = quarters(self.company.fiscal_year, span.reported_from(), to);
        let years = ended.into_iter().filter(Quarter::is_last_of_year);
        let reported = |end: NaiveDate| {
            let report = self.filings.iter().find(|filing| filing.period_end == end);
            report.and_then(|filing| filing.filed).unwrap_or(end + Days::new(REPORT_DAYS))
        };
        years.map(|year| (year.end, reported(year.end))).collect()
    }

    /// Returns a snapshot with the consensus of its day and of 90 days before.
    fn consensus(
        &self,
        symbol: &Symbol,
        as_of: NaiveDate,
        years: &[(NaiveDate, NaiveDate)],
        span: &Span,
    ) -> EstimateSnapshot {
        let next = years.partition_point(|(_, reported)| *reported < as_of);
        let ends = [years[next].0, years[next + 1].0];
        let shares = self.shares(as_of);
        let now = span.month(as_of);
        let [[fy1, fy2], [fy1_90d, fy2_90d]] = [now, now - REVISION_MONTHS].map(|month| {
            ends.map(|end| Some(rounded(self.income(month, span.month(end)) / shares, STEPS)))
        });
        let mut snapshot = EstimateSnapshot::new(symbol.clone(), as_of, ends[0]);
        (snapshot.fy1, snapshot.fy2) = (fy1, fy2);
        (snapshot.fy1_90d, snapshot.fy2_90d) = (fy1_90d, fy2_90d);
        snapshot
    }

    /// Returns what is expected in a month of the fiscal year that ends in another.
    fn income(&self, month: usize, year_end: usize) -> f64 {
        // The middle of a fiscal year lies half a year before its end.
        let years_ahead = (year_end as f64 - month as f64) / 12.0 - 0.5;
        self.economy.consensus[month] * (1.0 + self.character.growth * years_ahead)
    }

    /// Returns the newest count of shares, on the split basis of the day.
    fn shares(&self, as_of: NaiveDate) -> f64 {
        let known = self.statements.iter().rfind(|statement| statement.flows.quarter.end < as_of);
        let shares = known.map_or(self.character.shares, |statement| statement.flows.shares);
        shares * self.path.split_factor(as_of)
    }
}

/// Returns this day of every month, from the month before the first session to the last session.
fn monthly(span: &Span, day: u32) -> impl Iterator<Item = NaiveDate> {
    let start = span.first() - Months::new(1);
    let months = (0..).map_while(move |months| (start + Months::new(months)).with_day(day));
    months.take_while(|date| *date <= span.last())
}

/// Asks the single analysts: how many there are, how far they differ, who moved, what they advise.
fn poll(snapshot: &mut EstimateSnapshot, followers: u32, draws: &mut Draws) {
    let analysts = followers - draws.whole(0, 2);
    let spread = draws.uniform(0.03, 0.12);
    let deviation = |mean: Option<f64>, scale: f64| {
        mean.map(|mean| rounded(spread * scale * mean.abs() + 0.01, STEPS))
    };
    snapshot.analysts = Some(analysts);
    snapshot.fy1_std = deviation(snapshot.fy1, 1.0);
    snapshot.fy2_std = deviation(snapshot.fy2, 1.4);
    (snapshot.fy1_high, snapshot.fy1_low) = range(snapshot.fy1, snapshot.fy1_std);
    (snapshot.fy2_high, snapshot.fy2_low) = range(snapshot.fy2, snapshot.fy2_std);
    let mood = revision(snapshot) + 0.02 * draws.normal();
    let movers = (f64::from(analysts) * draws.uniform(0.1, 0.7)).round();
    let raised = (movers * (0.5 + 8.0 * mood).clamp(0.0, 1.0)).round();
    snapshot.fy2_up_30d = Some(raised as u32);
    snapshot.fy2_down_30d = Some((movers - raised) as u32);
    let advice = 2.5 - 6.0 * mood + 0.2 * draws.normal();
    snapshot.recommendation = Some(rounded(advice.clamp(1.0, 5.0), 100.0));
    snapshot.recommending = Some(analysts);
}

/// Returns the highest and the lowest single estimate.
fn range(mean: Option<f64>, deviation: Option<f64>) -> (Option<f64>, Option<f64>) {
    let Some((mean, deviation)) = mean.zip(deviation) else { return (None, None) };
    let at = |deviations: f64| Some(rounded(mean + deviations * deviation, STEPS));
    (at(RANGE_DEVIATIONS), at(-RANGE_DEVIATIONS))
}

/// Returns the revision of the second year relative to what it was.
fn revision(snapshot: &EstimateSnapshot) -> f64 {
    match (snapshot.fy2, snapshot.fy2_90d) {
        (Some(now), Some(then)) if then != 0.0 => (now - then) / then.abs(),
        _ => 0.0,
    }
}

/// Forgets some fields, and tells whether the snapshot is there at all.
fn leave_gaps(snapshot: &mut EstimateSnapshot, draws: &mut Draws) -> bool {
    if draws.chance(0.03) {
        (snapshot.fy2, snapshot.fy2_90d, snapshot.fy2_std) = (None, None, None);
        (snapshot.fy2_high, snapshot.fy2_low) = (None, None);
    }
    if draws.chance(0.03) {
        (snapshot.fy1_90d, snapshot.fy2_90d) = (None, None);
    }
    if draws.chance(0.03) {
        (snapshot.recommendation, snapshot.recommendation_30d) = (None, None);
        snapshot.recommending = None;
    }
    !draws.chance(0.02)
}
