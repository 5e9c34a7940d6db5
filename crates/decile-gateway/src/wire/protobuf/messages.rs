//! The messages, with the fields that are read or written here.
//!
//! A field that is not there is not the same as one that is 0 or empty, in both directions.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StartApiRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) client_id: Option<i32>,
}

/// One number, which is what many requests are.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct IdRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FlagRequest {
    #[prost(bool, optional, tag = "1")]
    pub(super) flag: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MarketDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(bool, optional, tag = "4")]
    pub(super) snapshot: Option<bool>,
    #[prost(bool, optional, tag = "5")]
    pub(super) regulatory_snapshot: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContractDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
}

/// The order is read twice: its own fields, and whether it has others.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PlaceOrderRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(super) order: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountDataRequest {
    #[prost(bool, optional, tag = "1")]
    pub(super) subscribe: Option<bool>,
    #[prost(string, optional, tag = "2")]
    pub(super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExecutionRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) filter: Option<ExecutionFilter>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExecutionFilter {
    #[prost(int32, optional, tag = "1")]
    pub(super) client_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) symbol: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) sec_type: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) exchange: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) side: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(super) last_days: Option<i32>,
    #[prost(int32, repeated, tag = "9")]
    pub(super) dates: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HistoricalDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(super) end: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) bar_size: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) duration: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) what_to_show: Option<String>,
    #[prost(bool, optional, tag = "9")]
    pub(super) keep_up_to_date: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountSummaryRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) group: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) tags: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountUpdatesMultiRequest {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) model: Option<String>,
    #[prost(bool, optional, tag = "4")]
    pub(super) ledger_only: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Contract {
    #[prost(int32, optional, tag = "1")]
    pub(super) con_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) symbol: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) sec_type: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(super) strike: Option<f64>,
    #[prost(string, optional, tag = "8")]
    pub(super) exchange: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(super) primary_exchange: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(super) currency: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub(super) local_symbol: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(super) trading_class: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Order {
    #[prost(int32, optional, tag = "1")]
    pub(super) client_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(super) order_id: Option<i32>,
    #[prost(int64, optional, tag = "3")]
    pub(super) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "4")]
    pub(super) parent_id: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub(super) action: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) total_quantity: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(super) order_type: Option<String>,
    #[prost(double, optional, tag = "9")]
    pub(super) limit_price: Option<f64>,
    #[prost(double, optional, tag = "10")]
    pub(super) aux_price: Option<f64>,
    #[prost(string, optional, tag = "11")]
    pub(super) tif: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(super) clearing_intent: Option<String>,
    #[prost(bool, optional, tag = "19")]
    pub(super) outside_rth: Option<bool>,
    #[prost(double, optional, tag = "23")]
    pub(super) trail_stop_price: Option<f64>,
    #[prost(string, optional, tag = "28")]
    pub(super) order_ref: Option<String>,
    #[prost(int32, optional, tag = "30")]
    pub(super) oca_type: Option<i32>,
    #[prost(int32, optional, tag = "31")]
    pub(super) trigger_method: Option<i32>,
    #[prost(int32, optional, tag = "38")]
    pub(super) volatility_type: Option<i32>,
    #[prost(int32, optional, tag = "40")]
    pub(super) reference_price_type: Option<i32>,
    #[prost(string, optional, tag = "41")]
    pub(super) delta_neutral_order_type: Option<String>,
    #[prost(int32, optional, tag = "46")]
    pub(super) delta_neutral_short_sale_slot: Option<i32>,
    #[prost(bool, optional, tag = "65")]
    pub(super) what_if: Option<bool>,
    #[prost(bool, optional, tag = "66")]
    pub(super) transmit: Option<bool>,
    #[prost(int32, optional, tag = "69")]
    pub(super) origin: Option<i32>,
    #[prost(int32, optional, tag = "70")]
    pub(super) short_sale_slot: Option<i32>,
    #[prost(int32, optional, tag = "72")]
    pub(super) exempt_code: Option<i32>,
    #[prost(string, optional, tag = "93")]
    pub(super) adjusted_order_type: Option<String>,
    #[prost(int32, optional, tag = "98")]
    pub(super) adjustable_trailing_unit: Option<i32>,
    #[prost(bool, optional, tag = "111")]
    pub(super) dont_use_auto_price_for_hedge: Option<bool>,
    #[prost(string, optional, tag = "114")]
    pub(super) auto_cancel_date: Option<String>,
    #[prost(string, optional, tag = "115")]
    pub(super) filled_quantity: Option<String>,
    #[prost(string, optional, tag = "118")]
    pub(super) shareholder: Option<String>,
    #[prost(int32, optional, tag = "120")]
    pub(super) route_marketable_to_bbo: Option<i32>,
    #[prost(int32, optional, tag = "122")]
    pub(super) use_price_mgmt_algo: Option<i32>,
    #[prost(int32, optional, tag = "128")]
    pub(super) min_compete_size: Option<i32>,
    #[prost(double, optional, tag = "129")]
    pub(super) compete_against_best_offset: Option<f64>,
    #[prost(string, optional, tag = "137")]
    pub(super) submitter: Option<String>,
    #[prost(int32, optional, tag = "142")]
    pub(super) seek_price_improvement: Option<i32>,
    #[prost(int32, optional, tag = "143")]
    pub(super) what_if_type: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ErrorMessage {
    #[prost(int32, optional, tag = "1")]
    pub(super) id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(super) time: Option<i64>,
    #[prost(int32, optional, tag = "3")]
    pub(super) code: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) text: Option<String>,
}

