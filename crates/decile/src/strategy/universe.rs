use super::{Strategy, StrategyError};
use decile_core::{Market, Symbol};
use serde::{Deserialize, Serialize};

/// The stocks that are ranked: those of the market, or some of them.
///
/// A stock that is left out stays in the data, so that companies keep their other share classes, and
/// shows in rankings as no member of the universe.
///
/// ```
/// use decile::strategy::Universe;
///
/// assert!(Universe::default().keeps(&"KO".parse()?));
/// let all_but = Universe { exclude: vec!["KO".parse()?], ..Universe::default() };
/// assert!(!all_but.keeps(&"KO".parse()?));
/// # Ok::<(), decile::core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Universe {
    /// The only ones, if there is any.
    pub symbols: Vec<Symbol>,
    /// Those that are left out.
    pub exclude: Vec<Symbol>,
}

impl Universe {
    /// Tells whether the stock is ranked.
    #[must_use]
    pub fn keeps(&self, symbol: &Symbol) -> bool {
        (self.symbols.is_empty() || self.symbols.contains(symbol)) && !self.exclude.contains(symbol)
    }

    /// Tells whether it is a list: one made today knows who survived and who grew large, so what it
    /// gives over past dates is too good. A dated universe is a table of the market
    /// (`membership`).
    #[must_use]
    pub fn is_list(&self) -> bool {
        !self.symbols.is_empty()
    }
}

impl Strategy {
    /// Returns the market with the strategy's universe.
    ///
    /// # Errors
    /// [`StrategyError::Document`] or [`StrategyError::Invalid`] for a stock that the market does not
    /// have, and if none is left.
    pub fn market(&self, market: Market) -> Result<Market, StrategyError> {
        let lists = [("symbols", &self.universe.symbols), ("exclude", &self.universe.exclude)];
        for (key, symbols) in lists {
            let unknown = symbols.iter().position(|symbol| market.stock(symbol).is_none());
            if let Some(at) = unknown {
                let reason = format!("the market has no {}; drop it from the list", symbols[at]);
                return Err(self.fault(&format!("universe.{key}[{at}]"), reason));
            }
        }
        if self.universe == Universe::default() {
            return Ok(market);
        }
        if !market.stocks().iter().any(|stock| self.universe.keeps(stock.symbol())) {
            let reason = "no stock of the market is left; keep at least one".to_owned();
            return Err(self.fault("universe", reason));
        }
        Ok(market.with_universe(|stock| self.universe.keeps(stock.symbol())))
    }
}
