//! Splits, dividends and spin-offs of what a paper account holds.

use super::book::{Book, average};
use crate::Error;
use crate::exact::{Exact, exact, floor_to_lot, money, whole};
use chrono::NaiveDate;
use decile_core::{ActionKind, CorporateAction, Decimal, Money, Price, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A corporate action that changed a paper account.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_core::Shares;
///
/// let applied = decile_trade::AppliedAction {
///     symbol: symbol("KO"),
///     ex_date: session(),
///     kind: decile_core::ActionKind::Dividend,
///     shares_before: Shares::new(100),
///     shares_after: Shares::new(100),
///     cash: money("51.00"),
/// };
/// assert_eq!(applied.to_string(), "dividend of KO on 2025-12-01: 100 shares, 51.00 in cash");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedAction {
    /// The stock.
    pub symbol: Symbol,
    /// Its ex-date.
    pub ex_date: NaiveDate,
    /// What happened.
    pub kind: ActionKind,
    /// Shares held before.
    pub shares_before: Shares,
    /// Shares held after.
    pub shares_after: Shares,
    /// Cash that was paid.
    pub cash: Money,
}

impl fmt::Display for AppliedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, ex_date, kind, shares_before, shares_after, cash } = self;
        write!(f, "{kind} of {symbol} on {ex_date}: {shares_before}")?;
        if shares_before != shares_after {
            write!(f, " to {shares_after}")?;
        }
        write!(f, " shares, {cash} in cash")
    }
}

/// Carries a book on to a session; see [`PaperBroker::roll_to`](super::PaperBroker::roll_to).
pub(super) fn roll(
    book: &mut Book,
    session: NaiveDate,
    actions: &[CorporateAction],
    closes: &BTreeMap<Symbol, Price>,
) -> Result<Vec<AppliedAction>, Error> {
    let reached = book.session();
    if session < reached {
        return Err(Error::SessionPassed { account: book.id().clone(), reached, session });
    }
    let is_due = |action: &&CorporateAction| action.ex_date > reached && action.ex_date <= session;
    let mut due: Vec<_> = actions.iter().filter(is_due).collect();
    // Stable, so the rest keeps the order of the file. A dividend is paid on the basis after a
    // split of its day.
    due.sort_by_key(|action| (action.ex_date, action.kind != ActionKind::Split));
    book.begin(session);
    let mut applied = Vec::new();
    for action in due {
        applied.extend(apply(book, action, closes.get(&action.symbol).copied())?);
    }
    book.drop_empty_positions();
    Ok(applied)
}

fn apply(
    book: &mut Book,
    action: &CorporateAction,
    close: Option<Price>,
) -> Result<Option<AppliedAction>, Error> {
    let Some((position, cash)) = book.holding(&action.symbol) else { return Ok(None) };
    let invalid = || Error::InvalidAction {
        symbol: action.symbol.clone(),
        ex_date: action.ex_date,
        kind: action.kind,
        value: action.value,
    };
    // A ratio is above 0, and so is an amount: the same door as for prices.
    let value = Price::from_f64(action.value).map_err(|_| invalid())?;
    let before = position.quantity;
    let paid = match action.kind {
        ActionKind::Dividend | ActionKind::Spinoff => value.notional(before)?.to_cents(),
        ActionKind::Split => {
            let cost = position.average_cost.times(Decimal::from(before.get()))?;
            let (shares, fraction) = split(before, value.get()).ok_or_else(invalid)?;
            let ratio = exact(value.get());
            let cost_after = exact(position.average_cost.get()) / ratio;
            position.quantity = shares;
            position.average_cost = if fraction == whole(Shares::ZERO) {
                average(cost, shares)
            } else {
                Money::new(money(&cost_after).ok_or_else(invalid)?.get().round_dp(6).normalize())
            };
            let price = close.map_or(position.average_cost.get(), Price::get);
            money(&(fraction * exact(price))).ok_or_else(invalid)?.to_cents()
        }
    };
    *cash += paid;
    Ok(Some(AppliedAction {
        symbol: action.symbol.clone(),
        ex_date: action.ex_date,
        kind: action.kind,
        shares_before: before,
        shares_after: position.quantity,
        cash: paid,
    }))
}

/// Returns the whole shares after a split, and the fraction of one that is left over.
fn split(before: Shares, ratio: Decimal) -> Option<(Shares, Exact)> {
    let after = whole(before) * exact(ratio);
    // 1-for-3 is written 0.3333333333333333, and 300 shares of it are 100, not 99 and a fraction.
    let slack = exact(Decimal::new(1, 6));
    let shares = floor_to_lot(&(&after + &slack), Shares::new(1))?;
    let fraction = (after - whole(shares)).max(whole(Shares::ZERO));
    let fraction = if fraction < slack { whole(Shares::ZERO) } else { fraction };
    Some((shares, fraction))
}
