use super::facts::Facts;
use super::fill::{Side, Wish, fill, weight};
use super::{Construction, PortfolioNote, Scheme, Selection, ShareClasses};
use crate::{Error, RankedStock, Ranking};
use decile_core::{Decimal, Symbol, Target, TargetSize, Targets, Weight};
use decile_factor::Panel;

/// What a portfolio is made of.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// use decile_rank::construct::{Construction, ConstructionInputs, Scheme};
///
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// let rules = Construction { scheme: Scheme::InverseVolatility, ..Construction::default() };
/// let fields: Vec<_> = model.fields().into_iter().chain(rules.fields()).collect();
/// let panel = Panel::new(&market, &fields);
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// let inputs = ConstructionInputs { ranking: &ranking, panel: &panel, held: &[] };
/// let portfolio = rules.build(&inputs)?;
/// assert_eq!(portfolio.targets().len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ConstructionInputs<'a> {
    /// The ranking.
    pub ranking: &'a Ranking,
    /// The panel that it was made of, with the fields of [`Construction::fields`].
    pub panel: &'a Panel,
    /// What is held now, for [`Construction::leave_rank`].
    pub held: &'a [Symbol],
}

/// Targets, and what is remarkable about them.
///
/// [`ConstructionInputs`] shows how one is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portfolio {
    targets: Targets,
    notes: Vec<PortfolioNote>,
}

impl Portfolio {
    /// Returns the targets, best first, then the shorts, worst first.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Returns what the plain best so many at the plain weights would not show.
    #[must_use]
    pub fn notes(&self) -> &[PortfolioNote] {
        &self.notes
    }

    /// Returns the targets.
    #[must_use]
    pub fn into_targets(self) -> Targets {
        self.targets
    }
}

impl Construction {
    /// Decimals of weights that are not simply 1/n; cut off, so that they never exceed their sum.
    const DECIMALS: u32 = 12;

    /// Makes a portfolio of a ranking.
    ///
    /// Weights are exact decimals and add up to at most 1, or to at most half of
    /// [`Construction::gross_max`] on each side. Longs and shorts add up to exactly the same.
    ///
    /// # Errors
    /// [`Error::InvalidConstruction`], [`Error::TooFewEligible`] if fewer than `count` stocks have a
    /// rank, [`Error::NoDeciles`] for long-short with fewer than ten, and [`Error::Factor`] for a
    /// field or session that the panel lacks.
    pub fn build(&self, inputs: &ConstructionInputs<'_>) -> Result<Portfolio, Error> {
        self.check()?;
        let facts = Facts::new(self, inputs.ranking, inputs.panel)?;
        let mut notes = Vec::new();
        let stocks = self.candidates(inputs.ranking, &facts, &mut notes);
        let sides = match self.selection {
            Selection::Top => {
                super::enough(inputs.ranking, self.count)?;
                let chosen = self.best(&stocks, inputs.held, &mut notes);
                let wishes = self.wishes(&stocks, &chosen, Way::Long, (&facts, Decimal::ONE));
                let mut side = fill(self, &wishes, Decimal::ONE);
                if side.left >= Self::WEIGHT_MIN {
                    side.notes.push(PortfolioNote::Cash { share: weight(side.left) });
                }
                vec![(Way::Long, side)]
            }
            Selection::LongShort => self.sides(inputs.ranking, &stocks, &facts, &mut notes)?,
        };
        let mut targets = Vec::new();
        for (way, side) in sides {
            notes.extend(side.notes);
            for (symbol, given) in side.weights {
                let given = if way == Way::Long { given } else { -given };
                targets.push(Target { symbol, size: TargetSize::Weight(Weight::new(given)?) });
            }
        }
        Ok(Portfolio { targets: Targets::new(inputs.ranking.as_of(), targets)?, notes })
    }

