//! Contracts, in short and in full.

use super::PRECISION;
use crate::engine::{DetailsView, ZONE};
use crate::venue::Listing;
use crate::wire::details::{
    ORDER_TYPES, STOCK_TYPE, liquid_hours, market_rules, trading_hours, valid_exchanges,
};
use crate::wire::protobuf::messages::Contract;
use crate::wire::protobuf::messages::replies::ContractDetails;
use crate::wire::{CURRENCY, MIN_TICK};
use std::collections::BTreeMap;

pub(super) fn contract(listing: &Listing, exchange: &str) -> Contract {
    Contract {
        con_id: Some(listing.con_id),
        symbol: Some(listing.wire_symbol.to_string()),
        sec_type: Some("STK".to_owned()),
        strike: Some(0.0),
        exchange: Some(exchange.to_owned()),
        primary_exchange: None,
        currency: Some(CURRENCY.to_owned()),
        local_symbol: Some(listing.wire_symbol.to_string()),
        trading_class: Some(listing.trading_class.to_string()),
        sec_id_type: None,
        sec_id: None,
    }
}

pub(super) fn details(view: &DetailsView) -> ContractDetails {
    let listing = &view.listing;
    let text = |text: &str| Some(text.to_owned());
    let isin = listing.isin.map(|isin| ("ISIN".to_owned(), isin.to_owned()));
    ContractDetails {
        market_name: text(&listing.trading_class),
        min_tick: text(MIN_TICK),
        order_types: text(ORDER_TYPES),
        valid_exchanges: Some(valid_exchanges()),
        price_magnifier: Some(1),
        long_name: text(&listing.long_name),
        industry: listing.industry.clone(),
        category: listing.category.clone(),
        subcategory: listing.category.clone(),
        time_zone: text(ZONE),
        trading_hours: Some(trading_hours(view)),
        liquid_hours: Some(liquid_hours(view)),
        sec_ids: isin.into_iter().collect::<BTreeMap<_, _>>(),
        agg_group: Some(1),
        market_rule_ids: Some(market_rules()),
        stock_type: text(STOCK_TYPE),
        min_size: text("1"),
        size_increment: text("1"),
        suggested_size_increment: text("100"),
        min_algo_size: text("0"),
        last_price_precision: text(PRECISION),
        last_size_precision: text(PRECISION),
    }
}
