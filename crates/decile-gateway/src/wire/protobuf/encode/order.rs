//! Orders, how they stand, and what was dealt.

use super::contract::contract;

use crate::engine::{ExecutionView, Margins, OrderView, Priority, StatusView, local};
use crate::wire::CURRENCY;
use crate::wire::number::{money, number, price};
use crate::wire::protobuf::messages::Order;
use crate::wire::protobuf::messages::replies::{
    Execution, ExecutionDetails, OrderState, OrderStatus,
};
use crate::wire::stops::{aux_price, oca_type, trail_stop, trailing_percent};
use decile_core::Money;

/// The user who is logged in.
const SUBMITTER: &str = "decile";

pub(super) fn order_status(view: &StatusView) -> OrderStatus {
    OrderStatus {
        order_id: Some(view.id),
        status: Some(view.status.to_owned()),
        filled: Some(view.filled.to_string()),
        remaining: Some(view.remaining.to_string()),
        average_price: Some(view.average.map_or(0.0, number)),
        perm_id: Some(view.perm_id),
        parent_id: Some(view.parent),
        last_price: Some(price(view.last)),
        client_id: Some(view.client),
        why_held: (!view.why_held.is_empty()).then(|| view.why_held.to_owned()),
        market_cap_price: Some(0.0),
    }
}

/// Writes an order with the constants that recorded gateways send.
pub(super) fn order(view: &OrderView, account: &str) -> Order {
    let terms = &view.terms;
    let limit = terms.kind.limit();
    Order {
        client_id: Some(view.client),
        order_id: Some(view.id),
        perm_id: Some(view.perm_id),
        parent_id: Some(view.parent),
        action: Some(terms.side.action().to_owned()),
        total_quantity: Some(terms.quantity.to_string()),
        order_type: Some(terms.kind.name().to_owned()),
        limit_price: Some(price(limit)),
        aux_price: Some(aux_price(terms)),
        tif: Some(terms.tif.name().to_owned()),
        account: Some(account.to_owned()),
        clearing_intent: Some("IB".to_owned()),
        outside_rth: view.outside_rth.then_some(true),
        trailing_percent: trailing_percent(terms),
        trail_stop_price: trail_stop(view),
        good_till_date: terms.good_till.map(local),
        oca_group: terms.oca.as_ref().map(|oca| oca.group.to_string()),
        order_ref: terms.order_ref.as_deref().map(str::to_owned),
        oca_type: Some(oca_type(terms)),
        trigger_method: Some(0),
        volatility_type: Some(0),
        reference_price_type: Some(0),
        delta_neutral_order_type: Some("None".to_owned()),
        delta_neutral_short_sale_slot: Some(0),
        algo_strategy: terms.adaptive.map(|_| Priority::ALGORITHM.to_owned()),
        algo_params: terms.adaptive.into_iter().map(parameter).collect(),
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
        parent_perm_id: terms.parent,
        use_price_mgmt_algo: Some(0),
        min_compete_size: view.is_first.then_some(100),
        compete_against_best_offset: view.is_first.then_some(0.02),
        submitter: Some(SUBMITTER.to_owned()),
        seek_price_improvement: Some(0),
        what_if_type: view.what_if.map(|_| 1),
    }
}

fn parameter(priority: Priority) -> (String, String) {
    (Priority::PARAMETER.to_owned(), priority.name().to_owned())
}

pub(super) fn order_state(view: &OrderView) -> OrderState {
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

pub(super) fn execution(request: i32, view: &ExecutionView, account: &str) -> ExecutionDetails {
    let exchange = view.exchange();
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
        is_liquidation: view.is_liquidation.then_some(true),
        cumulative_quantity: Some(view.cumulative.to_string()),
        average_price: Some(number(view.average)),
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
