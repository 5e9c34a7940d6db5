//! Hands weights out within the limits, exactly.

use super::{Construction, Limit, PortfolioNote};
use crate::RankedStock;
use decile_core::{Decimal, Symbol, Weight};
use std::collections::BTreeMap;

/// A stock with the weight that the scheme wishes for it.
pub(super) struct Wish<'r> {
    pub(super) stock: &'r RankedStock,
    pub(super) weight: Decimal,
    /// Whether it is among the chosen; the others come in only for what limits cut off.
    pub(super) is_chosen: bool,
}

/// One side of a portfolio, in the order of preference.
pub(super) struct Side {
    pub(super) weights: Vec<(Symbol, Decimal)>,
    pub(super) notes: Vec<PortfolioNote>,
    /// What is left of the budget.
    pub(super) left: Decimal,
}

/// Hands a budget out, the chosen first. The wishes of the chosen add up to at most the budget.
pub(super) fn fill(rules: &Construction, wishes: &[Wish<'_>], budget: Decimal) -> Side {
    let mut rooms = Rooms::new(rules);
    let mut side = Side { weights: Vec::new(), notes: Vec::new(), left: budget };
    for wish in wishes.iter().filter(|wish| wish.is_chosen) {
        if wish.weight.is_zero() {
            side.notes.push(PortfolioNote::NoScore { symbol: wish.stock.symbol.clone() });
            continue;
        }
        let (room, limit) = rooms.of(wish.stock);
        let given = worth_it(wish.weight.min(room));
        if let Some(by) = limit.filter(|_| given < wish.weight) {
            let symbol = wish.stock.symbol.clone();
            let (wanted, given) = (weight(wish.weight), weight(given));
            side.notes.push(PortfolioNote::Cut { symbol, by, wanted, given });
        }
        side.give(wish.stock, given, &mut rooms);
    }
    for wish in wishes.iter().filter(|wish| !wish.is_chosen) {
        let (room, _) = rooms.of(wish.stock);
        let given = worth_it(wish.weight.min(room).min(side.left));
        if let Some(rank) = wish.stock.rank.filter(|_| !given.is_zero()) {
            let symbol = wish.stock.symbol.clone();
            side.notes.push(PortfolioNote::Filled { symbol, rank, given: weight(given) });
        }
        side.give(wish.stock, given, &mut rooms);
    }
    side
}

impl Side {
    fn give<'r>(&mut self, stock: &'r RankedStock, given: Decimal, rooms: &mut Rooms<'r>) {
        if given.is_zero() {
            return;
        }
        self.left -= given;
        self.weights.push((stock.symbol.clone(), given));
        rooms.take(stock, given);
    }

    pub(super) fn total(&self) -> Decimal {
        self.weights.iter().map(|(_, weight)| weight).sum()
    }
}

/// Nothing, if it is too little to be a position.
fn worth_it(weight: Decimal) -> Decimal {
    if weight < Construction::WEIGHT_MIN { Decimal::ZERO } else { weight }
}

/// Wishes and what is given for them are between 0 and 1.
pub(super) fn weight(value: Decimal) -> Weight {
    Weight::new(value).unwrap_or_default()
}

/// How much room the limits leave.
struct Rooms<'r> {
    rules: &'r Construction,
    issuers: BTreeMap<&'r str, Decimal>,
    sectors: BTreeMap<&'r str, Decimal>,
}

impl<'r> Rooms<'r> {
    fn new(rules: &'r Construction) -> Self {
        Self { rules, issuers: BTreeMap::new(), sectors: BTreeMap::new() }
    }

    /// The room for a stock, and the limit that leaves least.
    fn of(&self, stock: &RankedStock) -> (Decimal, Option<Limit>) {
        let taken = |map: &BTreeMap<&str, Decimal>, key: &str| map.get(key).copied();
        let issuer = taken(&self.issuers, &stock.issuer).unwrap_or_default();
        let sector = taken(&self.sectors, &stock.sector).unwrap_or_default();
        let rooms = [
            (Limit::Name, self.rules.name_weight_max, Decimal::ZERO),
            (Limit::Issuer, self.rules.issuer_weight_max, issuer),
            (Limit::Sector, self.rules.sector_weight_max, sector),
        ];
        let rooms = rooms.into_iter().filter_map(|(limit, most, taken)| {
            Some(((most?.get() - taken).max(Decimal::ZERO), Some(limit)))
        });
        rooms.min_by_key(|(room, _)| *room).unwrap_or((Decimal::MAX, None))
    }

    fn take(&mut self, stock: &'r RankedStock, given: Decimal) {
        *self.issuers.entry(&stock.issuer).or_default() += given;
        *self.sectors.entry(&stock.sector).or_default() += given;
    }
}
