#[cfg(feature = "conformance")]
use crate::Window;
use crate::{Error, Factor, FactorPanel, Field, Panel};
use history::Histories;
use rayon::prelude::*;
use rows::Rows;
use scanner::Scanner;
use std::ops::Range;
use std::sync::Arc;

mod history;
mod order;
mod rows;
mod scanner;
mod section;

pub use section::CrossSection;

/// Sessions that one task computes, so that the workspace of a task is used many times.
const BLOCK_SESSIONS: usize = 32;
/// Sessions that scans run ahead of what reads them.
const AHEAD_SESSIONS: usize = 64;

/// Computes factors over a panel, sessions in parallel.
///
/// Nothing is kept between sessions but what a factor asks for: the rows behind a
/// [`Field::Derived`] input, and the states of [`Factor::scan`], which a long run uses and a short one
/// does not. Every session is computed from its own window, so the values are the same bytes for any
/// number of threads, and one session costs one session.
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
    /// The positions of the factors, each after those it derives from.
    order: Vec<usize>,
    missing: Vec<f64>,
}

impl<'a> Engine<'a> {
    /// Checks what the factors read.
    ///
    /// # Errors
    /// [`Error::DuplicateFactor`], [`Error::MissingField`], [`Error::UnknownFactor`] for a derived
    /// input that is not among the factors, and [`Error::Circular`].
    pub fn new(panel: &'a Panel, factors: &[Arc<dyn Factor>]) -> Result<Self, Error> {
        let engine = Self {
            panel,
            order: order::by_dependency(factors)?,
            factors: factors.to_vec(),
            missing: vec![f64::NAN; panel.symbols().len()],
        };
        engine.check_fields()?;
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

    fn width(&self) -> usize {
        self.missing.len()
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
        self.panel.check_range(&sessions)?;
        let mut results: Vec<Option<R>> = sessions.clone().map(|_| None).collect();
        let rows = results.iter_mut().collect();
        self.each(
            sessions,
            rows,
            || (),
            |(), section, result| {
                **result = Some(consume(section));
            },
        )?;
        Ok(results.into_iter().flatten().collect())
    }

    /// Computes every factor at each session and hands the cross-section to `consume`, together with
    /// the session's element of `rows`: the place where the results of the session go, such as a row
    /// of a matrix. `workspace` makes what a task uses over and over again.
    ///
    /// It ends with the shorter of `sessions` and `rows`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], or the error of the earliest session that has one.
    pub fn each<T, W, M, F>(
        &self,
        sessions: Range<usize>,
        rows: Vec<T>,
        workspace: M,
        consume: F,
    ) -> Result<(), Error>
    where
        T: Send,
        M: Fn() -> W + Sync,
        F: Fn(&mut W, &CrossSection<'a>, &mut T) + Sync,
    {
        self.panel.check_range(&sessions)?;
        let histories = Histories::new(self, &sessions)?;
        let all: Vec<usize> = (0..self.factors.len()).collect();
        let workspace = || (CrossSection::new(self.panel, self.factors.len()), workspace());
        self.drive(&all, &histories, sessions, rows, workspace, |values, task, session, row| {
            let (section, workspace) = task;
            section.fill(values, session)?;
            consume(workspace, section, row);
            Ok(())
        })
    }

    /// Hands each session, with its element of `rows`, to `consume`, which asks for the values of the
    /// `wanted` factors. In parallel, but for the scans, which run ahead of it in steps.
    fn drive<T, W>(
        &self,
        wanted: &[usize],
        histories: &Histories,
        sessions: Range<usize>,
        rows: Vec<T>,
        workspace: impl Fn() -> W + Sync,
        consume: impl Fn(&Rows<'_, 'a>, &mut W, usize, &mut T) -> Result<(), Error> + Sync,
    ) -> Result<(), Error>
    where
        T: Send,
    {
        let inputs: Vec<_> = (0..self.factors.len()).map(|i| histories.inputs(self, i)).collect();
        let mut scanners = Vec::new();
        for &index in wanted.iter().filter(|index| !histories.holds(**index)) {
            if let Some(mut scanner) = Scanner::worthwhile(self, index, &sessions) {
                scanner.skip_to(self, &inputs[index], sessions.start)?;
                scanners.push(scanner);
            }
        }
        let step = if scanners.is_empty() { sessions.len() } else { AHEAD_SESSIONS };
        let mut rows = rows.into_iter();
        for start in sessions.clone().step_by(step.max(1)) {
            let ahead = start..sessions.end.min(start + step);
            for scanner in &mut scanners {
                scanner.run(self, &inputs[scanner.index()], ahead.clone())?;
            }
            let values = Rows::new(self, histories, &inputs, &scanners);
            let tasks: Vec<(usize, T)> = ahead.zip(rows.by_ref()).collect();
            in_blocks(tasks, &workspace, |workspace, (session, mut row)| {
                consume(&values, workspace, session, &mut row)
            })?;
        }
        Ok(())
    }

    /// The farthest session beyond its lookback that a factor asks for; 0 if it keeps to it.
    #[cfg(feature = "conformance")]
    pub(crate) fn beyond_lookback(&self, index: usize, session: usize) -> Result<usize, Error> {
        let factor = &self.factors[index];
        let histories = Histories::new(self, &(session..session + 1))?;
        let inputs = histories.inputs(self, index);
        let mut row = self.missing.clone();
        let window = || {
            let columns = 0..row.len();
            Window::new(self.panel, &inputs, session, factor.lookback(), columns, &self.missing)
        };
        let (reading, scanning) = (window(), window());
        factor.compute(&reading, &mut row);
        if let Some(mut scan) = factor.scan(row.len()) {
            scan.step(&scanning, &mut row);
        }
        Ok(reading.beyond().max(scanning.beyond()))
    }

    fn check_finite(
        &self,
        index: usize,
        session: usize,
        first_column: usize,
        values: &[f64],
    ) -> Result<(), Error> {
        // Almost always nothing is found, and then looking at all is faster than stopping early.
        if !values.iter().fold(false, |found, value| found | value.is_infinite()) {
            return Ok(());
        }
        let column = values.iter().position(|value| value.is_infinite()).unwrap_or_default();
        Err(Error::Infinite {
            factor: self.factors[index].name().to_owned(),
            symbol: self.panel.symbols()[first_column + column].clone(),
            session: self.panel.sessions()[session],
        })
    }

    /// Computes every factor at each session and keeps all values.
    ///
    /// # Errors
    /// As [`Engine::map`].
    pub fn run(&self, sessions: Range<usize>) -> Result<FactorPanel, Error> {
        self.panel.check_range(&sessions)?;
        let mut values = FactorPanel::new(self, sessions.clone());
        let rows = values.rows_mut();
        self.each(
            sessions,
            rows,
            || (),
            |(), section, rows| {
                for (index, row) in rows.iter_mut().enumerate() {
                    row.copy_from_slice(section.factor(index));
                }
            },
        )?;
        Ok(values)
    }
}

/// Runs tasks in parallel, several in turn on one workspace; the error of the earliest counts.
fn in_blocks<T, W>(
    tasks: Vec<T>,
    workspace: impl Fn() -> W + Sync,
    run: impl Fn(&mut W, T) -> Result<(), Error> + Sync,
) -> Result<(), Error>
where
    T: Send,
{
    if tasks.len() == 1 {
        // Waking a thread takes longer than a small session.
        let mut workspace = workspace();
        return tasks.into_iter().try_for_each(|task| run(&mut workspace, task));
    }
    let tasks = tasks.into_par_iter().with_max_len(BLOCK_SESSIONS);
    let results: Vec<Result<(), Error>> =
        tasks.map_init(&workspace, |workspace, task| run(workspace, task)).collect();
    results.into_iter().collect()
}
