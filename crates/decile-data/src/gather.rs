//! Fetches a universe: many stocks at once, each as far as it goes.

mod failure;

pub use failure::{Failure, Part};

use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, SecuritySource,
    Stats, StatsSource,
};
use decile_core::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Security, Symbol,
};
use failure::Failures;
use futures::future::OptionFuture;
use futures::stream::{self, StreamExt};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Where each part of a market comes from. Prices, actions and what a stock is must come from
/// somewhere; the rest may be left out.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # use decile_data::StoredMarket;
/// # use std::sync::Arc;
/// # let day: NaiveDate = "2024-01-02".parse()?;
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day, 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day])?, tables)?;
/// # let stored = Arc::new(StoredMarket::new(market.into(), day)?);
/// use decile_data::Sources;
///
/// let mut sources = Sources::new(stored.clone(), stored.clone(), stored.clone());
/// sources.filings = Some(stored);
/// assert!(sources.estimates.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sources {
    /// Daily bars.
    pub bars: Arc<dyn BarSource>,
    /// Splits, dividends and spin-offs. They should come from where the bars come from, since that
    /// provider's adjustments are undone by them.
    pub actions: Arc<dyn ActionSource>,
    /// What each stock is.
    pub securities: Arc<dyn SecuritySource>,
    /// Statements.
    pub filings: Option<Arc<dyn FilingSource>>,
    /// Filing dates for statements that come without one; the earlier in the list is preferred.
    pub dates: Vec<Arc<dyn FilingSource>>,
    /// The analysts' consensus.
    pub estimates: Option<Arc<dyn EstimateSource>>,
    /// A provider's own market value and ratios, to check against.
    pub stats: Option<Arc<dyn StatsSource>>,
    /// Exchange rates.
    pub fx: Option<Arc<dyn FxSource>>,
}

impl Sources {
    /// Takes what there must be from these sources, and nothing else from anywhere.
    #[must_use]
    pub fn new(
        bars: Arc<dyn BarSource>,
        actions: Arc<dyn ActionSource>,
        securities: Arc<dyn SecuritySource>,
    ) -> Self {
        let (filings, dates, estimates, stats, fx) = (None, Vec::new(), None, None, None);
        Self { bars, actions, securities, filings, dates, estimates, stats, fx }
    }

    /// Fetches the stocks, at most `at_once` of them at a time.
    ///
    /// What a source does not give is a [`Failure`] in the list, and the rest goes on: one bad stock
    /// never loses the others. The answer is in the order of the stocks, whichever came first.
    /// Exchange rates are fetched for every currency that the answers hold.
    pub async fn gather(
        &self,
        symbols: &[Symbol],
        range: DateRange,
        at_once: NonZeroUsize,
    ) -> Gathered {
        let stocks = stream::iter(symbols.iter().cloned());
        let stocks = stocks.map(|symbol| self.stock(symbol, range)).buffered(at_once.get());
        let mut gathered = Gathered { asked: symbols.to_vec(), range, ..Gathered::new(range) };
        for (stock, failures) in stocks.collect::<Vec<_>>().await {
            gathered.stocks.extend(stock);
            gathered.failures.extend(failures);
        }
        if let Some(fx) = &self.fx {
            for currency in gathered.currencies() {
                match fx.rates(currency, range).await {
                    Ok(rates) => gathered.fx.extend(rates.rows),
                    Err(error) => {
                        gathered.failures.push(Failure::new(currency, Part::Rates, error));
                    }
                }
            }
        }
        gathered
    }

