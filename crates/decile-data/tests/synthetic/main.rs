//! The synthetic market as its users see it.

#![expect(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod business;
mod events;
mod settings;

use decile_core::{Filing, Market, Stock};
use decile_data::SyntheticMarket;
use std::sync::LazyLock;

/// Events don't depend on the seed, so they are looked for in more than one market.
fn markets() -> &'static [Market] {
    static MARKETS: LazyLock<Vec<Market>> = LazyLock::new(|| {
        let market = |seed: u64| SyntheticMarket::default().seed(seed).generate().unwrap();
        [1, 2, 7].map(market).into()
    });
    &MARKETS
}

fn default_market() -> &'static Market {
    &markets()[0]
}

fn stock<'a>(market: &'a Market, symbol: &str) -> &'a Stock {
    market.stock(&symbol.parse().unwrap()).unwrap()
}

/// Returns the filings that are not filed again.
fn originals(stock: &Stock) -> Vec<&Filing> {
    stock.filings().iter().filter(|filing| !filing.form.as_str().ends_with("/A")).collect()
}
