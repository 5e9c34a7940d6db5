use super::StoredMarket;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use decile_core::source::{QuoteSource, SourceError};
use decile_core::{Decimal, Price, Quote, Symbol};

/// Simulated quotes for the session after a [`StoredMarket`]'s `as_of`.
///
/// Nothing of that session is read. A quote is centred on the newest raw close at or before
/// `as_of`, at most 5 sessions old, as [`Quote::centred`] says; a stock without one has no quote. Half
/// the spread is 2 basis points of the close unless set otherwise.
///
/// A split whose ex-date is the session quoted is not in the price: it lies after `as_of`.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// use decile_core::source::QuoteSource;
/// use decile_data::StoredMarket;
///
/// let ten_in_the_morning = "2024-01-03T15:00:00Z".parse()?;
/// let source = StoredMarket::new(market.into(), day(2))?.session_quotes(ten_in_the_morning);
/// let quotes = futures::executor::block_on(source.quotes(&["KO".parse()?]))?;
/// assert_eq!(quotes[0].last, Some("59.82".parse()?));
/// assert_eq!(quotes[0].bid, Some("59.80".parse()?)); // 59.82 - 0.011964
/// assert_eq!(quotes[0].ask, Some("59.84".parse()?)); // 59.82 + 0.011964
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SessionQuotes {
    stored: StoredMarket,
    time: DateTime<Utc>,
    half_spread: Decimal,
}

impl SessionQuotes {
    /// Simulates quotes at an instant of the session after the market's `as_of`.
    #[must_use]
    pub fn new(stored: StoredMarket, time: DateTime<Utc>) -> Self {
        // 0.0002 = 2 basis points.
        Self { stored, time, half_spread: Decimal::new(2, 4) }
    }

    /// Sets the distance of bid and ask from the close, as a fraction of it; below 0 counts as 0.
    #[must_use]
    pub fn with_half_spread(self, half_spread: Decimal) -> Self {
        Self { half_spread: half_spread.max(Decimal::ZERO), ..self }
    }

    fn quote(&self, symbol: &Symbol) -> Option<Quote> {
        let StoredMarket { market, as_of } = &self.stored;
        let stock = market.stock(symbol)?;
        let last = Price::from_f64(stock.price_at(market.calendar(), *as_of)?).ok()?;
        let currency = stock.security().trade_currency;
        Some(Quote::centred(symbol.clone(), last, self.half_spread, currency, self.time))
    }
}

#[async_trait]
impl QuoteSource for SessionQuotes {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        Ok(symbols.iter().filter_map(|symbol| self.quote(symbol)).collect())
    }
}
