//! From targets to orders.

use super::size::{Draft, Sizer};
use super::{Note, NoteKind, OrderStyle, Plan, PlanInputs, PlanRules, Sizing, reference};
use crate::account::holdings;
use crate::exact::{self, Exact, exact, floor_to_lot, money, whole};
use crate::{AccountKind, ClientOrderId, Error, PlannedOrder, Side, TimeInForce};
use decile_core::{Currency, Money, Price, Shares, Symbol, Target, TargetSize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One stock with its price and the change that is wanted.
#[derive(Debug)]
struct Line {
    symbol: Symbol,
    price: Price,
    draft: Draft,
}

impl Line {
    /// The value of the change, below 0 for a sale.
    fn value(&self) -> Exact {
        whole(self.draft.change) * exact(self.price.get())
    }

    fn is_buy(&self) -> bool {
        self.draft.change > Shares::ZERO
    }
}

impl Plan {
    /// Returns the orders that lead to the targets, in exact arithmetic.
    ///
    /// With `investable = equity * (1 - cash_buffer)`, a weight `w` wants
    /// `floor(w * investable / price / lot) * lot` shares. The difference to the holding is
    /// traded, unless it is inside the band or too small (a holding that is sold entirely always
    /// is), clipped by volume and value. If the buys need more than
    /// `cash + sells * (1 - fee) - equity * cash_buffer`, all are scaled by the same factor and
    /// floored again; in a cash account, than `settled_cash - equity * cash_buffer`. A target of a fixed number of shares is never banded, clipped or scaled: the
    /// risk limits deny it if it is too much.
    ///
    /// A stock without a price, which includes one with its bid above its ask, is left alone. Held
    /// stocks without a target are sold entirely. No targets: everything is sold.
    ///
    /// # Errors
    /// A rule that makes no sense, equity of 0 or less, a short holding or target, a quote in
    /// another currency or of another stock, an order id of more than 40 characters, a buy in a cash
    /// account whose settled cash is not known, and a result out of range.
    pub fn toward(inputs: &PlanInputs<'_>, rules: &PlanRules) -> Result<Self, Error> {
        rules.check()?;
        let account = inputs.account;
        if account.equity <= Money::ZERO {
            let (account, equity) = (account.id.clone(), account.equity);
            return Err(Error::EquityNotPositive { account, equity });
        }
        let held = holdings(inputs.positions)?;
        let held = held.into_iter().map(|(symbol, position)| (symbol, position.quantity)).collect();
        let mut notes = Vec::new();
        let mut lines = draft_lines(inputs, rules, &held, &mut notes)?;
        scale_buys(&mut lines, inputs, rules, &mut notes)?;
        lines.retain(|line| !line.draft.change.is_zero());
        notes.sort();
        Ok(Self {
            strategy: inputs.strategy.clone(),
            account: account.id.clone(),
            currency: account.currency,
            session: inputs.session,
            as_of: inputs.targets.as_of(),
            name_count: inputs.targets.iter().filter(|target| is_wanted(target)).count(),
            fee: rules.fee,
            positions_after: positions_after(held, &lines),
            cash_after: cash_after(&lines, inputs, rules)?,
            orders: in_order(&lines, inputs, rules)?,
            notes,
            sizing: Sizing {
                lot: rules.lot,
                min_notional: rules.min_notional,
                cash_kept: account.equity.times(rules.cash_buffer)?,
                fixed: fixed(&lines),
            },
            classifications: BTreeMap::new(),
        })
    }
}

fn fixed(lines: &[Line]) -> BTreeSet<Symbol> {
    let fixed = lines.iter().filter(|line| !line.draft.scalable);
    fixed.map(|line| line.symbol.clone()).collect()
}

fn is_wanted(target: &Target) -> bool {
    match target.size {
        TargetSize::Weight(weight) => weight.get() > decile_core::Decimal::ZERO,
        TargetSize::Shares(count) => count > Shares::ZERO,
    }
}

fn draft_lines(
    inputs: &PlanInputs<'_>,
    rules: &PlanRules,
    held: &BTreeMap<Symbol, Shares>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Line>, Error> {
    let targets: BTreeMap<&Symbol, TargetSize> =
        inputs.targets.iter().map(|target| (&target.symbol, target.size)).collect();
    let symbols: BTreeSet<&Symbol> = targets.keys().copied().chain(held.keys()).collect();
    let sizer = Sizer::new(inputs, rules);
    let mut lines = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let Some(price) = price(symbol, inputs)? else {
            notes.push(Note { symbol: symbol.clone(), kind: NoteKind::NoPrice });
            continue;
        };
        let quantity = held.get(symbol).copied().unwrap_or_default();
        let draft = sizer.draft(symbol, targets.get(symbol).copied(), (quantity, price))?;
        notes.extend(draft.notes.iter().map(|&kind| Note { symbol: symbol.clone(), kind }));
        lines.push(Line { symbol: symbol.clone(), price, draft });
    }
    Ok(lines)
}

fn price(symbol: &Symbol, inputs: &PlanInputs<'_>) -> Result<Option<Price>, Error> {
    let quote = inputs.quotes.get(symbol);
    if let Some(quoted) = quote.map(|quote| &quote.symbol).filter(|quoted| *quoted != symbol) {
        let (symbol, quoted) = (symbol.clone(), quoted.clone());
        return Err(Error::QuoteMismatch { symbol, quoted });
    }
    let account: Currency = inputs.account.currency;
    match quote.map(|quote| quote.currency) {
        Some(quote) if quote != account => {
            Err(Error::CurrencyMismatch { symbol: symbol.clone(), quote, account })
        }
        _ => Ok(reference(quote)),
    }
}

/// Scales the buys down to the cash that there is for them.
fn scale_buys(
    lines: &mut [Line],
    inputs: &PlanInputs<'_>,
    rules: &PlanRules,
    notes: &mut Vec<Note>,
) -> Result<(), Error> {
    if !lines.iter().any(Line::is_buy) {
        return Ok(());
    }
    let not_told = || Error::SettledCashNotTold { account: inputs.account.id.clone() };
    let cash = inputs.account.spendable(rules.account_kind).ok_or_else(not_told)?;
    let one = whole(Shares::new(1));
    let with_fee = &one + exact(rules.fee);
    let sum = |wanted: &dyn Fn(&Line) -> bool| -> Exact {
        exact::sum(lines.iter().filter(|line| wanted(line)).map(Line::value))
    };
    // What is fixed is paid first; what is scaled gets the rest.
    let fixed = sum(&|line| line.is_buy() && !line.draft.scalable) * &with_fee;
    let sells = match rules.account_kind {
        AccountKind::Margin => -sum(&|line| !line.is_buy()),
        AccountKind::Cash => whole(Shares::ZERO),
    };
    let need = sum(&|line| line.is_buy() && line.draft.scalable) * with_fee;
    let available = exact(cash.get()) + sells * (&one - exact(rules.fee))
        - exact(inputs.account.equity.get()) * exact(rules.cash_buffer)
        - fixed;
    if need <= available {
        return Ok(());
    }
    let zero = whole(Shares::ZERO);
    // `need` is 0 when there is nothing to scale, and then the loop below has nothing to do.
    let factor = if available > zero && need > zero { available / need } else { zero };
    for line in lines.iter_mut().filter(|line| line.is_buy() && line.draft.scalable) {
        let scaled = whole(line.draft.change) * &factor;
        line.draft.change = floor_to_lot(&scaled, rules.lot)
            .ok_or_else(|| out_of_range("number of shares", line.symbol.as_str()))?;
        notes.push(Note { symbol: line.symbol.clone(), kind: NoteKind::Scaled });
    }
    Ok(())
}

fn positions_after(held: BTreeMap<Symbol, Shares>, lines: &[Line]) -> BTreeMap<Symbol, Shares> {
    let mut after = held;
    for line in lines {
        let quantity = after.entry(line.symbol.clone()).or_default();
        *quantity = *quantity + line.draft.change;
    }
    after.retain(|_, quantity| !quantity.is_zero());
    after
}

fn cash_after(lines: &[Line], inputs: &PlanInputs<'_>, rules: &PlanRules) -> Result<Money, Error> {
    let fee = exact(rules.fee);
    let mut cash = exact(inputs.account.cash.get());
    for line in lines {
        let value = line.value();
        let paid = if line.is_buy() { &value * &fee } else { -&value * &fee };
        cash = cash - value - paid;
    }
    money(&cash).ok_or_else(|| out_of_range("cash", inputs.account.id.as_str()))
}

/// Makes the orders, the sells first and in each group the largest first.
fn in_order(
    lines: &[Line],
    inputs: &PlanInputs<'_>,
    rules: &PlanRules,
) -> Result<Vec<PlannedOrder>, Error> {
    let mut orders = Vec::with_capacity(lines.len());
    for line in lines {
        orders.push(order(line, inputs, rules.order)?);
    }
    orders.sort_by_cached_key(|order: &PlannedOrder| {
        (Reverse(order.side), Reverse(order.notional), order.symbol.clone())
    });
    Ok(orders)
}

fn order(line: &Line, inputs: &PlanInputs<'_>, style: OrderStyle) -> Result<PlannedOrder, Error> {
    let side = if line.is_buy() { Side::Buy } else { Side::Sell };
    let quantity = line.draft.change.abs();
    // The id is made when the order is released. Found too long here, it stops the plan before
    // anything is sent; two digits leave room for 99 attempts.
    ClientOrderId::new(
        (inputs.strategy, &inputs.account.id),
        inputs.session,
        (&line.symbol, side),
        99,
    )?;
    // A line has a price, so it has a quote.
    let quote = inputs.quotes.get(&line.symbol);
    let kind = quote.and_then(|quote| style.kind(side, quote, line.price));
    Ok(PlannedOrder {
        symbol: line.symbol.clone(),
        side,
        quantity,
        kind: kind.ok_or_else(|| out_of_range("limit", line.symbol.as_str()))?,
        time_in_force: TimeInForce::Day,
        reference: line.price,
        notional: line.price.notional(quantity)?,
    })
}

fn out_of_range(what: &'static str, symbol: &str) -> Error {
    Error::OutOfRange { what, symbol: symbol.to_owned() }
}
