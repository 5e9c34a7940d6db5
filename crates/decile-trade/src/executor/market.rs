//! What the market is while a plan is carried out.

use super::Executor;
use decile_core::{Price, Quote, Symbol};
use std::collections::BTreeMap;
use tokio::time::timeout;

impl Executor {
    /// Returns quotes of stocks, where they are known.
    pub(super) async fn market(&self, symbols: &[Symbol]) -> BTreeMap<Symbol, Quote> {
        let Some(quotes) = &self.quotes else { return BTreeMap::new() };
        let answer = timeout(self.config.request_timeout, quotes.quotes(symbols)).await;
        let quotes = answer.into_iter().flatten().flatten();
        quotes.map(|quote| (quote.symbol.clone(), quote)).collect()
    }
}

/// What an order that arrives now finds: the middle of bid and ask, else the last trade.
pub(super) fn arrival(quote: &Quote) -> Option<Price> {
    quote.mid().or(quote.last)
}
