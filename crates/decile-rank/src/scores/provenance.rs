//! What scores rest on, and what a reader should know about them.

use crate::{Model, RankedFactor, Remark, Standardise, StockSources, Winsorise};
use decile_factor::{CrossSection, Factor, Field, Panel, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The factors of a model with the kinds of data that they read; `all` holds them and those that
/// they derive from.
pub(super) fn factors(model: &Model, all: &[Arc<dyn Factor>]) -> Vec<RankedFactor> {
    let sources = |name: &str| {
        let mut found = BTreeSet::new();
        gather(name, all, &mut found);
        found.into_iter().collect()
    };
    let ranked = |factor: &crate::WeightedFactor| RankedFactor {
        name: factor.name.clone(),
        sources: sources(factor.factor()),
    };
    model.factors().map(ranked).collect()
}

/// The engine has refused factors that derive from themselves, so this ends.
fn gather(name: &str, all: &[Arc<dyn Factor>], found: &mut BTreeSet<Source>) {
    let factor = all.iter().find(|factor| factor.name() == name);
    for field in factor.into_iter().flat_map(|factor| factor.inputs()) {
        match field {
            Field::Derived(other) => gather(other, all, found),
            _ => found.extend(field.source()),
        }
    }
}

pub(super) fn sources(panel: &Panel, section: &CrossSection<'_>) -> Vec<Option<StockSources>> {
    let session = section.session_index();
    (0..section.symbols().len()).map(|column| StockSources::new(panel, column, session)).collect()
}

pub(super) fn remarks(
    model: &Model,
    panel: &Panel,
    section: &CrossSection<'_>,
    factor_z: &[Vec<f64>],
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let findings: Vec<String> =
        panel.findings(section.session_index()).map(ToString::to_string).collect();
    if !findings.is_empty() {
        remarks.push(Remark::Implausible { findings });
    }
    let count = section.universe().iter().filter(|inside| **inside).count();
    let standardise = model.standardise();
    let by_quantiles = matches!(
        standardise,
        Standardise::ZScore { winsorise: Winsorise::Quantiles { tail }, .. } if tail > 0.0
    );
    if by_quantiles && (1..=Remark::FEW_STOCKS).contains(&count) {
        remarks.push(Remark::FewStocks { count });
    }
    let sectors = small_sectors(model, panel, factor_z);
    if !sectors.is_empty() {
        let all = panel.sectors().iter().collect::<BTreeSet<_>>().len();
        remarks.push(Remark::SmallSectors { sectors, all, minimum: model.sector_min() });
    }
    remarks
}

/// The sectors with too few values, but any, of factors that are relative to them.
fn small_sectors(
    model: &Model,
    panel: &Panel,
    factor_z: &[Vec<f64>],
) -> BTreeMap<String, Vec<String>> {
    let mut small: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (factor, values) in model.factors().zip(factor_z) {
        if !factor.is_sector_relative() {
            continue;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (sector, value) in panel.sectors().iter().zip(values) {
            *counts.entry(sector).or_default() += usize::from(!value.is_nan());
        }
        for (sector, count) in counts {
            if (1..model.sector_min()).contains(&count) {
                small.entry(sector.to_owned()).or_default().push(factor.name.clone());
            }
        }
    }
    small
}
