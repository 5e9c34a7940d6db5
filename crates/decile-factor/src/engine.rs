use crate::window::Input;
use crate::{Error, Factor, FactorPanel, Field, Panel, Window};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

mod order;
mod section;

pub use section::CrossSection;

/// Columns that one scan state handles: a fixed number, so that results don't depend on threads.
const SCAN_COLUMNS: usize = 64;

/// Computes factors over a panel, sessions in parallel.
///
/// Nothing is kept between sessions but what a factor asks for ([`Field::Derived`] inputs and
/// [`Factor::scan`] states), and every session is computed from its own window, so the values are
/// the same bytes for any number of threads.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// use decile_factor::{Engine, Field, Panel, factor_fn};
///
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 50.0)));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(3), 55.0)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let panel = Panel::new(&market, &[Field::TotalReturn]);
/// let daily = factor_fn("return_1d", &[Field::TotalReturn], 1, |window, out| {
///     let rows = window.today(Field::TotalReturn).iter().zip(window.ago(Field::TotalReturn, 1));
///     for (value, (now, then)) in out.iter_mut().zip(rows) {
///         *value = now / then - 1.0;
///     }
/// });
/// let engine = Engine::new(&panel, &[daily])?;
/// let values = engine.session(1)?;
/// assert!((values.factor(0)[0] - 0.10).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine<'a> {
    panel: &'a Panel,
    factors: Vec<Arc<dyn Factor>>,
    /// The whole matrix of a factor that others derive from, or that is scanned.
    materialised: Vec<Option<Vec<f64>>>,
    missing: Vec<f64>,
}

impl<'a> Engine<'a> {
    /// Prepares the factors: checks what they read, and computes those that have to be known as a
    /// whole before the others.
    ///
    /// # Errors
    /// [`Error::DuplicateFactor`], [`Error::MissingField`], [`Error::UnknownFactor`] for a derived
    /// input that is not among the factors, [`Error::Circular`], and what computing them may give.
    pub fn new(panel: &'a Panel, factors: &[Arc<dyn Factor>]) -> Result<Self, Error> {
        let order = order::by_dependency(factors)?;
        let mut engine = Self {
            panel,
            factors: factors.to_vec(),
            materialised: vec![None; factors.len()],
            missing: vec![f64::NAN; panel.symbols().len()],
        };
        engine.check_fields()?;
        for index in order {
            engine.materialised[index] = engine.materialise(index)?;
        }
        Ok(engine)
    }

    fn check_fields(&self) -> Result<(), Error> {
        for factor in &self.factors {
            let absent = factor.inputs().iter().find(|field| {
                !matches!(field, Field::Derived(_)) && self.panel.matrix(field).is_none()
            });
            if let Some(field) = absent {
                let (factor, field) = (factor.name().to_owned(), field.clone());
                return Err(Error::MissingField { factor, field });
            }
        }
        Ok(())
    }

    fn materialise(&self, index: usize) -> Result<Option<Vec<f64>>, Error> {
        let factor = &self.factors[index];
        if factor.scan(self.panel.symbols().len().min(SCAN_COLUMNS)).is_some() {
            return self.scanned(index).map(Some);
        }
        let derived = Field::derived(factor.name());
        if self.factors.iter().any(|other| other.inputs().contains(&derived)) {
            return self.whole(index).map(Some);
        }
        Ok(None)
    }

    /// Computes all sessions of one factor.
    fn whole(&self, index: usize) -> Result<Vec<f64>, Error> {
        let inputs = self.inputs(index);
        let rows: Vec<Result<Vec<f64>, Error>> = (0..self.panel.sessions().len())
            .into_par_iter()
            .map(|session| {
                let mut row = self.missing.clone();
                self.compute(index, &inputs, session, &mut row)?;
                Ok(row)
            })
            .collect();
        let mut matrix = Vec::with_capacity(self.panel.sessions().len() * self.missing.len());
        for row in rows {
            matrix.extend_from_slice(&row?);
        }
        Ok(matrix)
    }

    /// Runs the scan states of one factor, a block of columns at a time.
    fn scanned(&self, index: usize) -> Result<Vec<f64>, Error> {
        let (width, sessions) = (self.missing.len(), self.panel.sessions().len());
        let inputs = self.inputs(index);
        let starts: Vec<usize> = (0..width).step_by(SCAN_COLUMNS).collect();
        let blocks: Vec<Result<Vec<f64>, Error>> = starts
            .par_iter()
            .map(|start| self.scan_block(index, &inputs, *start..width.min(start + SCAN_COLUMNS)))
            .collect();
        let blocks = blocks.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut matrix = Vec::with_capacity(sessions * width);
        for session in 0..sessions {
            for block in &blocks {
                let columns = block.len() / sessions;
                matrix.extend_from_slice(&block[session * columns..(session + 1) * columns]);
            }
        }
        Ok(matrix)
    }

