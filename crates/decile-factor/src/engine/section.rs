use super::rows::Rows;
use crate::{Error, Panel};
use chrono::NaiveDate;
use decile_core::Symbol;

/// The values of every factor at one session; missing outside the universe.
///
/// [`Engine::session`](crate::Engine::session) shows one.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::{Engine, FactorRegistry, Panel};
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// let reversal = FactorRegistry::library().get("rev_1m")?;
/// let panel = Panel::new(&market, reversal.inputs());
/// let engine = Engine::new(&panel, &[reversal])?;
/// let section = engine.session(300)?;
/// assert_eq!(section.factor(0).len(), section.symbols().len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CrossSection<'a> {
    panel: &'a Panel,
    session: usize,
    /// One row per factor.
    values: Vec<f64>,
}

impl<'a> CrossSection<'a> {
    pub(super) fn new(panel: &'a Panel, factors: usize) -> Self {
        Self { panel, session: 0, values: vec![f64::NAN; factors * panel.symbols().len()] }
    }

    /// Takes the values of every factor at a session; missing outside the universe.
    pub(super) fn fill(&mut self, values: &Rows<'_, '_>, session: usize) -> Result<(), Error> {
        self.session = session;
        let universe = self.panel.universe(session);
        let rows = self.values.chunks_exact_mut(self.panel.symbols().len().max(1));
        for (index, row) in rows.enumerate() {
            values.read(index, session, row)?;
            for (value, inside) in row.iter_mut().zip(universe) {
                // Written always, so that nothing has to be predicted.
                *value = if *inside { *value } else { f64::NAN };
            }
        }
        Ok(())
    }

    /// Returns the values of a factor by its position among the engine's, one per symbol.
    ///
    /// # Panics
    /// If the engine has no such factor.
    #[must_use]
    pub fn factor(&self, index: usize) -> &[f64] {
        let width = self.symbols().len();
        &self.values[index * width..(index + 1) * width]
    }

    /// Returns the index of the session in the panel.
    #[must_use]
    pub fn session_index(&self) -> usize {
        self.session
    }

    /// Returns the date of the session.
    #[must_use]
    pub fn session(&self) -> NaiveDate {
        self.panel.sessions()[self.session]
    }

    /// Returns the symbols, one per column.
    #[must_use]
    pub fn symbols(&self) -> &'a [Symbol] {
        self.panel.symbols()
    }

    /// Tells for each symbol whether it is in the universe.
    #[must_use]
    pub fn universe(&self) -> &'a [bool] {
        self.panel.universe(self.session)
    }
}
