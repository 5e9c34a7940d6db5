//! A model as text.

use super::{Fallback, Gates, Group, Missing, Model, Part, Standardise, Winsorise};
use crate::{Document, Error};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The layout of model files that this version reads and writes.
const FORMAT: u32 = 1;
const TAIL: f64 = 0.05;
const DEVIATIONS: f64 = 3.0;
const CLIP: f64 = 3.0;

/// A model as it stands in a file, not checked yet.
///
/// It is of use inside the file of something larger; [`Model::from_toml`] reads a file that holds
/// nothing else.
///
/// ```
/// use decile_rank::{Document, Model, ModelFile};
///
/// #[derive(serde::Deserialize)]
/// struct Strategy {
///     model: ModelFile,
/// }
/// let text = r#"
/// [model]
/// format = 1
/// name = "cheap"
/// groups = [{ name = "value", weight = 1, factors = [{ name = "bm", weight = 1 }] }]
/// "#;
/// let model = Document::new("s.toml", text).read::<Strategy>()?.model.into_model()?;
/// assert_eq!(model.name(), "cheap");
/// # Ok::<(), decile_rank::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    format: u32,
    name: String,
    #[serde(default = "first_version")]
    version: u32,
    #[serde(default = "usual_coverage")]
    coverage_min: f64,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    missing: Missing,
    #[serde(default = "usual_sector")]
    sector_min: usize,
    #[serde(default)]
    standardise: StandardiseTable,
    #[serde(default)]
    gates: Gates,
    #[serde(default)]
    blend: Vec<Part>,
    groups: Vec<Group>,
    #[serde(default)]
    without_estimates: Option<Fallback>,
}

fn first_version() -> u32 {
    1
}

fn usual_coverage() -> f64 {
    Model::COVERAGE_MIN
}

fn usual_sector() -> usize {
    Model::SECTOR_MIN
}

/// [`Standardise`] with every key in one table, so that a misprint is told by its line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StandardiseTable {
    method: Method,
    winsorise: Option<Tails>,
    tail: Option<f64>,
    deviations: Option<f64>,
    clip: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    ZScore,
    Percentile,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tails {
    #[default]
    Quantiles,
    Mad,
    Off,
}

impl StandardiseTable {
    /// What it says, or the key that makes no sense and why.
    fn read(&self) -> Result<Standardise, (&'static str, &'static str)> {
        let idle = |given: bool, key, why| if given { Err((key, why)) } else { Ok(()) };
        if self.method == Method::Percentile {
            let why = "has no meaning for percentiles; drop it, or write method = \"z_score\"";
            idle(self.winsorise.is_some(), "winsorise", why)?;
            idle(self.tail.is_some(), "tail", why)?;
            idle(self.deviations.is_some(), "deviations", why)?;
            idle(self.clip.is_some(), "clip", why)?;
            return Ok(Standardise::Percentile);
        }
        let tails = self.winsorise.unwrap_or_default();
        let why = "belongs to winsorise = \"quantiles\"; drop one of the two";
        idle(self.tail.is_some() && tails != Tails::Quantiles, "tail", why)?;
        let why = "belongs to winsorise = \"mad\"; drop one of the two";
        idle(self.deviations.is_some() && tails != Tails::Mad, "deviations", why)?;
        let winsorise = match tails {
            Tails::Quantiles => Winsorise::Quantiles { tail: self.tail.unwrap_or(TAIL) },
            Tails::Mad => Winsorise::Mad { deviations: self.deviations.unwrap_or(DEVIATIONS) },
            Tails::Off => Winsorise::Off,
        };
        Ok(Standardise::ZScore { winsorise, clip: self.clip.unwrap_or(CLIP) })
    }
}

impl From<Standardise> for StandardiseTable {
    fn from(standardise: Standardise) -> Self {
        let Standardise::ZScore { winsorise, clip } = standardise else {
            return Self { method: Method::Percentile, ..Self::default() };
        };
        let (tails, tail, deviations) = match winsorise {
            Winsorise::Quantiles { tail } => (Tails::Quantiles, Some(tail), None),
            Winsorise::Mad { deviations } => (Tails::Mad, None, Some(deviations)),
            Winsorise::Off => (Tails::Off, None, None),
        };
        Self { method: Method::ZScore, winsorise: Some(tails), tail, deviations, clip: Some(clip) }
    }
}

impl ModelFile {
    /// Checks it.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] with the key, counted from the model's own table.
    pub fn into_model(self) -> Result<Model, Error> {
        let invalid = |key: &str, reason: String| Error::InvalidModel {
            model: self.name.clone(),
            key: key.to_owned(),
            reason,
        };
        if self.format != FORMAT {
            let reason = format!("is {}; this version reads format = {FORMAT}", self.format);
            return Err(invalid("format", reason));
        }
        let standardise = self.standardise.read();
        let standardise = standardise
            .map_err(|(key, why)| invalid(&format!("standardise.{key}"), why.to_owned()))?;
        let model = Model {
            standardise,
            name: self.name,
            version: self.version,
            groups: self.groups,
            parts: self.blend,
            required: self.required,
            coverage_min: self.coverage_min,
            missing: self.missing,
            sector_min: self.sector_min,
            gates: self.gates,
            without_estimates: self.without_estimates,
        };
        model.checked()
    }
}

