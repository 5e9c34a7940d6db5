//! From factor values to composites, for one session.

use super::exact::on_grid;
use super::standardise::Standardiser;
use super::standing::Standing;
use crate::{Exclusion, Missing, Model};
use decile_factor::cross_section::{Moments, TIE_TOLERANCE};
use decile_factor::{CrossSection, Factor, Field, Finding, Implausible, Panel};
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

/// What scoring a session gives on the way: one row per factor, one per group. Made once and used
/// for many sessions.
pub(crate) struct Stages {
    pub(crate) factor_z: Vec<Vec<f64>>,
    pub(crate) groups: Vec<GroupScore>,
    pub(crate) composite: Composite,
}

/// One group at one session.
pub(crate) struct GroupScore {
    pub(crate) score: Vec<f64>,
    /// Weighted mean of the members before it was standardised; missing without any member.
    pub(super) raw: Vec<f64>,
    /// The share of the group's weight that is known of each stock.
    pub(super) known: Vec<f64>,
    pub(super) moments: Option<Moments>,
}

/// The composite of every stock, eligible or not, and what it is blended of.
pub(crate) struct Composite {
    pub(super) total: Vec<f64>,
    pub(super) eligible: Vec<bool>,
    /// The composite of each part, and by what its groups are divided: 1, since a missing group keeps
    /// its weight, or the weight of those that have a score.
    pub(super) parts: Vec<Vec<f64>>,
    pub(super) divisors: Vec<Vec<f64>>,
    /// Mean and deviation of each part over the eligible stocks; empty unless the model is blended.
    pub(super) part_moments: Vec<Option<Moments>>,
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

    /// Makes room for the stages of a session of so many stocks.
    pub(crate) fn stages(&self, width: usize) -> Stages {
        let row = || vec![f64::NAN; width];
        let group =
            |_: &GroupLayout| GroupScore { score: row(), raw: row(), known: row(), moments: None };
        Stages {
            factor_z: self.positions.iter().map(|_| row()).collect(),
            groups: self.groups.iter().map(group).collect(),
            composite: Composite {
                total: row(),
                eligible: vec![false; width],
                parts: self.part_share.iter().map(|_| row()).collect(),
                divisors: self.part_share.iter().map(|_| vec![1.0; width]).collect(),
                part_moments: Vec::new(),
            },
        }
    }

    /// Scores a session: from the values of its factors to the place of every stock.
    pub(crate) fn score(
        &self,
        panel: &Panel,
        section: &CrossSection<'_>,
        stages: &mut Stages,
        standing: &mut Standing<'_>,
    ) {
        let standardiser = Standardiser::new(self.model, panel);
        let rows = stages.factor_z.iter_mut().zip(&self.positions).zip(self.model.factors());
        for ((row, position), factor) in rows {
            standardiser.apply(factor, section.factor(*position), row);
        }
        standing.coverage.fill(0.0);
        for (group, score) in self.groups.iter().zip(&mut stages.groups) {
            self.group(group, &stages.factor_z, score);
            let share = self.part_share[group.part] * group.share;
            for (coverage, known) in standing.coverage.iter_mut().zip(&score.known) {
                *coverage += share * known;
            }
        }
        self.composite(section, standing.coverage, stages);
        let Composite { total, eligible, .. } = &stages.composite;
        for ((composite, total), eligible) in standing.composite.iter_mut().zip(total).zip(eligible)
        {
            *composite = if *eligible { *total } else { f64::NAN };
        }
        standing.rank(section.symbols());
    }

    /// The raw values, factor by factor.
    pub(crate) fn factor_values(&self, section: &CrossSection<'_>) -> Vec<Vec<f64>> {
        self.positions.iter().map(|position| section.factor(*position).to_vec()).collect()
    }

    fn group(&self, group: &GroupLayout, factor_z: &[Vec<f64>], score: &mut GroupScore) {
        let GroupScore { score, raw, known, moments } = score;
        raw.fill(0.0);
        known.fill(0.0);
        for factor in group.members.clone() {
            add_known(raw, known, &factor_z[factor], self.factor_share[factor]);
        }
        if self.model.missing() == Missing::Renormalised {
            divide(raw, known);
        }
        for (value, known) in raw.iter_mut().zip(&*known) {
            // z-scores that cancel leave a rounding, which must not be blown up to a spread.
            let sum = if value.abs() <= TIE_TOLERANCE { 0.0 } else { *value };
            *value = if *known > 0.0 { sum } else { f64::NAN };
        }
        *moments = Moments::of(raw);
        if let Some(moments) = *moments {
            for (score, raw) in score.iter_mut().zip(&*raw) {
                *score = moments.z(*raw);
            }
        } else {
            score.fill(f64::NAN);
        }
    }

