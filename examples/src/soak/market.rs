//! Four hundred stocks at prices that stand still, and an account that can pay for them.

pub(super) use crate::crash::market::{ACCOUNT, clock, now, session};

use decile::core::{Currency, Decimal, Money, Price, Quote, Symbol};
use decile::gateway::{Gateway, GatewayConfig, Venue};
use decile::ib::{IbBroker, IbConfig};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

const STOCKS: u32 = 400;

pub(super) fn cash() -> Result<Money, Box<dyn Error>> {
    Ok("1000000000".parse()?)
}

/// The stocks with their prices, from 5 to 283.
pub(super) fn prices() -> Result<Vec<(Symbol, Price)>, Box<dyn Error>> {
    let stock = |number: u32| -> Result<(Symbol, Price), Box<dyn Error>> {
        let cents = 500 + 6_967 * i64::from(number) % 27_799;
        Ok((format!("S{number}").parse()?, Price::new(Decimal::new(cents, 2))?))
    };
    (0..STOCKS).map(stock).collect()
}

pub(super) fn quotes() -> Result<BTreeMap<Symbol, Quote>, Box<dyn Error>> {
    let time = now()?;
    let quote = |(symbol, price): (Symbol, Price)| {
        let quote = Quote::centred(symbol.clone(), price, Decimal::ZERO, Currency::USD, time);
        (symbol, quote)
    };
    Ok(prices()?.into_iter().map(quote).collect())
}

pub(super) fn gateway() -> Result<GatewayConfig, Box<dyn Error>> {
    let config = GatewayConfig::new(Venue::prices(prices()?));
    Ok(config.account(ACCOUNT).cash(cash()?).clock(clock()?))
}

pub(super) async fn connect(
    gateway: &Gateway,
    client_id: i32,
) -> Result<Arc<IbBroker>, Box<dyn Error>> {
    let short = Duration::from_millis(500);
    let config = IbConfig::paper(ACCOUNT.parse()?)?
        .port(gateway.port())
        .client_id(client_id)
        .clock(clock()?)
        // Nothing keeps an answer away but a machine that is busy: the executor waits less.
        .request_timeout(10 * short)
        .acknowledge_timeout(short)
        .event_capacity(10_000)
        .messages_per_second(None);
    let broker = IbBroker::connect(config).await?;
    let symbols: Vec<_> = prices()?.into_iter().map(|(symbol, _)| symbol).collect();
    broker.resolve(&symbols).await?;
    Ok(Arc::new(broker))
}
