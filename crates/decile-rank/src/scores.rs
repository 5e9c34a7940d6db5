use crate::{Exclusion, Model, RankedFactor, Ranking, Remark, StockSources};
use attribution::Attribution;
use chrono::NaiveDate;
use decile_core::Symbol;
use decile_factor::{CrossSection, Factor, Field, Item, Panel};
use kernel::Kernel;
use smol_str::SmolStr;
use standing::Row;
use std::sync::Arc;

mod attribution;
mod exact;
pub(crate) mod kernel;
mod provenance;
mod standardise;
pub(crate) mod standing;

/// The scores of every stock at one session, with all steps on the way.
///
/// Vectors hold one value per symbol, NaN = missing. [`crate::ResolvedModel::score`] makes one.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::{FactorRegistry, Panel};
/// use decile_rank::Model;
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// let panel = Panel::new(&market, &model.fields());
///
/// let scores = model.score(&panel, market.calendar().last())?;
/// let z = scores.factor_z("bm").expect("a factor of the model");
/// assert!(z.iter().all(|z| z.is_nan() || z.abs() <= 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scores {
    model: Model,
    as_of: NaiveDate,
    symbols: Vec<Symbol>,
    sectors: Vec<SmolStr>,
    issuers: Vec<SmolStr>,
    factors: Vec<RankedFactor>,
    sources: Vec<Option<StockSources>>,
    remarks: Vec<Remark>,
    exclusions: Vec<Option<Exclusion>>,
    factor_values: Vec<Vec<f64>>,
    factor_z: Vec<Vec<f64>>,
    attribution: Attribution,
    group_scores: Vec<Vec<f64>>,
    coverage: Vec<f64>,
    composite: Vec<f64>,
    q_scores: Vec<f64>,
    ordinals: Vec<Option<usize>>,
    deciles: Vec<Option<u8>>,
    shown: Shown,
}

/// Numbers that people want to see beside the scores.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) price: Vec<f64>,
    pub(crate) market_cap: Vec<f64>,
    pub(crate) price_to_earnings: Vec<f64>,
}

impl Scores {
    pub(crate) fn new(
        model: &Model,
        factors: &[Arc<dyn Factor>],
        panel: &Panel,
        section: &CrossSection<'_>,
    ) -> Self {
        let kernel = Kernel::new(model, factors);
        let width = section.symbols().len();
        let (mut stages, mut row) = (kernel.stages(width), Row::new(width));
        kernel.score(panel, section, &mut stages, &mut row.as_standing());
        Self {
            as_of: section.session(),
            symbols: section.symbols().to_vec(),
            sectors: panel.sectors().to_vec(),
            issuers: panel.issuers().to_vec(),
            factors: provenance::factors(model, factors),
            sources: provenance::sources(panel, section),
            remarks: provenance::remarks(model, panel, section, &stages.factor_z),
            exclusions: kernel.exclusions(
                panel,
                section,
                &row.coverage,
                &stages.composite.eligible,
            ),
            factor_values: kernel.factor_values(section),
            attribution: Attribution::new(&kernel, &stages),
            group_scores: stages.groups.into_iter().map(|group| group.score).collect(),
            factor_z: stages.factor_z,
            ordinals: row.ordinals(),
            deciles: row.deciles(),
            coverage: row.coverage,
            composite: row.composite,
            q_scores: row.q_score,
            shown: Shown::new(panel, section.session_index()),
            model: model.clone(),
        }
    }

    /// Sorts the stocks by their scores.
    #[must_use]
    pub fn rank(&self) -> Ranking {
        Ranking::new(self)
    }

