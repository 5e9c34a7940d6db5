use crate::panel::row_of;
use crate::{Engine, Error};
use chrono::NaiveDate;
use decile_core::Symbol;
use std::ops::Range;

/// The values of several factors over several sessions, kept as a whole.
///
/// Rows are sessions, columns are symbols, NaN = missing or outside the universe. Only made when
/// asked for, by [`Engine::run`].
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// use decile_factor::{Engine, Panel, library};
///
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 50.0)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let factors = library::all();
/// let fields: Vec<_> = factors.iter().flat_map(|factor| factor.inputs().to_vec()).collect();
/// let panel = Panel::new(&market, &fields);
/// let values = Engine::new(&panel, &factors)?.run(0..2)?;
/// assert!(values.row("mom_12_1", 0).expect("computed")[0].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FactorPanel {
    sessions: Vec<NaiveDate>,
    symbols: Vec<Symbol>,
    names: Vec<String>,
    /// One matrix per factor.
    values: Vec<Vec<f64>>,
}

impl FactorPanel {
    /// Makes room for the sessions.
    pub(crate) fn new(engine: &Engine<'_>, sessions: Range<usize>) -> Self {
        let panel = engine.panel();
        let cells = sessions.len() * panel.symbols().len();
        let names: Vec<_> =
            engine.factors().iter().map(|factor| factor.name().to_owned()).collect();
        Self {
            sessions: panel.sessions()[sessions].to_vec(),
            symbols: panel.symbols().to_vec(),
            values: names.iter().map(|_| vec![0.0; cells]).collect(),
            names,
        }
    }

    /// For each session a row of every factor, to be written.
    pub(crate) fn rows_mut(&mut self) -> Vec<Vec<&mut [f64]>> {
        let mut rows: Vec<Vec<&mut [f64]>> = self.sessions.iter().map(|_| Vec::new()).collect();
        for matrix in &mut self.values {
            for (row, values) in
                rows.iter_mut().zip(matrix.chunks_exact_mut(self.symbols.len().max(1)))
            {
                row.push(values);
            }
        }
        rows
    }

    /// Computes the sessions that the engine's panel has beyond ours, and those alone.
    ///
    /// Sessions that [`Panel::append`](crate::Panel::append) has added are appended here as if they had
    /// been there from the start.
    ///
    /// # Errors
    /// [`Error::NotAppendable`] if the engine has other factors or stocks, or none of our sessions;
    /// and as [`Engine::run`]. Nothing is changed then.
    ///
    /// ```
    /// use decile_data::SyntheticMarket;
    /// use decile_factor::{Engine, FactorRegistry, Panel};
    ///
    /// let today = SyntheticMarket::default().years(2).generate()?;
    /// let sessions = today.calendar().sessions();
    /// let yesterday = today.known_at(sessions[sessions.len() - 2])?;
    ///
    /// let reversal = [FactorRegistry::library().get("rev_1m")?];
    /// let mut panel = Panel::new(&yesterday, reversal[0].inputs());
    /// let mut values = Engine::new(&panel, &reversal)?.run(0..sessions.len() - 1)?;
    ///
    /// panel.append(&today)?;
    /// values.append(&Engine::new(&panel, &reversal)?)?;
    /// assert_eq!(values.sessions(), sessions);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append(&mut self, engine: &Engine<'_>) -> Result<(), Error> {
        if !self.names.iter().map(String::as_str).eq(engine.factors().iter().map(|f| f.name())) {
            let reason = format!("the values are of {}", self.names.join(", "));
            return Err(Error::NotAppendable { reason });
        }
        let later = engine.panel().rows_after(&self.sessions, &self.symbols)?;
        let later = engine.run(later)?;
        self.sessions.extend(later.sessions);
        for (matrix, rows) in self.values.iter_mut().zip(later.values) {
            matrix.extend(rows);
        }
        Ok(())
    }

    /// Returns the sessions, one per row.
    #[must_use]
    pub fn sessions(&self) -> &[NaiveDate] {
        &self.sessions
    }

    /// Returns the symbols, one per column.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Returns the names of the factors.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the whole matrix of a factor, row by row; `None` if it was not computed.
    #[must_use]
    pub fn matrix(&self, factor: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|name| name == factor)?;
        Some(&self.values[index])
    }

    /// Returns the cross-section of a factor in a row; `None` if there is no such factor or row.
    #[must_use]
    pub fn row(&self, factor: &str, row: usize) -> Option<&[f64]> {
        row_of(self.matrix(factor)?, row, self.symbols.len())
    }
}
