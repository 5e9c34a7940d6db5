use crate::{Error, ResolvedModel};
use decile_factor::FactorRegistry;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

mod fault;
mod file;
mod preset;
mod settings;

pub use file::ModelFile;
pub use settings::{Gates, Missing, Part, Standardise, Winsorise};

/// A factor with its weight inside a group.
///
/// Its name may end in `@sector`: the stock is then compared with those of its sector, and not with
/// the whole market.
///
/// ```
/// use decile_rank::WeightedFactor;
///
/// let cheap = WeightedFactor::new("ey_fwd@sector", 0.5);
/// assert_eq!((cheap.factor(), cheap.is_sector_relative()), ("ey_fwd", true));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WeightedFactor {
    /// Name of the factor, and whether it is relative to the sector.
    pub name: String,
    /// Weight relative to the other factors of the group; above 0.
    pub weight: f64,
}

impl WeightedFactor {
    /// What the name of a factor that is relative to the sector ends in.
    pub const SECTOR: &'static str = "@sector";

    /// Makes a factor with its weight.
    #[must_use]
    pub fn new(name: &str, weight: f64) -> Self {
        Self { name: name.to_owned(), weight }
    }

    /// Returns the name by which the factor is registered.
    #[must_use]
    pub fn factor(&self) -> &str {
        self.name.strip_suffix(Self::SECTOR).unwrap_or(&self.name)
    }

    /// Tells whether stocks are compared within their sectors.
    #[must_use]
    pub fn is_sector_relative(&self) -> bool {
        self.name.ends_with(Self::SECTOR)
    }
}

/// Factors that say the same kind of thing, as in "value".
///
/// ```
/// use decile_rank::{Group, WeightedFactor};
///
/// let value = Group::new("value", 0.25, &[("ey_ttm", 0.5), ("bm", 0.5)]);
/// assert_eq!(value.factors[1], WeightedFactor::new("bm", 0.5));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Group {
    /// Name of the group.
    pub name: String,
    /// Weight relative to the other groups; above 0.
    pub weight: f64,
    /// The part of a blended model that it belongs to.
    #[serde(default)]
    pub part: Option<String>,
    /// Its factors.
    pub factors: Vec<WeightedFactor>,
}

impl Group {
    /// Makes a group of named factors and their weights.
    #[must_use]
    pub fn new(name: &str, weight: f64, factors: &[(&str, f64)]) -> Self {
        let factors = factors.iter().map(|(name, weight)| WeightedFactor::new(name, *weight));
        Self { name: name.to_owned(), weight, part: None, factors: factors.collect() }
    }

    /// Puts the group into a part of a blended model.
    #[must_use]
    pub fn in_part(mut self, part: &str) -> Self {
        self.part = Some(part.to_owned());
        self
    }
}

/// The model to use where no estimate is known: the same, with some factors replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fallback {
    name: String,
    replace: BTreeMap<String, String>,
}

/// Which factors make the score, and with what weights.
///
/// 1. Each factor is made comparable over the universe ([`Standardise`]): winsorised at its 5 % and
///    95 % quantiles, turned into a population z-score and clipped to ±3. One whose name ends in
///    `@sector` has the mean of the stock's sector taken off in between, or that of the market where
///    the sector has fewer than [`Model::sector_min`] values.
/// 2. A group is the weighted mean of its factors over *all* their weights, a missing one counting 0
///    ([`Missing`]), turned into a z-score again, or its weight would depend on how its factors
///    correlate.
/// 3. The composite is the weighted mean of the groups, a missing one counting 0. A model of several
///    parts ([`Model::blended`]) makes one composite for each, turns it into a z-score over the
///    eligible stocks, and takes the weighted mean.
///
/// ```
/// use decile_rank::{Group, Model};
///
/// let model = Model::new("cheap_winners", vec![
///     Group::new("value", 0.5, &[("bm", 1.0)]),
///     Group::new("price", 0.5, &[("mom_12_1", 1.0)]),
/// ])?;
/// assert_eq!(model.groups().len(), 2);
/// assert_eq!(Model::preset("q_core")?.factor_names().count(), 7);
/// # Ok::<(), decile_rank::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ModelFile", into = "ModelFile")]
pub struct Model {
    name: String,
    version: u32,
    groups: Vec<Group>,
    parts: Vec<Part>,
    required: Vec<String>,
    coverage_min: f64,
    missing: Missing,
    standardise: Standardise,
    sector_min: usize,
    gates: Gates,
    without_estimates: Option<Fallback>,
}

