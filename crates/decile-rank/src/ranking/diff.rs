//! What moved a stock from one ranking to the next.

use super::{FactorScore, RankedFactor, RankedStock, Ranking};
use chrono::NaiveDate;
use decile_core::Symbol;
use decile_factor::{KnownFiling, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Why a factor says something else of a stock than before.
///
/// ```
/// use decile_rank::Cause;
///
/// assert_eq!(Cause::Revision.to_string(), "revision");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// Prices moved, or the sessions that they are looked at.
    Price,
    /// A filing came to count.
    Filing,
    /// Another snapshot of the analysts' estimates came to count.
    Revision,
    /// The currency of the filings buys more or less.
    ExchangeRate,
    /// A user's own data, of which nothing is known but that they changed.
    Custom,
    /// Nothing came in; what there was grew older, or too old.
    Time,
    /// Its own value is what it was: those of the other stocks changed.
    Peers,
    /// The stock is new, or no longer listed.
    Listing,
    /// Another model was used.
    Model,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Price => "price",
            Self::Filing => "filing",
            Self::Revision => "revision",
            Self::ExchangeRate => "exchange rate",
            Self::Custom => "own data",
            Self::Time => "time",
            Self::Peers => "peers",
            Self::Listing => "listing",
            Self::Model => "model",
        })
    }
}

/// Something about a stock that is not what it was.
///
/// ```
/// use decile_rank::InputChange;
///
/// let change = InputChange::Price { before: Some(71.2), after: Some(73.39) };
/// assert_eq!(change.to_string(), "price 71.2 -> 73.39");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum InputChange {
    /// The raw close.
    Price {
        /// What it was.
        before: Option<f64>,
        /// What it is.
        after: Option<f64>,
    },
    /// A filing that did not count before.
    Filing(KnownFiling),
    /// The consensus snapshot that counts, by its day.
    Estimate {
        /// The one before.
        before: Option<NaiveDate>,
        /// The one now; none if there is none that is young enough.
        after: Option<NaiveDate>,
    },
    /// Units of the trading currency that one unit of the filings' currency buys.
    ExchangeRate {
        /// What it was.
        before: Option<f64>,
        /// What it is.
        after: Option<f64>,
    },
    /// The earlier ranking does not have the stock.
    Listed,
    /// The later ranking does not have the stock.
    Unlisted,
}

impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Price { before, after } => {
                write!(f, "price {} -> {}", Known(before), Known(after))
            }
            Self::Filing(filing) => write!(f, "new filing: {filing}"),
            Self::Estimate { before, after } => {
                write!(f, "estimates of {} -> {}", Known(before), Known(after))
            }
            Self::ExchangeRate { before, after } => {
                write!(f, "exchange rate {} -> {}", Known(before), Known(after))
            }
            Self::Listed => f.write_str("newly listed"),
            Self::Unlisted => f.write_str("no longer listed"),
        }
    }
}

struct Known<'a, T>(&'a Option<T>);

impl<T: fmt::Display> fmt::Display for Known<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// What one factor did to a stock's composite, then and now.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// # let last = panel.sessions().len() - 1;
/// # let before = model.score(&panel, panel.sessions()[last - 1])?.rank();
/// # let ranking = model.score(&panel, panel.sessions()[last])?.rank();
/// for stock in ranking.diff(&before).iter() {
///     for factor in &stock.factors {
///         // Nothing moves without a reason.
///         assert_eq!(factor.is_changed(), !factor.causes.is_empty());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FactorChange {
    /// Name of the factor.
    pub name: String,
    /// Its raw value before.
    pub value_before: Option<f64>,
    /// Its raw value now.
    pub value: Option<f64>,
    /// What it added to the composite before.
    pub contribution_before: f64,
    /// What it adds now.
    pub contribution: f64,
    /// Why; empty if nothing changed.
    pub causes: Vec<Cause>,
}

impl FactorChange {
    /// Returns by how much the contribution changed.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.contribution - self.contribution_before
    }

    /// Tells whether the value or the contribution is another.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.value != self.value_before || self.contribution != self.contribution_before
    }
}

