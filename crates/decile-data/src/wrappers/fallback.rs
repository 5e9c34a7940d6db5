use async_trait::async_trait;
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use decile_core::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote, Security,
    Symbol,
};
use std::error::Error;

/// Asks a second source where the first gives nothing.
///
/// An answer is the one source's or the other's, never mixed: two providers adjust and name things
/// in their own ways. Rows of the second come with a warning that says why. Quotes are single
/// facts, so there the second fills in the stocks that the first leaves out.
///
/// If both fail, the first's error is returned, unless it says that there is nothing: then the
/// second's, which might have had it.
///
/// ```
/// use decile_core::{Bar, Calendar, DateRange, Market, Security, Tables};
/// use decile_core::source::BarSource;
/// use decile_data::{Fallback, StoredMarket};
///
/// let day: chrono::NaiveDate = "2024-01-02".parse()?;
/// let market = |symbol: &str, close| {
///     let mut tables = Tables::default();
///     tables.securities.push(Security::us(symbol.parse()?, symbol, "Consumer Staples"));
///     tables.prices.push((symbol.parse()?, Bar::close_only(day, close)));
///     let market = Market::new(Calendar::from_sessions(vec![day])?, tables)?;
///     Ok::<_, Box<dyn std::error::Error>>(StoredMarket::new(market.into(), day)?)
/// };
/// let source = Fallback::new(market("KO", 59.82)?, market("PEP", 170.97)?);
/// let range = DateRange::new(day, day)?;
/// let bars = futures::executor::block_on(source.bars(&"PEP".parse()?, range))?;
/// assert_eq!(bars.rows[0].close, 170.97);
/// assert_eq!(bars.warnings, ["from the second source: the stored market has no data for PEP"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fallback<A, B> {
    first: A,
    second: B,
}

impl<A, B> Fallback<A, B> {
    /// Asks `first`, and `second` where that gives nothing.
    #[must_use]
    pub fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

/// Picks the error of the two that tells more.
fn telling(first: SourceError, second: SourceError) -> SourceError {
    if is_nothing(&first) && !is_nothing(&second) { second } else { first }
}

fn is_nothing(error: &SourceError) -> bool {
    matches!(error, SourceError::NotFound { .. } | SourceError::NoDataInRange { .. })
}

/// An answer that can say where it is from.
trait Marked: Sized {
    fn marked(self, first: &SourceError) -> Self;
}

impl<T> Marked for Fetched<T> {
    fn marked(mut self, first: &SourceError) -> Self {
        let cause = first.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        self.warnings.push(format!("from the second source: {first}{cause}"));
        self
    }
}

impl Marked for Stats {
    fn marked(self, _: &SourceError) -> Self {
        self
    }
}

impl Marked for Security {
    fn marked(self, _: &SourceError) -> Self {
        self
    }
}

macro_rules! in_turn {
    ($source:ident: $method:ident($($argument:ident: $type:ty),+) -> $answer:ty) => {
        #[async_trait]
        impl<A: $source, B: $source> $source for Fallback<A, B> {
            async fn $method(&self, $($argument: $type),+) -> Result<$answer, SourceError> {
                let error = match self.first.$method($($argument),+).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                };
                match self.second.$method($($argument),+).await {
                    Ok(answer) => Ok(answer.marked(&error)),
                    Err(second) => Err(telling(error, second)),
                }
            }
        }
    };
}

in_turn!(BarSource: bars(symbol: &Symbol, range: DateRange) -> Fetched<Bar>);
in_turn!(ActionSource: actions(symbol: &Symbol, range: DateRange) -> Fetched<CorporateAction>);
in_turn!(FilingSource: filings(symbol: &Symbol) -> Fetched<Filing>);
in_turn!(EstimateSource: estimates(symbol: &Symbol) -> Fetched<EstimateSnapshot>);
in_turn!(StatsSource: stats(symbol: &Symbol) -> Stats);
in_turn!(SecuritySource: security(symbol: &Symbol) -> Security);
in_turn!(FxSource: rates(currency: Currency, range: DateRange) -> Fetched<FxRate>);