impl Model {
    /// Share of the weights that must be known of a stock, unless
    /// [`Model::with_coverage_min`] says otherwise.
    pub const COVERAGE_MIN: f64 = 0.60;

    /// Fewest values of a sector that are compared among themselves, unless
    /// [`Model::with_sector_min`] says otherwise.
    pub const SECTOR_MIN: usize = 3;

    /// Makes a model of groups, in which a stock must have 60 % of the weight to be eligible.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] without a group or factor, for a weight that is not above 0, for a
    /// group or factor named twice, or for a name that cannot be written into a file.
    pub fn new(name: &str, groups: Vec<Group>) -> Result<Self, Error> {
        let model = Self {
            name: name.to_owned(),
            version: 1,
            groups,
            parts: Vec::new(),
            required: Vec::new(),
            coverage_min: Self::COVERAGE_MIN,
            missing: Missing::default(),
            standardise: Standardise::default(),
            sector_min: Self::SECTOR_MIN,
            gates: Gates::default(),
            without_estimates: None,
        };
        model.checked()
    }

    /// Makes a model of several composites, each of the groups that are in its part.
    ///
    /// Each part's composite is turned into a population z-score over the eligible stocks, neither
    /// winsorised nor clipped; the composite is their weighted mean.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] as of [`Model::new`], for fewer than two parts, for a part without
    /// groups, and for a group without one of the parts.
    ///
    /// ```
    /// use decile_rank::{Group, Model, Part};
    ///
    /// let groups = vec![
    ///     Group::new("market", 1.0, &[("bm", 1.0)]).in_part("whole"),
    ///     Group::new("peers", 1.0, &[("bm@sector", 1.0)]).in_part("sector"),
    /// ];
    /// let parts = vec![Part::new("whole", 0.5), Part::new("sector", 0.5)];
    /// assert_eq!(Model::blended("cheap", parts, groups)?.parts().len(), 2);
    /// # Ok::<(), decile_rank::Error>(())
    /// ```
    pub fn blended(name: &str, parts: Vec<Part>, groups: Vec<Group>) -> Result<Self, Error> {
        let unparted = groups.iter().map(|group| Group { part: None, ..group.clone() });
        let model = Self::new(name, unparted.collect())?;
        Self { parts, groups, ..model }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        match fault::find(&self) {
            Some((key, reason)) => Err(Error::InvalidModel { model: self.name, key, reason }),
            None => Ok(self),
        }
    }

