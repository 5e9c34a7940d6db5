//! From the client library's messages to values of ours.
//!
//! `None` is a message about something that decile does not trade, or of another account: an order in
//! an option, or in a fraction of a share. An error is a message about a stock that cannot be read.

use crate::book::{Commission, Executed, Facts, Key, News, Open, Stage, Status};
use crate::{Error, instants, symbols, values};
use decile_core::{Money, Shares, Symbol};
use decile_trade::{AccountId, MarginEffect, Margins, Side};
use ibapi::contracts::{Contract, SecurityType};
use ibapi::orders::{
    Action, CommissionReport, ExecutionData, ExecutionSide, OrderData, OrderState, OrderStatus,
    OrderStatusKind,
};
use smol_str::SmolStr;

/// The currency of every stock that is traded, and of its commissions.
pub(crate) const CURRENCY: &str = "USD";

/// Returns the stock of a contract, if it is one in US dollars.
pub(crate) fn stock(contract: &Contract) -> Option<Symbol> {
    let is_stock = contract.security_type == SecurityType::Stock;
    let is_us = contract.currency.as_str() == CURRENCY;
    (is_stock && is_us).then(|| symbols::from_wire(contract.symbol.as_str())).flatten()
}

/// Reads an order, if it is one of the account.
///
/// By reference: an order is 2 kB, most of which is never looked at, and costs to move.
pub(crate) fn open(data: &OrderData, account: &AccountId) -> Option<Open> {
    let OrderData { contract, order, order_state, order_id, .. } = data;
    // What an order would cost is told as if it were open.
    if order.account != account.as_str() || order.what_if {
        return None;
    }
    let symbol = stock(contract)?;
    let side = match order.action {
        Action::Buy => Side::Buy,
        Action::Sell | Action::SellShort | Action::SellLong => Side::Sell,
    };
    let stage = stage(&order_state.status);
    let is_over = matches!(stage, Stage::Inactive | Stage::Cancelled);
    let reasons = [&order_state.reject_reason, &order_state.completed_status];
    let reason = reasons.into_iter().find(|text| is_over && !text.is_empty());
    Some(Open {
        key: Key {
            client_id: order.client_id,
            // Completed orders carry theirs inside only.
            order_id: if *order_id > 0 { *order_id } else { order.order_id },
            perm_id: order.perm_id,
        },
        facts: Facts {
            order_ref: order.order_ref.clone(),
            symbol,
            side,
            quantity: values::shares(order.total_quantity)?,
        },
        stage,
        filled: values::shares(order.filled_quantity).unwrap_or(Shares::ZERO),
        commission: match (stage, order_state.commission_currency.as_str()) {
            (Stage::Filled, CURRENCY) => order_state.commission.and_then(values::commission),
            _ => None,
        },
        reason: reason.cloned(),
    })
}

/// Reads what an order would do.
pub(crate) fn margins(state: &OrderState) -> Margins {
    let amount = |value: Option<f64>| value.and_then(values::money);
    let effect = |[before, change, after]: [Option<f64>; 3]| MarginEffect {
        before: amount(before),
        change: amount(change),
        after: amount(after),
    };
    let told = |text: &String| (!text.is_empty()).then(|| text.clone());
    let is_over = matches!(stage(&state.status), Stage::Inactive | Stage::Cancelled);
    let over =
        || is_over.then(|| told(&state.warning_text).unwrap_or_else(|| "inactive".to_owned()));
    Margins {
        initial: effect([
            state.initial_margin_before,
            state.initial_margin_change,
            state.initial_margin_after,
        ]),
        maintenance: effect([
            state.maintenance_margin_before,
            state.maintenance_margin_change,
            state.maintenance_margin_after,
        ]),
        equity: effect([
            state.equity_with_loan_before,
            state.equity_with_loan_change,
            state.equity_with_loan_after,
        ]),
        commission: state
            .commission
            .filter(|_| state.commission_currency == CURRENCY)
            .and_then(values::commission),
        warning: told(&state.warning_text),
        refusal: told(&state.reject_reason).or_else(over),
    }
}

fn stage(status: &OrderStatusKind) -> Stage {
    match status {
        OrderStatusKind::PreSubmitted
        | OrderStatusKind::Submitted
        | OrderStatusKind::PendingCancel => Stage::Working,
        OrderStatusKind::Filled => Stage::Filled,
        OrderStatusKind::Cancelled | OrderStatusKind::ApiCancelled => Stage::Cancelled,
        OrderStatusKind::Inactive => Stage::Inactive,
        OrderStatusKind::ApiPending
        | OrderStatusKind::PendingSubmit
        | OrderStatusKind::Unknown(_) => Stage::Pending,
    }
}

/// Reads a status.
pub(crate) fn status(status: &OrderStatus) -> Option<Status> {
    let filled = values::shares(status.filled)?;
    // An order that waits for shares to borrow is inactive and lives.
    let is_held = status.why_held.split(',').any(|why| why.trim() == "locate");
    let stage = match stage(&status.status) {
        Stage::Inactive if is_held => Stage::Working,
        stage => stage,
    };
    Some(Status {
        key: Key {
            client_id: status.client_id,
            order_id: status.order_id,
            perm_id: status.perm_id,
        },
        stage,
        filled,
        average: status.average_fill_price.and_then(values::price),
    })
}

/// Reads an execution, if it is one of the account.
pub(crate) fn execution(
    data: &ExecutionData,
    account: &AccountId,
) -> Result<Option<Executed>, Error> {
    let ExecutionData { contract, execution, .. } = data;
    let Some(symbol) = stock(contract).filter(|_| execution.account_number == account.as_str())
    else {
        return Ok(None);
    };
    let Some(quantity) = values::shares(execution.shares) else { return Ok(None) };
    let unreadable = |what, text: &dyn ToString| Error::Unreadable { what, text: text.to_string() };
    let price = values::price(execution.price)
        .ok_or_else(|| unreadable("the price of an execution", &execution.price))?;
    let time = instants::instant(&execution.time)
        .ok_or_else(|| unreadable("the time of an execution", &execution.time))?;
    Ok(Some(Executed {
        key: Key {
            client_id: execution.client_id,
            order_id: execution.order_id,
            perm_id: execution.perm_id,
        },
        execution_id: SmolStr::new(&execution.execution_id),
        order_ref: execution.order_reference.clone(),
        symbol,
        side: match execution.side {
            ExecutionSide::Bought => Side::Buy,
            ExecutionSide::Sold => Side::Sell,
        },
        quantity,
        price,
        time,
    }))
}

/// Reads a commission, if it is known and in the currency of the stock.
///
/// The client library reads one that is absent as 0, so a 0 may be either and is not known. That an
/// order cost nothing is told with its state, where the library keeps the two apart.
pub(crate) fn commission(report: &CommissionReport) -> Option<News> {
    if report.currency != CURRENCY {
        log::warn!("a commission in {:?} is left out: it is not in dollars", report.currency);
        return None;
    }
    let amount = values::commission(report.commission).filter(|amount| *amount != Money::ZERO)?;
    Some(News::Commission(Commission { execution_id: SmolStr::new(&report.execution_id), amount }))
}
