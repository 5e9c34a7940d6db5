//! A strategy in one file: universe, model, construction, plan and limits.
//!
//! Every part belongs to a crate of its own, and the columns never see each other; they meet here.
//! `docs/strategies.md` lists the keys.

mod error;
mod file;
mod universe;

pub use error::StrategyError;
pub use universe::Universe;

use decile_factor::FactorRegistry;
use decile_rank::construct::Construction;
use decile_rank::{Document, Error as RankError, Model, ResolvedModel};
use decile_trade::{Error as TradeError, PlanRules, RiskLimits, StaleLimit, StrategyId};

/// What is ranked, by which model, how the best are held and what no plan may do.
///
/// The default is the plain flow: the best ten by `q_core` at equal weights.
///
/// ```
/// use decile::strategy::Strategy;
///
/// let text = r#"
/// format = 1
/// name = "giants"
///
/// [model]
/// preset = "q_core_sector"
///
/// [construction]
/// count = 12
/// leave_rank = 16
/// sector_weight_max = 0.40
/// "#;
/// let no_files = |_: &str| Err(std::io::ErrorKind::NotFound.into());
/// let strategy = Strategy::from_toml("giants.toml", text, &no_files)?;
/// assert_eq!(strategy.construction.count, 12);
///
/// let text = text.replace("leave_rank = 16", "leave_rank = 6");
/// let error = Strategy::from_toml("giants.toml", &text, &no_files).expect_err("below the count");
/// assert_eq!(
///     error.to_string(),
///     "giants.toml, line 10, construction.leave_rank: it is 6; it must be 12 or more, the count"
/// );
/// # Ok::<(), decile::strategy::StrategyError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Strategy {
    /// Its name in order ids.
    pub name: StrategyId,
    /// The stocks that are ranked.
    pub universe: Universe,
    /// The model that ranks them; [`Strategy::with_model`] takes another.
    model: Model,
    /// How the best are held.
    pub construction: Construction,
    /// How weights become orders. [`Strategy::plan_rules`] puts the cash buffer of the construction and
    /// the kind of account of the limits into it.
    pub plan: PlanRules,
    /// What no plan may cross.
    pub limits: RiskLimits,
    /// What becomes of limit orders that rest at the broker.
    pub stale_limit: StaleLimit,
    /// The file it was read from, for faults that show later.
    source: Option<Source>,
    /// The file that the model was read from, this or another.
    model_source: Option<Source>,
}

/// A text that was read, and the table of it in which keys stand: empty, or with a point at its end.
#[derive(Debug, Clone)]
struct Source {
    file: String,
    text: String,
    table: &'static str,
}

impl Source {
    fn new(file: &str, text: &str, table: &'static str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), table }
    }

    fn fault(&self, key: &str, reason: String) -> StrategyError {
        let key = format!("{}{key}", self.table);
        Document::new(&self.file, &self.text).fault(&key, reason).into()
    }
}

impl Strategy {
    /// Makes the plain flow of a model: the best ten at equal weights.
    #[must_use]
    pub fn new(name: StrategyId, model: Model) -> Self {
        Self {
            name,
            universe: Universe::default(),
            model,
            construction: Construction::default(),
            plan: PlanRules::default(),
            limits: RiskLimits::default(),
            stale_limit: StaleLimit::default(),
            source: None,
            model_source: None,
        }
    }

    /// Returns the model that ranks the stocks.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Puts another model in the place of the strategy's.
    #[must_use]
    pub fn with_model(self, model: Model) -> Self {
        Self { model, model_source: None, ..self }
    }

    /// Looks the factors of the model up.
    ///
    /// # Errors
    /// As [`Model::resolve`], with file and line where the model was read from one.
    pub fn resolve(&self, registry: &FactorRegistry) -> Result<ResolvedModel, StrategyError> {
        self.model.resolve(registry).map_err(|error| match (error, &self.model_source) {
            (RankError::InvalidModel { key, reason, .. }, Some(source)) => {
                source.fault(&key, reason)
            }
            (error, _) => StrategyError::Model(error),
        })
    }

    /// Refuses a strategy that makes no sense. A file has been checked when it was read; check again
    /// after changes.
    ///
    /// # Errors
    /// [`StrategyError::Document`] with file and line if it was read from one,
    /// [`StrategyError::Invalid`] otherwise.
    pub fn check(&self) -> Result<(), StrategyError> {
        match self.construction.check() {
            Err(RankError::InvalidConstruction { key, reason }) => {
                Err(self.fault(&format!("construction.{key}"), reason))
            }
            _ => Ok(()),
        }?;
        self.rule("plan", self.plan_rules().check())?;
        self.rule("limits", self.limits.check())?;
        self.rule("stale_limit", self.stale_limit.check())
    }

    fn rule(&self, table: &str, checked: Result<(), TradeError>) -> Result<(), StrategyError> {
        match checked {
            Err(TradeError::InvalidRule { rule, value, expected }) => {
                let reason = format!("it is {value}; it must be {expected}");
                Err(self.fault(&format!("{table}.{rule}"), reason))
            }
            _ => Ok(()),
        }
    }

    fn fault(&self, key: &str, reason: String) -> StrategyError {
        match &self.source {
            Some(source) => source.fault(key, reason),
            None => StrategyError::Invalid { key: key.to_owned(), reason },
        }
    }

    /// Returns the rules of planning, with the cash buffer of the construction and the kind of account of
    /// the limits.
    #[must_use]
    pub fn plan_rules(&self) -> PlanRules {
        PlanRules {
            cash_buffer: self.construction.cash_buffer,
            account_kind: self.limits.account_kind,
            ..self.plan.clone()
        }
    }
}
