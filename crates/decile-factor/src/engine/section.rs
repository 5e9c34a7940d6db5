use crate::Panel;
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
    pub(super) session: usize,
    /// One row per factor.
    pub(super) values: Vec<f64>,
}

impl<'a> CrossSection<'a> {
    pub(super) fn new(panel: &'a Panel, factors: usize) -> Self {
        Self { panel, session: 0, values: vec![f64::NAN; factors * panel.symbols().len()] }
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
