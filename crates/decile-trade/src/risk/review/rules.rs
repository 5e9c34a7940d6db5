//! What the rules of brokers and the law say of a trade.

use super::{Review, Verdict, verdict};
use crate::exact::{Exact, exact, money, sum, whole};
use crate::safety::Sold;
use crate::{AccountKind, PlannedOrder, Side};
use chrono::{NaiveDate, TimeDelta};
use decile_core::{Calendar, Decimal, Error, Money, Shares};
use std::iter::successors;

/// In how many sessions day trades are counted, how many make a pattern day trader, and how much equity
/// such a one needs (FINRA's rule 4210(f)(8)(B)).
const SESSIONS: usize = 5;
const PATTERN: usize = 4;
const PATTERN_EQUITY: i64 = 25_000;

/// How many days before and after a sale at a loss a purchase takes the loss away (26 U.S.C. 1091).
const WASH_DAYS: TimeDelta = TimeDelta::days(30);

impl Review<'_> {
    /// In a cash account a sale pays for nothing before it has settled.
    pub(super) fn settled_cash(&self) -> Verdict {
        let kind = self.limits.account_kind;
        if kind == AccountKind::Margin {
            return Ok("not a cash account: what is sold pays at once".to_owned());
        }
        if self.buys().next().is_none() {
            return Ok("nothing is bought".to_owned());
        }
        let Some(settled) = self.inputs.account.spendable(kind) else {
            return Err(vec!["the broker does not tell the settled cash".to_owned()]);
        };
        let kept = self.plan.sizing().cash_kept;
        let free = exact(settled.get()) - exact(kept.get());
        let with_fee = exact(Decimal::ONE + self.plan.fee());
        // The plan leaves the buffer at its own prices. It is there for worse ones, so at those it may
        // go, and no more than it.
        let value = |quantity: Shares, price: Decimal| whole(quantity) * exact(price);
        let planned = self.buys().map(|order| value(order.quantity, order.reference.get()));
        let planned = sum(planned) * with_fee;
        let worst = sum(self.buys().map(|order| self.cost(order).exactly(order.quantity)));
        let told = |needed: &Exact| match money(needed) {
            Some(needed) => format!("{:.2}", needed.to_cents()),
            None => "an amount out of range".to_owned(),
        };
        let mut wrong = Vec::new();
        if planned > free {
            wrong.push(format!(
                "buys of {} and {:.2} is settled, of which {:.2} stays: what is sold pays from the \
                 next session on",
                told(&planned),
                settled.to_cents(),
                kept.to_cents()
            ));
        }
        if worst > exact(settled.get()) {
            let (worst, settled) = (told(&worst), settled.to_cents());
            wrong.push(format!("buys may take {worst} and {settled:.2} is settled"));
        }
        verdict(wrong, || {
            format!("buys of {} of {:.2} that is settled", told(&planned), settled.to_cents())
        })
    }

    /// Reported, not solved: whether that is a pattern is for the broker to say.
    pub(super) fn day_trades(&self) -> Verdict {
        let (history, session) = (&self.inputs.known.history, self.plan.session());
        let before = |session: &NaiveDate| Calendar::nyse().session_before(*session);
        let from = successors(Some(session), before).take(SESSIONS).last().unwrap_or(session);
        let done = history.round_trips(from, session);
        let orders = self.plan.orders().iter();
        let sells = orders.filter(|order| order.side == Side::Sell);
        let again: Vec<_> = sells
            .filter(|order| history.is_bought_last(session, &order.symbol))
            .map(|order| order.symbol.to_string())
            .collect();
        let count = done.len() + again.len();
        let mut told = match count {
            0 => return Ok("none in five sessions".to_owned()),
            count => vec![format!("{count} in five sessions")],
        };
        if !again.is_empty() {
            told.push(format!("the plan sells what was bought today: {}", again.join(", ")));
        }
        let today = done.iter().filter(|(day, _)| *day == session);
        let today: Vec<_> = today.map(|(_, symbol)| symbol.to_string()).collect();
        if !today.is_empty() {
            told.push(format!("bought and sold today: {}", today.join(", ")));
        }
        if count >= PATTERN {
            let equity = self.inputs.account.equity;
            let less =
                if equity < Money::new(PATTERN_EQUITY.into()) { ", and it is less" } else { "" };
            told.push(format!(
                "{PATTERN} make a pattern day trader, who needs an equity of {PATTERN_EQUITY} in a \
                 margin account: it is {equity}{less}"
            ));
        }
        Ok(warned(told.len() > 1, &told))
    }

    /// Reported, not solved, and too much rather than too little: shares that are bought and all sold
    /// again are among them, too.
    pub(super) fn wash_sales(&self) -> Verdict {
        let (mut told, mut unknown) = (Vec::new(), 0);
        for order in self.plan.orders() {
            let found = match order.side {
                Side::Buy => self.bought_back(order),
                Side::Sell => self.sold_at_loss(order),
            };
            match found {
                Ok(Wash::No) => {}
                Ok(Wash::NotKnown) => unknown += 1,
                Ok(Wash::Yes(reason)) => told.push(reason),
                Err(error) => told.push(error.to_string()),
            }
        }
        let is_found = !told.is_empty();
        if !is_found {
            told.push("none".to_owned());
        }
        if unknown > 0 {
            told.push(format!("the cost of {unknown} names is not known"));
        }
        Ok(warned(is_found, &told))
    }

    /// Looks whether a buy brings back what was sold at a loss.
    fn bought_back(&self, order: &PlannedOrder) -> Result<Wash, Error> {
        let (known, symbol, session) = (self.inputs.known, &order.symbol, self.plan.session());
        let actions = known.stocks.get(symbol).map_or(&[][..], |stock| &stock.actions);
        let lots = known.history.lots(symbol, actions)?;
        let mut recent = lots
            .sold
            .iter()
            .rev()
            .filter(|(day, _)| session.signed_duration_since(*day) <= WASH_DAYS);
        let at_loss = recent.clone().find(|(_, how)| *how == Sold::AtLoss);
        Ok(match at_loss {
            Some((day, _)) => Wash::Yes(format!("{symbol} was sold at a loss on {day}")),
            None if recent.any(|(_, how)| *how == Sold::NotKnown) => Wash::NotKnown,
            None => Wash::No,
        })
    }

    /// Looks whether a sale would be at a loss, of a stock that was bought a short while ago.
    fn sold_at_loss(&self, order: &PlannedOrder) -> Result<Wash, Error> {
        let (known, symbol, session) = (self.inputs.known, &order.symbol, self.plan.session());
        let actions = known.stocks.get(symbol).map_or(&[][..], |stock| &stock.actions);
        let mut lots = known.history.lots(symbol, actions)?;
        let brought = money(&-self.cost(order).exactly(order.quantity));
        let how = lots.sell(session, order.quantity, brought)?;
        let mut bought = lots.bought.iter().rev();
        let recent = bought.find(|day| session.signed_duration_since(**day) <= WASH_DAYS);
        Ok(match (how, recent) {
            (Sold::AtLoss, Some(day)) => {
                Wash::Yes(format!("{symbol} is sold at a loss, and was bought on {day}"))
            }
            (Sold::NotKnown, _) => Wash::NotKnown,
            _ => Wash::No,
        })
    }
}

/// What was found of one order.
enum Wash {
    Yes(String),
    No,
    NotKnown,
}

fn warned(is_warning: bool, told: &[String]) -> String {
    format!("{}{}", if is_warning { "warning: " } else { "" }, told.join(", "))
}
