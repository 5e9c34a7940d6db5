//! From a reply to a frame.

use super::OFFSET;
use super::messages::{
    AccountSummary, AccountUpdateMulti, AccountValue, CommissionReport, CompletedOrder, Contract,
    ContractData, ContractDetails, CurrentTime, ErrorMessage, Execution, ExecutionDetails,
    HistoricalBar, HistoricalData, HistoricalDataEnd, MarketDataType, NumberReply, OpenOrder,
    Order, OrderState, OrderStatus, PortfolioValue, Position, TextReply, TickPrice, TickReqParams,
    TickText,
};
use crate::engine::{
    DetailsView, ExecutionView, Kind, Margins, Notice, OrderView, PortfolioRow, Reply, StatusView,
};
use crate::venue::Listing;
use crate::wire::frame::frame;
use chrono::NaiveDate;
use decile_core::{Bar, Decimal, Money, Price};
use prost::Message;
use std::collections::BTreeMap;

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
                contract: Some(contract(&view.listing, "SMART")),
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
                    ..contract(&view.listing, "SMART")
                }),
                details: Some(details(view)),
            },
        ),
        Reply::Execution(request, view) => put(11, &execution(*request, view, account)),
        Reply::ManagedAccounts => put(15, &TextReply { text: owned() }),
        Reply::HistoricalBars(request, bars) => put(
            17,
            &HistoricalData { request: Some(*request), bars: bars.iter().map(bar).collect() },
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
        Reply::Commission { exec_id, amount, realized } => put(
            59,
            &CommissionReport {
                exec_id: Some(exec_id.clone()),
                commission: Some(money(*amount)),
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
                account: owned(),
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
                contract: Some(contract(&view.listing, "SMART")),
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

/// The base currency of the account and of everything that is traded.
const CURRENCY: &str = "USD";
const MIN_TICK: &str = "0.01";
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

fn number(value: Decimal) -> f64 {
    // A decimal of 28 digits is far within the range of a double.
    f64::try_from(value).unwrap_or_default()
}

fn money(amount: Money) -> f64 {
    number(amount.get())
}

fn price(price: Option<Price>) -> f64 {
    price.map_or(0.0, |price| number(price.get()))
}

fn tick_text(request: i32, tick: i32, value: String) -> TickText {
    TickText { request: Some(request), tick: Some(tick), value: Some(value) }
}

fn contract(listing: &Listing, exchange: &str) -> Contract {
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

fn order_status(view: &StatusView) -> OrderStatus {
    OrderStatus {
        order_id: Some(view.id),
        status: Some(view.status.to_owned()),
        filled: Some(view.filled.to_string()),
        remaining: Some(view.remaining.to_string()),
        average_price: Some(price(view.price)),
        perm_id: Some(view.perm_id),
        parent_id: Some(0),
        last_price: Some(price(view.price)),
        client_id: Some(view.client),
        market_cap_price: Some(0.0),
    }
}

/// Writes an order with the constants that recorded gateways send.
fn order(view: &OrderView, account: &str) -> Order {
    let terms = &view.terms;
    let limit = terms.kind.limit();
    Order {
        client_id: Some(view.client),
        order_id: Some(view.id),
        perm_id: Some(view.perm_id),
        parent_id: Some(0),
        action: Some(terms.side.action().to_owned()),
        total_quantity: Some(terms.quantity.to_string()),
        order_type: Some(terms.kind.name().to_owned()),
        limit_price: Some(price(limit)),
        aux_price: Some(0.0),
        tif: Some(terms.tif.name().to_owned()),
        account: Some(account.to_owned()),
        clearing_intent: Some("IB".to_owned()),
        outside_rth: None,
        // A limit order shows its limit plus 1 here, a sale as well as a purchase.
        trail_stop_price: match terms.kind {
            Kind::Limit(limit) => Some(number(limit.get() + Decimal::ONE)),
            Kind::Market => None,
        },
        order_ref: terms.order_ref.as_deref().map(str::to_owned),
        oca_type: Some(3),
        trigger_method: Some(0),
        volatility_type: Some(0),
        reference_price_type: Some(0),
        delta_neutral_order_type: Some("None".to_owned()),
        delta_neutral_short_sale_slot: Some(0),
        what_if: view.what_if.map(|_| true),
        transmit: None,
        origin: Some(0),
        short_sale_slot: Some(0),
        exempt_code: Some(-1),
        adjusted_order_type: Some("None".to_owned()),
        adjustable_trailing_unit: Some(0),
        dont_use_auto_price_for_hedge: Some(true),
        auto_cancel_date: view.cancelled_at.clone(),
        filled_quantity: Some(view.filled.to_string()),
        shareholder: Some("Not an insider or substantial shareholder".to_owned()),
        route_marketable_to_bbo: Some(0),
        use_price_mgmt_algo: Some(0),
        min_compete_size: view.is_first.then_some(100),
        compete_against_best_offset: view.is_first.then_some(0.02),
        submitter: Some(SUBMITTER.to_owned()),
        seek_price_improvement: Some(0),
        what_if_type: view.what_if.map(|_| 1),
    }
}

/// The user who is logged in.
const SUBMITTER: &str = "decile";

fn order_state(view: &OrderView) -> OrderState {
    let (time, how) = view.completed.clone().unzip();
    let state = OrderState {
        status: Some(view.status.to_owned()),
        commission: view.commission.map(money),
        commission_currency: view.commission.map(|_| CURRENCY.to_owned()),
        completed_time: time,
        completed_status: how,
        ..OrderState::default()
    };
    match view.what_if {
        None => state,
        Some(margins) => what_if(margins, state),
    }
}

fn what_if(margins: Margins, state: OrderState) -> OrderState {
    let Margins { initial, maintenance, equity, commission } = margins;
    let change = |[before, after]: [Money; 2]| Some(money(after - before));
    let [before, after] = [0, 1].map(|side| move |pair: [Money; 2]| Some(money(pair[side])));
    OrderState {
        initial_before: before(initial),
        maintenance_before: before(maintenance),
        equity_before: before(equity),
        initial_change: change(initial),
        maintenance_change: change(maintenance),
        equity_change: change(equity),
        initial_after: after(initial),
        maintenance_after: after(maintenance),
        equity_after: after(equity),
        commission: Some(money(commission)),
        commission_currency: Some(CURRENCY.to_owned()),
        margin_currency: Some(CURRENCY.to_owned()),
        ..state
    }
}

fn execution(request: i32, view: &ExecutionView, account: &str) -> ExecutionDetails {
    let exchange = view.listing.exchange;
    let fill = &view.fill;
    let execution = Execution {
        order_id: Some(view.order),
        exec_id: Some(fill.exec_id.clone()),
        time: Some(view.time.clone()),
        account: Some(account.to_owned()),
        exchange: Some(exchange.to_owned()),
        side: Some(view.side.done().to_owned()),
        shares: Some(fill.quantity.to_string()),
        price: Some(number(fill.price.get())),
        perm_id: Some(fill.perm_id),
        client_id: Some(view.client),
        cumulative_quantity: Some(fill.quantity.to_string()),
        average_price: Some(number(fill.price.get())),
        order_ref: view.order_ref.as_deref().map(str::to_owned),
        last_liquidity: Some(2),
        exercise_or_lapse_type: Some(-1),
    };
    ExecutionDetails {
        request: Some(request),
        contract: Some(contract(&view.listing, exchange)),
        execution: Some(execution),
    }
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

fn details(view: &DetailsView) -> ContractDetails {
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
        time_zone: text(crate::engine::ZONE),
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

/// Writes a bar. Of one whose close alone is known the close stands for all four prices, as of a
/// day with a single trade; a volume that is not known is left out.
fn bar(bar: &Bar) -> HistoricalBar {
    HistoricalBar {
        date: Some(bar.date.format("%Y%m%d").to_string()),
        open: Some(bar.open.unwrap_or(bar.close)),
        high: Some(bar.high.unwrap_or(bar.close)),
        low: Some(bar.low.unwrap_or(bar.close)),
        close: Some(bar.close),
        volume: bar.volume.map(|volume| volume.to_string()),
    }
}
