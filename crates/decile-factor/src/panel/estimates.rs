//! The newest usable consensus snapshot at every session.

use super::Panel;
use super::span::Span;
use crate::Consensus;
use chrono::NaiveDate;
use decile_core::{EstimateSnapshot, Stock};

/// Days of the twelve months to come.
const YEAR_DAYS: f64 = 365.0;

/// The snapshot that may be used at each session: the newest of an earlier day, unless it is stale.
/// It rules even where it is poorer than the one before.
pub(super) struct Usable<'a> {
    snapshots: Vec<Option<&'a EstimateSnapshot>>,
    span: Span<'a>,
}

impl<'a> Usable<'a> {
    pub(super) fn new(stock: &'a Stock, span: Span<'a>) -> Self {
        let snapshots = stock.estimates();
        let mut usable = 0;
        let at = |(_, date): (usize, NaiveDate)| {
            usable += snapshots[usable..].partition_point(|snapshot| snapshot.as_of < date);
            let newest = &snapshots[usable.checked_sub(1)?];
            let age_days = date.signed_duration_since(newest.as_of).num_days();
            (age_days <= Panel::ESTIMATE_AGE_DAYS_MAX).then_some(newest)
        };
        Self { snapshots: span.dates().map(at).collect(), span }
    }

    /// One number of the snapshot at every session.
    pub(super) fn column(&self, number: Consensus) -> Vec<f64> {
        let number = |snapshot: &Option<&EstimateSnapshot>| read((*snapshot)?, number);
        self.snapshots.iter().map(number).map(or_missing).collect()
    }

    /// Earnings of the twelve months to come at every session. `splits_since` tells for a date and a
    /// session what one share of then has become at the session's price.
    pub(super) fn forward(
        &self,
        splits_since: impl Fn(NaiveDate, usize) -> Option<f64>,
    ) -> Vec<f64> {
        let value = |((at, date), snapshot): ((usize, NaiveDate), &Option<&EstimateSnapshot>)| {
            let snapshot = (*snapshot)?;
            let ahead = snapshot.fy1_end.signed_duration_since(date).num_days() as f64;
            let weight = (ahead / YEAR_DAYS).clamp(0.0, 1.0);
            let earnings = weight * snapshot.fy1? + (1.0 - weight) * snapshot.fy2?;
            Some(earnings / splits_since(snapshot.as_of, at)?)
        };
        self.span.dates().zip(&self.snapshots).map(value).map(or_missing).collect()
    }
}

fn or_missing(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

fn read(snapshot: &EstimateSnapshot, number: Consensus) -> Option<f64> {
    match number {
        Consensus::Fy1 => snapshot.fy1,
        Consensus::Fy2 => snapshot.fy2,
        Consensus::Fy1Ago90 => snapshot.fy1_90d,
        Consensus::Fy2Ago90 => snapshot.fy2_90d,
        Consensus::Fy1Std => snapshot.fy1_std,
        Consensus::Fy2Std => snapshot.fy2_std,
        Consensus::Fy1High => snapshot.fy1_high,
        Consensus::Fy1Low => snapshot.fy1_low,
        Consensus::Fy2High => snapshot.fy2_high,
        Consensus::Fy2Low => snapshot.fy2_low,
        Consensus::Analysts => snapshot.analysts.map(f64::from),
        Consensus::Fy2Raised => snapshot.fy2_up_30d.map(f64::from),
        Consensus::Fy2Cut => snapshot.fy2_down_30d.map(f64::from),
        Consensus::Recommendation => snapshot.recommendation,
        Consensus::RecommendationAgo30 => snapshot.recommendation_30d,
        Consensus::Recommending => snapshot.recommending.map(f64::from),
    }
}

/// The first session at which any snapshot of any stock was usable.
pub(super) fn first_usable(stocks: &[Stock], sessions: &[NaiveDate]) -> Option<usize> {
    let first =
        stocks.iter().filter_map(|stock| stock.estimates().first()).map(|s| s.as_of).min()?;
    let session = sessions.partition_point(|date| *date <= first);
    (session < sessions.len()).then_some(session)
}
