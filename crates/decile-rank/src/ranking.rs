use crate::{Exclusion, Gates, Remark, Scores};
use chrono::NaiveDate;
use decile_core::Symbol;
use decile_factor::Source;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

mod diff;
mod sources;

pub use diff::{Cause, FactorChange, InputChange, RankingDiff, StockChange};
pub use sources::StockSources;

/// A factor of the model, with where its values come from.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// use decile_factor::Source;
///
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// let book_to_market = &ranking.factors()[1];
/// assert_eq!(book_to_market.name, "bm");
/// assert_eq!(book_to_market.sources, [Source::Price, Source::Statement, Source::ExchangeRate]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RankedFactor {
    /// Its name in the model.
    pub name: String,
    /// The kinds of data that it reads, each once.
    pub sources: Vec<Source>,
}

/// What one factor says about a stock, and does to its score.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// let best = ranking.iter().next().expect("thirty stocks");
/// let sum: f64 = best.factors.iter().map(|factor| factor.contribution).sum();
/// assert_eq!(Some(sum), best.composite); // to the last bit
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FactorScore {
    /// Name of the factor.
    pub name: String,
    /// Its raw value.
    pub value: Option<f64>,
    /// Its z-score after winsorising and clipping.
    pub z: Option<f64>,
    /// What it adds to the composite.
    pub contribution: f64,
}

/// The score of one group of factors.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// let best = ranking.iter().next().expect("thirty stocks");
/// let names: Vec<_> = best.groups.iter().map(|group| group.name.as_str()).collect();
/// assert_eq!(names, ["value", "price", "quality", "earnings"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupScore {
    /// Name of the group.
    pub name: String,
    /// Its z-score among all stocks.
    pub score: Option<f64>,
    /// What it adds to the composite: the sum of its factors' contributions.
    pub contribution: f64,
}

/// One stock of a ranking; `None` is missing.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// for stock in ranking.iter() {
///     // Either a rank, or the reason why not.
///     assert_ne!(stock.is_eligible(), stock.exclusion.is_some());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RankedStock {
    /// The stock.
    pub symbol: Symbol,
    /// The company; share classes of one company have the same.
    pub issuer: SmolStr,
    /// Its sector.
    pub sector: SmolStr,
    /// Rank, 1 = best; none for a stock that is not eligible.
    pub rank: Option<usize>,
    /// Percentage of the eligible stocks that it beats; 100 = best.
    pub q_score: Option<f64>,
    /// Tenth in which it stands, 10 = best.
    pub decile: Option<u8>,
    /// The score itself, about -2 to 2.
    pub composite: Option<f64>,
    /// Share of the model's weight that is known of it, from 0 to 1.
    pub coverage: f64,
    /// Its groups; their contributions add up to the composite, exactly.
    pub groups: Vec<GroupScore>,
    /// Its factors; their contributions add up to those of the groups, and to the composite.
    pub factors: Vec<FactorScore>,
    /// Raw close, in the trading currency.
    pub price: Option<f64>,
    /// Market value of the company, in the trading currency.
    pub market_cap: Option<f64>,
    /// Price over earnings of four quarters, for people; none for a loss.
    pub price_to_earnings: Option<f64>,
    /// Why it has no rank.
    pub exclusion: Option<Exclusion>,
    /// What its values rest on; none if the panel was made of a data frame, which does not tell.
    pub sources: Option<StockSources>,
}

impl RankedStock {
    /// Tells whether the stock has a rank.
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.rank.is_some()
    }
}

