use crate::scores::kernel::Kernel;
use crate::{Error, Model, ScorePanel, Scores};
use chrono::NaiveDate;
use decile_factor::{Engine, Factor, Field, Item, Panel};
use std::ops::Range;
use std::sync::Arc;

/// A model with its factors looked up, ready to score.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// use decile_factor::{FactorRegistry, Panel};
/// use decile_rank::Model;
///
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 50.0)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let as_of = day(3);
/// let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, as_of)?.rank();
/// // This market has no estimates, so the model's fallback ranks it.
/// assert_eq!(ranking.model(), "q_core_eaccel");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ResolvedModel {
    model: Model,
    fallback: Option<Model>,
    /// Those of the model, of its fallback, and those they derive from.
    factors: Vec<Arc<dyn Factor>>,
}

impl ResolvedModel {
    pub(crate) fn new(
        model: Model,
        fallback: Option<Model>,
        factors: Vec<Arc<dyn Factor>>,
    ) -> Self {
        Self { model, fallback, factors }
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns the fields that a panel must hold to be scored, and those of which a [`Ranking`]
    /// shows price, market value and P/E.
    ///
    /// [`Ranking`]: crate::Ranking
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let shown = [Field::Close, Field::ListedShares, Field::Ttm(Item::NetIncome), Field::Fx];
        let read = self.factors.iter().flat_map(|factor| factor.inputs().iter().cloned());
        let mut fields: Vec<Field> = shown.into_iter().chain(read).collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// The model itself, or its fallback where no estimate was usable by the session.
    fn at(&self, panel: &Panel, session: usize) -> &Model {
        let fallback = self.fallback.as_ref().filter(|_| !panel.has_estimates(session));
        fallback.unwrap_or(&self.model)
    }

    /// Scores one session, by the model or, where no estimate was usable by then, its fallback.
    ///
    /// # Errors
    /// [`Error::Factor`] if the date is not a session of the panel, if the panel lacks a field, or
    /// if a factor fails.
    pub fn score(&self, panel: &Panel, as_of: NaiveDate) -> Result<Scores, Error> {
        let session = panel.session_index(as_of)?;
        let engine = Engine::new(panel, &self.factors)?;
        let section = engine.session(session)?;
        Ok(Scores::new(self.at(panel, session), &self.factors, panel, &section))
    }

    /// Scores many sessions, by their indices in the panel, and keeps only the results: composite,
    /// Q score, ordinal, decile, coverage. Each session is scored as [`ResolvedModel::score`] would.
    ///
    /// # Errors
    /// As [`ResolvedModel::score`].
    pub fn score_all(&self, panel: &Panel, sessions: Range<usize>) -> Result<ScorePanel, Error> {
        let engine = Engine::new(panel, &self.factors)?;
        let kernel = Kernel::new(&self.model, &self.factors);
        let fallback = self.fallback.as_ref().map(|model| Kernel::new(model, &self.factors));
        let rows = engine.map(sessions.clone(), |section| {
            let without =
                fallback.as_ref().filter(|_| !panel.has_estimates(section.session_index()));
            without.unwrap_or(&kernel).outcome(panel, section)
        })?;
        Ok(ScorePanel::from_rows(panel, sessions, rows))
    }
}