/// What became of one stock. Prints as a line for people, without changes under 0.0005.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// # let last = panel.sessions().len() - 1;
/// # let before = model.score(&panel, panel.sessions()[last - 1])?.rank();
/// # let ranking = model.score(&panel, panel.sessions()[last])?.rank();
/// let diff = ranking.diff(&before);
/// for stock in diff.iter().filter(|stock| stock.is_ranked_twice()) {
///     let sum: f64 = stock.factors.iter().map(|factor| factor.change()).sum();
///     assert_eq!(Some(sum), stock.composite_change()); // to the last bit
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockChange {
    /// The stock.
    pub symbol: Symbol,
    /// Its rank before, 1 = best.
    pub rank_before: Option<usize>,
    /// Its rank now.
    pub rank: Option<usize>,
    /// Its composite before.
    pub composite_before: Option<f64>,
    /// Its composite now.
    pub composite: Option<f64>,
    /// What is new about it.
    pub inputs: Vec<InputChange>,
    /// Every factor; their changes add up to that of the composite.
    pub factors: Vec<FactorChange>,
}

impl StockChange {
    /// Tells whether it had a rank and has one.
    #[must_use]
    pub fn is_ranked_twice(&self) -> bool {
        self.rank.is_some() && self.rank_before.is_some()
    }

    /// Returns by how much the composite changed, if it is known both times.
    #[must_use]
    pub fn composite_change(&self) -> Option<f64> {
        Some(self.composite? - self.composite_before?)
    }
}

impl fmt::Display for StockChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, rank_before, rank, .. } = self;
        write!(f, "{symbol}: rank {} -> {}", Known(rank_before), Known(rank))?;
        for (index, change) in self.inputs.iter().enumerate() {
            write!(f, "{} {change}", if index == 0 { ";" } else { "," })?;
        }
        // Less than that would show as nothing.
        let shows = |one: &&FactorChange| one.change().abs() >= 0.0005;
        let mut moved: Vec<_> = self.factors.iter().filter(shows).collect();
        moved.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()));
        for (index, factor) in moved.iter().enumerate() {
            let causes: Vec<_> = factor.causes.iter().map(ToString::to_string).collect();
            let (name, change) = (&factor.name, factor.change());
            let mark = if index == 0 { ";" } else { "," };
            write!(f, "{mark} {name} {change:+.3} ({})", causes.join(", "))?;
        }
        Ok(())
    }
}

/// Everything that changed from one ranking to another; [`Ranking::diff`] makes one.
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
/// let same = ranking.diff(&ranking);
/// assert_eq!((same.iter().len(), same.rank_changes().count()), (30, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RankingDiff {
    /// Session of the earlier ranking.
    pub from: NaiveDate,
    /// Session of the later one.
    pub to: NaiveDate,
    stocks: Vec<StockChange>,
}

impl RankingDiff {
    /// Returns every stock of either ranking, in the order of the later one, then those that it does
    /// not have.
    pub fn iter(&self) -> std::slice::Iter<'_, StockChange> {
        self.stocks.iter()
    }

    /// Returns the stocks whose rank changed.
    pub fn rank_changes(&self) -> impl Iterator<Item = &StockChange> {
        self.stocks.iter().filter(|stock| stock.rank != stock.rank_before)
    }
}

impl Ranking {
    /// Explains every change since an earlier ranking: by price, filing or revision, or by what the
    /// other stocks did.
    ///
    /// Both carry what they rest on, so rankings that were kept as JSON will do. Filings that are
    /// not of the newest period are remembered for [`StockSources::RECENT_DAYS`] days.
    ///
    /// [`StockSources::RECENT_DAYS`]: crate::StockSources::RECENT_DAYS
    #[must_use]
    pub fn diff(&self, previous: &Self) -> RankingDiff {
        let gone = previous.iter().filter(|stock| self.get(&stock.symbol).is_none());
        let here = self.iter().map(|stock| (previous.get(&stock.symbol), Some(stock)));
        let pairs = here.chain(gone.map(|stock| (Some(stock), None)));
        let compare = Compare { before: previous, now: self };
        RankingDiff {
            from: previous.as_of(),
            to: self.as_of(),
            stocks: pairs.filter_map(|(before, now)| compare.stock(before, now)).collect(),
        }
    }
}

/// What is new about a stock.
struct Inputs {
    changes: Vec<InputChange>,
    /// Whether both rankings tell what they rest on. If not, whatever a factor reads may be new.
    is_told: bool,
}

struct Compare<'a> {
    before: &'a Ranking,
    now: &'a Ranking,
}