    fn scan_block(
        &self,
        index: usize,
        inputs: &[Input<'_>],
        columns: Range<usize>,
    ) -> Result<Vec<f64>, Error> {
        let factor = &self.factors[index];
        let mut values = vec![f64::NAN; self.panel.sessions().len() * columns.len()];
        let Some(mut scan) = factor.scan(columns.len()) else { return Ok(values) };
        for (session, row) in values.chunks_exact_mut(columns.len()).enumerate() {
            let window = self.window(inputs, session, factor.lookback(), columns.clone());
            scan.step(&window, row);
            window.finish(factor.name())?;
            if session < factor.lookback() {
                row.fill(f64::NAN);
            }
            self.check_finite(index, session, columns.start, row)?;
        }
        Ok(values)
    }

    fn window<'w>(
        &'w self,
        inputs: &'w [Input<'w>],
        session: usize,
        lookback: usize,
        columns: Range<usize>,
    ) -> Window<'w> {
        Window::new(self.panel, inputs, session, lookback, columns, &self.missing)
    }

    fn inputs(&self, index: usize) -> Vec<Input<'_>> {
        let resolve = |field: &Field| {
            let matrix = match field {
                Field::Derived(name) => self.materialised(name),
                _ => self.panel.matrix(field),
            };
            Input { field: field.clone(), matrix: matrix.unwrap_or_default() }
        };
        self.factors[index].inputs().iter().map(resolve).collect()
    }

    fn materialised(&self, name: &str) -> Option<&[f64]> {
        let index = self.factors.iter().position(|factor| factor.name() == name)?;
        self.materialised[index].as_deref()
    }

    /// Writes one factor at one session into `out`, which arrives filled with NaN.
    fn compute(
        &self,
        index: usize,
        inputs: &[Input<'_>],
        session: usize,
        out: &mut [f64],
    ) -> Result<(), Error> {
        let factor = &self.factors[index];
        if let Some(matrix) = &self.materialised[index] {
            out.copy_from_slice(&matrix[session * out.len()..(session + 1) * out.len()]);
            return Ok(());
        }
        if session < factor.lookback() {
            return Ok(());
        }
        let window = self.window(inputs, session, factor.lookback(), 0..out.len());
        factor.compute(&window, out);
        window.finish(factor.name())?;
        self.check_finite(index, session, 0, out)
    }

    /// The farthest session beyond its lookback that a factor asks for; 0 if it keeps to it.
    #[cfg(feature = "conformance")]
    pub(crate) fn beyond_lookback(&self, index: usize, session: usize) -> Result<usize, Error> {
        let (factor, inputs) = (&self.factors[index], self.inputs(index));
        let mut row = self.missing.clone();
        let window = self.window(&inputs, session, factor.lookback(), 0..row.len());
        factor.compute(&window, &mut row);
        let mut beyond = window.beyond();
        if let Some(mut scan) = factor.scan(row.len()) {
            let window = self.window(&inputs, session, factor.lookback(), 0..row.len());
            scan.step(&window, &mut row);
            beyond = beyond.max(window.beyond());
        }
        Ok(beyond)
    }

    fn check_finite(
        &self,
        index: usize,
        session: usize,
        first_column: usize,
        values: &[f64],
    ) -> Result<(), Error> {
        match values.iter().position(|value| value.is_infinite()) {
            Some(column) => Err(Error::Infinite {
                factor: self.factors[index].name().to_owned(),
                symbol: self.panel.symbols()[first_column + column].clone(),
                session: self.panel.sessions()[session],
            }),
            None => Ok(()),
        }
    }

    /// Returns the panel.
    #[must_use]
    pub fn panel(&self) -> &'a Panel {
        self.panel
    }

    /// Returns the factors, in the order in which they were given.
    #[must_use]
    pub fn factors(&self) -> &[Arc<dyn Factor>] {
        &self.factors
    }

    /// Computes every factor at one session, by its index in the panel.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::UndeclaredField`] or [`Error::Infinite`].
    pub fn session(&self, session: usize) -> Result<CrossSection<'a>, Error> {
        // Beyond the last index there is no range to ask for, and no such session either.
        let end = session.checked_add(1).unwrap_or(session);
        let mut values = self.map(session..end, CrossSection::clone)?;
        Ok(values.swap_remove(0))
    }

    /// Computes every factor at each session and hands the cross-section to `consume`, whose
    /// results come back in the order of the sessions. No matrix of factor values is made.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], or the error of the earliest session that has one.
    pub fn map<R, F>(&self, sessions: Range<usize>, consume: F) -> Result<Vec<R>, Error>
    where
        R: Send,
        F: Fn(&CrossSection<'a>) -> R + Sync,
    {
        let (from, to, all) = (sessions.start, sessions.end, self.panel.sessions().len());
        if to > all || from > to {
            return Err(Error::OutOfRange { from, to, sessions: all });
        }
        let inputs: Vec<Vec<Input<'_>>> =
            (0..self.factors.len()).map(|index| self.inputs(index)).collect();
        let results: Vec<Result<R, Error>> = sessions
            .into_par_iter()
            .with_min_len(8)
            .map_init(
                || CrossSection::new(self.panel, self.factors.len()),
                |section, session| {
                    self.fill(section, &inputs, session)?;
                    Ok(consume(section))
                },
            )
            .collect();
        results.into_iter().collect()
    }

    fn fill(
        &self,
        section: &mut CrossSection<'a>,
        inputs: &[Vec<Input<'_>>],
        session: usize,
    ) -> Result<(), Error> {
        section.session = session;
        section.values.fill(f64::NAN);
        let universe = self.panel.universe(session);
        let rows = section.values.chunks_exact_mut(self.missing.len().max(1));
        for (index, row) in rows.enumerate() {
            self.compute(index, &inputs[index], session, row)?;
            for (value, inside) in row.iter_mut().zip(universe) {
                if !inside {
                    *value = f64::NAN;
                }
            }
        }
        Ok(())
    }

    /// Computes every factor at each session and keeps all values.
    ///
    /// # Errors
    /// As [`Engine::map`].
    pub fn run(&self, sessions: Range<usize>) -> Result<FactorPanel, Error> {
        let rows = self.map(sessions.clone(), |section| section.values.clone())?;
        Ok(FactorPanel::from_rows(self, sessions, &rows))
    }
}
