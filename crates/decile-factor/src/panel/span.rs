//! The sessions that are to be resolved.

use chrono::NaiveDate;
use std::ops::Range;

/// The sessions of a calendar from one of them on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    /// All sessions of the calendar.
    pub(super) sessions: &'a [NaiveDate],
    /// The first that is to be resolved.
    pub(super) first: usize,
}

impl<'a> Span<'a> {
    /// Indices among all sessions.
    pub(super) fn indices(self) -> Range<usize> {
        self.first..self.sessions.len()
    }

    /// Each session's index among all, and its date.
    pub(super) fn dates(self) -> impl Iterator<Item = (usize, NaiveDate)> + 'a {
        self.sessions.iter().copied().enumerate().skip(self.first)
    }

    /// One value per session; NaN for `None`.
    pub(super) fn column(self, value: impl Fn(usize) -> Option<f64>) -> Vec<f64> {
        self.indices().map(|at| value(at).unwrap_or(f64::NAN)).collect()
    }
}