    /// Returns a model that comes with decile: one of [`Model::PRESETS`].
    ///
    /// # Errors
    /// [`Error::UnknownPreset`] with the names there are.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match Self::preset_toml(name) {
            Some(text) => Self::from_toml(&format!("{name}.toml"), text),
            None => {
                Err(Error::UnknownPreset { name: name.to_owned(), known: Self::PRESETS.join(", ") })
            }
        }
    }

    /// Returns the file of a preset, to read or to begin one of your own with.
    ///
    /// ```
    /// use decile_rank::Model;
    ///
    /// let text = Model::preset_toml("flat").expect("a preset");
    /// assert_eq!(Model::from_toml("flat.toml", text)?, Model::preset("flat")?);
    /// # Ok::<(), decile_rank::Error>(())
    /// ```
    #[must_use]
    pub fn preset_toml(name: &str) -> Option<&'static str> {
        preset::FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// The names that [`Model::preset`] knows.
    pub const PRESETS: &'static [&'static str] = preset::NAMES;

    /// Requires a factor of the model: a stock without it is not eligible.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] if the model does not have the factor.
    pub fn requiring(mut self, factor: &str) -> Result<Self, Error> {
        if !self.required.iter().any(|known| known == factor) {
            self.required.push(factor.to_owned());
        }
        self.checked()
    }

    /// Names the model to use instead at a session by which no estimate of any stock was usable: the
    /// same model with some factors replaced, each given with the one that stands in for it.
    ///
    /// It is chosen for all stocks at once, never stock by stock, and [`Ranking::model`] names the
    /// one that was used.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] for a factor that the model does not have, or if the model that comes
    /// of it is not valid.
    ///
    /// [`Ranking::model`]: crate::Ranking::model
    pub fn without_estimates(
        mut self,
        name: &str,
        replace: &[(&str, &str)],
    ) -> Result<Self, Error> {
        let replace = replace.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        self.without_estimates =
            Some(Fallback { name: name.to_owned(), replace: replace.collect() });
        self.checked()
    }

    /// Returns the model to use at a session by which no estimate was usable, if there is one.
    #[must_use]
    pub fn fallback(&self) -> Option<Self> {
        let Fallback { name, replace } = self.without_estimates.as_ref()?;
        let mut model = Self { name: name.clone(), without_estimates: None, ..self.clone() };
        for factor in model.groups.iter_mut().flat_map(|group| &mut group.factors) {
            if let Some(other) = replace.get(factor.factor()) {
                let suffix = if factor.is_sector_relative() { WeightedFactor::SECTOR } else { "" };
                factor.name = format!("{other}{suffix}");
            }
        }
        for factor in &mut model.required {
            if let Some(other) = replace.get(factor) {
                factor.clone_from(other);
            }
        }
        Some(model)
    }

    /// Looks the factors up by their names, those of the fallback too.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] for a name that is not registered, with the names that are;
    /// [`Error::Factor`] if it is one that a registered factor derives from.
    pub fn resolve(&self, registry: &FactorRegistry) -> Result<ResolvedModel, Error> {
        for (key, name) in self.keyed_factors() {
            registry.get(name).map_err(|error| Error::InvalidModel {
                model: self.name.clone(),
                key,
                reason: error.to_string(),
            })?;
        }
        ResolvedModel::new(self.clone(), self.fallback(), registry)
    }

    /// The registered name of every factor, those of the fallback last, with its place in a file.
    fn keyed_factors(&self) -> impl Iterator<Item = (String, &str)> {
        let groups = self.groups.iter().enumerate();
        let own = groups.flat_map(|(group_at, group)| {
            let factors = group.factors.iter().enumerate();
            factors.map(move |(at, factor)| {
                (format!("groups[{group_at}].factors[{at}].name"), factor.factor())
            })
        });
        let replaced = self.without_estimates.iter().flat_map(|other| &other.replace);
        own.chain(
            replaced.map(|(factor, other)| {
                (format!("without_estimates.replace.{factor}"), other.as_str())
            }),
        )
    }

    /// Sets the share of the weights that must be known of a stock for it to be eligible. A stock of
    /// which nothing is known never is.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] if it is not from 0 to 1.
    pub fn with_coverage_min(self, share: f64) -> Result<Self, Error> {
        Self { coverage_min: share, ..self }.checked()
    }

    /// Sets what a missing factor does.
    #[must_use]
    pub fn with_missing(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// Sets how factors become comparable.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] for tails that are not from 0 to below 1/2, and for deviations or a
    /// clip that are not above 0.
    pub fn with_standardise(self, standardise: Standardise) -> Result<Self, Error> {
        Self { standardise, ..self }.checked()
    }

    /// Sets how many values a sector must have to be compared among themselves.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] for 0.
    pub fn with_sector_min(self, sector_min: usize) -> Result<Self, Error> {
        Self { sector_min, ..self }.checked()
    }

    /// Sets when a ranking is not to be traded on.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] for a share that is not from 0 to 1.
    pub fn with_gates(self, gates: Gates) -> Result<Self, Error> {
        Self { gates, ..self }.checked()
    }

    /// Sets the version, which is yours to raise when you change the model.
    #[must_use]
    pub fn with_version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version, 1 unless somebody has raised it.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the SHA-256 of [`Model::to_toml`] in 64 hexadecimal digits: two models with one hash
    /// are the same to the last weight, name and version included.
    ///
    /// ```
    /// use decile_rank::Model;
    ///
    /// let model = Model::preset("q_core")?;
    /// assert_eq!(model.hash().len(), 64);
    /// assert_ne!(model.clone().with_version(2).hash(), model.hash());
    /// # Ok::<(), decile_rank::Error>(())
    /// ```
    #[must_use]
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.to_toml());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the groups.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Returns the parts of a blended model; none of an ordinary one.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the factors that a stock must have.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.required
    }

    /// Returns the share of the weights that must be known of a stock, from 0 to 1.
    #[must_use]
    pub fn coverage_min(&self) -> f64 {
        self.coverage_min
    }

    /// Returns what a missing factor does.
    #[must_use]
    pub fn missing(&self) -> Missing {
        self.missing
    }

    /// Returns how factors become comparable.
    #[must_use]
    pub fn standardise(&self) -> Standardise {
        self.standardise
    }

    /// Returns how many values a sector must have to be compared among themselves.
    #[must_use]
    pub fn sector_min(&self) -> usize {
        self.sector_min
    }

    /// Returns when a ranking is not to be traded on.
    #[must_use]
    pub fn gates(&self) -> Gates {
        self.gates
    }

    /// Returns all factors with their weights, group by group.
    pub fn factors(&self) -> impl Iterator<Item = &WeightedFactor> {
        self.groups.iter().flat_map(|group| &group.factors)
    }

    /// Returns the names of all factors, group by group, as they stand in the model: with `@sector`
    /// where they are relative to it.
    pub fn factor_names(&self) -> impl Iterator<Item = &str> {
        self.factors().map(|factor| factor.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(groups: Vec<Group>) -> String {
        Model::new("mine", groups).unwrap_err().to_string()
    }

    #[test]
    fn a_model_that_cannot_be_computed_is_refused() {
        assert!(reason(vec![]).contains("no group"));
        assert!(reason(vec![Group::new("a", 1.0, &[])]).contains("group a has no factor"));
        assert!(reason(vec![Group::new("a", 0.0, &[("bm", 1.0)])]).contains("a has weight 0"));
        assert!(reason(vec![Group::new("a", 1.0, &[("bm", f64::NAN)])]).contains("bm has weight"));
        let huge = Group::new("a", 1.0, &[("bm", 1e308), ("roe", 1e308)]);
        assert!(reason(vec![huge]).contains("weights of group a add up to inf"));
        let huge = ["a", "b"].map(|name| Group::new(name, 1e308, &[(name, 1.0)]));
        assert!(reason(huge.to_vec()).contains("weights of its groups add up to inf"));
        let twice = Group::new("a", 1.0, &[("bm", 1.0)]);
        assert!(reason(vec![twice.clone(), twice.clone()]).contains("group a stands twice"));
        let other = Group { name: "b".to_owned(), ..twice.clone() };
        assert!(reason(vec![twice, other]).contains("factor bm stands twice"));
    }

    #[test]
    fn only_factors_of_the_model_can_be_required() {
        let model = Model::new("mine", vec![Group::new("a", 1.0, &[("bm", 1.0)])]).unwrap();
        assert!(model.requiring("roe").unwrap_err().to_string().contains("roe is required"));
    }

    #[test]
    fn the_minimum_coverage_is_a_share() {
        let model = || Model::new("mine", vec![Group::new("a", 1.0, &[("bm", 1.0)])]).unwrap();
        assert_eq!(model().with_coverage_min(0.5).unwrap().coverage_min(), 0.5);
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(model().with_coverage_min(bad).is_err(), "{bad}");
        }
    }
}