    async fn stock(
        &self,
        symbol: Symbol,
        range: DateRange,
    ) -> (Option<GatheredStock>, Vec<Failure>) {
        let mut failures = Failures { symbol: symbol.clone(), list: Vec::new() };
        // One after the other: the second of two questions that one reply answers finds it kept.
        let bars = failures.take(Part::Bars, self.bars.bars(&symbol, range).await);
        let actions = failures.take(Part::Actions, self.actions.actions(&symbol, range).await);
        let security = failures.take(Part::Security, self.securities.security(&symbol).await);
        let (Some(bars), Some(actions), Some(security)) = (bars, actions, security) else {
            // Without one of these nothing else is of use, and calls may be dear.
            return (None, failures.list);
        };
        let mut stock = GatheredStock::new(security, bars, actions);
        let filings = self.filings.as_ref().map(|source| source.filings(&symbol));
        stock.filings = failures.maybe(Part::Filings, OptionFuture::from(filings).await);
        for source in &self.dates {
            stock.dates.extend(failures.take(Part::Dates, source.filings(&symbol).await));
        }
        let estimates = self.estimates.as_ref().map(|source| source.estimates(&symbol));
        stock.estimates = failures.maybe(Part::Estimates, OptionFuture::from(estimates).await);
        let stats = self.stats.as_ref().map(|source| source.stats(&symbol));
        stock.stats = failures.maybe(Part::Stats, OptionFuture::from(stats).await);
        (Some(stock), failures.list)
    }
}

/// What the sources gave of one stock.
///
/// ```
/// use decile_core::{Bar, Security, source::Fetched};
/// use decile_data::GatheredStock;
///
/// let coke = Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples");
/// let bar = Bar::close_only("2024-01-02".parse()?, 59.82);
/// let stock = GatheredStock::new(coke, Fetched::new(vec![bar]), Fetched::new(Vec::new()));
/// assert!(stock.filings.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatheredStock {
    /// What it is.
    pub security: Security,
    /// Its bars.
    pub bars: Fetched<Bar>,
    /// Its actions.
    pub actions: Fetched<CorporateAction>,
    /// Its statements.
    pub filings: Option<Fetched<Filing>>,
    /// Filings of other sources, for their dates.
    pub dates: Vec<Fetched<Filing>>,
    /// The consensus on it.
    pub estimates: Option<Fetched<EstimateSnapshot>>,
    /// A provider's own ratios.
    pub stats: Option<Stats>,
}

impl GatheredStock {
    /// Holds what there must be of a stock.
    #[must_use]
    pub fn new(security: Security, bars: Fetched<Bar>, actions: Fetched<CorporateAction>) -> Self {
        let (filings, dates, estimates, stats) = (None, Vec::new(), None, None);
        Self { security, bars, actions, filings, dates, estimates, stats }
    }
}

/// What the sources gave of a universe.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, DateRange, Market, Security, Tables};
/// # use decile_data::{Sources, StoredMarket};
/// # use std::{num::NonZeroUsize, sync::Arc};
/// # let day: NaiveDate = "2024-01-02".parse()?;
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day, 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day])?, tables)?;
/// # let stored = Arc::new(StoredMarket::new(market.into(), day)?);
/// let sources = Sources::new(stored.clone(), stored.clone(), stored);
/// let symbols = ["PEP".parse()?, "KO".parse()?];
/// let range = DateRange::new(day, day)?;
/// let gathered =
///     futures::executor::block_on(sources.gather(&symbols, range, NonZeroUsize::MIN));
/// assert_eq!(gathered.stocks[0].security.symbol, "KO");
/// assert_eq!(gathered.failures.len(), 3); // no bars, actions or name of PEP
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Gathered {
    /// Which stocks were asked for.
    pub asked: Vec<Symbol>,
    /// The span asked for.
    pub range: DateRange,
    /// Those of which there is enough to begin with, in the order asked.
    pub stocks: Vec<GatheredStock>,
    /// Exchange rates.
    pub fx: Vec<FxRate>,
    /// What there was not.
    pub failures: Vec<Failure>,
}

impl Gathered {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(range: DateRange) -> Self {
        let (asked, stocks) = (Vec::new(), Vec::new());
        Self { asked, range, stocks, fx: Vec::new(), failures: Vec::new() }
    }

    /// The currencies of prices and statements, without the dollar, in order.
    fn currencies(&self) -> BTreeSet<Currency> {
        let of = |stock: &GatheredStock| {
            let filings = stock.filings.iter().flat_map(|filings| &filings.rows);
            let currencies = filings.map(|filing| filing.currency);
            currencies.chain([stock.security.trade_currency]).collect::<Vec<_>>()
        };
        let mut currencies: BTreeSet<Currency> = self.stocks.iter().flat_map(of).collect();
        currencies.remove(&Currency::USD);
        currencies
    }
}
