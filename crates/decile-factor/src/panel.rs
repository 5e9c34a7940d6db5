//! The time-major matrices that factors read.

use crate::group::Groups;
use crate::{Error, Field, Grouping, Series};
use chrono::NaiveDate;
use decile_core::{Market, Symbol};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::Range;

mod adjustment;
mod build;
mod company;
mod estimates;
mod matrices;
mod prices;
mod screen;
mod sources;
mod span;
mod statements;

pub use adjustment::adjusted_closes;
pub(crate) use screen::Screened;
pub use screen::{Finding, Implausible, Screen, VendorFigures};
pub(crate) use sources::Sources;

/// One matrix per field: rows are sessions, columns are symbols, row-contiguous, `f64`, NaN =
/// missing.
///
/// Row *t* holds what was known at the close of session *t*; no row depends on a later one, so a
/// longer market has the same rows at its beginning. Symbols are in alphabetical order.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// use decile_factor::{Field, Panel};
///
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let panel = Panel::new(&market, &[Field::Close]);
/// // The close of the day before is still the newest known one.
/// assert_eq!(panel.row(&Field::Close, 1), Some(&[59.82][..]));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Panel {
    pub(crate) sessions: Vec<NaiveDate>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) sectors: Groups,
    pub(crate) issuers: Groups,
    /// Row-major, like the matrices: price known and member of the universe.
    pub(crate) universe: Vec<bool>,
    pub(crate) fields: BTreeMap<Field, Vec<f64>>,
    /// One level per session.
    pub(crate) benchmark: Vec<f64>,
    pub(crate) first_estimate: Option<usize>,
    /// One per stock; empty if the panel was made of a data frame.
    pub(crate) sources: Vec<Sources>,
    pub(crate) screened: Screened,
}

impl Panel {
    /// Calendar days after a period's end from which its statement is stale.
    pub const FILING_AGE_DAYS_MAX: i64 = 200;
    /// Calendar days after which a consensus snapshot is stale.
    pub const ESTIMATE_AGE_DAYS_MAX: i64 = 45;

    /// Resolves the market into the fields asked for, point in time.
    ///
    /// [`Field::Custom`] and [`Field::Derived`] are not the market's and are passed over; add the
    /// former by [`Panel::with_custom`].
    #[must_use]
    pub fn new(market: &Market, fields: &[Field]) -> Self {
        build::panel(market, fields)
    }