#[async_trait]
impl<A: QuoteSource, B: QuoteSource> QuoteSource for Fallback<A, B> {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        let (found, error) = match self.first.quotes(symbols).await {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let lacking = |symbol: &&Symbol| !found.iter().any(|quote| quote.symbol == **symbol);
        let wanted: Vec<Symbol> = symbols.iter().filter(lacking).cloned().collect();
        if wanted.is_empty() {
            return Ok(found);
        }
        match (self.second.quotes(&wanted).await, error) {
            (Ok(more), _) => Ok(in_order(symbols, found.into_iter().chain(more).collect())),
            (Err(second), Some(first)) => Err(telling(first, second)),
            // What the first left out it does not have; that the second fails too changes nothing.
            (Err(_), None) => Ok(found),
        }
    }
}

fn in_order(symbols: &[Symbol], mut quotes: Vec<Quote>) -> Vec<Quote> {
    quotes.sort_by_key(|quote| symbols.iter().position(|symbol| *symbol == quote.symbol));
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::Price;
    use futures::executor::block_on;

    /// Has quotes of some stocks, or fails.
    #[derive(Debug)]
    struct Desk(Result<&'static [(&'static str, &'static str)], &'static str>);

    #[async_trait]
    impl QuoteSource for Desk {
        async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
            let prices = self.0.map_err(failure)?;
            let quote = |symbol: &Symbol| {
                let (_, last) = prices.iter().find(|(name, _)| symbol == name)?;
                let price: Price = last.parse().unwrap();
                let time = chrono::DateTime::UNIX_EPOCH;
                let half_spread = decile_core::Decimal::ZERO;
                Some(Quote::centred(symbol.clone(), price, half_spread, Currency::USD, time))
            };
            Ok(symbols.iter().filter_map(quote).collect())
        }
    }

    #[async_trait]
    impl StatsSource for Desk {
        async fn stats(&self, _: &Symbol) -> Result<Stats, SourceError> {
            self.0.map(|_| Stats::default()).map_err(failure)
        }
    }

    fn failure(kind: &'static str) -> SourceError {
        let (provider, subject) = ("example", "KO".to_owned());
        match kind {
            "not_found" => SourceError::NotFound { provider, subject },
            "premium" => SourceError::Premium { provider, subject, what: "it" },
            _ => SourceError::RateLimited { provider, subject, retry_after: None },
        }
    }

    fn last(source: &impl QuoteSource) -> Result<Vec<String>, SourceError> {
        let symbols = ["KO", "PEP", "WMT"].map(|name| name.parse().unwrap());
        let quotes = block_on(source.quotes(&symbols))?;
        let text = |quote: Quote| format!("{} {}", quote.symbol, quote.last.unwrap());
        Ok(quotes.into_iter().map(text).collect())
    }

    #[test]
    fn the_second_fills_in_the_quotes_that_the_first_leaves_out() {
        let first = Desk(Ok(&[("WMT", "1"), ("KO", "2")]));
        let source = Fallback::new(first, Desk(Ok(&[("PEP", "3"), ("KO", "9")])));
        assert_eq!(last(&source).unwrap(), ["KO 2", "PEP 3", "WMT 1"]);
        let source = Fallback::new(Desk(Ok(&[("KO", "2")])), Desk(Err("premium")));
        assert_eq!(last(&source).unwrap(), ["KO 2"]);
        let source = Fallback::new(Desk(Err("premium")), Desk(Ok(&[("KO", "2")])));
        assert_eq!(last(&source).unwrap(), ["KO 2"]);
    }

    #[test]
    fn of_two_errors_the_one_that_knows_less_is_told() {
        let kinds = [
            ("premium", "not_found", "premium"),
            ("not_found", "rate_limited", "rate_limited"),
            ("not_found", "not_found", "not_found"),
            ("rate_limited", "premium", "rate_limited"),
        ];
        for (first, second, told) in kinds {
            let source = Fallback::new(Desk(Err(first)), Desk(Err(second)));
            assert_eq!(block_on(source.stats(&"KO".parse().unwrap())).unwrap_err().kind(), told);
            assert_eq!(last(&source).unwrap_err().kind(), told);
        }
    }
}
