//! The newest usable consensus snapshot at every session.

use super::Panel;
use crate::Consensus;
use chrono::NaiveDate;
use decile_core::{EstimateSnapshot, Stock};

/// A snapshot is usable from the first session after its date. The newest one rules even where it
/// is poorer than the one before.
pub(super) fn column(stock: &Stock, sessions: &[NaiveDate], number: Consensus) -> Vec<f64> {
    let snapshots = stock.estimates();
    let mut usable = 0;
    let value = |date: &NaiveDate| {
        usable += snapshots[usable..].partition_point(|snapshot| snapshot.as_of < *date);
        let newest = &snapshots[usable.checked_sub(1)?];
        let age_days = date.signed_duration_since(newest.as_of).num_days();
        if age_days > Panel::ESTIMATE_AGE_DAYS_MAX { None } else { read(newest, number) }
    };
    sessions.iter().map(value).map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn read(snapshot: &EstimateSnapshot, number: Consensus) -> Option<f64> {
    match number {
        Consensus::Fy1 => snapshot.fy1,
        Consensus::Fy2 => snapshot.fy2,
        Consensus::Fy1Ago90 => snapshot.fy1_90d,
        Consensus::Fy2Ago90 => snapshot.fy2_90d,
    }
}

/// The first session at which any snapshot of any stock was usable.
pub(super) fn first_usable(stocks: &[Stock], sessions: &[NaiveDate]) -> Option<usize> {
    let first =
        stocks.iter().filter_map(|stock| stock.estimates().first()).map(|s| s.as_of).min()?;
    let session = sessions.partition_point(|date| *date <= first);
    (session < sessions.len()).then_some(session)
}
