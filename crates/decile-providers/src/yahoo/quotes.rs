//! Quotes of many stocks by one call.

use super::number::{Number, Text};
use super::spelling;
use super::statistics::in_price_units;
use super::{PROVIDER, Yahoo, envelope};
use crate::Reply;
use crate::asked::Asked;
use crate::rows::QuoteRow;
use chrono::{DateTime, Utc};
use decile_core::source::{Fetched, SourceError};
use decile_core::{Price, Quote, Symbol};
use serde::Deserialize;

/// As many symbols as one address takes without being refused for its length.
const SYMBOLS_PER_CALL: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireQuote {
    symbol: Text,
    currency: Text,
    regular_market_price: Number,
    regular_market_previous_close: Number,
    regular_market_time: Number,
    bid: Number,
    ask: Number,
    market_cap: Number,
}

impl Yahoo {
    /// Fetches what a stock trades at, one row, with the company's market value.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock and for one that Yahoo remembers without a
    /// price, and whatever keeps Yahoo from answering.
    pub async fn quote(&self, symbol: &Symbol) -> Result<Fetched<QuoteRow>, SourceError> {
        let asked = Self::asked(symbol);
        let (found, retrieved_at) = self.wire_quotes(std::slice::from_ref(symbol), &asked).await?;
        let spelt = spelling::symbol(symbol);
        let quote = found.iter().find(|quote| quote.is_of(&spelt));
        let row = quote.ok_or_else(|| asked.not_found())?.row();
        if row.price.is_none() && row.previous_close.is_none() {
            return Err(asked.not_found());
        }
        let mut fetched = Fetched::new(vec![row]);
        fetched.currency = row.currency;
        fetched.retrieved_at = Some(retrieved_at);
        Ok(fetched)
    }

    pub(super) async fn quotes_of(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        let mut quotes = Vec::with_capacity(symbols.len());
        for symbols in symbols.chunks(SYMBOLS_PER_CALL) {
            let asked = match symbols {
                [one] => Asked::new(PROVIDER, one),
                many => Asked::new(PROVIDER, format!("{} stocks", many.len())),
            };
            let (found, _) = self.wire_quotes(symbols, &asked).await?;
            quotes.extend(symbols.iter().filter_map(|symbol| {
                let spelt = spelling::symbol(symbol);
                found.iter().find(|quote| quote.is_of(&spelt))?.quote(symbol)
            }));
        }
        Ok(quotes)
    }

    async fn wire_quotes(
        &self,
        symbols: &[Symbol],
        asked: &Asked,
    ) -> Result<(Vec<WireQuote>, DateTime<Utc>), SourceError> {
        let spelt: Vec<String> = symbols.iter().map(spelling::symbol).collect();
        let mut url = super::address(&["v7", "finance", "quote"]);
        url.query_pairs_mut().append_pair("symbols", &spelt.join(","));
        let read = |reply: &Reply| {
            let quotes: Vec<WireQuote> = envelope::open(reply, asked)?;
            // Of a stock that is not known there is no quote; one of nobody is no quote.
            if !quotes.is_empty() && quotes.iter().all(|quote| quote.symbol.as_str().is_none()) {
                return Err(asked.decode("its quotes do not say of which stock they are"));
            }
            Ok((quotes, reply.retrieved_at()))
        };
        self.caller().with_crumb("quote", url, asked, read).await
    }
}

impl WireQuote {
    fn is_of(&self, spelt: &str) -> bool {
        self.symbol.as_str().is_some_and(|symbol| symbol.eq_ignore_ascii_case(spelt))
    }

    fn row(&self) -> QuoteRow {
        let currency = spelling::currency(self.currency.as_str());
        QuoteRow {
            price: self.regular_market_price.positive(),
            previous_close: self.regular_market_previous_close.positive(),
            market_cap: self.market_cap.positive().map(|worth| in_price_units(worth, currency)),
            currency,
            time: self.regular_market_time.instant(),
        }
    }

    /// Makes a quote; without a price, currency or time it is none. Bids and asks of 0 are none.
    fn quote(&self, symbol: &Symbol) -> Option<Quote> {
        let price = |number: Number| Price::from_f64(number.positive()?).ok();
        let row = self.row();
        let quote = Quote {
            symbol: symbol.clone(),
            bid: price(self.bid),
            ask: price(self.ask),
            last: price(self.regular_market_price),
            previous_close: price(self.regular_market_previous_close),
            currency: row.currency?,
            time: row.time?,
        };
        quote.reference().is_some().then_some(quote)
    }
}
