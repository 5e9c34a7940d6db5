use super::{Execution, OrderSnapshot};

/// Something that a broker tells unasked.
///
/// ```
/// use decile_trade::BrokerEvent;
///
/// fn must_ask_again(event: &BrokerEvent) -> bool {
///     !matches!(event, BrokerEvent::Order(_) | BrokerEvent::Execution(_))
/// }
/// assert!(must_ask_again(&BrokerEvent::Gap));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerEvent {
    /// The state of an order.
    Order(OrderSnapshot),
    /// Shares changed hands.
    Execution(Execution),
    /// Events were lost. Whoever needs to know asks.
    Gap,
    /// The connection is gone. Silence says nothing from here on.
    Disconnected,
    /// The connection is back. What happened in between is not told.
    Reconnected,
}
