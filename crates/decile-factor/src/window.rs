use crate::{Error, Field, Grouping, Panel, Series};
use chrono::NaiveDate;
use decile_core::Symbol;
use smol_str::SmolStr;
use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// What a factor may see at one session: that session's cross-section and its past.
///
/// There is no call that returns a later row. Rows are slices with one value per symbol, NaN =
/// missing; rows of several fields, [`Window::symbols`] and the output line up.
///
/// ```
/// use decile_factor::{Field, factor_fn};
///
/// // One-session return; the engine makes the windows.
/// let daily = factor_fn("return_1d", &[Field::TotalReturn], 1, |window, out| {
///     let rows = window.today(Field::TotalReturn).iter().zip(window.ago(Field::TotalReturn, 1));
///     for (value, (now, then)) in out.iter_mut().zip(rows) {
///         *value = now / then - 1.0;
///     }
/// });
/// # use decile_factor::Factor;
/// assert_eq!(daily.lookback(), 1);
/// ```
#[derive(Debug)]
pub struct Window<'a> {
    panel: &'a Panel,
    inputs: &'a [Input<'a>],
    session: usize,
    lookback: usize,
    columns: Range<usize>,
    missing: &'a [f64],
    fault: RefCell<Option<Fault>>,
    /// The farthest session asked for beyond the lookback.
    beyond: Cell<usize>,
}

/// Why what a factor wrote does not count.
#[derive(Debug)]
enum Fault {
    Undeclared(Field),
    #[cfg(feature = "expr")]
    Expression(String),
}

/// A declared field with its matrix, whose first row is that of session `first`.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub(crate) field: Field,
    pub(crate) matrix: &'a [f64],
    pub(crate) first: usize,
}

impl<'a> Window<'a> {
    /// `missing` is a row of NaN at least as wide as `columns`.
    pub(crate) fn new(
        panel: &'a Panel,
        inputs: &'a [Input<'a>],
        session: usize,
        lookback: usize,
        columns: Range<usize>,
        missing: &'a [f64],
    ) -> Self {
        let (fault, beyond) = (RefCell::new(None), Cell::new(0));
        Self { panel, inputs, session, lookback, columns, missing, fault, beyond }
    }

    /// Returns the cross-section of a declared field at this session; by value or by reference.
    ///
    /// Reading a field that the factor does not declare gives a row of missing, and the engine then
    /// fails with [`Error::UndeclaredField`].
    #[must_use]
    pub fn today(&self, field: impl Borrow<Field>) -> &'a [f64] {
        self.ago(field, 0)
    }

    /// Returns the cross-section of a declared field so many sessions ago; a row of missing beyond
    /// the factor's lookback or before the panel's first session.
    #[must_use]
    pub fn ago(&self, field: impl Borrow<Field>, sessions: usize) -> &'a [f64] {
        let field: &Field = field.borrow();
        let Some(input) = self.inputs.iter().find(|input| input.field == *field) else {
            self.fault.borrow_mut().get_or_insert_with(|| Fault::Undeclared(field.clone()));
            return self.missing_row();
        };
        let Some(row) = self.row_of(sessions) else { return self.missing_row() };
        let start = (row - input.first) * self.panel.symbols().len();
        &input.matrix[start + self.columns.start..start + self.columns.end]
    }

    /// The panel's row so many sessions ago, if the factor may see it and the panel has it.
    fn row_of(&self, sessions: usize) -> Option<usize> {
        if sessions > self.lookback {
            self.beyond.set(self.beyond.get().max(sessions));
            return None;
        }
        self.session.checked_sub(sessions)
    }

    /// The farthest session asked for beyond the lookback; 0 if none was.
    #[cfg(feature = "conformance")]
    pub(crate) fn beyond(&self) -> usize {
        self.beyond.get()
    }

    fn missing_row(&self) -> &'a [f64] {
        &self.missing[..self.columns.len()]
    }

    /// Returns the date of this session.
    #[must_use]
    pub fn session(&self) -> NaiveDate {
        self.panel.sessions()[self.session]
    }

    /// The index of this session in the panel.
    pub(crate) fn index(&self) -> usize {
        self.session
    }

    /// Returns the symbols, one per column.
    #[must_use]
    pub fn symbols(&self) -> &'a [Symbol] {
        &self.panel.symbols()[self.columns.clone()]
    }

    /// Tells for each symbol whether it is in the universe at this session.
    #[must_use]
    pub fn universe(&self) -> &'a [bool] {
        &self.panel.universe(self.session)[self.columns.clone()]
    }

    /// Returns the number of the group of each symbol: from 0, in the order of the names of all
    /// groups of the panel. Stocks of one number belong together.
    #[must_use]
    pub fn group(&self, grouping: Grouping) -> &'a [usize] {
        &self.panel.group(grouping)[self.columns.clone()]
    }

    /// Returns a number of the market so many sessions ago; missing beyond the factor's lookback or
    /// before the panel's first session. Series need not be declared.
    #[must_use]
    pub fn series(&self, series: Series, sessions: usize) -> f64 {
        self.row_of(sessions).map_or(f64::NAN, |row| self.panel.series(series)[row])
    }

    /// Returns the company of each symbol.
    #[must_use]
    pub fn issuers(&self) -> &'a [SmolStr] {
        &self.panel.issuers()[self.columns.clone()]
    }

    /// Returns the sector of each symbol.
    #[must_use]
    pub fn sectors(&self) -> &'a [SmolStr] {
        &self.panel.sectors()[self.columns.clone()]
    }

    /// Remembers that polars could not compute the session.
    #[cfg(feature = "expr")]
    pub(crate) fn refuse(&self, reason: String) {
        self.fault.borrow_mut().get_or_insert(Fault::Expression(reason));
    }

    /// Says whether the factor called `name` failed, or read what it did not declare.
    pub(crate) fn finish(self, name: &str) -> Result<(), Error> {
        let session = self.session();
        let Some(fault) = self.fault.into_inner() else { return Ok(()) };
        let factor = name.to_owned();
        Err(match fault {
            Fault::Undeclared(field) => Error::UndeclaredField { factor, field, session },
            #[cfg(feature = "expr")]
            Fault::Expression(reason) => {
                Error::Expression { factor, reason: format!("on {session}: {reason}") }
            }
        })
    }
}
