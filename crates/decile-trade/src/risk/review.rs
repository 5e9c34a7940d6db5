//! The checks, one function each.

mod rules;
mod session;
mod stocks;
mod weights;

use super::cost::Cost;
use super::{Check, CheckName, RiskInputs, RiskLimits, hours};
use crate::exact::{Exact, exact, money, percent, sum, whole};
use crate::plan::reference;
use crate::{OrderKind, Plan, PlannedOrder, Side};
use decile_core::{Money, Price, Quote, Shares, Symbol};
use std::collections::BTreeMap;
use std::time::Duration;

/// A plan beside what it is checked against.
#[derive(Debug)]
pub(super) struct Review<'a> {
    limits: &'a RiskLimits,
    plan: &'a Plan,
    inputs: &'a RiskInputs<'a>,
    held: BTreeMap<&'a Symbol, Shares>,
    after: BTreeMap<&'a Symbol, Shares>,
}

/// What is wrong, or else how near the plan comes to the limit.
pub(super) type Verdict = Result<String, Vec<String>>;

impl<'a> Review<'a> {
    pub(super) fn new(limits: &'a RiskLimits, plan: &'a Plan, inputs: &'a RiskInputs<'a>) -> Self {
        let mut held: BTreeMap<&Symbol, Shares> = BTreeMap::new();
        for position in inputs.positions {
            let quantity = held.entry(&position.symbol).or_default();
            *quantity = *quantity + position.quantity;
        }
        let mut after = held.clone();
        for order in plan.orders() {
            let quantity = after.entry(&order.symbol).or_default();
            *quantity = *quantity + order.side.signed(order.quantity);
        }
        Self { limits, plan, inputs, held, after }
    }

    pub(super) fn checks(&self) -> Vec<Check> {
        [
            (CheckName::Account, self.account()),
            (CheckName::OrderNotionalMax, self.order_notional()),
            (CheckName::OrderCountMax, self.order_count()),
            (CheckName::NameWeightMax, self.name_weight()),
            (CheckName::IssuerWeightMax, self.issuer_weight()),
            (CheckName::SectorWeightMax, self.sector_weight()),
            (CheckName::GrossMax, self.gross()),
            (CheckName::PriceMoveMax, self.price_move()),
            (CheckName::QuoteAgeMax, self.quote_age()),
            (CheckName::SpreadMax, self.spread()),
            (CheckName::SessionHours, hours::check(self.plan, self.inputs.now)),
            (CheckName::NoOversell, self.no_oversell()),
            (CheckName::CashNotNegative, self.cash_not_negative()),
            (CheckName::SettledCash, self.settled_cash()),
            (CheckName::DayOrderCountMax, self.day_order_count()),
            (CheckName::DayBuysMax, self.day_buys()),
            (CheckName::TurnoverMax, self.turnover()),
            (CheckName::LossLatch, self.loss_latch()),
            (CheckName::OpenOrders, self.open_orders()),
            (CheckName::OwnPositions, self.own_positions()),
            (CheckName::PriceMin, self.price_min()),
            (CheckName::AdvFractionMax, self.adv_fraction()),
            (CheckName::DayValueMin, self.day_value()),
            (CheckName::MarketCapMin, self.market_cap()),
            (CheckName::CorporateAction, self.corporate_action()),
            (CheckName::Tradable, self.tradable()),
            (CheckName::EarningsNear, self.earnings_near()),
            (CheckName::DayTrades, self.day_trades()),
            (CheckName::WashSales, self.wash_sales()),
        ]
        .map(|(name, verdict)| match verdict {
            Ok(reason) => Check { name, allowed: true, reason },
            Err(reasons) => Check { name, allowed: false, reason: reasons.join(", ") },
        })
        .into()
    }

    /// What each order costs.
    pub(super) fn costs(&self) -> Vec<(Cost, Money)> {
        let cost = |order: &PlannedOrder| {
            let cost = self.cost(order);
            (cost, cost.of(order.quantity))
        };
        self.plan.orders().iter().map(cost).collect()
    }

