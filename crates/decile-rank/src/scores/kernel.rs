//! From factor values to composites, for one session.

use crate::{Exclusion, Model};
use decile_factor::cross_section::{
    Chains, Moments, TIE_TOLERANCE, clip, decile, percentile, population_z, winsorize,
};
use decile_factor::{CrossSection, Factor, Field, Panel};
use std::sync::Arc;

const WINSOR_LOWER: f64 = 0.05;
const WINSOR_UPPER: f64 = 0.95;
const Z_MAX: f64 = 3.0;
/// Weights are sums of decimals: a coverage of exactly the minimum must not fail by a rounding.
const COVERAGE_ROUNDING: f64 = 1e-12;

/// A model's weights, laid out for the arithmetic.
pub(crate) struct Kernel<'a> {
    model: &'a Model,
    /// Position of each factor of the model in the cross-section.
    positions: Vec<usize>,
    /// The factors of each group, counted over the model.
    members: Vec<Vec<usize>>,
    /// Share of each factor in its group.
    factor_share: Vec<f64>,
    /// Share of each group in the model.
    group_share: Vec<f64>,
    required: Vec<usize>,
}

/// One group at one session.
pub(crate) struct GroupScore {
    pub(crate) score: Vec<f64>,
    /// Weighted mean of the members before it was standardised; missing without any member.
    raw: Vec<f64>,
    moments: Option<Moments>,
}

/// Where every stock stands.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) coverage: Vec<f64>,
    pub(crate) composite: Vec<f64>,
    pub(crate) q_score: Vec<f64>,
    pub(crate) ordinal: Vec<Option<usize>>,
    pub(crate) decile: Vec<Option<u8>>,
}

impl<'a> Kernel<'a> {
    /// Lays a model out for cross-sections of `factors`, which must hold all of the model's.
    pub(crate) fn new(model: &'a Model, factors: &[Arc<dyn Factor>]) -> Self {
        let groups = model.groups();
        let whole: f64 = groups.iter().map(|group| group.weight).sum();
        let mut members = Vec::with_capacity(groups.len());
        let mut factor_share = Vec::new();
        for group in groups {
            let first = factor_share.len();
            let sum: f64 = group.factors.iter().map(|factor| factor.weight).sum();
            factor_share.extend(group.factors.iter().map(|factor| factor.weight / sum));
            members.push((first..factor_share.len()).collect());
        }
        let position = |name: &str| factors.iter().position(|factor| factor.name() == name);
        Self {
            model,
            positions: model.factor_names().filter_map(position).collect(),
            members,
            factor_share,
            group_share: groups.iter().map(|group| group.weight / whole).collect(),
            required: model.required().iter().filter_map(|name| position(name)).collect(),
        }
    }

    /// Everything that a panel of scores keeps of one session.
    pub(crate) fn outcome(&self, section: &CrossSection<'_>) -> Standing {
        let factor_z = self.factor_z(section);
        let groups = self.groups(&factor_z);
        self.standing(section, &factor_z, &groups)
    }

    /// The raw values, factor by factor.
    pub(crate) fn factor_values(&self, section: &CrossSection<'_>) -> Vec<Vec<f64>> {
        self.positions.iter().map(|position| section.factor(*position).to_vec()).collect()
    }

    /// Winsorised, standardised and clipped, factor by factor.
    pub(crate) fn factor_z(&self, section: &CrossSection<'_>) -> Vec<Vec<f64>> {
        let mut rows = self.factor_values(section);
        for values in &mut rows {
            winsorize(values, WINSOR_LOWER, WINSOR_UPPER);
            population_z(values);
            clip(values, -Z_MAX, Z_MAX);
        }
        rows
    }

    pub(crate) fn groups(&self, factor_z: &[Vec<f64>]) -> Vec<GroupScore> {
        self.members.iter().map(|members| self.group(members, factor_z)).collect()
    }

    fn group(&self, members: &[usize], factor_z: &[Vec<f64>]) -> GroupScore {
        let width = factor_z.first().map_or(0, Vec::len);
        let mut raw = vec![f64::NAN; width];
        for &factor in members {
            for (sum, z) in raw.iter_mut().zip(&factor_z[factor]) {
                if !z.is_nan() {
                    *sum = if sum.is_nan() { 0.0 } else { *sum } + self.factor_share[factor] * z;
                }
            }
        }
        // z-scores that cancel leave a rounding, which must not be blown up to a spread.
        for value in raw.iter_mut().filter(|value| value.abs() <= TIE_TOLERANCE) {
            *value = 0.0;
        }
        let moments = Moments::of(&raw);
        let z = |value: &f64| moments.map_or(f64::NAN, |moments| moments.z(*value));
        GroupScore { score: raw.iter().map(z).collect(), raw, moments }
    }

