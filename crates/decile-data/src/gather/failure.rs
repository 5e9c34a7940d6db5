//! What could not be had.

use decile_core::Symbol;
use decile_core::source::SourceError;
use std::error::Error;
use std::fmt;

/// Which part of a market could not be had.
///
/// ```
/// use decile_data::Part;
///
/// assert_eq!(Part::Bars.to_string(), "bars");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant is the part of that name")]
pub enum Part {
    Bars,
    Actions,
    Security,
    Filings,
    Dates,
    Estimates,
    Stats,
    Rates,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bars => "bars",
            Self::Actions => "actions",
            Self::Security => "security",
            Self::Filings => "filings",
            Self::Dates => "filing dates",
            Self::Estimates => "estimates",
            Self::Stats => "ratios",
            Self::Rates => "exchange rates",
        })
    }
}

/// Something that a source did not give.
///
/// ```
/// use decile_core::source::SourceError;
/// use decile_data::{Failure, Part};
///
/// let error = SourceError::NotFound { provider: "example", subject: "XX".to_owned() };
/// let failure = Failure { subject: "XX".to_owned(), part: Part::Bars, error };
/// assert_eq!(failure.to_string(), "no bars of XX: example has no data for XX");
/// ```
#[derive(Debug)]
pub struct Failure {
    /// The symbol or currency.
    pub subject: String,
    /// What of it.
    pub part: Part,
    /// Why.
    pub error: SourceError,
}

impl Failure {
    pub(super) fn new(subject: impl ToString, part: Part, error: SourceError) -> Self {
        Self { subject: subject.to_string(), part, error }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} of {}: {}", self.part, self.subject, self.error)?;
        let mut cause = self.error.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The failures of one stock.
pub(super) struct Failures {
    pub(super) symbol: Symbol,
    pub(super) list: Vec<Failure>,
}

impl Failures {
    pub(super) fn take<T>(&mut self, part: Part, answer: Result<T, SourceError>) -> Option<T> {
        answer.map_err(|error| self.list.push(Failure::new(&self.symbol, part, error))).ok()
    }

    /// `None` in, where there is no source, is `None` out and no failure.
    pub(super) fn maybe<T>(
        &mut self,
        part: Part,
        answer: Option<Result<T, SourceError>>,
    ) -> Option<T> {
        answer.and_then(|answer| self.take(part, answer))
    }
}
