//! Orders, how they stand, and what was dealt.

use super::contract::contract;
use super::writer::{UNSET, Writer};
use crate::engine::{ExecutionView, Margins, OrderView, Priority, StatusView, local};
use crate::wire::CURRENCY;
use crate::wire::number::{money, number, price};
use crate::wire::stops::{aux_price, oca_type, trail_stop, trailing_percent};
use decile_core::Money;

pub(super) fn order_status<'a, 'b>(
    view: &StatusView,
    to: &'a mut Writer<'b>,
) -> &'a mut Writer<'b> {
    to.int(3).int(view.id).text(view.status).show(view.filled).show(view.remaining);
    to.short_double(view.average.map_or(0.0, number)).int(view.perm_id).int(view.parent);
    to.short_double(price(view.last)).int(view.client).text(view.why_held).int(0)
}

/// Writes an open order with the constants that recorded gateways send.
pub(super) fn open_order<'a, 'b>(
    view: &OrderView,
    account: &str,
    version: i32,
    to: &'a mut Writer<'b>,
) -> &'a mut Writer<'b> {
    to.int(5).int(view.id);
    terms(view, account, to);
    to.int(view.client).int(view.perm_id);
    // Outside regular hours, hidden, discretion and a time to begin. Then where the shares of an
    // allocation once stood.
    to.int(view.outside_rth).constants("0|0|");
    to.show(format_args!("{}.0/{account}/{}", view.perm_id, view.terms.quantity));
    allocation(view, version, to);
    // From the short sale slot to how a group cancels each other, and on to the trigger method.
    to.constants("0||-1|0||||||2147483647|0|0|0|").int(oca_type(&view.terms));
    to.constants("0|0|").int(view.parent).int(0);
    // Volatility, with a hedge that is "None", and reference prices.
    to.constants("|0|None||0||||?|0|0||0|0");
    trail(view, to);
    // From points of a basis over legs and scales to hedges and clearing.
    to.constants("|||0|0|0|2147483647|2147483647|||0||IB|0|0");
    algorithm(view, to);
    // Whether somebody solicited it.
    to.int(0);
    to.int(view.what_if.is_some()).text(view.status);
    margins(view, to);
    // A warning, randomness and conditions.
    to.constants("|0|0|0");
    adjustments(view, to);
    to.constants("0||||0|1|0|0|0");
    if version >= 158 {
        to.text("");
    }
    if version >= 160 {
        to.text("");
    }
    if version >= 162 {
        to.int(0);
    }
    if version >= 170 {
        competition(view, to);
    }
    to
}

/// Writes an order that is done. It has most fields of an open one, and not in the same order.
pub(super) fn completed_order<'a, 'b>(
    view: &OrderView,
    account: &str,
    version: i32,
    to: &'a mut Writer<'b>,
) -> &'a mut Writer<'b> {
    to.int(101);
    terms(view, account, to);
    to.int(view.perm_id).constants("0|0|0|");
    allocation(view, version, to);
    to.constants("0||-1||||||2147483647|0|0|").int(oca_type(&view.terms)).int(0);
    to.constants("|0|None||0|0|0||0|0");
    trail(view, to);
    to.constants("|0|0|0|2147483647|2147483647||||IB|0|0");
    algorithm(view, to);
    to.int(0).text(view.status);
    // Randomness and conditions.
    to.constants("0|0|0").double(trail_stop(view).unwrap_or(UNSET)).double(UNSET);
    to.constants("0|1|0");
    to.text(view.cancelled_at.as_deref().unwrap_or_default()).show(view.filled);
    to.constants("0|0|Not an insider or substantial shareholder|0|0");
    to.int(view.terms.parent.unwrap_or_default());
    match &view.completed {
        Some((time, how)) => to.text(time).text(how),
        None => to.constants("|"),
    };
    if version >= 170 {
        competition(view, to);
    }
    to
}

