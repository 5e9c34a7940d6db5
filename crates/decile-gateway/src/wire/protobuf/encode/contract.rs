//! Contracts, in short and in full.

use super::{CURRENCY, MIN_TICK, PRECISION};
use crate::engine::{DetailsView, ZONE};
use crate::venue::Listing;
use crate::wire::protobuf::messages::Contract;
use crate::wire::protobuf::messages::replies::ContractDetails;
use chrono::NaiveDate;
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
    }
}

pub(super) fn details(view: &DetailsView) -> ContractDetails {
    let listing = &view.listing;
    let text = |text: &str| Some(text.to_owned());
    let isin = listing.isin.map(|isin| ("ISIN".to_owned(), isin.to_owned()));
    ContractDetails {
        market_name: text(&listing.trading_class),
        min_tick: text(MIN_TICK),
        order_types: text("DAY,GTC,LMT,MKT,WHATIF"),
        valid_exchanges: Some(format!("SMART,{}", listing.exchange)),
        price_magnifier: Some(1),
        long_name: text(&listing.long_name),
        industry: listing.industry.clone(),
        category: listing.category.clone(),
        subcategory: listing.category.clone(),
        time_zone: text(ZONE),
        trading_hours: Some(hours(&view.sessions, "0400", |close| {
            // The evening ends four hours after the close.
            if close == "1300" { "1700" } else { "2000" }
        })),
        liquid_hours: Some(hours(&view.sessions, "0930", |close| close)),
        sec_ids: isin.into_iter().collect::<BTreeMap<_, _>>(),
        agg_group: Some(1),
        market_rule_ids: text("4563,4563"),
        stock_type: text("COMMON"),
        min_size: text("1"),
        size_increment: text("1"),
        suggested_size_increment: text("100"),
        min_algo_size: text("0"),
        last_price_precision: text(PRECISION),
        last_size_precision: text(PRECISION),
    }
}

/// Writes hours as `20260824:0930-20260824:1600;...`.
fn hours(sessions: &[(NaiveDate, String)], from: &str, to: impl Fn(&str) -> &str) -> String {
    let spans = sessions.iter().map(|(date, close)| {
        let date = date.format("%Y%m%d");
        format!("{date}:{from}-{date}:{}", to(close))
    });
    spans.collect::<Vec<_>>().join(";")
}
