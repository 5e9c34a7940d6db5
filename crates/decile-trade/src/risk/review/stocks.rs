//! What is known of the stocks that are traded. What is not known denies in a live account.

use super::session::amount;
use super::{Review, Verdict, verdict};
use crate::exact::{Exact, exact, percent, whole};
use crate::{PlannedOrder, StockFacts};
use decile_core::{Calendar, Money};

/// What was found out of one order.
enum Found {
    Fine,
    Wrong(String),
    /// The number is not known.
    Missing,
}

impl<'a> Review<'a> {
    pub(super) fn price_min(&self) -> Verdict {
        let least = self.limits.price_min;
        let told = |order: &PlannedOrder| {
            format!("{} is {} of at least {least}", order.symbol, self.price(order))
        };
        let below = self.buys().filter(|order| self.price(order).get() < least.get());
        verdict(below.map(told).collect(), || {
            let lowest = self.buys().min_by_key(|order| self.price(order));
            lowest.map_or_else(|| "nothing is bought".to_owned(), told)
        })
    }

    pub(super) fn adv_fraction(&self) -> Verdict {
        let most = exact(self.limits.adv_fraction_max);
        let look = |order: &PlannedOrder| {
            let Some(volume) = self.facts(order).and_then(|facts| facts.average_daily_volume)
            else {
                return Found::Missing;
            };
            if whole(order.quantity) <= whole(volume) * &most {
                return Found::Fine;
            }
            let (quantity, symbol) = (order.quantity, &order.symbol);
            Found::Wrong(format!(
                "{quantity} {symbol} of {volume} a day, at most {}",
                percent(&most)
            ))
        };
        self.each(self.plan.orders().iter(), "the daily volume", look)
    }

    pub(super) fn day_value(&self) -> Verdict {
        let value = |order: &PlannedOrder, facts: &StockFacts| {
            Some(whole(facts.average_daily_volume?) * exact(self.price(order).get()))
        };
        self.at_least(self.limits.day_value_min, "the value traded in a day", value)
    }

    pub(super) fn market_cap(&self) -> Verdict {
        let value = |_: &PlannedOrder, facts: &StockFacts| Some(exact(facts.market_cap?.get()));
        self.at_least(self.limits.market_cap_min, "the market value", value)
    }

    pub(super) fn corporate_action(&self) -> Verdict {
        let (as_of, session) = (self.plan.as_of(), self.plan.session());
        let told = |order: &PlannedOrder| {
            let action = self.facts(order)?.rebased_by(as_of, session)?;
            Some(format!("{} has a {} on {}", order.symbol, action.kind, action.ex_date))
        };
        let wrong = self.plan.orders().iter().filter_map(told).collect();
        verdict(wrong, || format!("no split or spin-off is known from {as_of} to {session}"))
    }

    pub(super) fn tradable(&self) -> Verdict {
        let is_tradable = |order: &PlannedOrder| self.facts(order)?.is_tradable;
        let halted = self.plan.orders().iter().filter(|order| is_tradable(order) == Some(false));
        let known = self.plan.orders().iter().filter(|order| is_tradable(order).is_some());
        verdict(halted.map(|order| format!("{} is halted", order.symbol)).collect(), || {
            format!("{} of {} are known to trade", known.count(), self.plan.orders().len())
        })
    }

    /// Warns of reports in the session or the one beside it.
    pub(super) fn earnings_near(&self) -> Verdict {
        let (calendar, session) = (Calendar::nyse(), self.plan.session());
        let from = calendar.session_before(session).unwrap_or(session);
        let until = calendar.session_after(session).unwrap_or(session);
        let date = |order: &PlannedOrder| self.facts(order)?.earnings;
        let near = self.plan.orders().iter().filter_map(|order| {
            let date = date(order).filter(|date| (from..=until).contains(date))?;
            Some(format!("{} reports on {date}", order.symbol))
        });
        let near: Vec<_> = near.collect();
        let known = self.plan.orders().iter().filter(|order| date(order).is_some()).count();
        Ok(match near.is_empty() {
            true => format!("none; {known} of {} dates are known", self.plan.orders().len()),
            false => format!("warning: {}", near.join(", ")),
        })
    }

    fn facts(&self, order: &PlannedOrder) -> Option<&'a StockFacts> {
        self.inputs.known.stocks.get(&order.symbol)
    }

    fn at_least(
        &self,
        least: Money,
        what: &str,
        value: impl Fn(&PlannedOrder, &StockFacts) -> Option<Exact>,
    ) -> Verdict {
        let look = |order: &PlannedOrder| {
            let Some(value) = self.facts(order).and_then(|facts| value(order, facts)) else {
                return Found::Missing;
            };
            match value >= exact(least.get()) {
                true => Found::Fine,
                false => {
                    let value = amount(&value);
                    Found::Wrong(format!("{} has {value} of at least {least}", order.symbol))
                }
            }
        };
        self.each(self.buys(), what, look)
    }

    /// Looks at orders one by one. What is not known denies in a live account, and is told in another.
    fn each<'o>(
        &self,
        orders: impl Iterator<Item = &'o PlannedOrder>,
        what: &str,
        look: impl Fn(&PlannedOrder) -> Found,
    ) -> Verdict {
        let (mut wrong, mut missing, mut count) = (Vec::new(), Vec::new(), 0);
        for order in orders {
            count += 1;
            match look(order) {
                Found::Fine => {}
                Found::Wrong(reason) => wrong.push(reason),
                Found::Missing => missing.push(&order.symbol),
            }
        }
        if !self.is_paper() {
            wrong.extend(missing.iter().map(|symbol| format!("{what} of {symbol} is not known")));
        }
        verdict(wrong, || match missing.len() {
            0 => format!("all of {count} orders"),
            missing => format!("{what} of {missing} of {count} orders is not known"),
        })
    }
}
