//! What clients ask for, in no dialect.

use std::collections::BTreeMap;
use std::fmt;

/// The number of a request that its replies carry.
pub(crate) type RequestId = i32;

/// The id in an answer that is about no order.
pub(crate) const NO_ORDER: i32 = -1;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    StartApi {
        client: i32,
    },
    PlaceOrder(Box<PlaceOrder>),
    CancelOrder {
        order: i32,
    },
    GlobalCancel,
    OpenOrders,
    AllOpenOrders,
    AutoOpenOrders {
        bind: bool,
    },
    CompletedOrders,
    Executions {
        request: RequestId,
        filter: ExecutionFilter,
    },
    Ids,
    ManagedAccounts,
    CurrentTime,
    CurrentTimeMillis,
    Positions,
    CancelPositions,
    AccountSummary {
        request: RequestId,
        group: String,
        tags: String,
    },
    CancelAccountSummary {
        request: RequestId,
    },
    AccountUpdates {
        subscribe: bool,
        account: String,
    },
    AccountUpdatesMulti {
        request: RequestId,
        account: String,
        model: String,
        ledger_only: bool,
    },
    CancelAccountUpdatesMulti {
        request: RequestId,
    },
    ContractDetails {
        request: RequestId,
        contract: ContractQuery,
    },
    MarketData {
        request: RequestId,
        contract: ContractQuery,
        snapshot: bool,
    },
    CancelMarketData {
        request: RequestId,
    },
    MarketDataType(i32),
    HistoricalBars(Box<HistoryQuery>),
    CancelHistoricalBars {
        request: RequestId,
    },
    /// Known, and of no consequence here.
    Ignored(&'static str),
    /// Not known, or not understood.
    Unknown {
        message: i32,
    },
    /// Known, and not readable.
    Unreadable {
        message: i32,
        /// The order that it places, or [`NO_ORDER`].
        order: i32,
        fault: String,
    },
}

/// A contract as far as a client describes it; what it leaves out is empty or 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ContractQuery {
    pub(crate) con_id: i32,
    pub(crate) symbol: String,
    pub(crate) sec_type: String,
    pub(crate) exchange: String,
    pub(crate) primary_exchange: String,
    pub(crate) currency: String,
    pub(crate) local_symbol: String,
    pub(crate) trading_class: String,
    /// What kind of id `sec_id` is, `ISIN`.
    pub(crate) sec_id_type: String,
    pub(crate) sec_id: String,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PlaceOrder {
    pub(crate) id: i32,
    pub(crate) contract: ContractQuery,
    pub(crate) action: String,
    pub(crate) quantity: String,
    pub(crate) order_type: String,
    pub(crate) limit: Option<f64>,
    /// The stop, or the distance of a trailing one.
    pub(crate) aux: Option<f64>,
    pub(crate) trail_percent: Option<f64>,
    pub(crate) trail_stop: Option<f64>,
    pub(crate) tif: String,
    pub(crate) good_till: String,
    pub(crate) account: String,
    pub(crate) order_ref: Option<String>,
    pub(crate) outside_rth: bool,
    pub(crate) what_if: bool,
    pub(crate) transmit: bool,
    /// The order of this client whose fill it waits for; 0 for none.
    pub(crate) parent: i32,
    pub(crate) oca_group: String,
    pub(crate) oca_type: i32,
    /// The algorithm that is to work it.
    pub(crate) algorithm: Option<Algorithm>,
    /// The name of an attribute that is set and would change what the order does, if this gateway
    /// does not have it.
    pub(crate) foreign_attribute: Option<String>,
}

/// An algorithm as an order names it, with its parameters by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Algorithm {
    pub(crate) name: String,
    pub(crate) parameters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExecutionFilter {
    /// 0 means any.
    pub(crate) client: i32,
    pub(crate) account: String,
    pub(crate) time: String,
    pub(crate) symbol: String,
    pub(crate) sec_type: String,
    pub(crate) exchange: String,
    pub(crate) side: String,
    pub(crate) last_days: Option<i32>,
    /// Dates as numbers, 20260825.
    pub(crate) dates: Vec<i32>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HistoryQuery {
    pub(crate) request: RequestId,
    pub(crate) contract: ContractQuery,
    pub(crate) end: String,
    pub(crate) bar_size: String,
    pub(crate) duration: String,
    pub(crate) what: String,
    /// Times as seconds since 1970, and not in words.
    pub(crate) in_epoch: bool,
    pub(crate) keep_up_to_date: bool,
}

impl fmt::Display for ContractQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.con_id != 0 {
            write!(f, "#{} ", self.con_id)?;
        }
        let Self { symbol, local_symbol, sec_type, exchange, currency, .. } = self;
        let symbol = if symbol.is_empty() { local_symbol } else { symbol };
        if !self.sec_id.is_empty() {
            write!(f, "{} {} ", self.sec_id_type, self.sec_id)?;
        }
        write!(f, "{symbol}/{sec_type}@{exchange} {currency}")
    }
}

