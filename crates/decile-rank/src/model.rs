use crate::{Error, ResolvedModel};
use decile_factor::{Factor, FactorRegistry, Field};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

mod preset;

/// A factor with its weight inside a group.
///
/// ```
/// use decile_rank::WeightedFactor;
///
/// assert_eq!(WeightedFactor::new("bm", 0.5).name, "bm");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeightedFactor {
    /// Name of the factor.
    pub name: String,
    /// Weight relative to the other factors of the group; above 0.
    pub weight: f64,
}

impl WeightedFactor {
    /// Makes a factor with its weight.
    #[must_use]
    pub fn new(name: &str, weight: f64) -> Self {
        Self { name: name.to_owned(), weight }
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// Name of the group.
    pub name: String,
    /// Weight relative to the other groups; above 0.
    pub weight: f64,
    /// Its factors.
    pub factors: Vec<WeightedFactor>,
}

impl Group {
    /// Makes a group of named factors and their weights.
    #[must_use]
    pub fn new(name: &str, weight: f64, factors: &[(&str, f64)]) -> Self {
        let factors = factors.iter().map(|(name, weight)| WeightedFactor::new(name, *weight));
        Self { name: name.to_owned(), weight, factors: factors.collect() }
    }
}

/// Which factors make the score, and with what weights.
///
/// Each factor is winsorised at its 5 % and 95 % quantiles, turned into a population z-score and
/// clipped to ±3. A group is the weighted mean of its factors over *all* their weights, a missing
/// one counting 0, turned into a z-score again (or its weight would depend on how its factors
/// correlate). The composite is the weighted mean of the groups, a missing one counting 0.
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    name: String,
    groups: Vec<Group>,
    required: Vec<String>,
    coverage_min: f64,
    without_estimates: Option<Box<Model>>,
}

impl Model {
    /// Share of the weights that must be known of a stock, unless
    /// [`Model::with_coverage_min`] says otherwise.
    pub const COVERAGE_MIN: f64 = 0.60;

    /// Makes a model of groups, in which a stock must have 60 % of the weight to be eligible.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] without a group or factor, for a weight that is not above 0, or for
    /// a group or factor named twice.
    pub fn new(name: &str, groups: Vec<Group>) -> Result<Self, Error> {
        let model = Self {
            name: name.to_owned(),
            groups,
            required: Vec::new(),
            coverage_min: Self::COVERAGE_MIN,
            without_estimates: None,
        };
        match model.fault() {
            Some(reason) => Err(Error::InvalidModel { model: model.name, reason }),
            None => Ok(model),
        }
    }

    /// Returns a model that comes with decile: one of [`Model::PRESETS`].
    ///
    /// # Errors
    /// [`Error::UnknownPreset`] with the names there are.
    pub fn preset(name: &str) -> Result<Self, Error> {
        preset::model(name)
    }

    /// The names that [`Model::preset`] knows.
    pub const PRESETS: &'static [&'static str] = &["q_core", "q_core_eaccel"];

    /// Requires a factor of the model: a stock without it is not eligible.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] if the model does not have the factor.
    pub fn requiring(mut self, factor: &str) -> Result<Self, Error> {
        if !self.factor_names().any(|name| name == factor) {
            let reason = format!("{factor} is required, but no group has it; add it to one");
            return Err(Error::InvalidModel { model: self.name, reason });
        }
        if !self.required.iter().any(|known| known == factor) {
            self.required.push(factor.to_owned());
        }
        Ok(self)
    }

    /// Names the model to use instead at a session by which no estimate of any stock was usable.
    ///
    /// It is chosen for all stocks at once, never stock by stock, and [`Ranking::model`] names the
    /// one that was used.
    ///
    /// [`Ranking::model`]: crate::Ranking::model
    #[must_use]
    pub fn without_estimates(mut self, fallback: Self) -> Self {
        self.without_estimates = Some(Box::new(fallback));
        self
    }

    /// Looks the factors up by their names, those of the fallback too.
    ///
    /// # Errors
    /// [`Error::Factor`] for a name that is not registered.
    pub fn resolve(&self, registry: &FactorRegistry) -> Result<ResolvedModel, Error> {
        let mut factors: Vec<Arc<dyn Factor>> = Vec::new();
        let models = std::iter::once(self).chain(self.without_estimates.as_deref());
        for name in models.flat_map(Self::factor_names) {
            if !factors.iter().any(|known| known.name() == name) {
                factors.push(registry.get(name)?);
            }
        }
        let mut next = 0;
        // Factors that others derive from come along, behind those of the model.
        while let Some(factor) = factors.get(next).cloned() {
            for field in factor.inputs() {
                if let Field::Derived(name) = field
                    && !factors.iter().any(|known| known.name() == name)
                {
                    factors.push(registry.get(name)?);
                }
            }
            next += 1;
        }
        Ok(ResolvedModel::new(self.clone(), factors))
    }

    /// Returns the model to use at a session by which no estimate was usable, if there is one.
    #[must_use]
    pub fn fallback(&self) -> Option<&Self> {
        self.without_estimates.as_deref()
    }

    /// Sets the share of the weights that must be known of a stock for it to be eligible.
    ///
    /// # Errors
    /// [`Error::InvalidModel`] if it is not from 0 to 1.
    pub fn with_coverage_min(mut self, share: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&share) {
            let reason = format!("its minimum coverage is {share}; it must be from 0 to 1");
            return Err(Error::InvalidModel { model: self.name, reason });
        }
        self.coverage_min = share;
        Ok(self)
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the groups.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
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

    /// Returns the names of all factors, group by group.
    pub fn factor_names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.factors).map(|factor| factor.name.as_str())
    }

    fn fault(&self) -> Option<String> {
        if self.groups.is_empty() {
            return Some("it has no group; give it one with at least one factor".to_owned());
        }
        let mut seen = BTreeSet::new();
        for group in &self.groups {
            if group.factors.is_empty() {
                return Some(format!("group {} has no factor; give it one or drop it", group.name));
            }
            if !seen.insert(("group", group.name.as_str())) {
                return Some(format!("group {} stands twice; merge the two", group.name));
            }
            let weights = group.factors.iter().map(|factor| (&factor.name, factor.weight));
            for (name, weight) in weights.chain([(&group.name, group.weight)]) {
                if !(weight.is_finite() && weight > 0.0) {
                    return Some(format!("{name} has weight {weight}; it must be above 0"));
                }
            }
            let sum: f64 = group.factors.iter().map(|factor| factor.weight).sum();
            if !sum.is_finite() {
                return Some(format!("the weights of group {} add up to {sum}", group.name));
            }
            for factor in &group.factors {
                if !seen.insert(("factor", factor.name.as_str())) {
                    return Some(format!("factor {} stands twice; keep one", factor.name));
                }
            }
        }
        let sum: f64 = self.groups.iter().map(|group| group.weight).sum();
        (!sum.is_finite()).then(|| format!("the weights of its groups add up to {sum}"))
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

    #[test]
    fn every_preset_resolves() {
        for &name in Model::PRESETS {
            let model = Model::preset(name).unwrap();
            assert_eq!(model.name(), name);
            assert!(model.resolve(&FactorRegistry::library()).is_ok());
        }
        let unknown = Model::preset("q_gore").unwrap_err().to_string();
        assert!(unknown.contains("\"q_gore\"") && unknown.contains("q_core_eaccel"), "{unknown}");
    }
}
