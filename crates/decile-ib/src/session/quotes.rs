//! Snapshots of market data.

use super::Session;
use crate::{Error, values};
use chrono::{DateTime, Utc};
use decile_core::{Clock, Currency, Price, Quote, Symbol};
use futures::{StreamExt, TryStreamExt, stream};
use ibapi::contracts::Contract;
use ibapi::contracts::tick_types::TickType;
use ibapi::market_data::MarketDataType;
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
    /// When it last traded.
    last_at: Option<DateTime<Utc>>,
    /// When the last of them came.
    came_at: Option<DateTime<Utc>>,
    /// Whether they are those of the last close, and not of now.
    is_frozen: bool,
    is_halted: bool,
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
        if prices.is_halted {
            log::warn!("{symbol} is halted, so it has no quote");
            return Ok(None);
        }
        let Some(time) = prices.time(self.config.clock.now(), self.farms.broken_since()) else {
            log::warn!("nobody knows how old the prices of {symbol} are, so it has no quote");
            return Ok(None);
        };
        let Prices { bid, ask, last, close, .. } = prices;
        let has_any = [bid, ask, last, close].iter().any(Option::is_some);
        Ok(has_any.then(|| Quote {
            symbol: symbol.clone(),
            bid,
            ask,
            last,
            previous_close: close,
            currency: Currency::USD,
            time,
        }))
    }

    async fn snapshot(&self, contract: &Contract) -> Result<Prices, Error> {
        let client = self.client();
        let asked = client.market_data(contract).snapshot().subscribe().await;
        let mut ticks = asked.map_err(Error::from_client)?;
        // Dropped with the ticks, the request is cancelled: a line of market data is not left open.
        let after = self.config.quote_timeout;
        let late = |_| Error::NoAnswer { request: "quote", after };
        let takes_delayed = self.config.market_data.is_delayed();
        let clock = &*self.config.clock;
        timeout(after, until_end(&mut ticks, takes_delayed, clock)).await.map_err(late)?
    }
}

