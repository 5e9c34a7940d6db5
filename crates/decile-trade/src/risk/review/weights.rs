//! How much of the equity is in one name, one company, one sector.

use super::{Review, Verdict, verdict};
use crate::Side;
use crate::exact::{Exact, exact, percent, whole};
use crate::plan::reference;
use decile_core::{Decimal, Money, Price, Shares, Symbol};
use std::collections::BTreeMap;

/// What several names weigh together.
struct Together<'a> {
    weight: Exact,
    names: Vec<&'a Symbol>,
}

impl<'a> Review<'a> {
    /// The largest part of the equity that a name may have.
    fn name_most(&self) -> Exact {
        match self.limits.name_weight_max {
            Some(weight) => exact(weight.get()),
            None => {
                // As a fraction of integers: 1/3 has no last decimal.
                let names = i64::try_from(self.plan.name_count().max(1)).unwrap_or(i64::MAX);
                let equal = whole(Shares::new(1)) / whole(Shares::new(names));
                equal.max(exact(Decimal::new(15, 2)))
            }
        }
    }

    pub(super) fn name_weight(&self) -> Verdict {
        let weights = self.weights_after().into_iter();
        let alone = |(symbol, weight): (&'a Symbol, Exact)| {
            (symbol.as_str(), Together { weight, names: vec![symbol] })
        };
        self.within(&self.name_most(), &weights.map(alone).collect())
    }

    /// Share classes of one company together. A name that the plan does not describe is a company of
    /// its own.
    pub(super) fn issuer_weight(&self) -> Verdict {
        let most = self.limits.issuer_weight_max;
        let most = most.map_or_else(|| self.name_most(), |weight| exact(weight.get()));
        let issuer = |symbol: &'a Symbol| {
            let described = self.plan.classification(symbol);
            described.map_or(symbol.as_str(), |described| described.issuer.as_str())
        };
        let mut groups = self.together(|symbol| Some(issuer(symbol))).unwrap_or_default();
        if self.limits.issuer_weight_max.is_none() {
            // Those of one name are held to the same limit already.
            groups.retain(|_, group| group.names.len() > 1);
            if groups.is_empty() {
                return Ok("no company is held by two names".to_owned());
            }
        }
        self.within(&most, &groups)
    }

    pub(super) fn sector_weight(&self) -> Verdict {
        let Some(most) = self.limits.sector_weight_max else {
            return Ok("no limit is set".to_owned());
        };
        let sector = |symbol: &'a Symbol| Some(self.plan.classification(symbol)?.sector.as_str());
        match self.together(sector) {
            Ok(groups) => self.within(&exact(most.get()), &groups),
            // What only sells is not kept from it.
            Err(_) if self.buys().next().is_none() => Ok("nothing is bought".to_owned()),
            Err(unknown) => {
                let told = |symbol: &&Symbol| format!("the sector of {symbol} is not known");
                Err(unknown.iter().map(told).collect())
            }
        }
    }

    /// Adds up what belongs together; the names of which it is not known where they belong.
    fn together(
        &self,
        group: impl Fn(&'a Symbol) -> Option<&'a str>,
    ) -> Result<BTreeMap<&'a str, Together<'a>>, Vec<&'a Symbol>> {
        let mut groups: BTreeMap<&str, Together<'a>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for (symbol, weight) in self.weights_after() {
            let Some(name) = group(symbol) else {
                unknown.push(symbol);
                continue;
            };
            let nothing = || Together { weight: whole(Shares::ZERO), names: Vec::new() };
            let group = groups.entry(name).or_insert_with(nothing);
            group.weight = &group.weight + weight;
            group.names.push(symbol);
        }
        if unknown.is_empty() { Ok(groups) } else { Err(unknown) }
    }

    fn within(&self, most: &Exact, groups: &BTreeMap<&str, Together<'a>>) -> Verdict {
        let told = |(name, group): (&&str, &Together<'_>)| {
            format!("{name} has {} of at most {}", percent(&group.weight), percent(most))
        };
        let above = groups
            .iter()
            .filter(|(_, group)| group.weight > *most && !self.is_reduced(&group.names));
        verdict(above.map(told).collect(), || {
            let largest = groups.iter().max_by(|a, b| a.1.weight.cmp(&b.1.weight));
            largest.map_or_else(|| "nothing is held".to_owned(), told)
        })
    }

    /// Tells whether the plan makes what is held of these names smaller, or at least does nothing but
    /// sell.
    fn is_reduced(&self, names: &[&Symbol]) -> bool {
        let sides = || {
            let orders = self.plan.orders().iter();
            orders.filter(|order| names.contains(&&order.symbol)).map(|order| order.side)
        };
        let only_sold = sides().next().is_some() && sides().all(|side| side == Side::Sell);
        only_sold || self.buys().next().is_none()
    }

    /// The weight of every name after the trades; what is traded counts at the dearer of its
    /// prices. A held name without a price, which trades nothing, counts with what it cost.
    pub(super) fn weights_after(&self) -> Vec<(&'a Symbol, Exact)> {
        let equity = self.inputs.account.equity.max(Money::new(Decimal::new(1, 2)));
        let planned = |symbol: &Symbol| {
            let order = self.plan.orders().iter().find(|order| order.symbol == *symbol);
            order.map(|order| self.dearest(order).get())
        };
        let cost = |symbol: &Symbol| {
            let position = self.inputs.positions.iter().find(|held| held.symbol == *symbol);
            position.map(|position| position.average_cost.get())
        };
        let weight = |(symbol, quantity): (&&'a Symbol, &Shares)| {
            let quoted = reference(self.inputs.quotes.get(*symbol)).map(Price::get);
            let price = planned(symbol).or(quoted).or_else(|| cost(symbol));
            let value = whole(*quantity) * exact(price.unwrap_or_default());
            (*symbol, value / exact(equity.get()))
        };
        self.after.iter().filter(|(_, quantity)| !quantity.is_zero()).map(weight).collect()
    }
}
