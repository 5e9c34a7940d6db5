//! From a reply to a frame.

mod contract;
mod order;

use super::OFFSET;
use super::messages::Contract;
use super::messages::replies::{
    AccountSummary, AccountUpdateMulti, AccountValue, CommissionReport, CompletedOrder,
    ContractData, CurrentTime, ErrorMessage, HistoricalBar, HistoricalData, HistoricalDataEnd,
    MarketDataType, NumberReply, OpenOrder, PortfolioValue, Position, TextReply, TickGeneric,
    TickPrice, TickReqParams, TickText,
};
use crate::engine::{BarView, Notice, PortfolioRow, Reply};
use crate::wire::frame::frame;
use crate::wire::number::{money, number};
use crate::wire::{CURRENCY, MIN_TICK};
use contract::{contract, details};
use order::{execution, order, order_state, order_status};
use prost::Message;

/// Writes the frame of a reply.
pub(crate) fn reply(reply: &Reply, account: &str, out: &mut Vec<u8>) {
    let mut put = |message: i32, body: &dyn Encode| {
        frame(out, |out| {
            out.extend_from_slice(&(message + OFFSET).to_be_bytes());
            body.write(out);
        });
    };
    let owned = || Some(account.to_owned());
    let end = |request: &i32| NumberReply { number: Some(*request) };
    match reply {
        Reply::TickPrice { request, tick, price, size } => put(
            1,
            &TickPrice {
                request: Some(*request),
                tick: Some(*tick),
                price: Some(number(price.get())),
                size: Some(size.to_string()),
                attributes: Some(0),
            },
        ),
        Reply::TickSize { request, tick, size } => {
            put(2, &tick_text(*request, *tick, size.to_string()));
        }
        Reply::OrderStatus(status) => put(3, &order_status(status)),
        Reply::Notice(Notice { id, code, text, .. }, time) => put(
            4,
            &ErrorMessage {
                id: Some(*id),
                time: Some(*time),
                code: Some(*code),
                text: Some(text.clone()),
            },
        ),
        Reply::OpenOrder(view) => put(
            5,
            &OpenOrder {
                order_id: Some(view.id),
                contract: Some(contract(&view.listing, view.terms.shown_exchange())),
                order: Some(order(view, account)),
                state: Some(order_state(view)),
            },
        ),
        Reply::AccountValue(row) => put(
            6,
            &AccountValue {
                key: Some(row.key.to_owned()),
                value: Some(row.value.clone()),
                currency: row.currency.map(str::to_owned),
                account: owned(),
            },
        ),
        Reply::PortfolioValue(row) => put(7, &portfolio_value(row, account)),
        Reply::AccountTime(time) => put(8, &TextReply { text: Some(time.clone()) }),
        Reply::NextValidId(id) => put(9, &end(id)),
        Reply::ContractDetails(request, view) => put(
            10,
            &ContractData {
                request: Some(*request),
                contract: Some(Contract {
                    primary_exchange: Some(view.listing.exchange.to_owned()),
                    ..contract(&view.listing, view.exchange)
                }),
                details: Some(details(view)),
            },
        ),
        Reply::Execution(request, view) => put(11, &execution(*request, view, account)),
        Reply::ManagedAccounts => put(15, &TextReply { text: owned() }),
        Reply::HistoricalBars { request, bars, .. } => put(
            17,
            &HistoricalData { request: Some(*request), bars: bars.iter().map(bar).collect() },
        ),
        Reply::TickGeneric { request, tick, value } => put(
            45,
            &TickGeneric { request: Some(*request), tick: Some(*tick), value: Some(*value) },
        ),
        Reply::TickString { request, tick, value } => {
            put(46, &tick_text(*request, *tick, value.clone()));
        }
        Reply::CurrentTime(time) => put(49, &CurrentTime { time: Some(*time) }),
        Reply::ContractDetailsEnd(request) => put(52, &end(request)),
        Reply::OpenOrdersEnd => put(53, &NumberReply::default()),
        Reply::AccountDownloadEnd => put(54, &TextReply { text: owned() }),
        Reply::ExecutionsEnd(request) => put(55, &end(request)),
        Reply::SnapshotEnd(request) => put(57, &end(request)),
        Reply::MarketDataType(request, kind) => {
            put(58, &MarketDataType { request: Some(*request), kind: Some(*kind) });
        }
        Reply::Commission { exec_id, amount, realized, .. } => put(
            59,
            &CommissionReport {
                exec_id: Some(exec_id.clone()),
                commission: Some(amount.map_or(f64::MAX, money)),
                currency: Some(CURRENCY.to_owned()),
                realized_pnl: realized.map(money),
            },
        ),
        Reply::Position { listing, quantity, average_cost } => put(
            61,
            &Position {
                account: owned(),
                contract: Some(contract(listing, listing.exchange)),
                quantity: Some(quantity.to_string()),
                average_cost: Some(money(*average_cost)),
            },
        ),
        Reply::PositionsEnd => put(62, &NumberReply::default()),
        Reply::AccountSummary(request, row) => put(
            63,
            &AccountSummary {
                request: Some(*request),
                account: row.group.as_deref().map(str::to_owned).or_else(owned),
                tag: Some(row.key.to_owned()),
                value: Some(row.value.clone()),
                currency: row.currency.map(str::to_owned),
            },
        ),
        Reply::AccountSummaryEnd(request) => put(64, &end(request)),
        Reply::AccountMulti(request, row) => put(
            73,
            &AccountUpdateMulti {
                request: Some(*request),
                account: owned(),
                key: Some(row.key.to_owned()),
                value: Some(row.value.clone()),
                currency: row.currency.map(str::to_owned),
            },
        ),
        Reply::AccountMultiEnd(request) => put(74, &end(request)),
        Reply::TickParameters(request, parameters) => put(
            81,
            &TickReqParams {
                request: Some(*request),
                min_tick: Some(MIN_TICK.to_owned()),
                bbo_exchange: Some(parameters.bbo_exchange.to_owned()),
                snapshot_permissions: Some(parameters.permissions),
                last_price_precision: Some(PRECISION.to_owned()),
                last_size_precision: Some(PRECISION.to_owned()),
            },
        ),
        Reply::CompletedOrder(view) => put(
            101,
            &CompletedOrder {
                contract: Some(contract(&view.listing, view.terms.shown_exchange())),
                order: Some(order(view, account)),
                state: Some(order_state(view)),
            },
        ),
        Reply::CompletedOrdersEnd => put(102, &NumberReply::default()),
        Reply::HistoricalBarsEnd { request, start, end } => put(
            108,
            &HistoricalDataEnd {
                request: Some(*request),
                start: Some(start.clone()),
                end: Some(end.clone()),
            },
        ),
        Reply::CurrentTimeMillis(time) => put(109, &CurrentTime { time: Some(*time) }),
    }
}