    pub(crate) fn standing(
        &self,
        section: &CrossSection<'_>,
        factor_z: &[Vec<f64>],
        groups: &[GroupScore],
    ) -> Standing {
        let coverage = self.coverage(section, factor_z);
        let mut composite = self.composite(groups, coverage.len());
        for (column, value) in composite.iter_mut().enumerate() {
            if !self.is_eligible(section, &coverage, column) {
                *value = f64::NAN;
            }
        }
        let chains = Chains::new(&composite, TIE_TOLERANCE);
        let (ordinal, count) = (chains.ordinals(section.symbols()), chains.known());
        let ranks = chains.average_ranks();
        Standing {
            q_score: ranks.iter().map(|rank| 100.0 * percentile(*rank, count)).collect(),
            decile: ordinal.iter().map(|ordinal| decile((*ordinal)?, count)).collect(),
            coverage,
            composite,
            ordinal,
        }
    }

    /// Known weight over all weight; 0, not missing, outside the universe.
    fn coverage(&self, section: &CrossSection<'_>, factor_z: &[Vec<f64>]) -> Vec<f64> {
        let mut coverage = vec![0.0; section.symbols().len()];
        for (members, group_share) in self.members.iter().zip(&self.group_share) {
            for &factor in members {
                for (sum, z) in coverage.iter_mut().zip(&factor_z[factor]) {
                    if !z.is_nan() {
                        *sum += group_share * self.factor_share[factor];
                    }
                }
            }
        }
        coverage
    }

    /// Weighted mean of the groups, a missing one counting 0.
    fn composite(&self, groups: &[GroupScore], width: usize) -> Vec<f64> {
        let mut composite = vec![0.0; width];
        for (group, share) in groups.iter().zip(&self.group_share) {
            for (sum, score) in composite.iter_mut().zip(&group.score) {
                if !score.is_nan() {
                    *sum += share * score;
                }
            }
        }
        composite
    }

    fn is_eligible(&self, section: &CrossSection<'_>, coverage: &[f64], column: usize) -> bool {
        section.universe()[column]
            && self.is_covered(coverage[column])
            && self.required.iter().all(|factor| !section.factor(*factor)[column].is_nan())
    }

    fn is_covered(&self, coverage: f64) -> bool {
        coverage >= self.model.coverage_min() - COVERAGE_ROUNDING
    }

    /// Why each stock is not eligible; the first reason that holds.
    pub(crate) fn exclusions(
        &self,
        panel: &Panel,
        section: &CrossSection<'_>,
        standing: &Standing,
    ) -> Vec<Option<Exclusion>> {
        let closes = panel.row(&Field::Close, section.session_index());
        let reason = |column: usize| {
            if self.is_eligible(section, &standing.coverage, column) {
                return None;
            }
            if !section.universe()[column] {
                let priced = closes.is_some_and(|closes| !closes[column].is_nan());
                return Some(if priced { Exclusion::NotMember } else { Exclusion::NoPrice });
            }
            let absent = |position: &usize| section.factor(*position)[column].is_nan();
            let mut required = self.required.iter().zip(self.model.required());
            if let Some((_, name)) = required.find(|(position, _)| absent(position)) {
                return Some(Exclusion::MissingFactor { factor: name.clone() });
            }
            let (coverage, minimum) = (standing.coverage[column], self.model.coverage_min());
            Some(Exclusion::Coverage { coverage, minimum })
        };
        (0..section.symbols().len()).map(reason).collect()
    }

    /// What each factor adds to each composite: its share of the group's distance from the mean.
    ///
    /// group score = (raw - mean) / deviation, and raw is a sum over factors, so taking each
    /// factor's own mean off its part leaves parts that add up to the whole.
    pub(crate) fn contributions(
        &self,
        factor_z: &[Vec<f64>],
        groups: &[GroupScore],
    ) -> Vec<Vec<f64>> {
        let mut contributions = Vec::with_capacity(factor_z.len());
        for ((members, group), share) in self.members.iter().zip(groups).zip(&self.group_share) {
            for &factor in members {
                let scale = share * self.factor_share[factor];
                contributions.push(contribution(&factor_z[factor], group, scale));
            }
        }
        contributions
    }
}

fn contribution(factor_z: &[f64], group: &GroupScore, scale: f64) -> Vec<f64> {
    let deviation = group.moments.map_or(0.0, |moments| moments.deviation);
    // A missing factor counts 0 wherever the group has a score.
    let part = |(z, raw): (&f64, &f64)| match (raw.is_nan(), z.is_nan()) {
        (true, _) => f64::NAN,
        (false, true) => 0.0,
        (false, false) => *z,
    };
    let mut parts: Vec<f64> = factor_z.iter().zip(&group.raw).map(part).collect();
    let mean = Moments::of(&parts).map_or(0.0, |moments| moments.mean);
    for value in &mut parts {
        let known = !value.is_nan() && deviation > 0.0;
        *value = if known { scale * (*value - mean) / deviation } else { 0.0 };
    }
    parts
}
