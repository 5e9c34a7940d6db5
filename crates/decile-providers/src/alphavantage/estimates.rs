//! `EARNINGS_ESTIMATES`: the consensus on each fiscal period, of today only.

use super::reply::{Body, about};
use super::row::{Row, Rows};
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::ConsensusRow;
use chrono::{Days, NaiveDate};
use decile_core::source::SourceError;
use decile_core::{EstimateSnapshot, Symbol};
use serde::Deserialize;

const YEAR: &str = "fiscal year";
const UP: &str = "eps_estimate_revision_up_trailing_30_days";
const DOWN: &str = "eps_estimate_revision_down_trailing_30_days";
/// A year of 53 weeks has 371 days, and the ends of two may be named to the month.
const YEAR_DAYS_MAX: i64 = 400;
/// Nobody may take longer to report a year; the limit of the SEC is 90 days.
const REPORT_DAYS_MAX: u64 = 120;

#[derive(Deserialize)]
struct Json {
    symbol: Option<String>,
    estimates: Rows,
}

/// One period: the row as it was sent, and the revisions of the last 30 days as they are meant.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) row: ConsensusRow,
    end: NaiveDate,
    up: Option<u32>,
    down: Option<u32>,
}

/// Reads the periods, oldest first.
pub(super) fn read(
    body: Body<'_>,
    as_of: NaiveDate,
    asked: &Asked,
    notes: &mut Notes,
) -> Result<Vec<Period>, SourceError> {
    let json: Json = body.json(asked)?;
    about(json.symbol.as_deref(), asked)?;
    let mut rows = Vec::with_capacity(json.estimates.0.len());
    for row in &json.estimates.0 {
        match (row.date("date"), row.text("horizon")) {
            (Some(end), Some(horizon)) => rows.push(period(as_of, end, horizon, row, notes)),
            _ => notes.drop("a period without date or horizon"),
        }
    }
    rows.sort_by(|a: &Period, b| (a.end, &a.row.period).cmp(&(b.end, &b.row.period)));
    rows.dedup_by(|second, first| {
        let again = (second.end, &second.row.period) == (first.end, &first.row.period);
        if again {
            notes.drop(format!("{}: the {} stands there twice", second.end, second.row.period));
        }
        again
    });
    Ok(rows)
}

fn period(as_of: NaiveDate, end: NaiveDate, horizon: &str, row: &Row, notes: &mut Notes) -> Period {
    let mut consensus = ConsensusRow::new(as_of, horizon);
    consensus.end_date = Some(end);
    consensus.analysts = row.count("eps_estimate_analyst_count", notes);
    let [up, down] = [UP, DOWN].map(|name| row.count(name, notes));
    (consensus.up_30, consensus.down_30) = (up, down);
    // The mean of no estimates is sent as 0.
    if consensus.analysts != Some(0) {
        fill(&mut consensus, row, notes);
    }
    // A number of revisions that is 0 is sent as null, once there are analysts.
    let none = |name| (consensus.analysts? > 0 && row.is_null(name)).then_some(0);
    let (up, down) = (up.or_else(|| none(UP)), down.or_else(|| none(DOWN)));
    Period { row: consensus, end, up, down }
}

fn fill(consensus: &mut ConsensusRow, row: &Row, notes: &mut Notes) {
    let mut eps = |name| row.number(name, notes);
    consensus.eps_average = eps("eps_estimate_average");
    consensus.eps_low = eps("eps_estimate_low");
    consensus.eps_high = eps("eps_estimate_high");
    consensus.eps_7_days_ago = eps("eps_estimate_average_7_days_ago");
    consensus.eps_30_days_ago = eps("eps_estimate_average_30_days_ago");
    consensus.eps_60_days_ago = eps("eps_estimate_average_60_days_ago");
    consensus.eps_90_days_ago = eps("eps_estimate_average_90_days_ago");
}

/// The fiscal years of the consensus, of which the first may have been reported already.
#[derive(Debug)]
pub(super) struct Years<'a>(Vec<&'a Period>);

impl<'a> Years<'a> {
    /// Takes the years that may not have been reported by `as_of`.
    pub(super) fn of(periods: &'a [Period], as_of: NaiveDate) -> Self {
        let open = |period: &&Period| {
            period.row.period == YEAR && period.end + Days::new(REPORT_DAYS_MAX) >= as_of
        };
        Self(periods.iter().filter(open).collect())
    }

    /// Returns the end of the first year if it is over, so that it may have been reported.
    pub(super) fn over(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        self.0.first().map(|year| year.end).filter(|end| *end < as_of)
    }

    /// Leaves out the years up to the end of one that has been reported.
    pub(super) fn after(mut self, reported: NaiveDate) -> Self {
        self.0.retain(|year| year.end > reported);
        self
    }

    /// Returns the snapshot of the first two years; none without a year.
    pub(super) fn snapshot(&self, symbol: &Symbol, as_of: NaiveDate) -> Option<EstimateSnapshot> {
        let first =
            self.0.first().filter(|first| (first.end - as_of).num_days() < YEAR_DAYS_MAX)?;
        let mut snapshot = EstimateSnapshot::new(symbol.clone(), as_of, first.end);
        snapshot.fy1 = first.row.eps_average;
        snapshot.fy1_90d = first.row.eps_90_days_ago;
        (snapshot.fy1_high, snapshot.fy1_low) = (first.row.eps_high, first.row.eps_low);
        snapshot.analysts = first.row.analysts;
        // The year after, not one later still.
        let is_next = |year: &&&Period| (year.end - first.end).num_days() < YEAR_DAYS_MAX;
        if let Some(second) = self.0.get(1).filter(is_next) {
            snapshot.fy2 = second.row.eps_average;
            snapshot.fy2_90d = second.row.eps_90_days_ago;
            (snapshot.fy2_high, snapshot.fy2_low) = (second.row.eps_high, second.row.eps_low);
            snapshot.fy2_up_30d = second.up;
            snapshot.fy2_down_30d = second.down;
        }
        Some(snapshot)
    }
}
