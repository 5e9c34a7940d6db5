//! Markets and panels that differ from a given one in one respect.

use crate::{Error, Field, Panel};
use decile_core::{Market, Symbol, Tables};
use std::collections::BTreeSet;

fn unfit(error: &decile_core::Error) -> Error {
    Error::UnfitMarket { found: error.to_string() }
}

pub(super) fn issuers(market: &Market) -> usize {
    let issuers: BTreeSet<&str> =
        market.stocks().iter().map(|stock| stock.security().issuer.as_str()).collect();
    issuers.len()
}

/// The market without every second issuer. Share classes of one stay together: they are one company.
pub(super) fn half_of(market: &Market) -> Result<Market, Error> {
    let mut tables = market.tables();
    let issuers: BTreeSet<&str> =
        tables.securities.iter().map(|security| security.issuer.as_str()).collect();
    let kept: BTreeSet<&str> = issuers.into_iter().step_by(2).collect();
    let stays = tables.securities.iter().filter(|security| kept.contains(security.issuer.as_str()));
    let stays: BTreeSet<Symbol> = stays.map(|security| security.symbol.clone()).collect();
    tables.securities.retain(|security| stays.contains(&security.symbol));
    tables.prices.retain(|(symbol, _)| stays.contains(symbol));
    tables.actions.retain(|action| stays.contains(&action.symbol));
    tables.filings.retain(|filing| stays.contains(&filing.symbol));
    tables.estimates.retain(|snapshot| stays.contains(&snapshot.symbol));
    if let Some(spans) = &mut tables.membership {
        spans.retain(|span| stays.contains(&span.symbol));
    }
    Market::new(market.calendar().clone(), tables).map_err(|error| unfit(&error))
}

/// The market with other symbols, so that the last stock becomes the first.
pub(super) fn reversed(market: &Market) -> Result<Market, Error> {
    let mut tables = market.tables();
    let symbols: Vec<Symbol> = market.stocks().iter().map(|stock| stock.symbol().clone()).collect();
    for symbol in symbols_of(&mut tables) {
        // Every symbol of the tables is one of a stock, so the position is found.
        let position = symbols.binary_search(symbol).unwrap_or_else(|next| next);
        let name = format!("T{:09}", symbols.len() - position);
        *symbol = name.parse().map_err(|error| unfit(&error))?;
    }
    Market::new(market.calendar().clone(), tables).map_err(|error| unfit(&error))
}

fn symbols_of(tables: &mut Tables) -> impl Iterator<Item = &mut Symbol> {
    let Tables { securities, prices, actions, filings, estimates, membership, .. } = tables;
    let listed = securities.iter_mut().map(|security| &mut security.symbol);
    listed
        .chain(prices.iter_mut().map(|(symbol, _)| symbol))
        .chain(actions.iter_mut().map(|action| &mut action.symbol))
        .chain(filings.iter_mut().map(|filing| &mut filing.symbol))
        .chain(estimates.iter_mut().map(|snapshot| &mut snapshot.symbol))
        .chain(membership.iter_mut().flatten().map(|span| &mut span.symbol))
}

/// Panels with data taken away or set to 0, and what was done.
pub(super) fn holed(panel: &Panel) -> Vec<(String, Panel)> {
    let fields: Vec<Field> = panel.fields().cloned().collect();
    let mut holed = Vec::new();
    for field in &fields {
        holed.push((format!("{field} missing"), with(panel, field, |_, _| f64::NAN)));
        if may_be_zero(field) {
            holed.push((format!("{field} 0"), with(panel, field, |_, _| 0.0)));
        }
    }
    let mut everywhere = panel.clone();
    for (number, field) in fields.iter().enumerate() {
        // A third of each field, at other places in each.
        let hole = |at: usize, value| if scattered(at, number) { f64::NAN } else { value };
        everywhere = with(&everywhere, field, hole);
    }
    holed.push(("a third of all data missing".to_owned(), everywhere));
    let mut silent = panel.clone();
    silent.benchmark.fill(f64::NAN);
    holed.push(("the benchmark missing".to_owned(), silent));
    holed
}

/// Tells whether real data have zeros there. Prices, rates and share counts are above 0.
fn may_be_zero(field: &Field) -> bool {
    let positive = [
        Field::Close,
        Field::TotalReturn,
        Field::UsdRate,
        Field::Fx,
        Field::ListedShares,
        Field::ClassShares,
    ];
    !positive.contains(field)
}

fn with(panel: &Panel, field: &Field, change: impl Fn(usize, f64) -> f64) -> Panel {
    let mut panel = panel.clone();
    if let Some(values) = panel.fields.get_mut(field) {
        for (at, value) in values.iter_mut().enumerate() {
            *value = change(at, *value);
        }
    }
    panel
}

fn scattered(at: usize, number: usize) -> bool {
    // Any mixing will do: the odd constant is that of Knuth's multiplicative hash.
    let mixed = (at + 7919 * number).wrapping_mul(2_654_435_761);
    (mixed >> 7).is_multiple_of(3)
}
