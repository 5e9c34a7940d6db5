//! `EARNINGS`: when each quarter was announced, and its earnings per share.

use super::reply::{Body, about};
use super::row::{Row, Rows};
use crate::asked::Asked;
use crate::notes::Notes;
use chrono::{Datelike, NaiveDate};
use decile_core::ReportTime;
use decile_core::source::SourceError;
use serde::{Deserialize, Serialize};

/// Fiscal years of 52 or 53 weeks end up to this many days from the month's end that the provider
/// names.
const END_DAYS_MAX: i64 = 15;

/// Announced earnings of one stock, newest first, as `EARNINGS` gives them.
///
/// ```
/// use decile_providers::alphavantage::Earnings;
///
/// assert!(Earnings::default().quarterly.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Earnings {
    /// Fiscal years. The provider puts the year so far on top; it is not among them.
    pub annual: Vec<AnnualEarnings>,
    /// Quarters.
    pub quarterly: Vec<QuarterlyEarnings>,
    /// What was left out, a sentence each.
    pub dropped: Vec<String>,
    /// What looks wrong, a sentence each.
    pub warnings: Vec<String>,
}

/// Earnings per share of a fiscal year.
///
/// They are the provider's "normalised" figures on today's split basis, not those of the filing.
///
/// ```
/// use decile_providers::alphavantage::AnnualEarnings;
///
/// let year = AnnualEarnings { end: "2020-12-31".parse()?, eps: Some(8.67) };
/// assert_eq!(year.eps, Some(8.67));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AnnualEarnings {
    /// Last day of the year, to the month.
    pub end: NaiveDate,
    /// Earnings per share.
    pub eps: Option<f64>,
}

/// The announcement of a quarter.
///
/// ```
/// use decile_core::ReportTime;
/// use decile_providers::alphavantage::QuarterlyEarnings;
///
/// let pending = QuarterlyEarnings {
///     end: "2021-10-31".parse()?,
///     announced: Some("2021-11-22".parse()?),
///     report_time: ReportTime::Unknown,
///     eps: None,
///     eps_estimated: Some(1.17),
/// };
/// assert!(!pending.is_reported());
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QuarterlyEarnings {
    /// Last day of the quarter, to the month: 31 July for a quarter that ends on 1 August.
    pub end: NaiveDate,
    /// Day of the announcement, which may still be to come.
    pub announced: Option<NaiveDate>,
    /// Time of that day.
    pub report_time: ReportTime,
    /// Earnings per share, "normalised" and on today's split basis.
    pub eps: Option<f64>,
    /// What analysts expected.
    pub eps_estimated: Option<f64>,
}

impl QuarterlyEarnings {
    /// Tells whether the quarter has been announced, not only scheduled.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.eps.is_some()
    }
}

#[derive(Deserialize)]
struct Json {
    symbol: Option<String>,
    #[serde(rename = "annualEarnings")]
    annual: Rows,
    #[serde(rename = "quarterlyEarnings")]
    quarterly: Rows,
}

impl Earnings {
    pub(super) fn read(
        body: Body<'_>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Self, SourceError> {
        let json: Json = body.json(asked)?;
        about(json.symbol.as_deref(), asked)?;
        let mut earnings = Self::default();
        for row in json.annual.0 {
            match row.date("fiscaldateending") {
                None => notes.drop("a year without fiscalDateEnding"),
                Some(end) => {
                    let eps = row.number("reportedeps", notes);
                    earnings.annual.push(AnnualEarnings { end, eps });
                }
            }
        }
        for row in json.quarterly.0 {
            match row.date("fiscaldateending") {
                None => notes.drop("a quarter without fiscalDateEnding"),
                Some(end) => earnings.quarterly.push(quarter(end, &row, notes)),
            }
        }
        earnings.annual.sort_by_key(|year| std::cmp::Reverse(year.end));
        earnings.quarterly.sort_by_key(|quarter| std::cmp::Reverse(quarter.end));
        Ok(earnings)
    }

    /// Returns the quarter that ended nearest to a day, by a few days at most.
    pub(super) fn quarter(&self, end: NaiveDate) -> Option<&QuarterlyEarnings> {
        let distance = |quarter: &&QuarterlyEarnings| (quarter.end - end).num_days().abs();
        let near = self.quarterly.iter().filter(|quarter| distance(quarter) <= END_DAYS_MAX);
        near.min_by_key(distance)
    }

    /// The newest "year" is often the year so far: it does not end in the month of the year before.
    pub(super) fn drop_the_year_so_far(&mut self, notes: &mut Notes) {
        if let [newest, before, ..] = self.annual[..]
            && newest.end.month() != before.end.month()
        {
            notes.drop(format!("{}: a year so far, not a fiscal year", newest.end));
            self.annual.remove(0);
        }
    }
}

fn quarter(end: NaiveDate, row: &Row, notes: &mut Notes) -> QuarterlyEarnings {
    let report_time = match row.text("reporttime") {
        Some("pre-market") => ReportTime::Pre,
        Some("post-market") => ReportTime::Post,
        _ => ReportTime::Unknown,
    };
    // In rows before 2001 some quarters are "announced" on the day on which they end.
    let announced = row.date("reporteddate").filter(|announced| {
        let possible = *announced > end;
        if !possible {
            notes.warn(format!("{end}: announced on {announced}, before it could be: ignored"));
        }
        possible
    });
    QuarterlyEarnings {
        end,
        announced,
        report_time,
        eps: row.number("reportedeps", notes),
        eps_estimated: row.number("estimatedeps", notes),
    }
}