impl Compare<'_> {
    fn stock(
        &self,
        before: Option<&RankedStock>,
        now: Option<&RankedStock>,
    ) -> Option<StockChange> {
        let inputs = self.inputs(before, now);
        let symbol = now.or(before)?.symbol.clone();
        let factors = self.names().into_iter();
        Some(StockChange {
            symbol,
            rank_before: before.and_then(|stock| stock.rank),
            rank: now.and_then(|stock| stock.rank),
            composite_before: before.and_then(|stock| stock.composite),
            composite: now.and_then(|stock| stock.composite),
            factors: factors.map(|name| self.factor(name, (before, now), &inputs)).collect(),
            inputs: inputs.changes,
        })
    }

    /// The factors of the later ranking, then those that only the earlier one has.
    fn names(&self) -> Vec<&str> {
        let both = self.now.factors().iter().chain(self.before.factors());
        let mut seen = BTreeSet::new();
        both.map(|factor| factor.name.as_str()).filter(|name| seen.insert(*name)).collect()
    }

    fn inputs(&self, before: Option<&RankedStock>, now: Option<&RankedStock>) -> Inputs {
        let only = |change| Inputs { changes: vec![change], is_told: true };
        let (before, now) = match (before, now) {
            (Some(before), Some(now)) => (before, now),
            (None, _) => return only(InputChange::Listed),
            (_, None) => return only(InputChange::Unlisted),
        };
        let mut changes = Vec::new();
        if before.price != now.price {
            changes.push(InputChange::Price { before: before.price, after: now.price });
        }
        let (Some(then), Some(sources)) = (&before.sources, &now.sources) else {
            return Inputs { changes, is_told: false };
        };
        let since = self.before.as_of();
        let new = sources.filings.iter().filter(|filing| filing.known_on > since);
        changes.extend(new.map(|filing| InputChange::Filing(*filing)));
        if then.estimate != sources.estimate {
            let (before, after) = (then.estimate, sources.estimate);
            changes.push(InputChange::Estimate { before, after });
        }
        if then.exchange_rate != sources.exchange_rate {
            let (before, after) = (then.exchange_rate, sources.exchange_rate);
            changes.push(InputChange::ExchangeRate { before, after });
        }
        Inputs { changes, is_told: true }
    }

    fn factor(
        &self,
        name: &str,
        (before, now): (Option<&RankedStock>, Option<&RankedStock>),
        inputs: &Inputs,
    ) -> FactorChange {
        let of = |stock: &RankedStock| stock.factors.iter().find(|one| one.name == name).cloned();
        let nothing =
            || FactorScore { name: name.to_owned(), value: None, z: None, contribution: 0.0 };
        let then = before.and_then(of).unwrap_or_else(nothing);
        let score = now.and_then(of).unwrap_or_else(nothing);
        let mut change = FactorChange {
            name: name.to_owned(),
            value_before: then.value,
            value: score.value,
            contribution_before: then.contribution,
            contribution: score.contribution,
            causes: Vec::new(),
        };
        if change.is_changed() {
            change.causes = self.causes(&change, inputs);
        }
        change
    }

    fn causes(&self, change: &FactorChange, inputs: &Inputs) -> Vec<Cause> {
        if matches!(inputs.changes[..], [InputChange::Listed | InputChange::Unlisted]) {
            return vec![Cause::Listing];
        }
        let of = |ranking: &Ranking| -> Option<RankedFactor> {
            ranking.factors().iter().find(|factor| factor.name == change.name).cloned()
        };
        let (Some(factor), Some(_)) = (of(self.now), of(self.before)) else {
            return vec![Cause::Model];
        };
        if change.value == change.value_before {
            let same_model = self.now.model_hash() == self.before.model_hash();
            return vec![if same_model { Cause::Peers } else { Cause::Model }];
        }
        let mut causes: Vec<Cause> = factor
            .sources
            .iter()
            .filter_map(|source| cause(*source, factor.sources.len() == 1, inputs))
            .collect();
        if causes.is_empty() {
            causes.push(Cause::Time);
        }
        causes
    }
}

/// What the source of a factor did to its value, if anything is new about it.
fn cause(source: Source, is_only: bool, inputs: &Inputs) -> Option<Cause> {
    let any = |wanted: fn(&InputChange) -> bool| inputs.changes.iter().any(wanted);
    let (is_new, cause) = match source {
        // A factor of prices alone looks at other sessions every day, even at an unchanged close.
        Source::Price => {
            return (is_only || any(|one| matches!(one, InputChange::Price { .. })))
                .then_some(Cause::Price);
        }
        Source::Statement => (any(|one| matches!(one, InputChange::Filing(_))), Cause::Filing),
        // A snapshot that has grown too old is no revision.
        Source::Estimate => (
            any(|one| matches!(one, InputChange::Estimate { after: Some(_), .. })),
            Cause::Revision,
        ),
        Source::ExchangeRate => {
            (any(|one| matches!(one, InputChange::ExchangeRate { .. })), Cause::ExchangeRate)
        }
        _ => (true, Cause::Custom),
    };
    (is_new || !inputs.is_told).then_some(cause)
}
