//! A market that is ranked, and the portfolio that the strategy makes of it.

use crate::arguments::Arguments;
use decile::core::TargetSize;
use decile::prelude::*;
use decile::rank::GateReport;
use decile::rank::construct::{ConstructionInputs, Portfolio};
use decile::strategy::Strategy;
use std::error::Error;

/// What is known, and what it says.
///
/// ```
/// use decile::prelude::*;
/// use decile_examples::ranked::Ranked;
/// use std::sync::Arc;
///
/// let strategy = decile::strategy::Strategy::new("plain".parse()?, Model::preset("q_core")?);
/// let market = Arc::new(SyntheticMarket::default().generate()?);
/// let as_of = market.calendar().last();
/// let model = strategy.resolve(&FactorRegistry::plausible())?;
/// let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, as_of)?.rank();
/// let gates = ranking.check(None);
/// let stored = StoredMarket::new(market, as_of)?;
///
/// let ranked = Ranked { strategy, stored, panel, ranking, gates };
/// assert_eq!(ranked.portfolio(&[])?.targets().len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Ranked {
    /// What is done with the ranking.
    pub strategy: Strategy,
    /// The market, up to the session that is the last known.
    pub stored: StoredMarket,
    /// Its fields.
    pub panel: Panel,
    /// The ranking.
    pub ranking: Ranking,
    /// Whether the ranking is fit to trade on.
    pub gates: GateReport,
}

impl Ranked {
    /// Returns the portfolio that the strategy makes of the ranking; what is held may stay longer.
    ///
    /// # Errors
    /// If the construction cannot be done, as when a weight is asked for that no stock may have.
    pub fn portfolio(&self, held: &[Symbol]) -> Result<Portfolio, decile::rank::Error> {
        let Self { ranking, panel, .. } = self;
        self.strategy.construction.build(&ConstructionInputs { ranking, panel, held })
    }

    /// Refuses a strategy that no account can hold: one that sells short.
    ///
    /// # Errors
    /// Names the first stock that is to be sold short; else as [`portfolio`](Self::portfolio).
    pub fn check_long_only(&self) -> Result<(), Box<dyn Error>> {
        let first = self.portfolio(&[])?;
        let short = first.targets().iter().find_map(|target| match target.size {
            TargetSize::Weight(weight) if weight < Weight::ZERO => Some((target, weight)),
            _ => None,
        });
        match short {
            Some((target, weight)) => {
                let (symbol, size) = (target.symbol.clone(), weight.to_string());
                Err(decile::trade::Error::ShortTarget { symbol, size }.into())
            }
            None => Ok(()),
        }
    }
}

/// Returns the market that the user asked for, and what there is to say about how it was come by.
///
/// # Errors
/// If it cannot be fetched or read.
pub async fn load(arguments: &Arguments) -> Result<(Market, Vec<String>), Box<dyn Error>> {
    #[cfg(feature = "providers")]
    if arguments.live.is_wanted() {
        let fetched = arguments.live.fetch(arguments.as_of).await?;
        return Ok((fetched.market, fetched.lines));
    }
    match &arguments.data {
        Some(folder) => Ok((read_folder(folder)?, Vec::new())),
        None => Ok((SyntheticMarket::default().seed(arguments.seed).generate()?, Vec::new())),
    }
}
