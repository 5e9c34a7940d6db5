use crate::{OrderKind, Side};
use decile_core::{Decimal, Price, Quote};
use serde::{Deserialize, Serialize};

/// How far from the middle a limit may be: 50 basis points.
const REACH_MAX: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// And how many spreads.
const SPREADS: Decimal = Decimal::from_parts(3, 0, 0, false, 0);

/// What kind of orders a plan makes.
///
/// ```
/// use decile_trade::OrderStyle;
///
/// assert_eq!(OrderStyle::default(), OrderStyle::Market);
/// let style: OrderStyle = serde_json::from_str(r#""marketable_limit""#)?;
/// assert_eq!(style, OrderStyle::MarketableLimit);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderStyle {
    /// Market orders.
    #[default]
    Market,
    /// Limit orders that should fill at once: the limit is beyond the middle of bid and ask by 50
    /// basis points or three spreads, whichever is less, and without bid and ask by 50 basis points
    /// beyond the last trade. Where the spread is wide, that may be short of the other side.
    MarketableLimit,
    /// Market orders for the closing auction.
    MarketOnClose,
    /// Limit orders for the closing auction, with the limit of a marketable one.
    LimitOnClose,
    /// Market orders that the broker works with patience.
    Adaptive,
}

impl OrderStyle {
    /// Tells whether its orders have a price beyond which they do not fill.
    ///
    /// ```
    /// use decile_trade::OrderStyle;
    ///
    /// assert!(OrderStyle::LimitOnClose.has_limit());
    /// assert!(!OrderStyle::MarketOnClose.has_limit());
    /// ```
    #[must_use]
    pub fn has_limit(self) -> bool {
        match self {
            Self::MarketableLimit | Self::LimitOnClose => true,
            Self::Market | Self::MarketOnClose | Self::Adaptive => false,
        }
    }

    /// Returns the kind of an order; `None` if its limit leaves the range of prices.
    pub(crate) fn kind(self, side: Side, quote: &Quote, reference: Price) -> Option<OrderKind> {
        let limit = || limit(side, quote, reference);
        Some(match self {
            Self::Market => OrderKind::Market,
            Self::MarketableLimit => OrderKind::Limit { limit: limit()? },
            Self::MarketOnClose => OrderKind::MarketOnClose,
            Self::LimitOnClose => OrderKind::LimitOnClose { limit: limit()? },
            Self::Adaptive => OrderKind::Adaptive,
        })
    }
}

/// Rounded to a cent, below a dollar to a hundredth of one, and never beyond what the rule gives.
fn limit(side: Side, quote: &Quote, reference: Price) -> Option<Price> {
    let (middle, spread) = match (quote.mid(), quote.bid, quote.ask) {
        (Some(middle), Some(bid), Some(ask)) => (middle.get(), Some(ask.get() - bid.get())),
        _ => (reference.get(), None),
    };
    let reach = middle.checked_mul(REACH_MAX)?;
    let reach = match spread {
        Some(spread) => reach.min(spread.checked_mul(SPREADS)?),
        None => reach,
    };
    let digits = if middle < Decimal::ONE { 4 } else { 2 };
    let tick = Decimal::new(1, digits);
    let ticks = |price: Decimal| price.checked_div(tick);
    let price = match side {
        Side::Buy => ticks(middle.checked_add(reach)?)?.floor(),
        Side::Sell => ticks(middle.checked_sub(reach)?)?.ceil(),
    };
    Price::new(price.checked_mul(tick)?.normalize()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(side: Side, bid: Option<&str>, ask: Option<&str>, last: &str) -> String {
        let price = |text: &str| text.parse().unwrap();
        let quote = Quote {
            symbol: "KO".parse().unwrap(),
            bid: bid.map(price),
            ask: ask.map(price),
            last: Some(price(last)),
            previous_close: None,
            currency: decile_core::Currency::USD,
            time: chrono::DateTime::UNIX_EPOCH,
        };
        limit(side, &quote, price(last)).unwrap().to_string()
    }

    #[test]
    fn the_nearer_of_two_reaches_counts() {
        let narrow = (Some("50.00"), Some("50.02"));
        // 50.01 + 3 x 0.02, against 50.01 + 0.25.
        assert_eq!(limit_of(Side::Buy, narrow.0, narrow.1, "49"), "50.07");
        assert_eq!(limit_of(Side::Sell, narrow.0, narrow.1, "49"), "49.95");
        let wide = (Some("49.00"), Some("51.00"));
        // 50 + 0.25 is short of the ask.
        assert_eq!(limit_of(Side::Buy, wide.0, wide.1, "49"), "50.25");
        assert_eq!(limit_of(Side::Sell, wide.0, wide.1, "49"), "49.75");
    }

    #[test]
    fn without_a_spread_the_last_trade_counts() {
        // 50.13 x 1.005 = 50.38065, and x 0.995 = 49.87935.
        assert_eq!(limit_of(Side::Buy, None, Some("51"), "50.13"), "50.38");
        assert_eq!(limit_of(Side::Sell, Some("49"), None, "50.13"), "49.88");
        assert_eq!(limit_of(Side::Buy, Some("0.5012"), Some("0.5014"), "0.5"), "0.5019");
    }
}