/// A request's id and nothing more, as end markers are, or the next order id.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NumberReply {
    #[prost(int32, optional, tag = "1")]
    pub(super) number: Option<i32>,
}

/// Accounts, the time of account updates, the end of them.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TextReply {
    #[prost(string, optional, tag = "1")]
    pub(super) text: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OpenOrder {
    #[prost(int32, optional, tag = "1")]
    pub(super) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(super) order: Option<Order>,
    #[prost(message, optional, tag = "4")]
    pub(super) state: Option<OrderState>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CompletedOrder {
    #[prost(message, optional, tag = "1")]
    pub(super) contract: Option<Contract>,
    #[prost(message, optional, tag = "2")]
    pub(super) order: Option<Order>,
    #[prost(message, optional, tag = "3")]
    pub(super) state: Option<OrderState>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OrderState {
    #[prost(string, optional, tag = "1")]
    pub(super) status: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(super) initial_before: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(super) maintenance_before: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(super) equity_before: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(super) initial_change: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(super) maintenance_change: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(super) equity_change: Option<f64>,
    #[prost(double, optional, tag = "8")]
    pub(super) initial_after: Option<f64>,
    #[prost(double, optional, tag = "9")]
    pub(super) maintenance_after: Option<f64>,
    #[prost(double, optional, tag = "10")]
    pub(super) equity_after: Option<f64>,
    #[prost(double, optional, tag = "11")]
    pub(super) commission: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(super) commission_currency: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(super) margin_currency: Option<String>,
    #[prost(string, optional, tag = "29")]
    pub(super) completed_time: Option<String>,
    #[prost(string, optional, tag = "30")]
    pub(super) completed_status: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OrderStatus {
    #[prost(int32, optional, tag = "1")]
    pub(super) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) status: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) filled: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) remaining: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(super) average_price: Option<f64>,
    #[prost(int64, optional, tag = "6")]
    pub(super) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "7")]
    pub(super) parent_id: Option<i32>,
    #[prost(double, optional, tag = "8")]
    pub(super) last_price: Option<f64>,
    #[prost(int32, optional, tag = "9")]
    pub(super) client_id: Option<i32>,
    #[prost(double, optional, tag = "11")]
    pub(super) market_cap_price: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExecutionDetails {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(super) execution: Option<Execution>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Execution {
    #[prost(int32, optional, tag = "1")]
    pub(super) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) exec_id: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) exchange: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) side: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) shares: Option<String>,
    #[prost(double, optional, tag = "8")]
    pub(super) price: Option<f64>,
    #[prost(int64, optional, tag = "9")]
    pub(super) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "10")]
    pub(super) client_id: Option<i32>,
    #[prost(string, optional, tag = "12")]
    pub(super) cumulative_quantity: Option<String>,
    #[prost(double, optional, tag = "13")]
    pub(super) average_price: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(super) order_ref: Option<String>,
    #[prost(int32, optional, tag = "18")]
    pub(super) last_liquidity: Option<i32>,
    #[prost(int32, optional, tag = "21")]
    pub(super) exercise_or_lapse_type: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CommissionReport {
    #[prost(string, optional, tag = "1")]
    pub(super) exec_id: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(super) commission: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub(super) currency: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(super) realized_pnl: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Position {
    #[prost(string, optional, tag = "1")]
    pub(super) account: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(super) quantity: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(super) average_cost: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountSummary {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) tag: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) value: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) currency: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountValue {
    #[prost(string, optional, tag = "1")]
    pub(super) key: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) value: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) currency: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PortfolioValue {
    #[prost(message, optional, tag = "1")]
    pub(super) contract: Option<Contract>,
    #[prost(string, optional, tag = "2")]
    pub(super) quantity: Option<String>,
    #[prost(double, optional, tag = "3")]
    pub(super) price: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(super) value: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(super) average_cost: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(super) unrealized_pnl: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(super) realized_pnl: Option<f64>,
    #[prost(string, optional, tag = "8")]
    pub(super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AccountUpdateMulti {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) account: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) key: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) value: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) currency: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContractData {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(super) details: Option<ContractDetails>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContractDetails {
    #[prost(string, optional, tag = "1")]
    pub(super) market_name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) order_types: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) valid_exchanges: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(super) price_magnifier: Option<i32>,
    #[prost(string, optional, tag = "7")]
    pub(super) long_name: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(super) industry: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(super) category: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub(super) subcategory: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(super) time_zone: Option<String>,
    #[prost(string, optional, tag = "13")]
    pub(super) trading_hours: Option<String>,
    #[prost(string, optional, tag = "14")]
    pub(super) liquid_hours: Option<String>,
    #[prost(btree_map = "string, string", tag = "17")]
    pub(super) sec_ids: BTreeMap<String, String>,
    #[prost(int32, optional, tag = "18")]
    pub(super) agg_group: Option<i32>,
    #[prost(string, optional, tag = "21")]
    pub(super) market_rule_ids: Option<String>,
    #[prost(string, optional, tag = "23")]
    pub(super) stock_type: Option<String>,
    #[prost(string, optional, tag = "24")]
    pub(super) min_size: Option<String>,
    #[prost(string, optional, tag = "25")]
    pub(super) size_increment: Option<String>,
    #[prost(string, optional, tag = "26")]
    pub(super) suggested_size_increment: Option<String>,
    #[prost(string, optional, tag = "62")]
    pub(super) min_algo_size: Option<String>,
    #[prost(string, optional, tag = "63")]
    pub(super) last_price_precision: Option<String>,
    #[prost(string, optional, tag = "64")]
    pub(super) last_size_precision: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MarketDataType {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(super) kind: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TickReqParams {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) bbo_exchange: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub(super) snapshot_permissions: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub(super) last_price_precision: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) last_size_precision: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TickPrice {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(super) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(super) price: Option<f64>,
    #[prost(string, optional, tag = "4")]
    pub(super) size: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(super) attributes: Option<i32>,
}

/// A size or a text.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TickText {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(super) tick: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(super) value: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HistoricalData {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(super) bars: Vec<HistoricalBar>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HistoricalBar {
    #[prost(string, optional, tag = "1")]
    pub(super) date: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(super) open: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(super) high: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(super) low: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(super) close: Option<f64>,
    #[prost(string, optional, tag = "6")]
    pub(super) volume: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HistoricalDataEnd {
    #[prost(int32, optional, tag = "1")]
    pub(super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) start: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) end: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CurrentTime {
    #[prost(int64, optional, tag = "1")]
    pub(super) time: Option<i64>,
}
