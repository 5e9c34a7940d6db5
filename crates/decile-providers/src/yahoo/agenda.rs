//! Earnings that were announced and dates that are to come.

use super::Yahoo;
use super::spelling::currency;
use super::summary::Summary;
use crate::notes::Notes;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::source::{Fetched, SourceError};
use decile_core::{Currency, Symbol};
use serde::Serialize;

/// Earnings per share of a quarter beside what was expected.
///
/// They are as analysts count them, without what they call exceptional.
///
/// ```
/// use decile_providers::yahoo::EarningsSurprise;
///
/// let mut surprise = EarningsSurprise::new("2024-12-31".parse()?);
/// surprise.eps_actual = Some(2.4);
/// assert_eq!(surprise.eps_estimate, None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EarningsSurprise {
    /// Last day of the quarter, which Yahoo puts at the end of a month.
    pub quarter_end: NaiveDate,
    /// What was announced.
    pub eps_actual: Option<f64>,
    /// What was expected on the day before.
    pub eps_estimate: Option<f64>,
    /// Currency of both.
    pub currency: Option<Currency>,
}

impl EarningsSurprise {
    /// Makes a row in which everything but the quarter is missing.
    #[must_use]
    pub fn new(quarter_end: NaiveDate) -> Self {
        Self { quarter_end, eps_actual: None, eps_estimate: None, currency: None }
    }
}

/// Dates that a company has announced or is expected to keep.
///
/// ```
/// use decile_providers::yahoo::Agenda;
///
/// assert_eq!(Agenda::default().ex_dividend_date, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Agenda {
    /// When earnings come out: an instant, or the first and last of a span.
    pub earnings: Vec<DateTime<Utc>>,
    /// Whether that is Yahoo's guess.
    pub is_estimate: Option<bool>,
    /// The newest ex-date of a dividend, past or to come.
    pub ex_dividend_date: Option<NaiveDate>,
    /// When it is paid.
    pub dividend_date: Option<NaiveDate>,
}

impl Yahoo {
    /// Fetches the last quarters' earnings beside what was expected, oldest first.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock or one nobody follows, and whatever keeps Yahoo
    /// from answering.
    pub async fn earnings_history(
        &self,
        symbol: &Symbol,
    ) -> Result<Fetched<EarningsSurprise>, SourceError> {
        let pick = |summary: Summary| summary.earnings_history;
        let (history, retrieved_at) = self.summary(symbol, &["earningsHistory"], pick).await?;
        let (mut fetched, mut notes) = (Fetched::new(Vec::new()), Notes::default());
        for quarter in history.history {
            match quarter.quarter.0 {
                Some(quarter_end) => fetched.rows.push(EarningsSurprise {
                    quarter_end,
                    eps_actual: quarter.eps_actual.amount(),
                    eps_estimate: quarter.eps_estimate.amount(),
                    currency: currency(quarter.currency.as_str()),
                }),
                None => notes.drop("a quarter has no date"),
            }
        }
        fetched.rows.sort_by_key(|row| row.quarter_end);
        fetched.retrieved_at = Some(retrieved_at);
        notes.append_to(&mut fetched);
        Ok(fetched)
    }

    /// Fetches the dates of earnings and dividends.
    ///
    /// # Errors
    /// As [`earnings_history`](Self::earnings_history).
    pub async fn agenda(&self, symbol: &Symbol) -> Result<Agenda, SourceError> {
        let pick = |summary: Summary| summary.calendar_events;
        let (events, _) = self.summary(symbol, &["calendarEvents"], pick).await?;
        let earnings = events.earnings.unwrap_or_default();
        Ok(Agenda {
            earnings: earnings.earnings_date.iter().filter_map(|date| date.instant()).collect(),
            is_estimate: earnings.is_earnings_date_estimate,
            ex_dividend_date: events.ex_dividend_date.0,
            dividend_date: events.dividend_date.0,
        })
    }
}
