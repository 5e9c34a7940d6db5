//! What clients are told, in no dialect.

mod about;

use super::event::Fill;
use super::notice::Notice;
use super::request::RequestId;
use super::terms::{Side, Terms};
use crate::venue::Listing;
use chrono::NaiveDate;
use decile_core::{Decimal, Money, Price, Shares};
use std::fmt;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A notice and the milliseconds of its time.
    Notice(Notice, i64),
    ManagedAccounts,
    NextValidId(i32),
    OpenOrder(Box<OrderView>),
    OrderStatus(StatusView),
    OpenOrdersEnd,
    CompletedOrder(Box<OrderView>),
    CompletedOrdersEnd,
    /// -1 if nobody asked for it.
    Execution(RequestId, Box<ExecutionView>),
    ExecutionsEnd(RequestId),
    Commission {
        order: i32,
        exec_id: String,
        /// Nothing as long as it is not known.
        amount: Option<Money>,
        realized: Option<Money>,
    },
    Position {
        listing: Arc<Listing>,
        quantity: Shares,
        average_cost: Money,
    },
    PositionsEnd,
    AccountSummary(RequestId, AccountRow),
    AccountSummaryEnd(RequestId),
    AccountValue(AccountRow),
    PortfolioValue(PortfolioRow),
    AccountTime(String),
    AccountDownloadEnd,
    AccountMulti(RequestId, AccountRow),
    AccountMultiEnd(RequestId),
    ContractDetails(RequestId, Box<DetailsView>),
    ContractDetailsEnd(RequestId),
    MarketDataType(RequestId, i32),
    TickParameters(RequestId, TickParameters),
    TickPrice {
        request: RequestId,
        tick: i32,
        price: Price,
        size: i64,
    },
    TickSize {
        request: RequestId,
        tick: i32,
        size: i64,
    },
    TickString {
        request: RequestId,
        tick: i32,
        value: String,
    },
    TickGeneric {
        request: RequestId,
        tick: i32,
        value: f64,
    },
    SnapshotEnd(RequestId),
    HistoricalBars {
        request: RequestId,
        bars: Vec<BarView>,
        start: String,
        end: String,
    },
    HistoricalBarsEnd {
        request: RequestId,
        start: String,
        end: String,
    },
    CurrentTime(i64),
    CurrentTimeMillis(i64),
}

/// An order as an open or completed order shows it.
#[derive(Debug, Clone)]
pub(crate) struct OrderView {
    pub(crate) listing: Arc<Listing>,
    pub(crate) client: i32,
    pub(crate) id: i32,
    pub(crate) perm_id: i64,
    /// The order id of the one that it waits or waited for, 0 for none.
    pub(crate) parent: i32,
    pub(crate) terms: Terms,
    /// Where its stop stands now.
    pub(crate) stop: Option<Price>,
    pub(crate) status: &'static str,
    pub(crate) filled: Shares,
    pub(crate) outside_rth: bool,
    /// Recorded gateways send two attributes with the first message of an order only.
    pub(crate) is_first: bool,
    /// When a good-till-cancelled order will be cancelled.
    pub(crate) cancelled_at: Option<String>,
    pub(crate) commission: Option<Money>,
    pub(crate) completed: Option<(String, String)>,
    pub(crate) what_if: Option<Margins>,
}

