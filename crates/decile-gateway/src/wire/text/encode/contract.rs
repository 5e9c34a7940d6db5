//! Contracts, in short and in full.

use super::writer::Writer;
use crate::engine::{DetailsView, ZONE};
use crate::venue::Listing;
use crate::wire::details::{
    ORDER_TYPES, STOCK_TYPE, liquid_hours, market_rules, trading_hours, valid_exchanges,
};
use crate::wire::{CURRENCY, MIN_TICK};

/// Writes a contract as most messages have it, eleven fields with one exchange among them.
pub(super) fn contract(listing: &Listing, exchange: &str, to: &mut Writer<'_>) {
    to.int(listing.con_id).text(&listing.wire_symbol);
    // Expiry, strike, right and multiplier.
    to.constants("STK||0.0||").text(exchange).text(CURRENCY);
    to.text(&listing.wire_symbol).text(&listing.trading_class);
}

pub(super) fn details<'a, 'b>(
    request: i32,
    view: &DetailsView,
    version: i32,
    to: &'a mut Writer<'b>,
) -> &'a mut Writer<'b> {
    let listing = &view.listing;
    to.int(10);
    if version < 164 {
        to.int(8);
    }
    to.int(request).text(&listing.wire_symbol).constants("STK||0|").text(view.exchange);
    to.text(CURRENCY).text(&listing.wire_symbol).text(&listing.trading_class);
    to.text(&listing.trading_class).int(listing.con_id).text(MIN_TICK);
    if version < 164 {
        to.int(1); // a multiplier of sizes, which is no more
    }
    to.text("").text(ORDER_TYPES).text(&valid_exchanges());
    // The magnifier of prices and the contract below a derivative.
    to.constants("1|0").text(&listing.long_name).text(listing.exchange).text("");
    let [industry, category] =
        [&listing.industry, &listing.category].map(|text| text.as_deref().unwrap_or_default());
    to.text(industry).text(category).text(category).text(ZONE);
    to.text(&trading_hours(view)).text(&liquid_hours(view));
    // The rule and the multiplier of an economic value.
    to.constants("|0");
    match listing.isin {
        Some(isin) => to.constants("1|ISIN").text(isin),
        None => to.int(0),
    };
    // The group that ticks are aggregated in, what is below a derivative, the market's rules and
    // a derivative's last day.
    to.constants("1||").text(&market_rules()).text("").text(STOCK_TYPE);
    match version {
        ..163 => to,
        163 => to.int(1),
        _ => to.constants("1|1|100"),
    }
}
