//! What a message is about, for faults that happen to some of them.

use super::Reply;
use crate::faults::Message;

impl Reply {
    /// Returns the name that clients have for a message.
    pub(crate) fn message(&self) -> Message {
        match self {
            Self::Notice(..) => Message::Error,
            Self::ManagedAccounts => Message::ManagedAccounts,
            Self::NextValidId(_) => Message::NextValidId,
            Self::OpenOrder(_) => Message::OpenOrder,
            Self::OrderStatus(_) => Message::OrderStatus,
            Self::OpenOrdersEnd => Message::OpenOrderEnd,
            Self::CompletedOrder(_) => Message::CompletedOrder,
            Self::CompletedOrdersEnd => Message::CompletedOrdersEnd,
            Self::Execution(..) => Message::ExecDetails,
            Self::ExecutionsEnd(_) => Message::ExecDetailsEnd,
            Self::Commission { .. } => Message::CommissionReport,
            Self::Position { .. } => Message::Position,
            Self::PositionsEnd => Message::PositionEnd,
            Self::AccountSummary(..) => Message::AccountSummary,
            Self::AccountSummaryEnd(_) => Message::AccountSummaryEnd,
            Self::AccountValue(_) => Message::UpdateAccountValue,
            Self::PortfolioValue(_) => Message::UpdatePortfolio,
            Self::AccountTime(_) => Message::UpdateAccountTime,
            Self::AccountDownloadEnd => Message::AccountDownloadEnd,
            Self::AccountMulti(..) => Message::AccountUpdateMulti,
            Self::AccountMultiEnd(_) => Message::AccountUpdateMultiEnd,
            Self::ContractDetails(..) => Message::ContractDetails,
            Self::ContractDetailsEnd(_) => Message::ContractDetailsEnd,
            Self::MarketDataType(..) => Message::MarketDataType,
            Self::TickParameters(..) => Message::TickReqParams,
            Self::TickPrice { .. } => Message::TickPrice,
            Self::TickSize { .. } => Message::TickSize,
            Self::TickString { .. } => Message::TickString,
            Self::TickGeneric { .. } => Message::TickGeneric,
            Self::SnapshotEnd(_) => Message::TickSnapshotEnd,
            Self::HistoricalBars { .. } => Message::HistoricalData,
            Self::HistoricalBarsEnd { .. } => Message::HistoricalDataEnd,
            Self::CurrentTime(_) | Self::CurrentTimeMillis(_) => Message::CurrentTime,
        }
    }

    /// Returns the order that a message is about, if it is about one.
    pub(crate) fn order(&self) -> Option<i32> {
        match self {
            Self::OpenOrder(view) | Self::CompletedOrder(view) => Some(view.id),
            Self::OrderStatus(view) => Some(view.id),
            Self::Execution(_, view) => Some(view.order),
            Self::Commission { order, .. } => Some(*order),
            Self::Notice(notice, _) if notice.id > 0 => Some(notice.id),
            _ => None,
        }
    }

    /// Returns the code of an error, a warning or a word about the connection.
    pub(crate) fn code(&self) -> Option<i32> {
        match self {
            Self::Notice(notice, _) => Some(notice.code),
            _ => None,
        }
    }
}