const PRECISION: &str = "0.000001";

/// A message that can stand behind a reference.
trait Encode {
    fn write(&self, out: &mut Vec<u8>);
}

impl<M: Message> Encode for M {
    fn write(&self, out: &mut Vec<u8>) {
        self.encode_raw(out);
    }
}

fn tick_text(request: i32, tick: i32, value: String) -> TickText {
    TickText { request: Some(request), tick: Some(tick), value: Some(value) }
}

fn portfolio_value(row: &PortfolioRow, account: &str) -> PortfolioValue {
    PortfolioValue {
        contract: Some(contract(&row.listing, row.listing.exchange)),
        quantity: Some(row.quantity.to_string()),
        price: Some(money(row.price)),
        value: Some(money(row.value)),
        average_cost: Some(money(row.average_cost)),
        unrealized_pnl: Some(money(row.unrealized)),
        realized_pnl: Some(money(row.realized)),
        account: Some(account.to_owned()),
    }
}

/// Writes a bar; a volume that is not known is left out.
fn bar(bar: &BarView) -> HistoricalBar {
    HistoricalBar {
        date: Some(bar.date.clone()),
        open: Some(bar.open),
        high: Some(bar.high),
        low: Some(bar.low),
        close: Some(bar.close),
        volume: bar.volume.map(|volume| volume.to_string()),
    }
}