    fn account(&self) -> Verdict {
        let account = self.inputs.account;
        let mut wrong = Vec::new();
        if account.id != *self.plan.account() {
            wrong.push(format!("the plan is for {}, not for {}", self.plan.account(), account.id));
        }
        if account.currency != self.plan.currency() {
            let (plan, account) = (self.plan.currency(), account.currency);
            wrong.push(format!("the plan is in {plan}, the account in {account}"));
        }
        if account.equity <= Money::ZERO {
            wrong.push(format!("the equity is {}", account.equity));
        }
        // Whoever wrote the limits in a program may have checked nothing.
        wrong.extend(self.limits.check().err().map(|error| error.to_string()));
        let shorts = self.held.iter().filter(|(_, quantity)| **quantity < Shares::ZERO);
        wrong.extend(shorts.map(|(symbol, quantity)| format!("{quantity} {symbol} are held")));
        verdict(wrong, || format!("{} with {}", account.id, account.equity))
    }

    fn order_notional(&self) -> Verdict {
        let most = self.limits.order_notional_max;
        let value = |order: &PlannedOrder| whole(order.quantity) * exact(self.dearest(order).get());
        let told = |order: &PlannedOrder| {
            let value = money(&value(order)).map_or("out of range".to_owned(), |it| it.to_string());
            format!("{} {} is {value} of at most {most}", order.side, order.symbol)
        };
        let orders = self.plan.orders();
        let above = orders.iter().filter(|order| value(order) > exact(most.get()));
        verdict(above.map(told).collect(), || {
            let largest = orders.iter().max_by_key(|order| value(order));
            largest.map_or_else(|| "no order".to_owned(), told)
        })
    }

    fn order_count(&self) -> Verdict {
        let (count, most) = (self.plan.orders().len(), self.limits.order_count_max);
        let told = format!("{count} orders of at most {most}");
        if count > most { Err(vec![told]) } else { Ok(told) }
    }

    fn gross(&self) -> Verdict {
        let gross = sum(self.weights_after().into_iter().map(|(_, weight)| weight));
        let most = exact(self.limits.gross_max);
        let told = format!("{} of at most {}", percent(&gross), percent(&most));
        // A plan that only sells makes it smaller, however large it is.
        if gross > most && self.buys().next().is_some() { Err(vec![told]) } else { Ok(told) }
    }

    fn price_move(&self) -> Verdict {
        let most = exact(self.limits.price_move_max);
        let mut wrong = Vec::new();
        let mut largest = (whole(Shares::new(-1)), "no order".to_owned());
        for order in self.plan.orders() {
            let symbol = &order.symbol;
            let Some(previous) = self.quote(order).and_then(|quote| quote.previous_close) else {
                wrong.push(format!("the previous close of {symbol} is not known"));
                continue;
            };
            // A last trade says little if the order is dealt far away from it.
            let change = [self.price(order), self.dealt(order)]
                .map(|price| distance(price, previous))
                .into_iter()
                .fold(whole(Shares::ZERO), Exact::max);
            let told = format!(
                "{symbol} is {} from its previous close {previous}, of at most {}",
                percent(&change),
                percent(&most)
            );
            if change > most {
                wrong.push(told.clone());
            }
            largest = largest.max((change, told));
        }
        verdict(wrong, || largest.1)
    }

    fn quote_age(&self) -> Verdict {
        let most = self.limits.quote_age_max;
        let misfiled = self.inputs.quotes.iter().filter(|(symbol, quote)| quote.symbol != **symbol);
        let told = |(symbol, quote): (&Symbol, &Quote)| {
            format!("the quote of {symbol} is one of {}", quote.symbol)
        };
        let mut wrong: Vec<_> = misfiled.map(told).collect();
        let mut oldest = Duration::ZERO;
        for order in self.plan.orders() {
            let symbol = &order.symbol;
            let Some(quote) = self.quote(order) else {
                wrong.push(format!("{symbol} has no quote"));
                continue;
            };
            if quote.currency != self.plan.currency() {
                wrong.push(format!("{symbol} is quoted in {}", quote.currency));
            }
            if reference(Some(quote)).is_none() {
                wrong.push(format!("the quote of {symbol} has no price"));
            }
            let age = quote.age(self.inputs.now);
            let lead = (-age).to_std().unwrap_or_default();
            let age = age.to_std().unwrap_or_default();
            if lead > self.limits.quote_lead_max {
                wrong.push(format!("the quote of {symbol} is {} from the future", seconds(lead)));
            }
            if age > most {
                wrong.push(format!(
                    "the quote of {symbol} is {} old of at most {}",
                    seconds(age),
                    seconds(most)
                ));
            }
            oldest = oldest.max(age);
        }
        verdict(wrong, || {
            format!("the oldest quote is {} old of at most {}", seconds(oldest), seconds(most))
        })
    }