    /// The composites of all stocks: sums of what each group adds.
    fn composite(&self, section: &CrossSection<'_>, coverage: &[f64], stages: &mut Stages) {
        let Composite { total, eligible, parts, divisors, part_moments } = &mut stages.composite;
        self.find_eligible(section, coverage, eligible);
        for (part, (values, divisors)) in parts.iter_mut().zip(divisors).enumerate() {
            let groups = || self.groups.iter().zip(&stages.groups).filter(|(g, _)| g.part == part);
            values.fill(0.0);
            if self.model.missing() == Missing::Neutral {
                groups().for_each(|(group, score)| add_group(values, &score.score, group.share));
                continue;
            }
            divisors.fill(0.0);
            groups().for_each(|(group, score)| add_weight(divisors, &score.score, group.share));
            for (group, score) in groups() {
                for ((sum, score), divisor) in values.iter_mut().zip(&score.score).zip(&*divisors) {
                    *sum += added(*score, group.share / divisor);
                }
            }
        }
        part_moments.clear();
        if self.model.parts().is_empty() {
            total.copy_from_slice(&parts[0]);
        } else {
            total.fill(0.0);
            for (values, share) in parts.iter().zip(&self.part_share) {
                let moments = Moments::of(&masked(values, eligible));
                for (sum, value) in total.iter_mut().zip(values) {
                    *sum += share * moments.map_or(0.0, |moments| moments.z(*value));
                }
                part_moments.push(moments);
            }
            total.iter_mut().for_each(|value| *value = on_grid(*value));
        }
    }

    fn find_eligible(&self, section: &CrossSection<'_>, coverage: &[f64], eligible: &mut [bool]) {
        let rows = eligible.iter_mut().zip(section.universe()).zip(coverage);
        for ((eligible, inside), coverage) in rows {
            *eligible = *inside & self.is_covered(*coverage);
        }
        for factor in &self.required {
            for (eligible, value) in eligible.iter_mut().zip(section.factor(*factor)) {
                *eligible &= !value.is_nan();
            }
        }
    }

    fn is_covered(&self, coverage: f64) -> bool {
        coverage > 0.0 && coverage >= self.model.coverage_min() - COVERAGE_ROUNDING
    }

    /// Why each stock is not eligible; the first reason that holds.
    pub(crate) fn exclusions(
        &self,
        panel: &Panel,
        section: &CrossSection<'_>,
        coverage: &[f64],
        eligible: &[bool],
    ) -> Vec<Option<Exclusion>> {
        let closes = panel.row(&Field::Close, section.session_index());
        let reason = |column: usize| {
            if eligible[column] {
                return None;
            }
            if !section.universe()[column] {
                if closes.is_none_or(|closes| closes[column].is_nan()) {
                    return Some(Exclusion::NoPrice);
                }
                let jump = panel.quarantine(column, section.session_index());
                return Some(match jump {
                    Some(Finding { session, what: Implausible::Jump { change }, .. }) => {
                        Exclusion::Quarantined { since: *session, change: *change }
                    }
                    _ => Exclusion::NotMember,
                });
            }
            let absent = |position: &usize| section.factor(*position)[column].is_nan();
            let mut required = self.required.iter().zip(self.model.required());
            if let Some((_, name)) = required.find(|(position, _)| absent(position)) {
                return Some(Exclusion::MissingFactor { factor: name.clone() });
            }
            let (coverage, minimum) = (coverage[column], self.model.coverage_min());
            Some(Exclusion::Coverage { coverage, minimum })
        };
        (0..section.symbols().len()).map(reason).collect()
    }
}

/// Adds a row to weighted sums, and its weight to those that are known; a missing value adds neither.
fn add_known(sums: &mut [f64], known: &mut [f64], row: &[f64], weight: f64) {
    for ((sum, known), value) in sums.iter_mut().zip(known).zip(row) {
        // Both added always, so that nothing has to be predicted.
        *sum += if value.is_nan() { 0.0 } else { weight * value };
        *known += if value.is_nan() { 0.0 } else { weight };
    }
}

/// Adds a weight wherever the value of a row is known.
fn add_weight(sums: &mut [f64], row: &[f64], weight: f64) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += if value.is_nan() { 0.0 } else { weight };
    }
}

/// Adds the scores of a group to composites: each on the grid of exact sums, so that a group of which
/// nothing changed adds what it added before.
fn add_group(sums: &mut [f64], scores: &[f64], share: f64) {
    for (sum, score) in sums.iter_mut().zip(scores) {
        *sum += added(*score, share);
    }
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
