//! The traits that data providers implement, one method each.
//!
//! A source gives what its provider says, in decile's values, and nothing it does not say: a
//! missing number is `None`, a missing session has no row. Wrappers (retry, cache, fallback) are
//! sources too, so they stack. Dropping the future of a read is always free.
//!
//! ```
//! use async_trait::async_trait;
//! use decile_core::source::{QuoteSource, SourceError};
//! use decile_core::{Quote, Symbol};
//!
//! /// Knows no quotes.
//! #[derive(Debug)]
//! struct Nothing;
//!
//! #[async_trait]
//! impl QuoteSource for Nothing {
//!     async fn quotes(&self, _: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
//!         Ok(Vec::new())
//!     }
//! }
//! # futures::executor::block_on(async {
//! assert!(Nothing.quotes(&["KO".parse()?]).await.expect("no error").is_empty());
//! # Ok::<(), decile_core::Error>(())
//! # }).expect("a symbol");
//! ```

use crate::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote, Security,
    Symbol,
};
use async_trait::async_trait;
use std::fmt;

mod call;
mod error;
mod fetched;
mod shared;

pub use call::{Call, Gate, Keeper, KeptReply, Verdict};
pub use error::SourceError;
pub use fetched::{Basis, Fetched, Stats};

/// Gives daily bars.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{BarSource, Fetched, SourceError};
/// use decile_core::{Bar, DateRange, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl BarSource for Example {
///     async fn bars(&self, _: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
///         Ok(Fetched::new(vec![Bar::close_only(range.from(), 59.82)]))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let day: chrono::NaiveDate = "2024-01-02".parse()?;
/// let bars = Example.bars(&"KO".parse()?, DateRange::new(day, day)?).await?;
/// assert_eq!(bars.rows[0].close, 59.82);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait BarSource: fmt::Debug + Send + Sync {
    /// Returns the bars of a stock in the span, in the order of their sessions.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, [`SourceError::NoDataInRange`] if the span
    /// holds no bar, and whatever keeps the provider from answering.
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError>;
}

/// Gives splits, dividends and spin-offs.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{ActionSource, Fetched, SourceError};
/// use decile_core::{CorporateAction, DateRange, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl ActionSource for Example {
///     async fn actions(&self, _: &Symbol, _: DateRange) -> Result<Fetched<CorporateAction>, SourceError> {
///         Ok(Fetched::new(Vec::new()))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let day: chrono::NaiveDate = "2024-01-02".parse()?;
/// assert!(Example.actions(&"KO".parse()?, DateRange::new(day, day)?).await?.rows.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait ActionSource: fmt::Debug + Send + Sync {
    /// Returns the actions of a stock with an ex-date in the span, in the order of their dates.
    ///
    /// None in the span is an empty list, not an error.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and whatever keeps the provider from
    /// answering.
    async fn actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError>;
}

/// Gives quarterly statements.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{FilingSource, Fetched, SourceError};
/// use decile_core::{Filing, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl FilingSource for Example {
///     async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
///         let (end, form) = ("2024-03-29".parse(), "10-Q".parse());
///         let filing = Filing::new(symbol.clone(), end.expect("a date"), form.expect("a form"));
///         Ok(Fetched::new(vec![filing]))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let filings = Example.filings(&"KO".parse()?).await?;
/// assert!(filings.rows[0].is_imputed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait FilingSource: fmt::Debug + Send + Sync {
    /// Returns every version of every quarter that the provider has of a stock.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and whatever keeps the provider from
    /// answering.
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError>;
}

/// Gives the analysts' consensus.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{EstimateSource, Fetched, SourceError};
/// use decile_core::{EstimateSnapshot, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl EstimateSource for Example {
///     async fn estimates(&self, _: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
///         Ok(Fetched::new(Vec::new()))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// assert!(Example.estimates(&"KO".parse()?).await?.rows.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait EstimateSource: fmt::Debug + Send + Sync {
    /// Returns the snapshots that the provider has of a stock, in the order of their dates.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and whatever keeps the provider from
    /// answering.
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError>;
}

/// Gives current quotes.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{QuoteSource, SourceError};
/// use decile_core::{Quote, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl QuoteSource for Example {
///     async fn quotes(&self, _: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
///         Ok(Vec::new())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// assert!(Example.quotes(&["KO".parse()?]).await?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait QuoteSource: fmt::Debug + Send + Sync {
    /// Returns the quotes of the stocks, in the order asked; a stock without one is left out.
    ///
    /// # Errors
    /// Whatever keeps the provider from answering at all.
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError>;
}

/// Gives a provider's own ratios.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{SourceError, Stats, StatsSource};
/// use decile_core::{Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl StatsSource for Example {
///     async fn stats(&self, _: &Symbol) -> Result<Stats, SourceError> {
///         let mut stats = Stats::default();
///         stats.trailing_pe = Some(24.2);
///         Ok(stats)
///     }
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(Example.stats(&"KO".parse()?).await?.trailing_pe, Some(24.2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait StatsSource: fmt::Debug + Send + Sync {
    /// Returns the ratios of a stock as of now.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and whatever keeps the provider from
    /// answering.
    async fn stats(&self, symbol: &Symbol) -> Result<Stats, SourceError>;
}

/// Gives what a symbol is.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{SecuritySource, SourceError};
/// use decile_core::{Security, Symbol};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl SecuritySource for Example {
///     async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError> {
///         Ok(Security::us(symbol.clone(), "Coca-Cola", "Consumer Staples"))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(Example.security(&"KO".parse()?).await?.adr_ratio, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait SecuritySource: fmt::Debug + Send + Sync {
    /// Returns issuer, sector, currencies and depositary ratio of a stock.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown stock, and whatever keeps the provider from
    /// answering.
    async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError>;
}

/// Gives exchange rates.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{FxSource, Fetched, SourceError};
/// use decile_core::{Currency, DateRange, FxRate};
///
/// /// Knows one thing.
/// #[derive(Debug)]
/// struct Example;
///
/// #[async_trait]
/// impl FxSource for Example {
///     async fn rates(&self, currency: Currency, range: DateRange) -> Result<Fetched<FxRate>, SourceError> {
///         Ok(Fetched::new(vec![FxRate { date: range.from(), currency, usd_per_unit: 1.0956 }]))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let day: chrono::NaiveDate = "2024-01-02".parse()?;
/// let rates = Example.rates("EUR".parse()?, DateRange::new(day, day)?).await?;
/// assert_eq!(rates.rows[0].usd_per_unit, 1.0956);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).expect("it answers");
/// ```
#[async_trait]
pub trait FxSource: fmt::Debug + Send + Sync {
    /// Returns the US dollars per unit of a currency in the span, in the order of the dates.
    ///
    /// # Errors
    /// [`SourceError::NotFound`] for an unknown currency, and whatever keeps the provider from
    /// answering.
    async fn rates(
        &self,
        currency: Currency,
        range: DateRange,
    ) -> Result<Fetched<FxRate>, SourceError>;
}