/// What an order would do to a cash account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Margins {
    /// What is bound in stocks and open orders, before and after.
    pub(crate) initial: [Money; 2],
    pub(crate) maintenance: [Money; 2],
    pub(crate) equity: [Money; 2],
    pub(crate) commission: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusView {
    pub(crate) client: i32,
    pub(crate) id: i32,
    pub(crate) perm_id: i64,
    pub(crate) parent: i32,
    pub(crate) status: &'static str,
    pub(crate) filled: Shares,
    pub(crate) remaining: Shares,
    /// The average price of what is filled, and the last one.
    pub(crate) average: Option<Decimal>,
    pub(crate) last: Option<Price>,
    pub(crate) why_held: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct ExecutionView {
    pub(crate) listing: Arc<Listing>,
    pub(crate) client: i32,
    pub(crate) order: i32,
    pub(crate) side: Side,
    pub(crate) order_ref: Option<Arc<str>>,
    pub(crate) route: Option<Arc<str>>,
    pub(crate) time: String,
    /// The broker closed a holding of its own accord.
    pub(crate) is_liquidation: bool,
    /// The shares of the order that were filled up to this one, and their average price.
    pub(crate) cumulative: Shares,
    pub(crate) average: Decimal,
    pub(crate) fill: Fill,
}

impl ExecutionView {
    /// Returns where it happened: where the order was sent to, or on the stock's own exchange.
    pub(crate) fn exchange(&self) -> &str {
        self.route.as_deref().unwrap_or(self.listing.exchange)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountRow {
    /// The group of accounts that it is about, unless it is about the account.
    pub(crate) group: Option<Arc<str>>,
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) currency: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct PortfolioRow {
    pub(crate) listing: Arc<Listing>,
    pub(crate) quantity: Shares,
    pub(crate) price: Money,
    pub(crate) value: Money,
    pub(crate) average_cost: Money,
    pub(crate) unrealized: Money,
    pub(crate) realized: Money,
}

#[derive(Debug, Clone)]
pub(crate) struct DetailsView {
    pub(crate) listing: Arc<Listing>,
    /// The exchange of this row.
    pub(crate) exchange: &'static str,
    /// Sessions with their close, `1600` or earlier.
    pub(crate) sessions: Vec<(NaiveDate, String)>,
}

/// A bar. Of one whose close alone is known the close stands for all four prices, as of a day with a
/// single trade.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BarView {
    /// A date, a time or an epoch, as it was asked for.
    pub(crate) date: String,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) volume: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TickParameters {
    pub(crate) bbo_exchange: &'static str,
    /// 3 with a subscription to live data, 4 without.
    pub(crate) permissions: i32,
}

/// One line of a traffic log.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notice(Notice { id, code, text, .. }, _) => {
                write!(f, "error {id} {code} {text:?}")
            }
            Self::OpenOrder(order) => write!(f, "openOrder {order}"),
            Self::CompletedOrder(order) => write!(f, "completedOrder {order}"),
            Self::OrderStatus(status) => {
                let StatusView { id, status, filled, remaining, .. } = status;
                write!(f, "orderStatus {id} {status} filled {filled} remaining {remaining}")
            }
            Self::Execution(request, execution) => {
                let ExecutionView { listing, order, side, fill, .. } = &**execution;
                let Fill { exec_id, quantity, price, .. } = fill;
                let (done, symbol) = (side.done(), &listing.symbol);
                write!(
                    f,
                    "execDetails [{request}] {order} {done} {quantity} {symbol} at {price} {exec_id}"
                )
            }
            Self::Position { listing, quantity, average_cost } => {
                write!(f, "position {quantity} {} at {average_cost}", listing.symbol)
            }
            Self::AccountSummary(request, row) => write!(f, "accountSummary [{request}] {row}"),
            Self::AccountValue(row) => write!(f, "accountValue {row}"),
            Self::AccountMulti(request, row) => write!(f, "accountUpdateMulti [{request}] {row}"),
            Self::PortfolioValue(row) => {
                let PortfolioRow { listing, quantity, price, value, .. } = row;
                write!(f, "portfolioValue {quantity} {} at {price} = {value}", listing.symbol)
            }
            Self::ContractDetails(request, details) => {
                let Listing { symbol, con_id, .. } = &*details.listing;
                write!(f, "contractDetails [{request}] {symbol} #{con_id}")
            }
            Self::HistoricalBars { request, bars, .. } => {
                write!(f, "historicalBars [{request}] {} bars", bars.len())
            }
            Self::ManagedAccounts => f.write_str("managedAccounts"),
            Self::NextValidId(id) => write!(f, "nextValidId {id}"),
            Self::OpenOrdersEnd => f.write_str("openOrderEnd"),
            Self::CompletedOrdersEnd => f.write_str("completedOrdersEnd"),
            Self::ExecutionsEnd(request) => write!(f, "execDetailsEnd [{request}]"),
            Self::Commission { order, exec_id, amount, realized } => {
                write!(f, "commissionReport {exec_id} of order {order}")?;
                match amount {
                    Some(amount) => write!(f, " {amount}")?,
                    None => write!(f, " unknown")?,
                }
                match realized {
                    Some(realized) => write!(f, " realized {realized}"),
                    None => Ok(()),
                }
            }
            Self::PositionsEnd => f.write_str("positionEnd"),
            Self::AccountSummaryEnd(request) => write!(f, "accountSummaryEnd [{request}]"),
            Self::AccountTime(time) => write!(f, "accountTime {time}"),
            Self::AccountDownloadEnd => f.write_str("accountDownloadEnd"),
            Self::AccountMultiEnd(request) => write!(f, "accountUpdateMultiEnd [{request}]"),
            Self::ContractDetailsEnd(request) => write!(f, "contractDetailsEnd [{request}]"),
            Self::MarketDataType(request, kind) => write!(f, "marketDataType [{request}] {kind}"),
            Self::TickParameters(request, parameters) => {
                let TickParameters { bbo_exchange, permissions } = parameters;
                write!(f, "tickReqParams [{request}] {bbo_exchange} permissions {permissions}")
            }
            Self::TickPrice { request, tick, price, size } => {
                write!(f, "tickPrice [{request}] {tick} {price} size {size}")
            }
            Self::TickSize { request, tick, size } => {
                write!(f, "tickSize [{request}] {tick} {size}")
            }
            Self::TickString { request, tick, value } => {
                write!(f, "tickString [{request}] {tick} {value}")
            }
            Self::TickGeneric { request, tick, value } => {
                write!(f, "tickGeneric [{request}] {tick} {value}")
            }
            Self::SnapshotEnd(request) => write!(f, "tickSnapshotEnd [{request}]"),
            Self::HistoricalBarsEnd { request, start, end } => {
                write!(f, "historicalDataEnd [{request}] {start} to {end}")
            }
            Self::CurrentTime(time) => write!(f, "currentTime {time}"),
            Self::CurrentTimeMillis(time) => write!(f, "currentTimeInMillis {time}"),
        }
    }
}

impl fmt::Display for OrderView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, id, terms, status, .. } = self;
        write!(f, "{id} of client {client} {terms} {status}")
    }
}

impl fmt::Display for AccountRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.key, self.value, self.currency.unwrap_or_default())
    }
}