impl From<Model> for ModelFile {
    fn from(model: Model) -> Self {
        Self {
            format: FORMAT,
            name: model.name,
            version: model.version,
            coverage_min: model.coverage_min,
            required: model.required,
            missing: model.missing,
            sector_min: model.sector_min,
            standardise: model.standardise.into(),
            gates: model.gates,
            blend: model.parts,
            groups: model.groups,
            without_estimates: model.without_estimates,
        }
    }
}

impl TryFrom<ModelFile> for Model {
    type Error = Error;

    fn try_from(file: ModelFile) -> Result<Self, Error> {
        file.into_model()
    }
}

impl Model {
    /// Reads a model file; `file` is its name, for errors.
    ///
    /// Unknown keys are refused, since a misprint would otherwise be lost unnoticed.
    ///
    /// # Errors
    /// [`Error::Document`] with file, line, key and what would be right.
    ///
    /// ```
    /// use decile_rank::Model;
    ///
    /// let text = r#"
    /// format = 1
    /// name = "cheap_winners"
    ///
    /// [[groups]]
    /// name = "value"
    /// weight = 0.5
    /// factors = [{ name = "bm", weight = 1 }]
    ///
    /// [[groups]]
    /// name = "price"
    /// weight = 0.5
    /// factors = [{ name = "mom_12_1", weight = -1 }]
    /// "#;
    /// let error = Model::from_toml("mine.toml", text).expect_err("a weight below 0");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "mine.toml, line 13, groups[1].factors[0].weight: mom_12_1 has weight -1; it must be above 0"
    /// );
    /// let model = Model::from_toml("mine.toml", &text.replace("-1", "1"))?;
    /// assert_eq!(Model::from_toml("again.toml", &model.to_toml())?, model);
    /// # Ok::<(), decile_rank::Error>(())
    /// ```
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let document = Document::new(file, text);
        match document.read::<ModelFile>()?.into_model() {
            Err(Error::InvalidModel { key, reason, .. }) => {
                Err(document.fault(&key, reason).into())
            }
            checked => checked,
        }
    }

    /// Writes the model as TOML, every key spelled out: the canonical form of which
    /// [`Model::hash`] is the hash.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        // A string takes whatever is written to it.
        let _ = self.write_toml(&mut text);
        text
    }

    fn write_toml(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "format = {FORMAT}\nname = \"{}\"\nversion = {}", self.name, self.version)?;
        writeln!(out, "coverage_min = {:?}", self.coverage_min)?;
        let required: Vec<_> = self.required.iter().map(|name| format!("\"{name}\"")).collect();
        writeln!(out, "required = [{}]", required.join(", "))?;
        let missing = match self.missing {
            Missing::Neutral => "neutral",
            Missing::Renormalised => "renormalised",
        };
        writeln!(out, "missing = \"{missing}\"\nsector_min = {}", self.sector_min)?;
        writeln!(out, "\n[standardise]")?;
        write_standardise(self.standardise, out)?;
        let Gates { eligible_min, factor_coverage_min, sign_change_max } = self.gates;
        writeln!(out, "\n[gates]\neligible_min = {eligible_min:?}")?;
        writeln!(out, "factor_coverage_min = {factor_coverage_min:?}")?;
        writeln!(out, "sign_change_max = {sign_change_max:?}")?;
        for part in &self.parts {
            writeln!(out, "\n[[blend]]\nname = \"{}\"\nweight = {:?}", part.name, part.weight)?;
        }
        for group in &self.groups {
            writeln!(out, "\n[[groups]]\nname = \"{}\"\nweight = {:?}", group.name, group.weight)?;
            if let Some(part) = &group.part {
                writeln!(out, "part = \"{part}\"")?;
            }
            writeln!(out, "factors = [")?;
            for factor in &group.factors {
                let (name, weight) = (&factor.name, factor.weight);
                writeln!(out, "  {{ name = \"{name}\", weight = {weight:?} }},")?;
            }
            writeln!(out, "]")?;
        }
        if let Some(fallback) = &self.without_estimates {
            writeln!(out, "\n[without_estimates]\nname = \"{}\"", fallback.name)?;
            writeln!(out, "\n[without_estimates.replace]")?;
            for (factor, other) in &fallback.replace {
                writeln!(out, "\"{factor}\" = \"{other}\"")?;
            }
        }
        Ok(())
    }
}

fn write_standardise(standardise: Standardise, out: &mut String) -> fmt::Result {
    let Standardise::ZScore { winsorise, clip } = standardise else {
        return writeln!(out, "method = \"percentile\"");
    };
    writeln!(out, "method = \"z_score\"")?;
    match winsorise {
        Winsorise::Quantiles { tail } => {
            writeln!(out, "winsorise = \"quantiles\"\ntail = {tail:?}")?;
        }
        Winsorise::Mad { deviations } => {
            writeln!(out, "winsorise = \"mad\"\ndeviations = {deviations:?}")?;
        }
        Winsorise::Off => writeln!(out, "winsorise = \"off\"")?,
    }
    writeln!(out, "clip = {clip:?}")
}