/// Writes the contract of an order and what it asks for, up to its reference.
fn terms(view: &OrderView, account: &str, to: &mut Writer<'_>) {
    let (listing, terms) = (&view.listing, &view.terms);
    to.int(listing.con_id).text(&listing.wire_symbol).constants("STK||0|?|");
    to.text(terms.shown_exchange()).text(CURRENCY);
    to.text(&listing.wire_symbol).text(&listing.trading_class);
    to.text(terms.side.action()).show(terms.quantity).text(terms.kind.name());
    to.double(price(terms.kind.limit())).double(aux_price(terms)).text(terms.tif.name());
    to.text(terms.oca.as_ref().map_or("", |oca| &oca.group)).text(account);
    // Open or close, and the origin.
    to.constants("|0").text(terms.order_ref.as_deref().unwrap_or_default());
}

/// Writes what an adviser would say, up to where the order is settled: nothing but its date.
fn allocation(view: &OrderView, version: i32, to: &mut Writer<'_>) {
    to.constants(if version < 177 { "||||" } else { "|||" });
    to.text(&view.terms.good_till.map(local).unwrap_or_default()).constants("||");
}

/// Writes the stop of an order and the distance in percent of one that trails.
fn trail(view: &OrderView, to: &mut Writer<'_>) {
    for number in [trail_stop(view), trailing_percent(&view.terms)] {
        match number {
            Some(number) => to.double(number),
            None => to.text(""),
        };
    }
}

/// Writes the algorithm that works an order, with how many parameters it has, and those.
fn algorithm(view: &OrderView, to: &mut Writer<'_>) {
    match view.terms.adaptive {
        Some(priority) => {
            to.text(Priority::ALGORITHM).int(1).text(Priority::PARAMETER).text(priority.name())
        }
        None => to.text(""),
    };
}

/// Writes the nine amounts of what an order would do, and its commission with its bounds.
fn margins(view: &OrderView, to: &mut Writer<'_>) {
    match view.what_if {
        Some(Margins { initial, maintenance, equity, commission }) => {
            let kinds = [initial, maintenance, equity];
            let before = kinds.map(|[before, _]| before);
            let change = kinds.map(|[before, after]| after - before);
            let after = kinds.map(|[_, after]| after);
            for amount in [before, change, after].as_flattened() {
                to.amount(*amount);
            }
            to.amount(commission).constants("|").text(CURRENCY);
        }
        None => {
            for _ in 0..9 {
                to.double(UNSET);
            }
            match view.commission {
                Some(commission) => to.amount(commission).constants("|").text(CURRENCY),
                None => to.constants("|||"),
            };
        }
    }
}

/// Writes what an order would be adjusted to: nothing. Among it clients read its stop once more,
/// and believe this one.
fn adjustments(view: &OrderView, to: &mut Writer<'_>) {
    to.text("None").double(UNSET).double(trail_stop(view).unwrap_or(UNSET));
    for _ in 0..4 {
        to.double(UNSET);
    }
}

/// Writes how an order competes for the best price; the first message of one shows defaults.
fn competition(view: &OrderView, to: &mut Writer<'_>) {
    to.constants(if view.is_first { "|100|0.02||" } else { "||||" });
}

pub(super) fn execution<'a, 'b>(
    request: i32,
    view: &ExecutionView,
    account: &str,
    version: i32,
    to: &'a mut Writer<'b>,
) -> &'a mut Writer<'b> {
    let exchange = view.exchange();
    let fill = &view.fill;
    to.int(11).int(request).int(view.order);
    contract(&view.listing, exchange, to);
    to.text(&fill.exec_id).text(&view.time).text(account).text(exchange).text(view.side.done());
    to.show(fill.quantity).double(number(fill.price.get())).int(fill.perm_id).int(view.client);
    to.int(view.is_liquidation).show(view.cumulative).double(number(view.average));
    to.text(view.order_ref.as_deref().unwrap_or_default());
    // The rule and multiplier of an economic value and the model; then the liquidity.
    to.constants("||").int(2);
    if version >= 178 {
        to.int(0); // whether the price is still to be revised
    }
    to
}

impl Writer<'_> {
    fn amount(&mut self, amount: Money) -> &mut Self {
        self.double(money(amount))
    }
}
