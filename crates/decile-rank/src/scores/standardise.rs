//! Makes the values of a factor comparable with those of another.

use crate::{Model, Standardise, WeightedFactor, Winsorise};
use decile_factor::cross_section::{
    Chains, Moments, clipped, demean_by_group, median_bounds, percentile, quantile_pair,
};
use decile_factor::{Grouping, Panel};

/// What a model does to each of its factors.
pub(super) struct Standardiser<'a> {
    standardise: Standardise,
    sector_min: usize,
    panel: &'a Panel,
}

impl<'a> Standardiser<'a> {
    pub(super) fn new(model: &Model, panel: &'a Panel) -> Self {
        Self { standardise: model.standardise(), sector_min: model.sector_min(), panel }
    }

    /// Writes the values made comparable; missing ones stay missing.
    pub(super) fn apply(&self, factor: &WeightedFactor, values: &[f64], out: &mut [f64]) {
        match self.standardise {
            Standardise::ZScore { winsorise, clip: most } => {
                pull_in(winsorise, values, out);
                self.take_sector_off(factor, out);
                let Some(moments) = Moments::of(out) else { return };
                for value in out {
                    *value = clipped(moments.z(*value), -most, most);
                }
            }
            Standardise::Percentile => {
                out.copy_from_slice(values);
                self.take_sector_off(factor, out);
                let chains = Chains::new(out, 0.0);
                for (rank, chain) in chains.with_average_ranks() {
                    let percentile = percentile(rank, chains.known()) - 0.5;
                    chain.iter().for_each(|column| out[*column] = percentile);
                }
            }
        }
    }

    /// Takes the mean of the stock's sector off, if the factor is relative to it.
    fn take_sector_off(&self, factor: &WeightedFactor, values: &mut [f64]) {
        if factor.is_sector_relative() {
            demean_by_group(values, self.panel.group(Grouping::Sector), self.sector_min)
                .expect("a panel has as many sectors as columns, and values are a row of it");
        }
    }
}

fn pull_in(winsorise: Winsorise, values: &[f64], out: &mut [f64]) {
    let bounds = match winsorise {
        Winsorise::Quantiles { tail } => quantile_pair(values, tail, 1.0 - tail),
        Winsorise::Mad { deviations } => median_bounds(values, deviations),
        Winsorise::Off => None,
    };
    let Some((low, high)) = bounds else { return out.copy_from_slice(values) };
    for (out, value) in out.iter_mut().zip(values) {
        *out = clipped(*value, low, high);
    }
}
