//! Reads strategy files.

use super::{Source, Strategy, StrategyError, Universe};
use decile_rank::construct::Construction;
use decile_rank::{Document, Error as RankError, Model, ModelFile};
use decile_trade::{PlanRules, RiskLimits, StaleLimit, StrategyId};
use serde::Deserialize;
use std::fs;
use std::io;
use std::path::Path;

/// The layout of strategy files that this version reads.
const FORMAT: u32 = 1;

/// Rules of planning that another table of the file sets, so that no two of them disagree.
const ELSEWHERE: [(&str, &str); 2] = [
    ("plan.cash_buffer", "belongs to the construction; write construction.cash_buffer instead"),
    ("plan.account_kind", "belongs to the limits; write limits.account_kind instead"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyFile {
    format: u32,
    name: StrategyId,
    #[serde(default)]
    universe: Universe,
    #[serde(default)]
    model: ModelTable,
    #[serde(default)]
    construction: Construction,
    #[serde(default)]
    plan: PlanRules,
    #[serde(default)]
    limits: RiskLimits,
    #[serde(default)]
    stale_limit: StaleLimit,
}

/// One of three ways to name a model.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ModelTable {
    preset: Option<String>,
    file: Option<String>,
    inline: Option<ModelFile>,
}

impl Strategy {
    /// Reads a strategy file. A model file that it names is looked for beside it.
    ///
    /// # Errors
    /// [`StrategyError::Unreadable`], and [`StrategyError::Document`] with file, line, key and what
    /// would be right.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, StrategyError> {
        let path = path.as_ref();
        let unreadable = |source| StrategyError::Unreadable { path: path.to_owned(), source };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let model = |name: &str| fs::read_to_string(folder.join(name));
        Self::from_toml(&path.display().to_string(), &text, &model)
    }

    /// Reads a strategy of a text; `file` is its name, for errors, and `model` gives the text of the
    /// model file that it names.
    ///
    /// # Errors
    /// As [`Strategy::read`].
    pub fn from_toml(
        file: &str,
        text: &str,
        model: &dyn Fn(&str) -> io::Result<String>,
    ) -> Result<Self, StrategyError> {
        let document = Document::new(file, text);
        let read: StrategyFile = document.read()?;
        if read.format != FORMAT {
            let reason = format!("is {}; this version reads format = {FORMAT}", read.format);
            return Err(document.fault("format", reason).into());
        }
        for (key, reason) in ELSEWHERE {
            if document.has(key) {
                return Err(document.fault(key, reason).into());
            }
        }
        let (model, model_source) = match read.model.choose(&document)? {
            Choice::Preset(name) => {
                let unknown = |error: RankError| document.fault("model.preset", error.to_string());
                (Model::preset(&name).map_err(unknown)?, None)
            }
            Choice::File(name) => from_file(&name, model)?,
            Choice::Inline(model) => inline(*model, Source::new(file, text, "model.inline."))?,
        };
        let strategy = Self {
            name: read.name,
            universe: read.universe,
            model,
            construction: read.construction,
            plan: read.plan,
            limits: read.limits,
            stale_limit: read.stale_limit,
            source: Some(Source::new(file, text, "")),
            model_source,
        };
        strategy.check()?;
        Ok(strategy)
    }
}

type Loaded = Result<(Model, Option<Source>), StrategyError>;

fn from_file(name: &str, read: &dyn Fn(&str) -> io::Result<String>) -> Loaded {
    let unreadable = |source| StrategyError::Unreadable { path: name.into(), source };
    let text = read(name).map_err(unreadable)?;
    let model = Model::from_toml(name, &text).map_err(|error| match error {
        RankError::Document(fault) => fault.into(),
        other => StrategyError::Model(other),
    })?;
    Ok((model, Some(Source::new(name, &text, ""))))
}

fn inline(model: ModelFile, source: Source) -> Loaded {
    let model = model.into_model().map_err(|error| match error {
        RankError::InvalidModel { key, reason, .. } => source.fault(&key, reason),
        other => StrategyError::Model(other),
    })?;
    Ok((model, Some(source)))
}

/// The model that a file names.
enum Choice {
    Preset(String),
    File(String),
    Inline(Box<ModelFile>),
}

impl ModelTable {
    fn choose(self, document: &Document<'_>) -> Result<Choice, StrategyError> {
        match (self.preset, self.file, self.inline) {
            (Some(preset), None, None) => Ok(Choice::Preset(preset)),
            (None, None, None) => Ok(Choice::Preset("q_core".to_owned())),
            (None, Some(file), None) => Ok(Choice::File(file)),
            (None, None, Some(model)) => Ok(Choice::Inline(Box::new(model))),
            _ => {
                let reason = "names more than one model; write one of preset, file and inline";
                Err(document.fault("model", reason).into())
            }
        }
    }
}