/// All stocks of a market on one session, best first, then those without a rank by symbol.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # use decile_factor::{FactorRegistry, Field, Panel, factor_fn};
/// # use decile_rank::{Group, Model};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # for (symbol, close) in [("KO", 50.0), ("PEP", 170.0)] {
/// #     tables.securities.push(Security::us(symbol.parse()?, symbol, "Consumer Staples"));
/// #     tables.prices.push((symbol.parse()?, Bar::close_only(day(2), close)));
/// # }
/// # let market = Market::new(Calendar::from_sessions(vec![day(2)])?, tables)?;
/// # let mut registry = FactorRegistry::new();
/// # registry.register(factor_fn("low_price", &[Field::Close], 0, |window, out| {
/// #     out.iter_mut().zip(window.today(Field::Close)).for_each(|(v, close)| *v = -close);
/// # }))?;
/// let model = Model::new("low_price", vec![Group::new("price", 1.0, &[("low_price", 1.0)])])?;
/// let model = model.resolve(&registry)?;
/// let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, day(2))?.rank();
/// let best = ranking.iter().next().expect("two stocks");
/// assert_eq!((best.symbol.as_str(), best.rank, best.q_score), ("KO", Some(1), Some(100.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    as_of: NaiveDate,
    model: String,
    model_version: u32,
    model_hash: String,
    gates: Gates,
    factors: Vec<RankedFactor>,
    remarks: Vec<Remark>,
    stocks: Vec<RankedStock>,
}

impl Ranking {
    pub(crate) fn new(scores: &Scores) -> Self {
        let count = scores.ordinals().iter().flatten().count();
        let mut stocks: Vec<_> =
            (0..scores.symbols().len()).map(|column| stock(scores, column, count)).collect();
        // Symbols come in alphabetical order and the sort is stable.
        stocks.sort_by_key(|stock| stock.rank.unwrap_or(usize::MAX));
        let model = scores.model();
        Self {
            as_of: scores.as_of(),
            model: model.name().to_owned(),
            model_version: model.version(),
            model_hash: model.hash(),
            gates: model.gates(),
            factors: scores.factors().to_vec(),
            remarks: scores.remarks().to_vec(),
            stocks,
        }
    }

    /// Returns the session.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the name of the model that made it: the one asked for, or its fallback.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the version of that model.
    #[must_use]
    pub fn model_version(&self) -> u32 {
        self.model_version
    }

    /// Returns the hash of that model, [`Model::hash`](crate::Model::hash).
    #[must_use]
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    /// Returns when that model does not want to be traded on.
    #[must_use]
    pub fn gates(&self) -> Gates {
        self.gates
    }

    /// Returns the factors of that model, in the order of [`RankedStock::factors`].
    #[must_use]
    pub fn factors(&self) -> &[RankedFactor] {
        &self.factors
    }

    /// Returns what a reader should know about how it came about.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Returns the stocks, best first.
    pub fn iter(&self) -> std::slice::Iter<'_, RankedStock> {
        self.stocks.iter()
    }

    /// Returns the stock of a symbol.
    #[must_use]
    pub fn get(&self, symbol: &Symbol) -> Option<&RankedStock> {
        self.stocks.iter().find(|stock| stock.symbol == *symbol)
    }

    /// Returns the number of stocks that have a rank.
    #[must_use]
    pub fn eligible(&self) -> usize {
        self.stocks.iter().filter(|stock| stock.is_eligible()).count()
    }
}

fn stock(scores: &Scores, column: usize, count: usize) -> RankedStock {
    let known = |values: &[f64]| Some(values[column]).filter(|value| !value.is_nan());
    let model = scores.model();
    let factor = |name: &str| FactorScore {
        name: name.to_owned(),
        value: scores.factor_values(name).and_then(known),
        z: scores.factor_z(name).and_then(known),
        contribution: scores.contributions(name).map_or(0.0, |values| values[column]),
    };
    let group = |name: &String| GroupScore {
        name: name.clone(),
        score: scores.group_scores(name).and_then(known),
        contribution: scores.group_contributions(name).map_or(0.0, |values| values[column]),
    };
    let shown = scores.shown();
    RankedStock {
        symbol: scores.symbols()[column].clone(),
        issuer: scores.issuers()[column].clone(),
        sector: scores.sectors()[column].clone(),
        rank: scores.ordinals()[column].map(|ordinal| count + 1 - ordinal),
        q_score: known(scores.q_scores()),
        decile: scores.deciles()[column],
        composite: known(scores.composite()),
        coverage: scores.coverage()[column],
        groups: model.groups().iter().map(|known| group(&known.name)).collect(),
        factors: model.factor_names().map(factor).collect(),
        price: known(&shown.price),
        market_cap: known(&shown.market_cap),
        price_to_earnings: known(&shown.price_to_earnings),
        exclusion: scores.exclusions()[column].clone(),
        sources: scores.sources()[column].clone(),
    }
}
