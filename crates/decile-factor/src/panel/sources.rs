//! Which filings and which estimates the rows of a panel rest on.

use super::Panel;
use crate::KnownFiling;
use chrono::NaiveDate;
use decile_core::{Calendar, Filing, Stock};
use std::collections::BTreeMap;

/// The dated sources of one stock.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// In the order in which they came to count, the later overwriting the earlier.
    filings: Vec<KnownFiling>,
    /// Days of the consensus snapshots, in order.
    estimates: Vec<NaiveDate>,
}

impl Sources {
    pub(super) fn new(stock: &Stock, calendar: &Calendar) -> Self {
        let known = |filing: &Filing| {
            let (period_end, filed) = (filing.period_end, filing.filed);
            Some(KnownFiling { period_end, filed, known_on: filing.known_on(calendar)? })
        };
        let mut filings: Vec<KnownFiling> = stock.filings().iter().filter_map(known).collect();
        filings.sort_by_key(|filing| (filing.known_on, filing.filed));
        let estimates = stock.estimates().iter().map(|snapshot| snapshot.as_of).collect();
        Self { filings, estimates }
    }
}

impl Panel {
    /// Returns the filings that count for a stock at a session, one per period, the oldest period
    /// first.
    ///
    /// `None` for a stock or session that the panel does not have, and of a panel that was made of a
    /// data frame, which does not tell.
    #[must_use]
    pub fn filings(&self, column: usize, session: usize) -> Option<Vec<KnownFiling>> {
        let date = self.sessions.get(session)?;
        let filings = &self.sources.get(column)?.filings;
        let known = filings.iter().take_while(|filing| filing.known_on <= *date);
        let newest: BTreeMap<NaiveDate, KnownFiling> =
            known.map(|filing| (filing.period_end, *filing)).collect();
        Some(newest.into_values().collect())
    }

    /// Returns the day of the consensus snapshot that counts for a stock at a session.
    ///
    /// `None` where there is none, or none that is young enough, and as of [`Panel::filings`].
    #[must_use]
    pub fn estimate(&self, column: usize, session: usize) -> Option<NaiveDate> {
        let date = self.sessions.get(session)?;
        let estimates = &self.sources.get(column)?.estimates;
        let usable = estimates.partition_point(|as_of| as_of < date);
        let newest = estimates[..usable].last()?;
        let age_days = date.signed_duration_since(*newest).num_days();
        (age_days <= Self::ESTIMATE_AGE_DAYS_MAX).then_some(*newest)
    }
}
