//! Makes the values of a factor comparable with those of another.

use crate::{Model, Standardise, WeightedFactor, Winsorise};
use decile_factor::cross_section::{
    Chains, clip, demean_by_group, percentile, population_z, winsorize, winsorize_mad,
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

    /// Replaces the values; missing ones stay missing.
    pub(super) fn apply(&self, factor: &WeightedFactor, values: &mut [f64]) {
        match self.standardise {
            Standardise::ZScore { winsorise, clip: most } => {
                pull_in(winsorise, values);
                self.take_sector_off(factor, values);
                population_z(values);
                clip(values, -most, most);
            }
            Standardise::Percentile => {
                self.take_sector_off(factor, values);
                let chains = Chains::new(values, 0.0);
                for (value, rank) in values.iter_mut().zip(chains.average_ranks()) {
                    *value = percentile(rank, chains.known()) - 0.5;
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

fn pull_in(winsorise: Winsorise, values: &mut [f64]) {
    match winsorise {
        Winsorise::Quantiles { tail } => winsorize(values, tail, 1.0 - tail),
        Winsorise::Mad { deviations } => winsorize_mad(values, deviations),
        Winsorise::Off => {}
    }
}