    /// The stocks that may be held, best first.
    fn candidates<'r>(
        &self,
        ranking: &'r Ranking,
        facts: &Facts<'_>,
        notes: &mut Vec<PortfolioNote>,
    ) -> Vec<&'r RankedStock> {
        let mut stocks: Vec<_> = ranking.iter().filter(|stock| stock.is_eligible()).collect();
        if self.share_classes == ShareClasses::MostLiquid {
            let classes = facts.classes(stocks.iter().copied());
            stocks.retain(|stock| {
                let instead = classes.get(stock.issuer.as_str()).copied();
                let instead = instead.filter(|instead| **instead != stock.symbol);
                notes.extend(instead.map(|instead| PortfolioNote::OtherClass {
                    symbol: stock.symbol.clone(),
                    instead: instead.clone(),
                }));
                instead.is_none()
            });
        }
        if self.scheme == Scheme::InverseVolatility {
            stocks.retain(|stock| {
                let is_known = facts.volatility(&stock.symbol).is_some();
                if !is_known {
                    let symbol = stock.symbol.clone();
                    notes.push(PortfolioNote::NoVolatility { symbol });
                }
                is_known
            });
        }
        stocks
    }

    /// The best so many, where what is held stays as long as its rank is good enough.
    fn best<'r>(
        &self,
        stocks: &[&'r RankedStock],
        held: &[Symbol],
        notes: &mut Vec<PortfolioNote>,
    ) -> Vec<&'r RankedStock> {
        let leave = self.leave_rank.unwrap_or(0);
        let stays = |stock: &&&RankedStock| {
            stock.rank.is_some_and(|rank| rank <= leave) && held.contains(&stock.symbol)
        };
        let mut chosen: Vec<_> = stocks.iter().filter(stays).take(self.count).copied().collect();
        for stock in stocks {
            if chosen.len() >= self.count {
                break;
            }
            if !chosen.iter().any(|other| other.symbol == stock.symbol) {
                chosen.push(stock);
            }
        }
        chosen.sort_by_key(|stock| stock.rank);
        for stock in &chosen {
            if let Some(rank) = stock.rank.filter(|rank| *rank > self.count)
                && held.contains(&stock.symbol)
            {
                notes.push(PortfolioNote::Kept { symbol: stock.symbol.clone(), rank });
            }
        }
        chosen
    }

    /// Top decile against bottom decile, with the same amount on each side.
    fn sides(
        &self,
        ranking: &Ranking,
        stocks: &[&RankedStock],
        facts: &Facts<'_>,
        notes: &mut Vec<PortfolioNote>,
    ) -> Result<Vec<(Way, Side)>, Error> {
        let of_decile = |wanted: u8| {
            let is_of = move |stock: &&&RankedStock| stock.decile == Some(wanted);
            stocks.iter().filter(is_of).copied().collect::<Vec<_>>()
        };
        if !ranking.iter().any(|stock| stock.decile.is_some()) {
            return Err(Error::NoDeciles { eligible: ranking.eligible(), as_of: ranking.as_of() });
        }
        let budget = self.gross_max / Decimal::TWO;
        let side = |way: Way| {
            let mut stocks: Vec<_> =
                stocks.iter().filter(|stock| way.has(stock)).copied().collect();
            let mut chosen = of_decile(if way == Way::Long { 10 } else { 1 });
            if way == Way::Short {
                stocks.reverse();
                chosen.reverse();
            }
            fill(self, &self.wishes(&stocks, &chosen, way, (facts, budget)), budget)
        };
        let (mut long, mut short) = (side(Way::Long), side(Way::Short));
        let least = long.total().min(short.total());
        let most = long.total().max(short.total());
        cut_to(&mut long, least);
        cut_to(&mut short, least);
        let each = long.total().min(short.total());
        trim_to(&mut long, each);
        trim_to(&mut short, each);
        if most - each >= Self::WEIGHT_MIN {
            notes.push(PortfolioNote::Neutralised { side: weight(each) });
        }
        Ok(vec![(Way::Long, long), (Way::Short, short)])
    }

    /// What the scheme wishes for every stock: for the chosen their shares of the budget, for the
    /// others what they would have on the same scale.
    fn wishes<'r>(
        &self,
        stocks: &[&'r RankedStock],
        chosen: &[&'r RankedStock],
        way: Way,
        (facts, budget): (&Facts<'_>, Decimal),
    ) -> Vec<Wish<'r>> {
        let place = |stock: &RankedStock| chosen.iter().position(|one| one.symbol == stock.symbol);
        let points = |stock: &RankedStock| match self.scheme {
            Scheme::Equal => 1.0,
            Scheme::Score => way.excess(stock),
            // Beyond the last place every stock counts like the last.
            Scheme::Rank => place(stock).map_or(1.0, |place| (chosen.len() - place) as f64),
            Scheme::InverseVolatility => {
                facts.volatility(&stock.symbol).map_or(0.0, |volatility| 1.0 / volatility)
            }
        };
        let whole: f64 = chosen.iter().map(|stock| points(stock)).sum();
        let share = |stock: &RankedStock| match self.scheme {
            Scheme::Equal => budget * Weight::equal(chosen.len()).get(),
            // Of no points at all nothing comes.
            _ => cut(budget * Weight::from_f64(points(stock) / whole).unwrap_or_default().get()),
        };
        let wish = |stock: &&'r RankedStock| Wish {
            stock,
            weight: share(stock),
            is_chosen: place(stock).is_some(),
        };
        stocks.iter().map(wish).collect()
    }
}

/// Bought or sold short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Long,
    Short,
}

impl Way {
    /// By how much a stock's score is on this side of the middle.
    fn excess(self, stock: &RankedStock) -> f64 {
        let above = stock.q_score.unwrap_or(50.0) - 50.0;
        if self == Self::Long { above.max(0.0) } else { (-above).max(0.0) }
    }

    /// Whether a stock may stand on this side at all.
    fn has(self, stock: &RankedStock) -> bool {
        self.excess(stock) > 0.0
    }
}

fn cut(weight: Decimal) -> Decimal {
    weight.trunc_with_scale(Construction::DECIMALS)
}

/// Makes a side smaller, every weight by the same factor.
fn cut_to(side: &mut Side, total: Decimal) {
    let before = side.total();
    if before > total {
        side.weights.iter_mut().for_each(|(_, weight)| *weight = cut(*weight * total / before));
        side.weights.retain(|(_, weight)| !weight.is_zero());
    }
}

/// Takes the last digits that the other side lost by rounding off the largest weight.
fn trim_to(side: &mut Side, total: Decimal) {
    let rest = side.total() - total;
    if let Some((_, weight)) = side.weights.iter_mut().rev().max_by_key(|(_, weight)| *weight) {
        *weight -= rest;
    }
}
