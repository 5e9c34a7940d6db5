use decile_core::{Decimal, Shares};

/// How the market behind a gateway trades. Unless something is set it is always open and deals
/// every order as a whole at the quote, so that a test needs nothing but an order.
///
/// ```
/// use decile_core::Shares;
/// use decile_gateway::{GatewayConfig, MarketRules, Venue};
///
/// let rules = MarketRules { hours: true, shares_per_quote: Some(Shares::new(100)), ..MarketRules::default() };
/// let config = GatewayConfig::new(Venue::large_us(1)).rules(rules);
/// # let _ = config;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketRules {
    /// Trades only from the opening to the closing bell of the New York Stock Exchange. Orders that
    /// come in between wait, with notice 399.
    pub hours: bool,
    /// Half the spread of the quotes that a venue begins with, as a fraction of the price; it is
    /// rounded outwards to the cent.
    pub half_spread: Decimal,
    /// How many shares can be dealt at one quote on each side; more has to wait for the next
    /// quote. Without one there is no end of them.
    pub shares_per_quote: Option<Shares>,
    /// How far beyond the quote a limit may reach, as a fraction of the last price; orders that
    /// reach further are cancelled, as recorded at 0.0294.
    pub price_band: Option<Decimal>,
    /// Takes orders to fill or kill, which recorded gateways reject for shares.
    pub fill_or_kill: bool,
    /// Settles a sale in the session after it: until then a cash account cannot spend what it
    /// brought in.
    pub next_day_settlement: bool,
}

impl Default for MarketRules {
    fn default() -> Self {
        Self {
            hours: false,
            half_spread: Decimal::new(2, 4),
            shares_per_quote: None,
            price_band: None,
            fill_or_kill: false,
            next_day_settlement: false,
        }
    }
}
