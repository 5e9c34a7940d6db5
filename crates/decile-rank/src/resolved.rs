use crate::scores::kernel::Kernel;
use crate::scores::standing::Standing;
use crate::{Error, Model, ScorePanel, Scores};
use chrono::NaiveDate;
use decile_factor::{Engine, Factor, FactorRegistry, Field, Item, Panel};
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
    model: WithFactors,
    fallback: Option<WithFactors>,
}

/// A model, its factors, and behind them those that they derive from.
#[derive(Debug, Clone)]
struct WithFactors {
    model: Model,
    factors: Vec<Arc<dyn Factor>>,
}

impl WithFactors {
    fn new(model: Model, registry: &FactorRegistry) -> Result<Self, Error> {
        let mut factors: Vec<Arc<dyn Factor>> = Vec::new();
        let mut add = |name: &str| -> Result<Option<Arc<dyn Factor>>, Error> {
            if factors.iter().any(|known| known.name() == name) {
                return Ok(None);
            }
            let factor = registry.get(name)?;
            factors.push(factor.clone());
            Ok(Some(factor))
        };
        let mut named = Vec::new();
        for factor in model.factors() {
            named.extend(add(factor.factor())?);
        }
        while let Some(factor) = named.pop() {
            for field in factor.inputs() {
                if let Field::Derived(name) = field {
                    named.extend(add(name)?);
                }
            }
        }
        Ok(Self { model, factors })
    }
}

impl ResolvedModel {
    pub(crate) fn new(
        model: Model,
        fallback: Option<Model>,
        registry: &FactorRegistry,
    ) -> Result<Self, Error> {
        let fallback = fallback.map(|model| WithFactors::new(model, registry)).transpose()?;
        Ok(Self { model: WithFactors::new(model, registry)?, fallback })
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model.model
    }

    /// Returns the fields that a panel must hold to be scored, and those of which a [`Ranking`]
    /// shows price, market value and P/E.
    ///
    /// [`Ranking`]: crate::Ranking
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let shown = [Field::Close, Field::ListedShares, Field::Ttm(Item::NetIncome), Field::Fx];
        let models = std::iter::once(&self.model).chain(&self.fallback);
        let factors = models.flat_map(|model| &model.factors);
        let read = factors.flat_map(|factor| factor.inputs().iter().cloned());
        let mut fields: Vec<Field> = shown.into_iter().chain(read).collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// The model itself, or its fallback where no estimate was usable by the session.
    fn at(&self, panel: &Panel, session: usize) -> &WithFactors {
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
        let WithFactors { model, factors } = self.at(panel, session);
        let section = Engine::new(panel, factors)?.session(session)?;
        Ok(Scores::new(model, factors, panel, &section))
    }

    /// Scores many sessions, by their indices in the panel, and keeps only the results: composite,
    /// Q score, ordinal, decile, coverage. Each session is scored as [`ResolvedModel::score`] would.
    ///
    /// # Errors
    /// As [`ResolvedModel::score`].
    pub fn score_all(&self, panel: &Panel, sessions: Range<usize>) -> Result<ScorePanel, Error> {
        let mut scores = ScorePanel::new(self.model(), panel, sessions.clone())?;
        let mut rows = scores.rows_mut();
        // The sessions by which there was no estimate come first, if there are any.
        let known = sessions.clone().find(|session| panel.has_estimates(*session));
        let first = known.unwrap_or(sessions.end);
        for part in [sessions.start..first, first..sessions.end] {
            if !part.is_empty() {
                let rows = rows.by_ref().take(part.len()).collect();
                self.score_alike(panel, part, rows)?;
            }
        }
        drop(rows);
        Ok(scores)
    }

    /// Scores sessions that are all for one model; only its factors are computed.
    fn score_alike(
        &self,
        panel: &Panel,
        sessions: Range<usize>,
        rows: Vec<Standing<'_>>,
    ) -> Result<(), Error> {
        let WithFactors { model, factors } = self.at(panel, sessions.start);
        let engine = Engine::new(panel, factors)?;
        let kernel = Kernel::new(model, factors);
        let stages = || kernel.stages(panel.symbols().len());
        engine.each(sessions, rows, stages, |stages, section, row| {
            kernel.score(panel, section, stages, row);
        })?;
        Ok(())
    }
}
