//! From factor values to composites, for one session.

use super::exact::on_grid;
use super::standardise::Standardiser;
use crate::{Exclusion, Missing, Model};
use decile_factor::cross_section::{Chains, Moments, TIE_TOLERANCE, decile, percentile};
use decile_factor::{CrossSection, Factor, Field, Panel};
use std::ops::Range;
use std::sync::Arc;

/// Weights are sums of decimals: a coverage of exactly the minimum must not fail by a rounding.
const COVERAGE_ROUNDING: f64 = 1e-12;

/// A model's weights, laid out for the arithmetic.
pub(crate) struct Kernel<'a> {
    pub(super) model: &'a Model,
    /// Position of each factor of the model in the cross-section.
    positions: Vec<usize>,
    /// Share of each factor in its group.
    pub(super) factor_share: Vec<f64>,
    pub(super) groups: Vec<GroupLayout>,
    /// Share of each part in the composite; one part with all of it unless the model is blended.
    pub(super) part_share: Vec<f64>,
    required: Vec<usize>,
}

/// Where a group stands in the model.
pub(super) struct GroupLayout {
    /// Its factors, counted over the model.
    pub(super) members: Range<usize>,
    /// Its share in its part.
    pub(super) share: f64,
    pub(super) part: usize,
}

/// One group at one session.
pub(crate) struct GroupScore {
    pub(crate) score: Vec<f64>,
    /// Weighted mean of the members before it was standardised; missing without any member.
    pub(super) raw: Vec<f64>,
    pub(super) moments: Option<Moments>,
}