    /// Returns the model that was used: the one asked for, or its fallback.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns the session.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the symbols.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    pub(crate) fn sectors(&self) -> &[SmolStr] {
        &self.sectors
    }

    pub(crate) fn issuers(&self) -> &[SmolStr] {
        &self.issuers
    }

    pub(crate) fn sources(&self) -> &[Option<StockSources>] {
        &self.sources
    }

    /// Returns the factors of the model, with where their values come from.
    #[must_use]
    pub fn factors(&self) -> &[RankedFactor] {
        &self.factors
    }

    /// Returns what a reader should know about how the scores came about.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    pub(crate) fn shown(&self) -> &Shown {
        &self.shown
    }

    /// Returns why a stock has no rank; `None` where it has one.
    #[must_use]
    pub fn exclusions(&self) -> &[Option<Exclusion>] {
        &self.exclusions
    }

    /// Returns the raw values of a factor; `None` if the model does not have it.
    #[must_use]
    pub fn factor_values(&self, factor: &str) -> Option<&[f64]> {
        self.of_factor(&self.factor_values, factor)
    }

    /// Returns the z-scores of a factor after winsorising and clipping.
    #[must_use]
    pub fn factor_z(&self, factor: &str) -> Option<&[f64]> {
        self.of_factor(&self.factor_z, factor)
    }

    /// Returns what a factor adds to each composite, for eligible stocks and others.
    ///
    /// Over the factors of a group it adds up to the group's contribution, and over all factors to
    /// the composite, exactly: to the last bit and in any order. A group is centred on its own mean,
    /// so each factor's part is too: a contribution says how much the factor lifts the stock above
    /// the average stock. Where the factors of a group are so nearly opposite that their parts
    /// exceed 256, the group's contribution is split by their weights instead.
    #[must_use]
    pub fn contributions(&self, factor: &str) -> Option<&[f64]> {
        self.of_factor(&self.attribution.factors, factor)
    }

    /// Returns what a group adds to each composite, with the same promise.
    #[must_use]
    pub fn group_contributions(&self, group: &str) -> Option<&[f64]> {
        self.of_group(&self.attribution.groups, group)
    }

    fn of_group<'a>(&self, rows: &'a [Vec<f64>], group: &str) -> Option<&'a [f64]> {
        let index = self.model.groups().iter().position(|known| known.name == group)?;
        Some(&rows[index])
    }

    fn of_factor<'a>(&self, rows: &'a [Vec<f64>], factor: &str) -> Option<&'a [f64]> {
        let index = self.model.factor_names().position(|name| name == factor)?;
        Some(&rows[index])
    }

    /// Returns the scores of a group; `None` if the model does not have it.
    #[must_use]
    pub fn group_scores(&self, group: &str) -> Option<&[f64]> {
        self.of_group(&self.group_scores, group)
    }

    /// Returns the share of the model's weight that is known of each stock; 0 outside the universe.
    #[must_use]
    pub fn coverage(&self) -> &[f64] {
        &self.coverage
    }

    /// Returns the composites; missing for stocks that are not eligible.
    #[must_use]
    pub fn composite(&self) -> &[f64] {
        &self.composite
    }

    /// Returns the Q scores: `100 * (rank - 1) / (n - 1)` among eligible stocks, ties sharing the
    /// mean of their ranks; 100 is the best.
    #[must_use]
    pub fn q_scores(&self) -> &[f64] {
        &self.q_scores
    }

    /// Returns the ordinal ranks: 1 is the worst, ties put the alphabetically smaller symbol higher.
    #[must_use]
    pub fn ordinals(&self) -> &[Option<usize>] {
        &self.ordinals
    }

    /// Returns the deciles: 10 is the best tenth; none for fewer than ten eligible stocks.
    #[must_use]
    pub fn deciles(&self) -> &[Option<u8>] {
        &self.deciles
    }
}

impl Shown {
    fn new(panel: &Panel, session: usize) -> Self {
        let missing = vec![f64::NAN; panel.symbols().len()];
        let row = |field: Field| panel.row(&field, session).unwrap_or(&missing).to_vec();
        let price = row(Field::Close);
        let times = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
        let market_cap = times(&price, &row(Field::ListedShares));
        let income = times(&row(Field::Ttm(Item::NetIncome)), &row(Field::Fx));
        // A loss has no P/E: the ratio jumps at 0 and would order losses wrongly.
        let ratio =
            |(cap, income): (&f64, &f64)| if *income > 0.0 { cap / income } else { f64::NAN };
        let price_to_earnings = market_cap.iter().zip(&income).map(ratio).collect();
        Self { price, market_cap, price_to_earnings }
    }
}
