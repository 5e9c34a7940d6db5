//! From a ranking to the portfolio it asks for.
//!
//! [`equal_weight`] and [`equal_shares`] are the plain best so many. [`Construction`] has schemes of
//! weighting, limits of name, issuer and sector, a buffer against coming and going, and long-short.

mod facts;
mod fill;
mod note;
mod portfolio;
mod rules;

pub use note::{Limit, PortfolioNote};
pub use portfolio::{ConstructionInputs, Portfolio};
pub use rules::{Construction, Scheme, Selection, ShareClasses};

use crate::{Error, RankedStock, Ranking};
use decile_core::{Shares, Symbol, Targets};

/// Wants the best `count` stocks, each with the weight 1/`count`.
///
/// # Errors
/// [`Error::TooFewEligible`] if fewer stocks have a rank; a smaller portfolio is never made
/// silently. [`Error::NothingWanted`] for a count of 0.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// use decile_rank::construct::equal_weight;
///
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// assert_eq!(equal_weight(&ranking, 10)?.len(), 10);
/// assert!(equal_weight(&ranking, 31).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn equal_weight(ranking: &Ranking, count: usize) -> Result<Targets, Error> {
    Ok(Targets::equal_weight(ranking.as_of(), &best(ranking, count)?)?)
}

/// Wants the best `count` stocks, so many shares of each.
///
/// # Errors
/// As [`equal_weight`].
pub fn equal_shares(ranking: &Ranking, count: usize, quantity: Shares) -> Result<Targets, Error> {
    Ok(Targets::equal_shares(ranking.as_of(), &best(ranking, count)?, quantity)?)
}

fn best(ranking: &Ranking, count: usize) -> Result<Vec<Symbol>, Error> {
    enough(ranking, count)?;
    let ranked = ranking.iter().filter(|stock| stock.is_eligible());
    Ok(ranked.take(count).map(|stock: &RankedStock| stock.symbol.clone()).collect())
}

/// A smaller portfolio is never made silently.
fn enough(ranking: &Ranking, count: usize) -> Result<(), Error> {
    if count == 0 {
        return Err(Error::NothingWanted);
    }
    let eligible = ranking.eligible();
    if count > eligible {
        return Err(Error::TooFewEligible {
            wanted: count,
            eligible,
            listed: ranking.iter().len(),
            as_of: ranking.as_of(),
        });
    }
    Ok(())
}
