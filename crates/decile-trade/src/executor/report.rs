use crate::{ClientOrderId, OrderSnapshot, OrderState, PlannedOrder, Side};
use decile_core::{Money, Price, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of an order.
///
/// ```
/// assert_eq!(decile_trade::OrderStatus::NotSent.to_string(), "not_sent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderStatus {
    /// All of it has filled.
    Filled,
    /// Some of it has filled. The rest is cancelled, still open, or was not sent for want of cash: the
    /// reason says so.
    Partial,
    /// Nothing of it has filled yet, and the broker shows that it has it: it waits for its auction or its
    /// price. A later run, or [`resolve`](crate::Executor::resolve), tells how it ended.
    Working,
    /// Nothing of it has filled or will: refused or cancelled.
    Rejected,
    /// It never left, nor needs to be looked up: its reason says why.
    NotSent,
    /// Nobody knows, or not yet.
    Unknown,
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Filled => "filled",
            Self::Partial => "partial",
            Self::Working => "working",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        })
    }
}

/// What became of one order, with what is known of its fills.
///
/// ```
/// use decile_trade::{OrderReport, OrderStatus};
///
/// let text = r#"{"id": "q:DU1:20251201:KO:B:1", "symbol": "KO", "side": "buy", "quantity": 100,
///     "status": "unknown", "filled": 0, "average_price": null, "commission": null,
///     "reason": "no answer within 10 s"}"#;
/// let report: OrderReport = serde_json::from_str(text)?;
/// assert_eq!(report.status, OrderStatus::Unknown);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReport {
    /// The order. If it was withheld, the attempt that stands in its way.
    pub id: ClientOrderId,
    /// The stock.
    pub symbol: Symbol,
    /// Which way.
    pub side: Side,
    /// How many shares were planned.
    pub quantity: Shares,
    /// What became of it.
    pub status: OrderStatus,
    /// How many shares are known to have filled.
    pub filled: Shares,
    /// Their average price; `None` if nothing has filled, or it is not known.
    pub average_price: Option<Price>,
    /// Commission; `None` if it is not known.
    pub commission: Option<Money>,
    /// Why it is not simply filled.
    pub reason: Option<String>,
    /// Whether it may still fill, as far as the broker shows it.
    #[serde(default)]
    pub is_open: bool,
    /// The price that it was approved with; `None` in journals of earlier versions.
    #[serde(default)]
    pub reference: Option<Price>,
    /// What the stock traded at when it was sent: the middle of bid and ask, else the last trade.
    /// `None` if it was not sent, or if the executor has [no quotes](crate::Executor::with_quotes).
    #[serde(default)]
    pub arrival: Option<Price>,
}

impl OrderReport {
    /// Reports an order of which nothing is known but why.
    pub(super) fn blank(
        id: &ClientOrderId,
        order: &PlannedOrder,
        status: OrderStatus,
        reason: Option<String>,
    ) -> Self {
        Self {
            id: id.clone(),
            symbol: order.symbol.clone(),
            side: order.side,
            quantity: order.quantity,
            status,
            filled: Shares::ZERO,
            average_price: None,
            // What never left costs nothing; of the unknown nobody can say.
            commission: (status == OrderStatus::NotSent).then_some(Money::ZERO),
            reason,
            is_open: false,
            reference: Some(order.reference),
            arrival: None,
        }
    }

    /// Reports an order that the broker knows.
    ///
    /// One that is open is working if the broker shows it now and it `may_wait`, and else unknown.
    pub(super) fn of(
        id: &ClientOrderId,
        order: &PlannedOrder,
        snapshot: OrderSnapshot,
        may_wait: bool,
    ) -> Self {
        let is_final = snapshot.state.is_final();
        let is_filled = snapshot.filled >= order.quantity;
        let status = match (is_filled, snapshot.filled > Shares::ZERO, is_final) {
            (true, ..) => OrderStatus::Filled,
            (_, true, _) => OrderStatus::Partial,
            (_, _, true) => OrderStatus::Rejected,
            _ if may_wait => OrderStatus::Working,
            _ => OrderStatus::Unknown,
        };
        let told = match snapshot.state {
            OrderState::Filled => (!is_filled).then_some("fewer shares were ordered"),
            OrderState::Cancelled => Some("cancelled"),
            OrderState::Rejected => Some("refused"),
            _ => Some("still open at the broker"),
        };
        Self {
            id: id.clone(),
            symbol: snapshot.symbol,
            side: snapshot.side,
            quantity: order.quantity,
            status,
            filled: snapshot.filled,
            average_price: snapshot.average_price,
            commission: snapshot.commission,
            reason: snapshot.reason.or_else(|| told.map(str::to_owned)),
            is_open: !is_final,
            reference: Some(order.reference),
            arrival: None,
        }
    }
}
