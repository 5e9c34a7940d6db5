//! What clients send.

use super::Contract;

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct StartApiRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) client_id: Option<i32>,
}

/// One number, which is what many requests are.
#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct IdRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct FlagRequest {
    #[prost(bool, optional, tag = "1")]
    pub(in super::super) flag: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct MarketDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(bool, optional, tag = "4")]
    pub(in super::super) snapshot: Option<bool>,
    #[prost(bool, optional, tag = "5")]
    pub(in super::super) regulatory_snapshot: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ContractDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
}

/// The order is read twice: its own fields, and whether it has others.
#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct PlaceOrderRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(in super::super) order: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountDataRequest {
    #[prost(bool, optional, tag = "1")]
    pub(in super::super) subscribe: Option<bool>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) account: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ExecutionRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) filter: Option<ExecutionFilter>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct ExecutionFilter {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) client_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) symbol: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) sec_type: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in super::super) exchange: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(in super::super) side: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(in super::super) last_days: Option<i32>,
    #[prost(int32, repeated, tag = "9")]
    pub(in super::super) dates: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct HistoricalDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(in super::super) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) end: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in super::super) bar_size: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in super::super) duration: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(in super::super) what_to_show: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(in super::super) format_date: Option<i32>,
    #[prost(bool, optional, tag = "9")]
    pub(in super::super) keep_up_to_date: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountSummaryRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) group: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) tags: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in super::super) struct AccountUpdatesMultiRequest {
    #[prost(int32, optional, tag = "1")]
    pub(in super::super) request: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(in super::super) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in super::super) model: Option<String>,
    #[prost(bool, optional, tag = "4")]
    pub(in super::super) ledger_only: Option<bool>,
}
