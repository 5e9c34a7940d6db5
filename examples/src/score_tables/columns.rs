//! The columns of `scores_monthly.csv`.

use super::{FACTORS, Models, Result};
use crate::general::general;
use decile::factor::cross_section::{
    Chains, clip, neutral_z, percentile_upper, population_z, winsorize, winsorize_zipline,
};
use decile::factor::{CrossSection, Grouping};
use decile::prelude::*;

/// Share of the values that is pulled in at each end.
const TAIL: f64 = 0.05;
const Z_MAX: f64 = 3.0;
/// Values below which a sector's mean is that of all.
const SECTOR_MIN: usize = 3;
/// Stocks that are marked as the best.
const TOP: usize = 10;

/// A column of one session: a cell per symbol.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

impl Column {
    fn numbers(name: impl Into<String>, values: &[f64]) -> Self {
        let cells = values.iter().map(|value| general(*value)).collect();
        Self { name: name.into(), cells }
    }

    fn places<T: ToString>(name: impl Into<String>, values: &[Option<T>]) -> Self {
        let cell = |value: &Option<T>| value.as_ref().map_or_else(String::new, T::to_string);
        Self { name: name.into(), cells: values.iter().map(cell).collect() }
    }
}

/// Every column of a session, in the order of the file.
pub(super) fn monthly(
    panel: &Panel,
    models: &Models,
    section: &CrossSection<'_>,
) -> Result<Vec<Column>> {
    let score = |model: &ResolvedModel| model.score(panel, section.session());
    let inside = section.universe().iter().map(|inside| if *inside { "True" } else { "False" });
    let cells = inside.map(str::to_owned).collect();
    let mut columns = vec![Column { name: "in_universe".to_owned(), cells }];
    columns.extend(scaled(panel, section)?);

    let own = score(&models.own)?;
    columns.extend(steps(&own, ""));
    columns.push(Column::places("ordinal", own.ordinals()));
    columns.push(Column::places("decile", own.deciles()));
    columns.push(top(&own));
    let sector = score(&models.sector)?;
    columns.push(Column::numbers("composite_sector", sector.composite()));
    columns.push(Column::numbers("q_score_sector", sector.q_scores()));
    let renormalised = score(&models.renormalised)?;
    columns.push(Column::numbers("composite_renorm", renormalised.composite()));
    let blend = score(&models.blend)?;
    columns.push(Column::numbers("composite_blend", blend.composite()));
    columns.push(Column::numbers("q_score_blend", blend.q_scores()));
    let snapshot = score(&models.snapshot)?;
    columns.extend(steps(&snapshot, "snap_"));
    columns.push(Column::places("snap_decile", snapshot.deciles()));

    columns.extend(as_others_do(section));
    Ok(columns)
}

/// Each factor as models scale it: against the market, and against the sector.
fn scaled(panel: &Panel, section: &CrossSection<'_>) -> Result<Vec<Column>> {
    let (mut market, mut sector) = (Vec::new(), Vec::new());
    let mut snapshot = None;
    for (at, name) in FACTORS.iter().enumerate() {
        let mut clipped = section.factor(at).to_vec();
        winsorize(&mut clipped, TAIL, 1.0 - TAIL);
        let mut relative = clipped.clone();
        population_z(&mut clipped);
        clip(&mut clipped, -Z_MAX, Z_MAX);
        market.push(Column::numbers(format!("z_{name}"), &clipped));
        neutral_z(&mut relative, panel.group(Grouping::Sector), SECTOR_MIN)?;
        clip(&mut relative, -Z_MAX, Z_MAX);
        sector.push(Column::numbers(format!("zs_{name}"), &relative));
        if *name == "ey_fwd" {
            snapshot = Some(Column::numbers("z_ey_fwd@sector", &relative));
        }
    }
    Ok(market.into_iter().chain(snapshot).chain(sector).collect())
}

/// Groups, coverage, composite and score of a model.
fn steps(scores: &Scores, prefix: &str) -> Vec<Column> {
    let group = |name: &str| {
        let values = scores.group_scores(name).unwrap_or_default();
        Column::numbers(format!("{prefix}g_{name}"), values)
    };
    let groups = scores.model().groups().iter();
    let mut columns: Vec<Column> = groups.map(|known| group(&known.name)).collect();
    columns.push(Column::numbers(format!("{prefix}coverage"), scores.coverage()));
    columns.push(Column::numbers(format!("{prefix}composite"), scores.composite()));
    columns.push(Column::numbers(format!("{prefix}q_score"), scores.q_scores()));
    columns
}

/// 1 for each of the best stocks.
fn top(scores: &Scores) -> Column {
    let count = scores.ordinals().iter().flatten().count();
    let is_top = |ordinal: &Option<usize>| ordinal.is_some_and(|ordinal| ordinal + TOP > count);
    let cells = scores.ordinals().iter().map(|ordinal| u8::from(is_top(ordinal)).to_string());
    Column { name: "top10".to_owned(), cells: cells.collect() }
}

/// Some factors as zipline and pandas scale them.
fn as_others_do(section: &CrossSection<'_>) -> Vec<Column> {
    let values = |name: &str| {
        let at = FACTORS.iter().position(|factor| *factor == name).unwrap_or_default();
        section.factor(at)
    };
    let mut columns = Vec::new();
    for name in ["bm", "mom_12_1", "roe"] {
        let mut cut = values(name).to_vec();
        winsorize_zipline(&mut cut, TAIL, 1.0 - TAIL);
        population_z(&mut cut);
        columns.push(Column::numbers(format!("zipline_wz_{name}"), &cut));
    }
    let chains = Chains::new(values("bm"), 0.0);
    let ranks = chains.average_ranks();
    let shares: Vec<f64> =
        ranks.iter().map(|rank| percentile_upper(*rank, chains.known())).collect();
    columns.push(Column::numbers("bm_pandas_pct_rank", &shares));
    columns.push(Column::numbers("bm_avg_rank", &ranks));
    columns
}
