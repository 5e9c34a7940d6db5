mod id;
mod name;

pub use id::{ClientOrderId, StrategyId};
pub use name::OrderName;

use decile_core::{Money, Price, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which way shares move.
///
/// ```
/// use decile_trade::Side;
///
/// assert_eq!(Side::Sell.to_string(), "sell");
/// assert_eq!(serde_json::to_string(&Side::Buy)?, "\"buy\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Cash becomes shares.
    Buy,
    /// Shares become cash.
    Sell,
}

impl Side {
    /// Returns a traded quantity with the sign that it has in a position.
    #[must_use]
    pub fn signed(self, quantity: Shares) -> Shares {
        match self {
            Self::Buy => quantity,
            Self::Sell => -quantity,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}

/// At what price an order may fill.
///
/// ```
/// use decile_trade::OrderKind;
///
/// assert_eq!(serde_json::to_string(&OrderKind::Market)?, "\"market\"");
/// let limit = OrderKind::Limit { limit: "61.30".parse()? };
/// assert_eq!(serde_json::to_string(&limit)?, r#"{"limit":{"limit":"61.3"}}"#);
/// assert_eq!(limit.limit(), Some("61.30".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderKind {
    /// At whatever the market gives.
    #[default]
    Market,
    /// At the limit or better.
    Limit {
        /// The most to pay, or the least to get.
        limit: Price,
    },
    /// At the price of the closing auction.
    MarketOnClose,
    /// At the price of the closing auction, if that is the limit or better.
    LimitOnClose {
        /// The most to pay, or the least to get.
        limit: Price,
    },
    /// At the market, in pieces and with patience: the broker's own algorithm (at Interactive
    /// Brokers, Adaptive with normal urgency).
    Adaptive,
}

impl OrderKind {
    /// Returns the price beyond which the order does not fill, if it has one.
    #[must_use]
    pub fn limit(self) -> Option<Price> {
        match self {
            Self::Limit { limit } | Self::LimitOnClose { limit } => Some(limit),
            Self::Market | Self::MarketOnClose | Self::Adaptive => None,
        }
    }
}

/// How long an order lives.
///
/// ```
/// assert_eq!(serde_json::to_string(&decile_trade::TimeInForce::Day)?, "\"day\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeInForce {
    /// Until its session closes. What is unfilled then never fills.
    #[default]
    Day,
}

/// An order that a plan wants. Nobody has allowed it yet, so no broker takes it.
///
/// ```
/// use decile_core::Shares;
/// use decile_trade::{OrderKind, PlannedOrder, Side, TimeInForce};
///
/// let order = PlannedOrder {
///     symbol: "KO".parse()?,
///     side: Side::Buy,
///     quantity: Shares::new(100),
///     kind: OrderKind::Market,
///     time_in_force: TimeInForce::Day,
///     reference: "61.21".parse()?,
///     notional: "6121".parse()?,
/// };
/// assert_eq!(order.to_string(), "buy 100 KO at about 61.21");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOrder {
    /// The stock.
    pub symbol: Symbol,
    /// Which way.
    pub side: Side,
    /// How many shares; above 0 in every plan.
    pub quantity: Shares,
    /// At what price it may fill.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// The price that it was sized with.
    pub reference: Price,
    /// Its value at that price.
    pub notional: Money,
}

impl fmt::Display for PlannedOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, side, quantity, reference, .. } = self;
        write!(f, "{side} {quantity} {symbol} at about {reference}")?;
        match self.kind {
            OrderKind::Market => Ok(()),
            OrderKind::Limit { limit } => write!(f, ", limit {limit}"),
            OrderKind::MarketOnClose => write!(f, ", on the close"),
            OrderKind::LimitOnClose { limit } => write!(f, ", on the close, limit {limit}"),
            OrderKind::Adaptive => write!(f, ", adaptively"),
        }
    }
}
