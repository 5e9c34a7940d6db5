//! The messages, with the fields that are read or written here.
//!
//! A field that is not there is not the same as one that is 0 or empty, in both directions.

pub(super) mod replies;
pub(super) mod requests;

use std::collections::BTreeMap;

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
    #[prost(string, optional, tag = "13")]
    pub(super) sec_id_type: Option<String>,
    #[prost(string, optional, tag = "14")]
    pub(super) sec_id: Option<String>,
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
    #[prost(double, optional, tag = "22")]
    pub(super) trailing_percent: Option<f64>,
    #[prost(double, optional, tag = "23")]
    pub(super) trail_stop_price: Option<f64>,
    #[prost(string, optional, tag = "26")]
    pub(super) good_till_date: Option<String>,
    #[prost(string, optional, tag = "27")]
    pub(super) oca_group: Option<String>,
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
    #[prost(string, optional, tag = "61")]
    pub(super) algo_strategy: Option<String>,
    #[prost(btree_map = "string, string", tag = "62")]
    pub(super) algo_params: BTreeMap<String, String>,
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
    #[prost(int64, optional, tag = "121")]
    pub(super) parent_perm_id: Option<i64>,
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