    /// Appends the sessions that a longer market has and the panel has not: what a day later
    /// [`Panel::new`] would give, at the cost of those sessions and of a look through the filings.
    ///
    /// The rows that are there stay, as they were known then, even where a vendor has rewritten prices
    /// since. Sectors, issuers and the benchmark of the new sessions are the market's.
    ///
    /// # Errors
    /// [`Error::NotAppendable`], and the panel is as it was, if the market begins with other sessions
    /// or has other stocks, or if not all fields are a market's.
    ///
    /// ```
    /// use decile_data::SyntheticMarket;
    /// use decile_factor::{Field, Panel};
    ///
    /// let today = SyntheticMarket::default().years(2).generate()?;
    /// let sessions = today.calendar().sessions();
    /// let yesterday = today.known_at(sessions[sessions.len() - 2])?;
    ///
    /// let mut panel = Panel::new(&yesterday, &[Field::TotalReturn]);
    /// panel.append(&today)?;
    /// let anew = Panel::new(&today, &[Field::TotalReturn]);
    /// let last = sessions.len() - 1;
    /// let bits = |panel: &Panel| -> Option<Vec<u64>> {
    ///     let row = panel.row(&Field::TotalReturn, last)?;
    ///     Some(row.iter().map(|value| value.to_bits()).collect()) // NaN is missing, and equals NaN
    /// };
    /// assert_eq!(bits(&panel), bits(&anew));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append(&mut self, market: &Market) -> Result<(), Error> {
        let refused = |reason| Err(Error::NotAppendable { reason });
        let sessions = market.calendar().sessions();
        if !sessions.starts_with(&self.sessions) {
            let last = self.sessions.last().copied().unwrap_or_default();
            return refused(format!("the market's sessions up to {last} are not the panel's"));
        }
        if !self.symbols.iter().eq(market.stocks().iter().map(decile_core::Stock::symbol)) {
            return refused("the market's stocks are not the panel's".to_owned());
        }
        if let Some(field) = self.fields.keys().find(|field| build::is_foreign(field)) {
            return refused(format!("the new rows of {field} are not the market's to fill"));
        }
        build::extend(self, market);
        Ok(())
    }

    /// Adds a user's own field: one value per session and symbol, row by row, NaN = missing. The
    /// caller answers for it that row *t* holds only what was known at session *t*.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of values, [`Error::InfiniteInput`] for an infinite one.
    pub fn with_custom(mut self, name: &str, values: Vec<f64>) -> Result<Self, Error> {
        let field = Field::custom(name);
        self.check(&field, &values)?;
        self.fields.insert(field, values);
        Ok(self)
    }

    /// Puts another series in the place of the market's: one number per session, NaN = missing.
    ///
    /// # Errors
    /// [`Error::InvalidSeries`] for another number of values, or an infinite one.
    pub fn with_series(mut self, series: Series, values: Vec<f64>) -> Result<Self, Error> {
        let (given, sessions) = (values.len(), self.sessions.len());
        if given != sessions {
            let reason = format!("it has {given} values for {sessions} sessions");
            return Err(Error::InvalidSeries { series, reason });
        }
        if let Some(at) = values.iter().position(|value| value.is_infinite()) {
            let reason = format!("it is infinite on {}", self.sessions[at]);
            return Err(Error::InvalidSeries { series, reason });
        }
        match series {
            Series::Benchmark => self.benchmark = values,
        }
        Ok(self)
    }

    pub(crate) fn check(&self, field: &Field, values: &[f64]) -> Result<(), Error> {
        let (sessions, symbols) = (self.sessions.len(), self.symbols.len());
        if values.len() != sessions * symbols {
            let field = field.clone();
            return Err(Error::Shape { field, given: values.len(), sessions, symbols });
        }
        match values.iter().position(|value| value.is_infinite()) {
            Some(at) => Err(Error::InfiniteInput {
                field: field.clone(),
                symbol: self.symbols[at % symbols].clone(),
                session: self.sessions[at / symbols],
            }),
            None => Ok(()),
        }
    }

    /// Returns the sessions, one per row.
    #[must_use]
    pub fn sessions(&self) -> &[NaiveDate] {
        &self.sessions
    }

    /// Returns the symbols, one per column, in alphabetical order.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Returns the sectors, one per column.
    #[must_use]
    pub fn sectors(&self) -> &[SmolStr] {
        &self.sectors.names
    }

    /// Returns the number of the group of each symbol: from 0, in the order of the groups' names.
    #[must_use]
    pub fn group(&self, grouping: Grouping) -> &[usize] {
        match grouping {
            Grouping::Sector => &self.sectors.numbers,
            Grouping::Issuer => &self.issuers.numbers,
        }
    }

    /// Returns a series, one number per session, NaN = missing.
    #[must_use]
    pub fn series(&self, series: Series) -> &[f64] {
        match series {
            Series::Benchmark => &self.benchmark,
        }
    }

    /// Returns the companies, one per column; share classes of one company have the same.
    #[must_use]
    pub fn issuers(&self) -> &[SmolStr] {
        &self.issuers.names
    }

    /// Returns the fields that the panel holds.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.keys()
    }

    /// Returns the row of a session, by its index.
    ///
    /// # Errors
    /// [`Error::NotASession`] if the date is none of the panel's.
    pub fn session_index(&self, date: NaiveDate) -> Result<usize, Error> {
        self.sessions.binary_search(&date).map_err(|_| Error::NotASession {
            date,
            first: self.sessions.first().copied().unwrap_or_default(),
            last: self.sessions.last().copied().unwrap_or_default(),
        })
    }

    /// Checks that the panel has all rows of a range.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if it has not, or if the range ends before it begins.
    pub fn check_range(&self, sessions: &Range<usize>) -> Result<(), Error> {
        let (from, to, all) = (sessions.start, sessions.end, self.sessions.len());
        if to > all || from > to {
            return Err(Error::OutOfRange { from, to, sessions: all });
        }
        Ok(())
    }

    /// Returns the rows that go on from others of the same stocks: those after the last of `sessions`.
    ///
    /// # Errors
    /// [`Error::NotAppendable`] for other stocks or no session at all, [`Error::NotASession`] if that
    /// last one is not the panel's.
    pub fn rows_after(
        &self,
        sessions: &[NaiveDate],
        symbols: &[Symbol],
    ) -> Result<Range<usize>, Error> {
        let refused = |reason: &str| Err(Error::NotAppendable { reason: reason.to_owned() });
        if self.symbols != symbols {
            return refused("the stocks are not the panel's");
        }
        let Some(last) = sessions.last() else {
            return refused("there is no session to go on from");
        };
        Ok(self.session_index(*last)? + 1..self.sessions.len())
    }

    /// The panel of some of its rows.
    #[cfg(feature = "conformance")]
    pub(crate) fn rows(&self, rows: Range<usize>) -> Self {
        let width = self.symbols.len();
        let cells = rows.start * width..rows.end * width;
        let cut =
            |(field, values): (&Field, &Vec<f64>)| (field.clone(), values[cells.clone()].to_vec());
        Self {
            sessions: self.sessions[rows.clone()].to_vec(),
            symbols: self.symbols.clone(),
            sectors: self.sectors.clone(),
            issuers: self.issuers.clone(),
            universe: self.universe[cells.clone()].to_vec(),
            fields: self.fields.iter().map(cut).collect(),
            benchmark: self.benchmark[rows.clone()].to_vec(),
            first_estimate: self.first_estimate.map(|first| first.saturating_sub(rows.start)),
            sources: self.sources.clone(),
            screened: Screened::default(),
        }
    }

    /// Returns one row of a field; `None` if the panel does not hold the field or the row.
    #[must_use]
    pub fn row(&self, field: &Field, session: usize) -> Option<&[f64]> {
        row_of(self.matrix(field)?, session, self.symbols.len())
    }

    /// Returns the whole matrix of a field, row by row; `None` if the panel does not hold it.
    #[must_use]
    pub fn matrix(&self, field: &Field) -> Option<&[f64]> {
        self.fields.get(field).map(Vec::as_slice)
    }

    /// Tells for each symbol whether it is in the universe: a member, with a price.
    ///
    /// Empty for a session beyond the panel.
    #[must_use]
    pub fn universe(&self, session: usize) -> &[bool] {
        row_of(&self.universe, session, self.symbols.len()).unwrap_or_default()
    }

    /// Returns the universe of all sessions, row by row.
    #[must_use]
    pub fn universe_matrix(&self) -> &[bool] {
        &self.universe
    }

    /// Tells whether any consensus snapshot of any stock was usable by the session.
    #[must_use]
    pub fn has_estimates(&self, session: usize) -> bool {
        self.first_estimate.is_some_and(|first| first <= session)
    }
}

pub(crate) fn row_of<T>(matrix: &[T], row: usize, width: usize) -> Option<&[T]> {
    matrix.get(row.checked_mul(width)?..row.checked_add(1)?.checked_mul(width)?)
}
