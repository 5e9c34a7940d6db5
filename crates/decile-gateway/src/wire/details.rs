//! What both dialects say of a contract.

use crate::engine::DetailsView;
use crate::venue::EXCHANGES;

/// The order types and attributes that work here.
pub(super) const ORDER_TYPES: &str =
    "DAY,GTC,IOC,LMT,LOC,LOO,MKT,MOC,MOO,OCA,OPG,STP,STPLMT,TRAIL,WHATIF";

/// A market rule for each exchange.
pub(super) fn market_rules() -> String {
    vec!["4563"; 1 + EXCHANGES.len()].join(",")
}

pub(super) const STOCK_TYPE: &str = "COMMON";

pub(super) fn valid_exchanges() -> String {
    format!("SMART,{}", EXCHANGES.join(","))
}

pub(super) fn trading_hours(view: &DetailsView) -> String {
    hours(view, "0400", |close| {
        // The evening ends four hours after the close.
        if close == "1300" { "1700" } else { "2000" }
    })
}

pub(super) fn liquid_hours(view: &DetailsView) -> String {
    hours(view, "0930", |close| close)
}

/// Writes hours as `20260824:0930-20260824:1600;...`.
fn hours(view: &DetailsView, from: &str, to: impl Fn(&str) -> &str) -> String {
    let spans = view.sessions.iter().map(|(date, close)| {
        let date = date.format("%Y%m%d");
        format!("{date}:{from}-{date}:{}", to(close))
    });
    spans.collect::<Vec<_>>().join(";")
}
