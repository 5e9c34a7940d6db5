//! Quotes and daily bars as sources of decile.

use crate::{Error, IbBroker};
use async_trait::async_trait;
use decile_core::source::{BarSource, Basis, Fetched, QuoteSource, SourceError};
use decile_core::{Bar, Currency, DateRange, Quote, Symbol};

const PROVIDER: &str = "Interactive Brokers";

/// Codes that say that the account has no right to the data.
const NOT_ALLOWED: [i32; 6] = [354, 10089, 10090, 10168, 10186, 10197];

#[async_trait]
impl QuoteSource for IbBroker {
    /// Asks for a snapshot of each stock, some at a time. A stock that Interactive Brokers does not
    /// know, or has no price of, is left out; one that the account may not see is an error.
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        let symbols = symbols.to_vec();
        let quotes = self.run(|session| async move { Ok(session.quotes(symbols).await) });
        match quotes.await {
            Ok(quotes) => quotes.map_err(|(symbol, error)| source_error(symbol.as_ref(), error)),
            Err(error) => Err(source_error("the quotes", error)),
        }
    }
}

#[async_trait]
impl BarSource for IbBroker {
    /// Gives daily bars of trades in regular hours, adjusted for splits and not for dividends, no
    /// faster than Interactive Brokers allows: at most 58 requests in ten minutes.
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let subject = symbol.to_string();
        let symbol = symbol.clone();
        let bars = self.run(move |session| async move { session.bars(&symbol, range).await }).await;
        let rows = match bars {
            Ok(rows) if rows.is_empty() => Err(no_data(&subject, range)),
            Ok(rows) => Ok(rows),
            Err(Error::Gateway { code: 162, text }) if text.contains("no data") => {
                Err(no_data(&subject, range))
            }
            Err(error) => Err(source_error(&subject, error)),
        }?;
        let mut fetched = Fetched::new(rows);
        fetched.currency = Some(Currency::USD);
        fetched.basis = Basis::SplitAdjusted;
        Ok(fetched)
    }
}

fn no_data(subject: &str, range: DateRange) -> SourceError {
    SourceError::NoDataInRange { provider: PROVIDER, subject: subject.to_owned(), range }
}

fn source_error(subject: &str, error: Error) -> SourceError {
    let (provider, subject) = (PROVIDER, subject.to_owned());
    match error {
        Error::UnknownContract { .. } => SourceError::NotFound { provider, subject },
        Error::Gateway { code, .. } if NOT_ALLOWED.contains(&code) => {
            let what = "subscribe to the market data, or ask for delayed data";
            SourceError::Denied { provider, subject, what }
        }
        Error::Gateway { code: 100, .. } => {
            SourceError::RateLimited { provider, subject, retry_after: None }
        }
        Error::Gateway { code: 162, text } if text.contains("pacing violation") => {
            SourceError::RateLimited { provider, subject, retry_after: None }
        }
        Error::Gateway { .. } | Error::Unreadable { .. } | Error::AmbiguousContract { .. } => {
            let what = error.to_string();
            SourceError::Decode { provider, subject, what, source: None }
        }
        other => SourceError::Network { provider, subject, source: other.into() },
    }
}
