use crate::scores::kernel::Standing;
use chrono::NaiveDate;
use decile_core::Symbol;
use decile_factor::Panel;
use std::ops::Range;

/// The results of scoring many sessions: rows are sessions, columns are symbols.
///
/// [`crate::ResolvedModel::score_all`] makes one. Missing is NaN or `None`.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::{FactorRegistry, Panel};
/// use decile_rank::Model;
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// let panel = Panel::new(&market, &model.fields());
///
/// let scores = model.score_all(&panel, 300..320)?;
/// assert_eq!(scores.sessions().len(), 20);
/// assert_eq!(scores.composite(0).len(), panel.symbols().len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScorePanel {
    sessions: Vec<NaiveDate>,
    symbols: Vec<Symbol>,
    universe: Vec<Vec<bool>>,
    rows: Vec<Standing>,
}

impl ScorePanel {
    pub(crate) fn from_rows(panel: &Panel, sessions: Range<usize>, rows: Vec<Standing>) -> Self {
        Self {
            universe: sessions.clone().map(|session| panel.universe(session).to_vec()).collect(),
            sessions: panel.sessions()[sessions].to_vec(),
            symbols: panel.symbols().to_vec(),
            rows,
        }
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

    /// Tells which stocks were in the universe; empty for a row that there isn't.
    #[must_use]
    pub fn universe(&self, row: usize) -> &[bool] {
        self.universe.get(row).map_or(&[], Vec::as_slice)
    }

    /// Returns the composites; missing for stocks that were not eligible.
    #[must_use]
    pub fn composite(&self, row: usize) -> &[f64] {
        self.rows.get(row).map_or(&[], |standing| &standing.composite)
    }

    /// Returns the Q scores, from 0 to 100.
    #[must_use]
    pub fn q_scores(&self, row: usize) -> &[f64] {
        self.rows.get(row).map_or(&[], |standing| &standing.q_score)
    }

    /// Returns the ordinal ranks; 1 is the worst.
    #[must_use]
    pub fn ordinals(&self, row: usize) -> &[Option<usize>] {
        self.rows.get(row).map_or(&[], |standing| &standing.ordinal)
    }

    /// Returns the deciles; 10 is the best.
    #[must_use]
    pub fn deciles(&self, row: usize) -> &[Option<u8>] {
        self.rows.get(row).map_or(&[], |standing| &standing.decile)
    }

    /// Returns the share of the model's weight that was known of each stock.
    #[must_use]
    pub fn coverage(&self, row: usize) -> &[f64] {
        self.rows.get(row).map_or(&[], |standing| &standing.coverage)
    }
}