/// What a filter asks for, each word after a space.
impl fmt::Display for ExecutionFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.client != 0 {
            write!(f, " of client {}", self.client)?;
        }
        let Self { account, symbol, sec_type, exchange, side, time, .. } = self;
        for word in [account, symbol, sec_type, exchange, side] {
            if !word.is_empty() {
                write!(f, " {word}")?;
            }
        }
        if !time.is_empty() {
            write!(f, " since {time}")?;
        }
        if let Some(days) = self.last_days {
            write!(f, " of {days} days")?;
        }
        self.dates.iter().try_for_each(|date| write!(f, " on {date}"))
    }
}

/// One line of a traffic log.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlaceOrder(order) => {
                let PlaceOrder { id, contract, action, quantity, order_type, tif, .. } = &**order;
                let what_if = if order.what_if { " what-if" } else { "" };
                write!(f, "placeOrder {id}{what_if} {action} {quantity} {order_type}")?;
                if let Some(limit) = order.limit {
                    write!(f, " {limit}")?;
                }
                write!(f, " {tif} {contract}")?;
                match &order.order_ref {
                    Some(order_ref) => write!(f, " ref {order_ref:?}"),
                    None => Ok(()),
                }
            }
            Self::ContractDetails { request, contract } => {
                write!(f, "contractDetails [{request}] {contract}")
            }
            Self::MarketData { request, contract, snapshot } => {
                let kind = if *snapshot { "snapshot" } else { "marketData" };
                write!(f, "{kind} [{request}] {contract}")
            }
            Self::HistoricalBars(query) => {
                let HistoryQuery { request, contract, end, bar_size, duration, what, .. } =
                    &**query;
                write!(
                    f,
                    "historicalBars [{request}] {contract} {duration} of {bar_size} {what} to {end:?}"
                )
            }
            Self::StartApi { client } => write!(f, "startApi as client {client}"),
            Self::CancelOrder { order } => write!(f, "cancelOrder {order}"),
            Self::GlobalCancel => f.write_str("globalCancel"),
            Self::OpenOrders => f.write_str("openOrders"),
            Self::AllOpenOrders => f.write_str("allOpenOrders"),
            Self::AutoOpenOrders { bind } => {
                write!(f, "autoOpenOrders {}", if *bind { "on" } else { "off" })
            }
            Self::CompletedOrders => f.write_str("completedOrders"),
            Self::Executions { request, filter } => write!(f, "executions [{request}]{filter}"),
            Self::Ids => f.write_str("ids"),
            Self::ManagedAccounts => f.write_str("managedAccounts"),
            Self::CurrentTime => f.write_str("currentTime"),
            Self::CurrentTimeMillis => f.write_str("currentTimeInMillis"),
            Self::Positions => f.write_str("positions"),
            Self::CancelPositions => f.write_str("cancelPositions"),
            Self::AccountSummary { request, group, tags } => {
                write!(f, "accountSummary [{request}] {group} {tags}")
            }
            Self::CancelAccountSummary { request } => {
                write!(f, "cancelAccountSummary [{request}]")
            }
            Self::AccountUpdates { subscribe, account } => {
                write!(f, "accountUpdates {} {account}", if *subscribe { "on" } else { "off" })
            }
            Self::AccountUpdatesMulti { request, account, model, ledger_only } => {
                let ledger = if *ledger_only { " ledger" } else { "" };
                write!(f, "accountUpdatesMulti [{request}] {account} {model}{ledger}")
            }
            Self::CancelAccountUpdatesMulti { request } => {
                write!(f, "cancelAccountUpdatesMulti [{request}]")
            }
            Self::CancelMarketData { request } => write!(f, "cancelMarketData [{request}]"),
            Self::MarketDataType(kind) => write!(f, "marketDataType {kind}"),
            Self::CancelHistoricalBars { request } => write!(f, "cancelHistoricalBars [{request}]"),
            Self::Unknown { message } => write!(f, "unknown message {message}"),
            Self::Unreadable { message, fault, .. } => {
                write!(f, "unreadable message {message}: {fault}")
            }
            Self::Ignored(name) => write!(f, "{name} (ignored)"),
        }
    }
}
