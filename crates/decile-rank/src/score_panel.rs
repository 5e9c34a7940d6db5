use crate::scores::standing::Standing;
use crate::{Error, Model, ResolvedModel};
use chrono::NaiveDate;
use decile_core::Symbol;
use decile_factor::Panel;
use std::num::{NonZeroU8, NonZeroU32};
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
    model: Model,
    sessions: Vec<NaiveDate>,
    symbols: Vec<Symbol>,
    // Matrices, row by row.
    universe: Vec<bool>,
    coverage: Vec<f64>,
    composite: Vec<f64>,
    q_score: Vec<f64>,
    ordinal: Vec<Option<NonZeroU32>>,
    decile: Vec<Option<NonZeroU8>>,
}

impl ScorePanel {
    /// Makes room for the sessions. The memory is not touched before a thread writes its rows.
    pub(crate) fn new(model: &Model, panel: &Panel, sessions: Range<usize>) -> Result<Self, Error> {
        panel.check_range(&sessions)?;
        let width = panel.symbols().len();
        let cells = sessions.len() * width;
        Ok(Self {
            model: model.clone(),
            universe: panel.universe_matrix()[sessions.start * width..sessions.end * width]
                .to_vec(),
            sessions: panel.sessions()[sessions].to_vec(),
            symbols: panel.symbols().to_vec(),
            coverage: vec![0.0; cells],
            composite: vec![0.0; cells],
            q_score: vec![0.0; cells],
            ordinal: vec![None; cells],
            decile: vec![None; cells],
        })
    }

    /// The rows, to be written.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = Standing<'_>> {
        let width = self.symbols.len().max(1);
        let rows = self.coverage.chunks_exact_mut(width);
        let rows = rows.zip(self.composite.chunks_exact_mut(width));
        let rows = rows.zip(self.q_score.chunks_exact_mut(width));
        let rows = rows.zip(self.ordinal.chunks_exact_mut(width));
        let rows = rows.zip(self.decile.chunks_exact_mut(width));
        rows.map(|((((coverage, composite), q_score), ordinal), decile)| Standing {
            coverage,
            composite,
            q_score,
            ordinal,
            decile,
        })
    }

    /// One row of a matrix; empty for a row that there isn't.
    fn row<'a, T>(&self, matrix: &'a [T], row: usize) -> &'a [T] {
        matrix.chunks_exact(self.symbols.len().max(1)).nth(row).unwrap_or_default()
    }

    /// Scores the sessions that the panel has beyond ours, and those alone.
    ///
    /// Sessions that [`Panel::append`] has added are appended here as if they had been there from the
    /// start: a day more costs the scoring of one session.
    ///
    /// # Errors
    /// [`Error::OtherModel`] if another model made the scores; [`Error::Factor`] if the panel has other
    /// stocks or none of our sessions, and as [`ResolvedModel::score_all`]. Nothing is changed then.
    ///
    /// ```
    /// use decile_data::SyntheticMarket;
    /// use decile_factor::{FactorRegistry, Panel};
    /// use decile_rank::Model;
    ///
    /// let today = SyntheticMarket::default().years(2).generate()?;
    /// let sessions = today.calendar().sessions();
    /// let yesterday = today.known_at(sessions[sessions.len() - 2])?;
    ///
    /// let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
    /// let mut panel = Panel::new(&yesterday, &model.fields());
    /// let mut scores = model.score_all(&panel, 300..sessions.len() - 1)?;
    ///
    /// panel.append(&today)?;
    /// scores.append(&model, &panel)?;
    /// assert_eq!(scores.sessions(), &sessions[300..]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append(&mut self, model: &ResolvedModel, panel: &Panel) -> Result<(), Error> {
        if *model.model() != self.model {
            let (ours, given) = (self.model.name().to_owned(), model.model().name().to_owned());
            return Err(Error::OtherModel { ours, given });
        }
        let later = panel.rows_after(&self.sessions, &self.symbols)?;
        let later = model.score_all(panel, later)?;
        self.sessions.extend(later.sessions);
        self.universe.extend(later.universe);
        self.coverage.extend(later.coverage);
        self.composite.extend(later.composite);
        self.q_score.extend(later.q_score);
        self.ordinal.extend(later.ordinal);
        self.decile.extend(later.decile);
        Ok(())
    }

    /// Returns the model that was asked for; sessions without estimates are its fallback's.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
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
        self.row(&self.universe, row)
    }

    /// Returns the composites; missing for stocks that were not eligible.
    #[must_use]
    pub fn composite(&self, row: usize) -> &[f64] {
        self.row(&self.composite, row)
    }

    /// Returns the composites of all sessions, row by row.
    #[must_use]
    pub fn composite_matrix(&self) -> &[f64] {
        &self.composite
    }

    /// Returns the Q scores, from 0 to 100.
    #[must_use]
    pub fn q_scores(&self, row: usize) -> &[f64] {
        self.row(&self.q_score, row)
    }

    /// Returns the Q scores of all sessions, row by row.
    #[must_use]
    pub fn q_score_matrix(&self) -> &[f64] {
        &self.q_score
    }

    /// Returns the ordinal ranks; 1 is the worst.
    #[must_use]
    pub fn ordinals(&self, row: usize) -> &[Option<NonZeroU32>] {
        self.row(&self.ordinal, row)
    }

    /// Returns the deciles; 10 is the best.
    #[must_use]
    pub fn deciles(&self, row: usize) -> &[Option<NonZeroU8>] {
        self.row(&self.decile, row)
    }

    /// Returns the share of the model's weight that was known of each stock.
    #[must_use]
    pub fn coverage(&self, row: usize) -> &[f64] {
        self.row(&self.coverage, row)
    }

    /// Returns the coverage of all sessions, row by row.
    #[must_use]
    pub fn coverage_matrix(&self) -> &[f64] {
        &self.coverage
    }
}