async fn until_end(
    ticks: &mut Subscription<TickTypes>,
    takes_delayed: bool,
    clock: &dyn Clock,
) -> Result<Prices, Error> {
    let mut prices = Prices::default();
    while let Some(item) = ticks.next().await {
        match item.map_err(Error::from_client)? {
            SubscriptionItem::Data(TickTypes::SnapshotEnd) => return Ok(prices),
            SubscriptionItem::Data(TickTypes::Price(tick)) => {
                prices.take(tick.tick_type, tick.price, takes_delayed);
                prices.came_at = Some(clock.now());
            }
            SubscriptionItem::Data(TickTypes::PriceSize(tick)) => {
                prices.take(tick.price_tick_type, tick.price, takes_delayed);
                prices.came_at = Some(clock.now());
            }
            SubscriptionItem::Data(TickTypes::String(tick)) => {
                prices.take_text(&tick.tick_type, &tick.value);
            }
            SubscriptionItem::Data(TickTypes::Generic(tick)) => {
                prices.take_number(&tick.tick_type, tick.value);
            }
            SubscriptionItem::Data(TickTypes::MarketDataType(kind)) => {
                prices.is_frozen =
                    matches!(kind, MarketDataType::Frozen | MarketDataType::DelayedFrozen);
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
    /// A gateway without a subscription may give delayed prices where live ones were asked for. They are
    /// a quarter of an hour old and do not say so.
    fn take(&mut self, kind: TickType, price: f64, takes_delayed: bool) {
        let field = match kind {
            TickType::Bid => &mut self.bid,
            TickType::Ask => &mut self.ask,
            TickType::Last => &mut self.last,
            TickType::Close => &mut self.close,
            TickType::DelayedBid if takes_delayed => &mut self.bid,
            TickType::DelayedAsk if takes_delayed => &mut self.ask,
            TickType::DelayedLast if takes_delayed => &mut self.last,
            TickType::DelayedClose if takes_delayed => &mut self.close,
            _ => return,
        };
        // 0 and -1 say that there is none.
        *field = values::price(price).or(*field);
    }

    fn take_text(&mut self, kind: &TickType, text: &str) {
        if matches!(kind, TickType::LastTimestamp | TickType::DelayedLastTimestamp) {
            let at = text.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            self.last_at = at.or(self.last_at);
        }
    }

    fn take_number(&mut self, kind: &TickType, value: f64) {
        // 1 and 2 are halts; 0 and -1 say that there is none, or that nobody knows.
        if matches!(kind, TickType::Halted | TickType::DelayedHalted) {
            self.is_halted = value > 0.0;
        }
    }

    /// Returns when the prices were true, as far as anybody says: when the stock last traded, else when
    /// they came. A gateway stamps neither bid nor ask, and shows what it had last where a farm stands
    /// still. `None` if they are frozen and nobody says since when.
    fn time(&self, now: DateTime<Utc>, broken: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let came_at = self.came_at.filter(|_| !self.is_frozen);
        let told = self.last_at.or(came_at)?;
        Some(broken.into_iter().fold(told.min(now), DateTime::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn live_and_delayed_ticks_fill_the_same_fields() {
        let price = |text: &str| Some(text.parse().unwrap());
        for kinds in [[1, 2, 4, 9], [66, 67, 68, 75]] {
            let mut prices = Prices::default();
            for (kind, value) in kinds.into_iter().zip([315.0, 315.1, 315.05, 316.22]) {
                prices.take(kind.into(), value, true);
                prices.take(kind.into(), -1.0, true);
            }
            let Prices { bid, ask, last, close, .. } = prices;
            assert_eq!((bid, ask), (price("315"), price("315.1")));
            assert_eq!((last, close), (price("315.05"), price("316.22")));
        }
        let mut prices = Prices::default();
        prices.take(TickType::High, 400.0, true);
        prices.take(TickType::Bid, 0.0, true);
        assert!(prices.bid.is_none() && prices.last.is_none());
    }

    #[test]
    fn delayed_prices_do_not_pass_for_live_ones() {
        let mut prices = Prices::default();
        prices.take(TickType::DelayedBid, 315.0, false);
        prices.take(TickType::DelayedLast, 315.0, false);
        assert!(prices.bid.is_none() && prices.last.is_none());
    }

    #[test]
    fn prices_are_as_old_as_the_gateway_says_and_a_halt_is_seen() {
        let now = DateTime::from_timestamp(1_764_601_200, 0).unwrap();
        let ago = |seconds| now - TimeDelta::seconds(seconds);
        let mut prices = Prices::default();
        prices.take(TickType::Bid, 314.0, false);
        prices.take(TickType::Ask, 316.0, false);
        assert_eq!(prices.time(now, None), None);
        // Nothing but when they came is told of bid and ask.
        prices.came_at = Some(ago(2));
        assert_eq!(prices.time(now, None), Some(ago(2)));
        assert_eq!(prices.time(now, Some(ago(90))), Some(ago(90)));
        prices.take_text(&TickType::LastTimestamp, "1764597600");
        prices.take_text(&TickType::LastTimestamp, "soon");
        assert_eq!(prices.time(now, None), Some(ago(3600)));
        assert_eq!(prices.time(now, Some(ago(90))), Some(ago(3600)));
        // A clock behind the exchange's does not make prices of the future.
        assert_eq!(prices.time(ago(4000), None), Some(ago(4000)));
        // Frozen prices came now, and are not of now.
        prices.is_frozen = true;
        assert_eq!(prices.time(now, None), Some(ago(3600)));
        prices.last_at = None;
        assert_eq!(prices.time(now, None), None);
        for (value, is_halted) in [(1.0, true), (-1.0, false), (2.0, true), (0.0, false)] {
            prices.take_number(&TickType::Halted, value);
            assert_eq!(prices.is_halted, is_halted);
        }
    }
}
