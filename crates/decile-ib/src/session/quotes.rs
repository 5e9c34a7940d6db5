//! Snapshots of market data.

use super::Session;
use crate::{Error, values};
use decile_core::{Currency, Price, Quote, Symbol};
use futures::{StreamExt, TryStreamExt, stream};
use ibapi::contracts::Contract;
use ibapi::contracts::tick_types::TickType;
use ibapi::market_data::realtime::TickTypes;
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::sync::Arc;
use tokio::time::timeout;

/// How many quotes are asked for at a time, of the 100 lines that an account has.
const CONCURRENT: usize = 20;

/// The gateway has no right to the data, and says so without ending the request.
const NOT_SUBSCRIBED: i32 = 10089;

/// The prices of a snapshot; what does not come is missing.
#[derive(Debug, Default)]
struct Prices {
    bid: Option<Price>,
    ask: Option<Price>,
    last: Option<Price>,
    close: Option<Price>,
}

impl Session {
    /// Returns a quote for each stock that has one; an error names the stock that it came with.
    pub(crate) async fn quotes(
        self: &Arc<Self>,
        symbols: Vec<Symbol>,
    ) -> Result<Vec<Quote>, (Symbol, Error)> {
        let quote = |symbol: Symbol| async move {
            self.quote(&symbol).await.map_err(|error| (symbol, error))
        };
        let quotes = stream::iter(symbols).map(quote).buffered(CONCURRENT);
        quotes.try_filter_map(|quote| async { Ok(quote) }).try_collect().await
    }

    async fn quote(self: &Arc<Self>, symbol: &Symbol) -> Result<Option<Quote>, Error> {
        let contract = match self.contract(symbol).await {
            Ok(contract) => contract,
            Err(Error::UnknownContract { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let session = Arc::clone(self);
        let ask = async move { session.snapshot(&contract).await };
        let prices = self.bounded(("quote", self.config.quote_timeout), ask).await?;
        let Prices { bid, ask, last, close } = prices;
        let has_any = [bid, ask, last, close].iter().any(Option::is_some);
        Ok(has_any.then(|| Quote {
            symbol: symbol.clone(),
            bid,
            ask,
            last,
            previous_close: close,
            currency: Currency::USD,
            time: self.config.clock.now(),
        }))
    }

    async fn snapshot(&self, contract: &Contract) -> Result<Prices, Error> {
        let client = self.client();
        let asked = client.market_data(contract).snapshot().subscribe().await;
        let mut ticks = asked.map_err(Error::from_client)?;
        // Dropped with the ticks, the request is cancelled: a line of market data is not left open.
        let after = self.config.quote_timeout;
        let late = |_| Error::NoAnswer { request: "quote", after };
        timeout(after, until_end(&mut ticks)).await.map_err(late)?
    }
}

async fn until_end(ticks: &mut Subscription<TickTypes>) -> Result<Prices, Error> {
    let mut prices = Prices::default();
    while let Some(item) = ticks.next().await {
        match item.map_err(Error::from_client)? {
            SubscriptionItem::Data(TickTypes::SnapshotEnd) => return Ok(prices),
            SubscriptionItem::Data(TickTypes::Price(tick)) => {
                prices.take(tick.tick_type, tick.price);
            }
            SubscriptionItem::Data(TickTypes::PriceSize(tick)) => {
                prices.take(tick.price_tick_type, tick.price);
            }
            SubscriptionItem::Notice(notice) if notice.code == NOT_SUBSCRIBED => {
                return Err(Error::Gateway { code: notice.code, text: notice.message });
            }
            SubscriptionItem::Data(_) | SubscriptionItem::Notice(_) => {}
        }
    }
    Err(Error::Client { source: "the quote broke off".into() })
}

impl Prices {
    fn take(&mut self, kind: TickType, price: f64) {
        let field = match kind {
            TickType::Bid | TickType::DelayedBid => &mut self.bid,
            TickType::Ask | TickType::DelayedAsk => &mut self.ask,
            TickType::Last | TickType::DelayedLast => &mut self.last,
            TickType::Close | TickType::DelayedClose => &mut self.close,
            _ => return,
        };
        // 0 and -1 say that there is none.
        *field = values::price(price).or(*field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_and_delayed_ticks_fill_the_same_fields() {
        let price = |text: &str| Some(text.parse().unwrap());
        for kinds in [[1, 2, 4, 9], [66, 67, 68, 75]] {
            let mut prices = Prices::default();
            for (kind, value) in kinds.into_iter().zip([315.0, 315.1, 315.05, 316.22]) {
                prices.take(kind.into(), value);
                prices.take(kind.into(), -1.0);
            }
            let Prices { bid, ask, last, close } = prices;
            assert_eq!((bid, ask), (price("315"), price("315.1")));
            assert_eq!((last, close), (price("315.05"), price("316.22")));
        }
        let mut prices = Prices::default();
        prices.take(TickType::High, 400.0);
        prices.take(TickType::Bid, 0.0);
        assert!(prices.bid.is_none() && prices.last.is_none());
    }
}