    /// A market order pays whatever the spread is, so it must be known and small: the broker's algorithm
    /// may wait for a better price, and need not get one. An auction has no spread.
    fn spread(&self) -> Verdict {
        let most = exact(self.limits.spread_max);
        let is_market =
            |order: &&PlannedOrder| matches!(order.kind, OrderKind::Market | OrderKind::Adaptive);
        let mut wrong = Vec::new();
        let mut widest = (whole(Shares::new(-1)), "no market order".to_owned());
        for order in self.plan.orders().iter().filter(is_market) {
            let symbol = &order.symbol;
            let Some(spread) = self.quote(order).and_then(relative_spread) else {
                wrong.push(format!("the spread of {symbol} is not known"));
                continue;
            };
            let told = format!("{symbol} has {} of at most {}", percent(&spread), percent(&most));
            if spread > most {
                wrong.push(told.clone());
            }
            widest = widest.max((spread, told));
        }
        verdict(wrong, || widest.1)
    }

    fn no_oversell(&self) -> Verdict {
        let sells = self.plan.orders().iter().filter(|order| order.side == Side::Sell);
        let told = |order: &PlannedOrder| {
            let held = self.held.get(&order.symbol).copied().unwrap_or_default();
            (order.quantity > held)
                .then(|| format!("{} of {held} {} are sold", order.quantity, order.symbol))
        };
        let wrong: Vec<_> = sells.clone().filter_map(told).collect();
        verdict(wrong, || format!("{} sales of what is held", sells.count()))
    }

    fn cash_not_negative(&self) -> Verdict {
        let cash = exact(self.inputs.account.cash.get());
        let cost = |order: &PlannedOrder| self.cost(order).exactly(order.quantity);
        let costs = sum(self.plan.orders().iter().map(cost));
        let left = cash - costs;
        let told = money(&left).map_or_else(
            || "the cash is out of range".to_owned(),
            |left| format!("{:.2} is left after fees", left.to_cents()),
        );
        // A sale is worth its proceeds even to an account in debit.
        if left < whole(Shares::ZERO) && self.buys().next().is_some() {
            return Err(vec![format!("{told}: leave a larger cash buffer")]);
        }
        if money(&left).is_none() { Err(vec![told]) } else { Ok(told) }
    }

    fn cost(&self, order: &PlannedOrder) -> Cost {
        Cost {
            side: order.side,
            dealt: self.dealt(order),
            fee: self.plan.fee(),
            commission: self.limits.commission,
        }
    }

    /// The price that the order is likely to get: buys pay the ask and sells get the bid, where they
    /// are known. An order with a limit is taken at that, which is the worst that it can get.
    fn dealt(&self, order: &PlannedOrder) -> Price {
        if let Some(limit) = order.kind.limit() {
            return limit;
        }
        let quote = self.quote(order);
        let dealt = match order.side {
            Side::Buy => quote.and_then(|quote| quote.ask),
            Side::Sell => quote.and_then(|quote| quote.bid),
        };
        dealt.unwrap_or(self.price(order))
    }

    /// The larger of the two, to measure what an order is worth.
    fn dearest(&self, order: &PlannedOrder) -> Price {
        self.price(order).max(self.dealt(order))
    }

    /// The current price; without one that of the plan, and then the check of the quotes denies.
    fn price(&self, order: &PlannedOrder) -> Price {
        reference(self.quote(order)).unwrap_or(order.reference)
    }

    fn quote(&self, order: &PlannedOrder) -> Option<&Quote> {
        self.inputs.quotes.get(&order.symbol)
    }

    fn buys(&self) -> impl Iterator<Item = &PlannedOrder> {
        self.plan.orders().iter().filter(|order| order.side == Side::Buy)
    }
}

/// Returns by how much a price differs from the previous close, as a fraction of that.
fn distance(price: Price, previous: Price) -> Exact {
    let change = exact(price.get()) / exact(previous.get()) - whole(Shares::new(1));
    if change < whole(Shares::ZERO) { -change } else { change }
}

/// Returns the distance of bid and ask, as a fraction of their middle.
fn relative_spread(quote: &Quote) -> Option<Exact> {
    let (bid, ask, middle) = (quote.bid?, quote.ask?, quote.mid()?);
    Some((exact(ask.get()) - exact(bid.get())) / exact(middle.get()))
}

/// Writes a time for a person: whole seconds, or milliseconds where they matter.
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_millis() as f64 / 1000.0)
}

fn verdict(wrong: Vec<String>, fine: impl FnOnce() -> String) -> Verdict {
    if wrong.is_empty() { Ok(fine()) } else { Err(wrong) }
}
