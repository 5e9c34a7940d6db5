use crate::{ClientOrderId, OrderName, PlannedOrder, Side};
use chrono::{DateTime, Utc};
use decile_core::{Money, Price, Shares, Symbol};
use serde::{Deserialize, Serialize};

/// How far an order has come at its broker.
///
/// ```
/// use decile_trade::OrderState;
///
/// assert!(OrderState::Cancelled.is_final());
/// assert!(!OrderState::PartiallyFilled.is_final());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The broker has it.
    Submitted,
    /// It is at the exchange.
    Working,
    /// Some of it has filled, and the rest may.
    PartiallyFilled,
    /// All of it has filled.
    Filled,
    /// It ended before all of it had filled; some may have.
    Cancelled,
    /// The broker or the exchange refused it.
    Rejected,
}

impl OrderState {
    /// Tells whether nothing more can happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Rejected)
    }
}

/// What a broker says about an order.
///
/// ```
/// use decile_trade::{OrderSnapshot, OrderState};
///
/// let text = r#"{"id": "q:DU1:20251201:KO:B:1", "symbol": "KO", "side": "buy", "quantity": 100,
///     "state": "partially_filled", "filled": 40, "average_price": "61.22",
///     "commission": null, "reason": null}"#;
/// let snapshot: OrderSnapshot = serde_json::from_str(text)?;
/// assert_eq!(snapshot.state, OrderState::PartiallyFilled);
/// assert_eq!(snapshot.commission, None); // not known yet
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSnapshot {
    /// The order, ours or not.
    pub id: OrderName,
    /// The stock.
    pub symbol: Symbol,
    /// Which way.
    pub side: Side,
    /// How many shares it asks for.
    pub quantity: Shares,
    /// How far it has come.
    pub state: OrderState,
    /// How many shares have filled.
    pub filled: Shares,
    /// Their average price; `None` if nothing has filled, or it is not known.
    pub average_price: Option<Price>,
    /// Commission so far; `None` if it is not known yet.
    pub commission: Option<Money>,
    /// What the broker says to it, as on a rejection.
    pub reason: Option<String>,
}

impl OrderSnapshot {
    /// Returns the snapshot of an order of which nothing has filled.
    #[must_use]
    pub fn unfilled(id: &ClientOrderId, order: &PlannedOrder, state: OrderState) -> Self {
        Self {
            id: id.clone().into(),
            symbol: order.symbol.clone(),
            side: order.side,
            quantity: order.quantity,
            state,
            filled: Shares::ZERO,
            average_price: None,
            commission: None,
            reason: None,
        }
    }

    /// Takes over what another snapshot of the same order knows, in whatever order the two come:
    /// what has filled never shrinks, and what is final stays so.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.filled < self.filled {
            return;
        }
        let has_grown = other.filled > self.filled;
        self.state = match (self.state.is_final(), other.state.is_final(), has_grown) {
            (true, false, _) | (true, true, false) => self.state,
            (false, _, false) => self.state.max(other.state),
            (_, _, true) => other.state,
        };
        // An average or a commission of fewer shares is no answer for more of them.
        if has_grown {
            (self.average_price, self.commission) = (None, None);
        }
        self.filled = other.filled;
        self.average_price = other.average_price.or(self.average_price);
        self.commission = other.commission.or(self.commission);
        self.reason = other.reason.or_else(|| self.reason.take());
    }
}

/// Shares that changed hands.
///
/// ```
/// use decile_trade::Execution;
///
/// let text = r#"{"execution_id": "0000e0d5.01", "id": "q:DU1:20251201:KO:B:1", "symbol": "KO",
///     "side": "buy", "quantity": 40, "price": "61.22", "commission": "1.00",
///     "time": "2025-12-01T15:00:00Z"}"#;
/// let execution: Execution = serde_json::from_str(text)?;
/// assert_eq!(execution.price.notional(execution.quantity)?.to_string(), "2448.80");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The broker's name of the execution, unique in the account.
    pub execution_id: String,
    /// The order, ours or not.
    pub id: OrderName,
    /// The stock.
    pub symbol: Symbol,
    /// Which way.
    pub side: Side,
    /// How many shares.
    pub quantity: Shares,
    /// At what price.
    pub price: Price,
    /// Its commission; `None` if it is not known yet.
    pub commission: Option<Money>,
    /// When.
    pub time: DateTime<Utc>,
}

/// A broker's word that it has an order.
///
/// ```
/// use decile_trade::OrderAck;
///
/// let ack = OrderAck { id: "q:DU1:20251201:KO:B:1".parse()?, broker_order_id: Some("7".into()) };
/// assert_eq!(ack.id.symbol().as_str(), "KO");
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAck {
    /// The order.
    pub id: ClientOrderId,
    /// The broker's own number, if it gives one; for people, never to identify the order.
    pub broker_order_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(state: OrderState, filled: i64) -> OrderSnapshot {
        OrderSnapshot {
            id: OrderName::from("q:DU1:20251201:KO:B:1".to_owned()),
            symbol: "KO".parse().unwrap(),
            side: Side::Buy,
            quantity: Shares::new(100),
            state,
            filled: Shares::new(filled),
            average_price: None,
            commission: None,
            reason: None,
        }
    }

    fn merged(first: (OrderState, i64), second: (OrderState, i64)) -> (OrderState, i64) {
        let mut known = snapshot(first.0, first.1);
        known.merge(snapshot(second.0, second.1));
        (known.state, known.filled.get())
    }

    #[test]
    fn late_and_repeated_states_change_nothing() {
        use OrderState::{Cancelled, Filled, PartiallyFilled, Rejected, Submitted, Working};
        let partial = (PartiallyFilled, 40);
        assert_eq!(merged(partial, (Submitted, 0)), partial);
        assert_eq!(merged(partial, (PartiallyFilled, 20)), partial);
        assert_eq!(merged(partial, (PartiallyFilled, 60)), (PartiallyFilled, 60));
        assert_eq!(merged(partial, (Cancelled, 40)), (Cancelled, 40));
        assert_eq!(merged((Working, 0), (Submitted, 0)), (Working, 0));
        assert_eq!(merged((Filled, 100), (Working, 0)), (Filled, 100));
        assert_eq!(merged((Filled, 100), (Filled, 100)), (Filled, 100));
        assert_eq!(merged((Rejected, 0), (Working, 0)), (Rejected, 0));
        assert_eq!(merged((Cancelled, 0), (Rejected, 0)), (Cancelled, 0));
        // A cancel that crossed a fill: the fill is the later truth.
        assert_eq!(merged((Cancelled, 40), (Filled, 100)), (Filled, 100));
    }

    #[test]
    fn what_was_known_is_not_forgotten() {
        let mut known = OrderSnapshot {
            average_price: Some("61.22".parse().unwrap()),
            commission: Some("1".parse().unwrap()),
            ..snapshot(OrderState::PartiallyFilled, 40)
        };
        known.merge(snapshot(OrderState::Cancelled, 40));
        assert_eq!(known.state, OrderState::Cancelled);
        assert_eq!(known.average_price, Some("61.22".parse().unwrap()));
        assert_eq!(known.commission, Some("1".parse().unwrap()));
    }
}
