//! What the runs before have done, and others do at the same time.

use super::{Review, Verdict, verdict};
use crate::exact::{Exact, exact, money, percent, sum, whole};
use crate::{OrderName, OrderSnapshot, PlannedOrder, Side};
use decile_core::{Decimal, Money, Symbol};
use std::collections::BTreeSet;

impl<'a> Review<'a> {
    pub(super) fn day_order_count(&self) -> Verdict {
        let earlier = self.inputs.known.history.day(self.plan.session()).orders;
        let (now, most) = (self.plan.orders().len(), self.limits.day_order_count_max);
        let told = format!("{earlier} orders before and {now} now, of at most {most}");
        if earlier + now > most { Err(vec![told]) } else { Ok(told) }
    }

    pub(super) fn day_buys(&self) -> Verdict {
        let (history, session) = (&self.inputs.known.history, self.plan.session());
        let earlier = exact(history.day(session).bought.get());
        // What stands in the way of an order counts already, and keeps it back.
        let bought = self.buys().filter(|order| !history.is_taken(session, &order.symbol));
        let share = self.of_equity(&(earlier + self.value(bought)));
        let most = exact(self.limits.day_buys_max);
        let told = format!("{} of at most {}", percent(&share), percent(&most));
        if share > most && self.buys().next().is_some() { Err(vec![told]) } else { Ok(told) }
    }

    /// The lesser of what is bought and what is sold, as the SEC's Form N-1A has it: cash that comes in
    /// or goes out, the first run's among it, turns nothing over.
    pub(super) fn turnover(&self) -> Verdict {
        let traded = self.traded(Side::Buy).min(self.traded(Side::Sell));
        let (share, most) = (self.of_equity(&traded), exact(self.limits.turnover_max));
        let told = format!("{} of at most {}", percent(&share), percent(&most));
        if share > most { Err(vec![told]) } else { Ok(told) }
    }

    pub(super) fn loss_latch(&self) -> Verdict {
        let history = &self.inputs.known.history;
        match history.latched() {
            Some(reason) if self.buys().next().is_some() => Err(vec![reason.to_owned()]),
            Some(reason) => Ok(format!("only sells, for {reason}")),
            None => Ok(match history.peak() {
                Some(peak) => format!("{} after a peak of {peak}", self.inputs.account.equity),
                None => "no look at the account is written down".to_owned(),
            }),
        }
    }

    /// Orders of our own are for the executor to look up. They are those that the journal has: another
    /// run, with a journal of its own, may use the same names.
    pub(super) fn open_orders(&self) -> Verdict {
        let named: BTreeSet<&Symbol> =
            self.plan.orders().iter().map(|order| &order.symbol).collect();
        let history = &self.inputs.known.history;
        let is_ours = |name: &OrderName| name.ours().is_some_and(|id| history.is_open(id));
        let open = self.inputs.known.open_orders.iter();
        let (inside, outside): (Vec<_>, Vec<_>) = open
            .filter(|order| !is_ours(&order.id))
            .partition(|order| named.contains(&order.symbol));
        let told = |order: &&OrderSnapshot| {
            let OrderSnapshot { id, side, quantity, symbol, .. } = order;
            format!("{side} {quantity} {symbol} is open, and not of this journal: {id}")
        };
        verdict(inside.iter().map(told).collect(), || {
            format!("{} of others, in no name of the plan", outside.len())
        })
    }

    /// Compares what is held with what the journal explains. A paper account may be anybody's.
    pub(super) fn own_positions(&self) -> Verdict {
        let known = self.inputs.known;
        let actions: Vec<_> =
            known.stocks.values().flat_map(|stock| &stock.actions).cloned().collect();
        let owned = known.history.owned_with(&actions, self.plan.session());
        let owned = owned.map_err(|error| vec![error.to_string()])?;
        let names: BTreeSet<&Symbol> = self.held.keys().copied().chain(owned.keys()).collect();
        let told = |symbol: &&Symbol| {
            let held = self.held.get(*symbol).copied().unwrap_or_default();
            let owned = owned.get(*symbol).copied().unwrap_or_default();
            (held != owned)
                .then(|| format!("{held} {symbol} are held, and the journal explains {owned}"))
        };
        let strange: Vec<_> = names.iter().filter_map(told).collect();
        match strange.first() {
            Some(first) if self.is_paper() => {
                let count = strange.len();
                Ok(format!("a paper account; live, {count} names would deny, as {first}"))
            }
            _ => verdict(strange, || format!("the journal explains all {} names", names.len())),
        }
    }

    pub(super) fn is_paper(&self) -> bool {
        self.plan.account().is_paper()
    }

    fn traded(&self, side: Side) -> Exact {
        self.value(self.plan.orders().iter().filter(|order| order.side == side))
    }

    fn value<'o>(&self, orders: impl Iterator<Item = &'o PlannedOrder>) -> Exact {
        sum(orders.map(|order| whole(order.quantity) * exact(self.dearest(order).get())))
    }

    fn of_equity(&self, value: &Exact) -> Exact {
        let least = Money::new(Decimal::new(1, 2));
        value / exact(self.inputs.account.equity.max(least).get())
    }
}

/// Writes an amount for a person, in whole units.
pub(super) fn amount(value: &Exact) -> String {
    let floor = money(&value.floor().into());
    floor.map_or_else(|| "out of range".to_owned(), |amount| amount.to_string())
}
