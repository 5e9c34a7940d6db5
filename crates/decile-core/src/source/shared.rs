//! A shared source is a source, also one whose kind is not known before the program runs.

use super::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use crate::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote, Security,
    Symbol,
};
use async_trait::async_trait;
use std::sync::Arc;

macro_rules! shared {
    ($source:ident: $method:ident($($argument:ident: $type:ty),+) -> $answer:ty) => {
        #[async_trait]
        impl<S: $source + ?Sized> $source for Arc<S> {
            async fn $method(&self, $($argument: $type),+) -> Result<$answer, SourceError> {
                (**self).$method($($argument),+).await
            }
        }
    };
}

shared!(BarSource: bars(symbol: &Symbol, range: DateRange) -> Fetched<Bar>);
shared!(ActionSource: actions(symbol: &Symbol, range: DateRange) -> Fetched<CorporateAction>);
shared!(FilingSource: filings(symbol: &Symbol) -> Fetched<Filing>);
shared!(EstimateSource: estimates(symbol: &Symbol) -> Fetched<EstimateSnapshot>);
shared!(QuoteSource: quotes(symbols: &[Symbol]) -> Vec<Quote>);
shared!(StatsSource: stats(symbol: &Symbol) -> Stats);
shared!(SecuritySource: security(symbol: &Symbol) -> Security);
shared!(FxSource: rates(currency: Currency, range: DateRange) -> Fetched<FxRate>);
