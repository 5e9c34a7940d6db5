//! What each group and each factor does to a composite.

use super::exact::apportion;
use super::kernel::{Composite, GroupLayout, GroupScore, Kernel, Stages};
use crate::Missing;
use decile_factor::cross_section::Moments;

/// Contributions to the composites: one row per group, one per factor, one value per stock.
///
/// Those of the groups add up to the composite, and those of a group's factors to the group's, to
/// the last bit and in any order.
#[derive(Debug, Clone)]
pub(crate) struct Attribution {
    pub(crate) groups: Vec<Vec<f64>>,
    pub(crate) factors: Vec<Vec<f64>>,
}

impl Attribution {
    pub(crate) fn new(kernel: &Kernel<'_>, stages: &Stages) -> Self {
        let Stages { factor_z, groups: scores, composite } = stages;
        let mut ours = Self { groups: Vec::new(), factors: Vec::new() };
        for (group, score) in kernel.groups.iter().zip(scores) {
            let scale = group_scale(group, composite);
            let times = |(score, scale): (&f64, &f64)| known_or_0(score * scale);
            let row: Vec<f64> = score.score.iter().zip(&scale).map(times).collect();
            ours.groups.push(blended(kernel, group, composite, row));
            for row in factor_parts(kernel, group, factor_z, score) {
                let row = row.iter().zip(&scale).map(times).collect();
                ours.factors.push(blended(kernel, group, composite, row));
            }
        }
        ours.settle(kernel, factor_z, composite);
        ours
    }

    /// Makes the sums exact, stock by stock, from the composite down.
    fn settle(&mut self, kernel: &Kernel<'_>, factor_z: &[Vec<f64>], composite: &Composite) {
        let group_shares: Vec<f64> =
            kernel.groups.iter().map(|group| kernel.part_share[group.part] * group.share).collect();
        for (column, total) in composite.total.iter().enumerate() {
            let total = known_or_0(*total);
            settle_column(&mut self.groups, column, total, &group_shares);
            for (index, group) in kernel.groups.iter().enumerate() {
                let members = group.members.clone();
                let shares = shares_known(kernel, group, factor_z, column);
                let total = self.groups[index][column];
                settle_column(&mut self.factors[members], column, total, &shares);
            }
        }
    }
}

fn settle_column(rows: &mut [Vec<f64>], column: usize, total: f64, shares: &[f64]) {
    let mut parts: Vec<f64> = rows.iter().map(|row| row[column]).collect();
    apportion(total, &mut parts, shares);
    for (row, part) in rows.iter_mut().zip(parts) {
        row[column] = part;
    }
}

/// The shares of the factors that are known of a stock; of all if none is.
fn shares_known(
    kernel: &Kernel<'_>,
    group: &GroupLayout,
    factor_z: &[Vec<f64>],
    column: usize,
) -> Vec<f64> {
    let shares = &kernel.factor_share[group.members.clone()];
    let known = |(factor, share): (usize, &f64)| {
        if factor_z[factor][column].is_nan() { 0.0 } else { *share }
    };
    let ours: Vec<f64> = group.members.clone().zip(shares).map(known).collect();
    if ours.iter().sum::<f64>() > 0.0 { ours } else { shares.to_vec() }
}

fn known_or_0(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

/// By what the score of a group is multiplied to enter its part, for each stock.
fn group_scale(group: &GroupLayout, composite: &Composite) -> Vec<f64> {
    composite.divisors[group.part].iter().map(|divisor| group.share / divisor).collect()
}

/// What each factor of a group adds to the group's score.
///
/// The score is (raw - mean) / deviation, and raw is a sum over factors, so taking each factor's own
/// mean off its part leaves parts that add up to the whole. A missing factor counts 0 wherever the
/// group has a score.
fn factor_parts(
    kernel: &Kernel<'_>,
    group: &GroupLayout,
    factor_z: &[Vec<f64>],
    score: &GroupScore,
) -> Vec<Vec<f64>> {
    let deviation = score.moments.map_or(0.0, |moments| moments.deviation);
    let divisors = match kernel.model.missing() {
        Missing::Neutral => vec![1.0; score.raw.len()],
        Missing::Renormalised => score.known.clone(),
    };
    let parts = |factor: usize| {
        let share = kernel.factor_share[factor];
        let part = |((z, raw), divisor): ((&f64, &f64), &f64)| {
            if raw.is_nan() { f64::NAN } else { known_or_0(share * z / divisor) }
        };
        let mut row: Vec<f64> =
            factor_z[factor].iter().zip(&score.raw).zip(&divisors).map(part).collect();
        let mean = Moments::of(&row).map_or(0.0, |moments| moments.mean);
        for value in &mut row {
            *value = if deviation > 0.0 { (*value - mean) / deviation } else { 0.0 };
        }
        row
    };
    group.members.clone().map(parts).collect()
}

/// Carries a contribution to a part over to the blend: the part's composite is centred on its mean
/// over the eligible stocks and divided by its deviation, and so is each contribution to it.
fn blended(
    kernel: &Kernel<'_>,
    group: &GroupLayout,
    composite: &Composite,
    mut row: Vec<f64>,
) -> Vec<f64> {
    let Some(moments) = composite.part_moments.get(group.part) else { return row };
    let deviation = moments.map_or(0.0, |moments| moments.deviation);
    let eligible = row.iter().zip(&composite.eligible).filter(|(_, eligible)| **eligible);
    let eligible: Vec<f64> = eligible.map(|(value, _)| *value).collect();
    let mean = Moments::of(&eligible).map_or(0.0, |moments| moments.mean);
    let share = kernel.part_share[group.part];
    for value in &mut row {
        *value = if deviation > 0.0 { share * (*value - mean) / deviation } else { 0.0 };
    }
    row
}
