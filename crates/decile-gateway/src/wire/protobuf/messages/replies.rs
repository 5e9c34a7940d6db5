//! What the gateway sends.

use super::{Contract, Order};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ErrorMessage {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(in super::super) time: Option<i64>,
    #[prost(int32, optional, tag = "3")]
    pub(in super::super) code: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) text: Option<String>,
}

/// A request's id and nothing more, as end markers are, or the next order id.
#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct NumberReply {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) number: Option<i32>,
}

/// Accounts, the time of account updates, the end of them.
#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct TextReply {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) text: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct OpenOrder {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(in super::super) order: Option<Order>,
    #[prost(message, optional, tag = "4")]
    pub(in super::super) state: Option<OrderState>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct CompletedOrder {
    #[prost(message, optional, tag = "1")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) order: Option<Order>,
    #[prost(message, optional, tag = "3")]
    pub(in super::super) state: Option<OrderState>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct OrderState {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) status: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(in super::super) initial_before: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(in super::super) maintenance_before: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(in super::super) equity_before: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(in super::super) initial_change: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(in super::super) maintenance_change: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(in super::super) equity_change: Option<f64>,
    #[prost(double, optional, tag = "8")]
    pub(in super::super) initial_after: Option<f64>,
    #[prost(double, optional, tag = "9")]
    pub(in super::super) maintenance_after: Option<f64>,
    #[prost(double, optional, tag = "10")]
    pub(in super::super) equity_after: Option<f64>,
    #[prost(double, optional, tag = "11")]
    pub(in super::super) commission: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(in super::super) commission_currency: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(in super::super) margin_currency: Option<String>,
    #[prost(string, optional, tag = "29")]
    pub(in super::super) completed_time: Option<String>,
    #[prost(string, optional, tag = "30")]
    pub(in super::super) completed_status: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct OrderStatus {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) status: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) filled: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) remaining: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(in super::super) average_price: Option<f64>,
    #[prost(int64, optional, tag = "6")]
    pub(in super::super) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "7")]
    pub(in super::super) parent_id: Option<i32>,
    #[prost(double, optional, tag = "8")]
    pub(in super::super) last_price: Option<f64>,
    #[prost(int32, optional, tag = "9")]
    pub(in super::super) client_id: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub(in super::super) why_held: Option<String>,
    #[prost(double, optional, tag = "11")]
    pub(in super::super) market_cap_price: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ExecutionDetails {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(in super::super) execution: Option<Execution>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct Execution {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) exec_id: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) account: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) exchange: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in super::super) side: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(in super::super) shares: Option<String>,
    #[prost(double, optional, tag = "8")]
    pub(in super::super) price: Option<f64>,
    #[prost(int64, optional, tag = "9")]
    pub(in super::super) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "10")]
    pub(in super::super) client_id: Option<i32>,
    #[prost(bool, optional, tag = "11")]
    pub(in super::super) is_liquidation: Option<bool>,
    #[prost(string, optional, tag = "12")]
    pub(in super::super) cumulative_quantity: Option<String>,
    #[prost(double, optional, tag = "13")]
    pub(in super::super) average_price: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(in super::super) order_ref: Option<String>,
    #[prost(int32, optional, tag = "18")]
    pub(in super::super) last_liquidity: Option<i32>,
    #[prost(int32, optional, tag = "21")]
    pub(in super::super) exercise_or_lapse_type: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct CommissionReport {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) exec_id: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(in super::super) commission: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) currency: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(in super::super) realized_pnl: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct Position {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) account: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) quantity: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(in super::super) average_cost: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountSummary {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) tag: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) value: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) currency: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountValue {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) key: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) value: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) currency: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct PortfolioValue {
    #[prost(message, optional, tag = "1")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) quantity: Option<String>,
    #[prost(double, optional, tag = "3")]
    pub(in super::super) price: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(in super::super) value: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(in super::super) average_cost: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(in super::super) unrealized_pnl: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(in super::super) realized_pnl: Option<f64>,
    #[prost(string, optional, tag = "8")]
    pub(in super::super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountUpdateMulti {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) account: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) key: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) value: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in super::super) currency: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ContractData {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(in super::super) details: Option<ContractDetails>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ContractDetails {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) market_name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) order_types: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) valid_exchanges: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(in super::super) price_magnifier: Option<i32>,
    #[prost(string, optional, tag = "7")]
    pub(in super::super) long_name: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(in super::super) industry: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(in super::super) category: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub(in super::super) subcategory: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(in super::super) time_zone: Option<String>,
    #[prost(string, optional, tag = "13")]
    pub(in super::super) trading_hours: Option<String>,
    #[prost(string, optional, tag = "14")]
    pub(in super::super) liquid_hours: Option<String>,
    #[prost(btree_map = "string, string", tag = "17")]
    pub(in super::super) sec_ids: BTreeMap<String, String>,
    #[prost(int32, optional, tag = "18")]
    pub(in super::super) agg_group: Option<i32>,
    #[prost(string, optional, tag = "21")]
    pub(in super::super) market_rule_ids: Option<String>,
    #[prost(string, optional, tag = "23")]
    pub(in super::super) stock_type: Option<String>,
    #[prost(string, optional, tag = "24")]
    pub(in super::super) min_size: Option<String>,
    #[prost(string, optional, tag = "25")]
    pub(in super::super) size_increment: Option<String>,
    #[prost(string, optional, tag = "26")]
    pub(in super::super) suggested_size_increment: Option<String>,
    #[prost(string, optional, tag = "62")]
    pub(in super::super) min_algo_size: Option<String>,
    #[prost(string, optional, tag = "63")]
    pub(in super::super) last_price_precision: Option<String>,
    #[prost(string, optional, tag = "64")]
    pub(in super::super) last_size_precision: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct MarketDataType {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(in super::super) kind: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct TickReqParams {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) bbo_exchange: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub(in super::super) snapshot_permissions: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) last_price_precision: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in super::super) last_size_precision: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct TickPrice {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(in super::super) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(in super::super) price: Option<f64>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) size: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(in super::super) attributes: Option<i32>,
}

/// A size or a text.
#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct TickGeneric {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(in super::super) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(in super::super) value: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct TickText {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(in super::super) tick: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) value: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct HistoricalData {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(in super::super) bars: Vec<HistoricalBar>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct HistoricalBar {
    #[prost(string, optional, tag = "1")]
    pub(in super::super) date: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(in super::super) open: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(in super::super) high: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(in super::super) low: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(in super::super) close: Option<f64>,
    #[prost(string, optional, tag = "6")]
    pub(in super::super) volume: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct HistoricalDataEnd {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) start: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) end: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct CurrentTime {
    #[prost(int64, optional, tag = "1")]
    pub(in super::super) time: Option<i64>,
}
