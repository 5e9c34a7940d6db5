//! From a reply to a frame.

mod contract;
mod order;
mod writer;

use crate::engine::{BarView, Notice, Reply};
use crate::wire::frame::frame;
use crate::wire::number::{money, price};
use crate::wire::{CURRENCY, MIN_TICK};
use contract::{contract, details};
use order::{completed_order, execution, open_order, order_status};
use writer::{UNSET, Writer};

/// Writes the frame of a reply at a server version.
pub(crate) fn reply(reply: &Reply, account: &str, version: i32, out: &mut Vec<u8>) {
    // The end of bars comes with them, and milliseconds are of later versions.
    if matches!(reply, Reply::HistoricalBarsEnd { .. } | Reply::CurrentTimeMillis(_)) {
        return;
    }
    frame(out, |out| body(reply, account, version, &mut Writer::new(out)));
}

fn body(reply: &Reply, account: &str, version: i32, to: &mut Writer<'_>) {
    match reply {
        Reply::TickPrice { request, tick, price: at, size } => {
            to.int(1).int(6).int(*request).int(*tick).double(price(Some(*at)));
            to.int(shown_size(*size, version)).int(0)
        }
        Reply::TickSize { request, tick, size } => {
            to.int(2).int(6).int(*request).int(*tick).int(shown_size(*size, version))
        }
        Reply::OrderStatus(status) => order_status(status, to),
        Reply::Notice(Notice { id, code, text, .. }, _) => {
            to.int(4).int(2).int(*id).int(*code).text(text);
            if version >= 166 { to.text("") } else { to }
        }
        Reply::OpenOrder(view) => open_order(view, account, version, to),
        Reply::AccountValue(row) => {
            to.int(6).int(2).text(row.key).text(&row.value);
            to.text(row.currency.unwrap_or_default()).text(account)
        }
        Reply::PortfolioValue(row) => {
            to.int(7).int(8);
            contract(&row.listing, row.listing.exchange, to);
            to.show(row.quantity).double(money(row.price)).double(money(row.value));
            to.double(money(row.average_cost)).double(money(row.unrealized));
            to.double(money(row.realized)).text(account)
        }
        Reply::AccountTime(time) => to.int(8).int(1).text(time),
        Reply::NextValidId(id) => to.int(9).int(1).int(*id),
        Reply::ContractDetails(request, view) => details(*request, view, version, to),
        Reply::Execution(request, view) => execution(*request, view, account, version, to),
        Reply::ManagedAccounts => to.int(15).int(1).text(account),
        Reply::HistoricalBars { request, bars, start, end } => {
            to.int(17).int(*request).text(start).text(end).show(bars.len());
            bars.iter().for_each(|row| bar(row, to));
            to
        }
        Reply::TickGeneric { request, tick, value } => {
            to.int(45).int(6).int(*request).int(*tick).double(*value)
        }
        Reply::TickString { request, tick, value } => {
            to.int(46).int(6).int(*request).int(*tick).text(value)
        }
        Reply::CurrentTime(time) => to.int(49).int(1).show(time),
        Reply::HistoricalBarsEnd { .. } | Reply::CurrentTimeMillis(_) => to,
        Reply::ContractDetailsEnd(request) => to.int(52).int(1).int(*request),
        Reply::OpenOrdersEnd => to.int(53).int(1),
        Reply::AccountDownloadEnd => to.int(54).int(1).text(account),
        Reply::ExecutionsEnd(request) => to.int(55).int(1).int(*request),
        Reply::SnapshotEnd(request) => to.int(57).int(1).int(*request),
        Reply::MarketDataType(request, kind) => to.int(58).int(1).int(*request).int(*kind),
        Reply::Commission { exec_id, amount, realized, .. } => {
            to.int(59).int(1).text(exec_id).double(amount.map_or(UNSET, money)).text(CURRENCY);
            to.double(realized.map_or(UNSET, money)).double(UNSET).text("")
        }
        Reply::Position { listing, quantity, average_cost } => {
            to.int(61).int(3).text(account);
            contract(listing, listing.exchange, to);
            to.show(quantity).double(money(*average_cost))
        }
        Reply::PositionsEnd => to.int(62).int(1),
        Reply::AccountSummary(request, row) => {
            let account = row.group.as_deref().unwrap_or(account);
            to.int(63).int(1).int(*request).text(account).text(row.key).text(&row.value);
            to.text(row.currency.unwrap_or_default())
        }
        Reply::AccountSummaryEnd(request) => to.int(64).int(1).int(*request),
        Reply::AccountMulti(request, row) => {
            // Between the account and the key stands the model, of which there is none.
            to.int(73).int(1).int(*request).text(account).text("").text(row.key).text(&row.value);
            to.text(row.currency.unwrap_or_default())
        }
        Reply::AccountMultiEnd(request) => to.int(74).int(1).int(*request),
        Reply::TickParameters(request, parameters) => {
            to.int(81).int(*request).text(MIN_TICK).text(parameters.bbo_exchange);
            to.int(parameters.permissions)
        }
        Reply::CompletedOrder(view) => completed_order(view, account, version, to),
        Reply::CompletedOrdersEnd => to.int(102),
    };
}

/// Sizes were told in lots of a hundred once.
fn shown_size(size: i64, version: i32) -> i64 {
    if version >= 159 { size } else { size / 100 }
}

/// Writes a bar. What is not known of a day is -1 here, as Interactive Brokers writes it: the
/// dialect has no way to leave it out.
fn bar(bar: &BarView, to: &mut Writer<'_>) {
    to.text(&bar.date).double(bar.open).double(bar.high).double(bar.low).double(bar.close);
    match bar.volume {
        Some(volume) => to.show(volume),
        None => to.int(-1),
    };
    to.int(-1).int(-1);
}