/// The composite of every stock, eligible or not, and what it is blended of.
pub(crate) struct Composite {
    pub(super) total: Vec<f64>,
    pub(super) eligible: Vec<bool>,
    /// Mean and deviation of each part over the eligible stocks; empty unless the model is blended.
    pub(super) part_moments: Vec<Option<Moments>>,
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
        let part_of = |name: &String| model.parts().iter().position(|part| part.name == *name);
        let mut groups = Vec::with_capacity(model.groups().len());
        let mut factor_share = Vec::new();
        for group in model.groups() {
            let first = factor_share.len();
            let sum: f64 = group.factors.iter().map(|factor| factor.weight).sum();
            factor_share.extend(group.factors.iter().map(|factor| factor.weight / sum));
            let alike = model.groups().iter().filter(|other| other.part == group.part);
            let whole: f64 = alike.map(|other| other.weight).sum();
            groups.push(GroupLayout {
                members: first..factor_share.len(),
                share: group.weight / whole,
                part: group.part.as_ref().and_then(part_of).unwrap_or(0),
            });
        }
        let whole: f64 = model.parts().iter().map(|part| part.weight).sum();
        let part_share = model.parts().iter().map(|part| part.weight / whole).collect();
        let position = |name: &str| factors.iter().position(|factor| factor.name() == name);
        Self {
            model,
            positions: model.factors().filter_map(|factor| position(factor.factor())).collect(),
            factor_share,
            groups,
            part_share: if model.parts().is_empty() { vec![1.0] } else { part_share },
            required: model.required().iter().filter_map(|name| position(name)).collect(),
        }
    }

    /// Everything that a panel of scores keeps of one session.
    pub(crate) fn outcome(&self, panel: &Panel, section: &CrossSection<'_>) -> Standing {
        let factor_z = self.factor_z(panel, section);
        let groups = self.group_scores(&factor_z);
        let coverage = self.coverage(&factor_z, section.symbols().len());
        let composite = self.composite(section, &groups, &coverage);
        Self::standing(section, coverage, &composite)
    }

    /// The raw values, factor by factor.
    pub(crate) fn factor_values(&self, section: &CrossSection<'_>) -> Vec<Vec<f64>> {
        self.positions.iter().map(|position| section.factor(*position).to_vec()).collect()
    }

    /// Made comparable, factor by factor.
    pub(crate) fn factor_z(&self, panel: &Panel, section: &CrossSection<'_>) -> Vec<Vec<f64>> {
        let standardiser = Standardiser::new(self.model, panel);
        let mut rows = self.factor_values(section);
        for (values, factor) in rows.iter_mut().zip(self.model.factors()) {
            standardiser.apply(factor, values);
        }
        rows
    }

    pub(crate) fn group_scores(&self, factor_z: &[Vec<f64>]) -> Vec<GroupScore> {
        self.groups.iter().map(|group| self.group_score(group, factor_z)).collect()
    }

    fn group_score(&self, group: &GroupLayout, factor_z: &[Vec<f64>]) -> GroupScore {
        let width = factor_z.first().map_or(0, Vec::len);
        let mut raw = vec![f64::NAN; width];
        for factor in group.members.clone() {
            for (sum, z) in raw.iter_mut().zip(&factor_z[factor]) {
                if !z.is_nan() {
                    *sum = if sum.is_nan() { 0.0 } else { *sum } + self.factor_share[factor] * z;
                }
            }
        }
        if self.model.missing() == Missing::Renormalised {
            divide(&mut raw, &self.known_in_group(group, factor_z));
        }
        // z-scores that cancel leave a rounding, which must not be blown up to a spread.
        for value in raw.iter_mut().filter(|value| value.abs() <= TIE_TOLERANCE) {
            *value = 0.0;
        }
        let moments = Moments::of(&raw);
        let z = |value: &f64| moments.map_or(f64::NAN, |moments| moments.z(*value));
        GroupScore { score: raw.iter().map(z).collect(), raw, moments }
    }

    /// The share of a group's weight that is known of each stock.
    pub(super) fn known_in_group(&self, group: &GroupLayout, factor_z: &[Vec<f64>]) -> Vec<f64> {
        let width = factor_z.first().map_or(0, Vec::len);
        let members = group.members.clone();
        known(width, members.map(|factor| (self.factor_share[factor], &factor_z[factor][..])))
    }

    /// The composites of all stocks, on the grid of exact sums.
    pub(crate) fn composite(
        &self,
        section: &CrossSection<'_>,
        scores: &[GroupScore],
        coverage: &[f64],
    ) -> Composite {
        let eligible: Vec<bool> =
            (0..coverage.len()).map(|column| self.is_eligible(section, coverage, column)).collect();
        let width = coverage.len();
        let part = |part: usize| self.part(part, scores, width);
        if self.model.parts().is_empty() {
            return Composite { total: part(0), eligible, part_moments: Vec::new() };
        }
        let parts: Vec<Vec<f64>> = (0..self.part_share.len()).map(part).collect();
        let mut total = vec![0.0; width];
        let mut part_moments = Vec::with_capacity(parts.len());
        for (values, share) in parts.iter().zip(&self.part_share) {
            let moments = Moments::of(&masked(values, &eligible));
            for (sum, value) in total.iter_mut().zip(values) {
                *sum += share * moments.map_or(0.0, |moments| moments.z(*value));
            }
            part_moments.push(moments);
        }
        total.iter_mut().for_each(|value| *value = on_grid(*value));
        Composite { total, eligible, part_moments }
    }

    /// Weighted mean of the groups of a part, a missing one counting 0 or not at all: the sum of
    /// what each group adds, on the grid of exact sums, so that a group of which nothing changed adds
    /// what it added before.
    fn part(&self, part: usize, scores: &[GroupScore], width: usize) -> Vec<f64> {
        let mut composite = vec![0.0; width];
        let divisors = self.part_divisors(part, scores);
        let groups = self.groups.iter().zip(scores).filter(|(group, _)| group.part == part);
        for (group, scores) in groups {
            let rows = composite.iter_mut().zip(&scores.score);
            match &divisors {
                None => rows.for_each(|(sum, score)| *sum += added(*score, group.share)),
                Some(divisors) => rows.zip(divisors).for_each(|((sum, score), divisor)| {
                    *sum += added(*score, group.share / divisor);
                }),
            }
        }
        composite
    }

    /// By what the groups of a part are divided, stock by stock; `None` if by 1, since a missing one
    /// keeps its weight.
    pub(super) fn part_divisors(&self, part: usize, scores: &[GroupScore]) -> Option<Vec<f64>> {
        let width = scores.first().map_or(0, |group| group.score.len());
        let of_part = self.groups.iter().zip(scores).filter(|(group, _)| group.part == part);
        let rows = of_part.map(|(group, score)| (group.share, &score.score[..]));
        (self.model.missing() == Missing::Renormalised).then(|| known(width, rows))
    }

    pub(crate) fn standing(
        section: &CrossSection<'_>,
        coverage: Vec<f64>,
        composite: &Composite,
    ) -> Standing {
        let composite = masked(&composite.total, &composite.eligible);
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
    pub(crate) fn coverage(&self, factor_z: &[Vec<f64>], width: usize) -> Vec<f64> {
        let mut coverage = vec![0.0; width];
        for group in &self.groups {
            let share = self.part_share[group.part] * group.share;
            for factor in group.members.clone() {
                for (sum, z) in coverage.iter_mut().zip(&factor_z[factor]) {
                    if !z.is_nan() {
                        *sum += share * self.factor_share[factor];
                    }
                }
            }
        }
        coverage
    }

    fn is_eligible(&self, section: &CrossSection<'_>, coverage: &[f64], column: usize) -> bool {
        section.universe()[column]
            && self.is_covered(coverage[column])
            && self.required.iter().all(|factor| !section.factor(*factor)[column].is_nan())
    }

    fn is_covered(&self, coverage: f64) -> bool {
        coverage > 0.0 && coverage >= self.model.coverage_min() - COVERAGE_ROUNDING
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
}

/// Sums the shares of the rows that are known of each stock.
fn known<'r>(width: usize, rows: impl Iterator<Item = (f64, &'r [f64])>) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for (share, row) in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            if !value.is_nan() {
                *sum += share;
            }
        }
    }
    sums
}

/// What a group adds to a composite; a missing one nothing.
fn added(score: f64, scale: f64) -> f64 {
    if score.is_nan() { 0.0 } else { on_grid(score * scale) }
}

/// 0 / 0 is missing, as it should be.
fn divide(values: &mut [f64], divisors: &[f64]) {
    for (value, divisor) in values.iter_mut().zip(divisors) {
        *value /= divisor;
    }
}

fn masked(values: &[f64], eligible: &[bool]) -> Vec<f64> {
    let of = |(value, eligible): (&f64, &bool)| if *eligible { *value } else { f64::NAN };
    values.iter().zip(eligible).map(of).collect()
}
