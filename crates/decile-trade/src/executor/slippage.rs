//! What was paid and done, beside what was planned.

use super::report::OrderReport;
use crate::Side;
use decile_core::{Decimal, Money, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What fills cost against the price that the market had when their order was sent: the part of the
/// implementation shortfall that is paid for trading (A. Perold, "The Implementation Shortfall: Paper
/// versus Reality", Journal of Portfolio Management 14 (3), 1988). What was planned and did not trade
/// is no part of it; [`Difference`] has that. Neither are commissions.
///
/// With the arrival price `a` of an order (its reference where the market was not asked), its average
/// price `p` and `n` shares filled, a buy costs `n * (p - a)` and a sale `n * (a - p)`: above 0 is a
/// cost, below 0 a gain.
///
/// ```
/// use decile_trade::OrderReport;
///
/// let text = r#"{"id": "q:DU1:20251201:KO:S:1", "symbol": "KO", "side": "sell", "quantity": 100,
///     "status": "filled", "filled": 100, "average_price": "49.95", "commission": "1.00",
///     "reason": null, "reference": "49.90", "arrival": "50"}"#;
/// let report: OrderReport = serde_json::from_str(text)?;
/// let slippage = report.slippage().expect("all prices are known");
/// assert_eq!(slippage.cost, "5".parse()?); // 100 x (50 - 49.95)
/// assert_eq!(slippage.basis_points(), "10".parse()?); // 5 of 5,000
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slippage {
    /// What it cost; below 0 if it was a gain.
    pub cost: Money,
    /// What the filled shares were worth at their arrival prices; above 0.
    pub arrival_value: Money,
}

impl Slippage {
    /// Adds up what orders cost; `None` for none, and if a price of one is not known.
    pub(super) fn of<'a>(orders: impl Iterator<Item = &'a OrderReport>) -> Option<Self> {
        let both = |sum: Self, next: Self| Self {
            cost: sum.cost + next.cost,
            arrival_value: sum.arrival_value + next.arrival_value,
        };
        let each: Option<Vec<_>> = orders.map(OrderReport::slippage).collect();
        each?.into_iter().reduce(both)
    }

    /// Returns the cost in basis points of the value at arrival, to a hundredth of one.
    #[must_use]
    pub fn basis_points(&self) -> Decimal {
        let fraction = self.cost.get().checked_div(self.arrival_value.get()).unwrap_or_default();
        (fraction * Decimal::from(10_000)).round_dp(2).normalize()
    }
}

impl OrderReport {
    /// Returns what the fills of this order cost against the market at its sending; `None` if nothing
    /// has filled, or if a price is not known.
    #[must_use]
    pub fn slippage(&self) -> Option<Slippage> {
        if self.filled.is_zero() {
            return None;
        }
        let arrival_value = self.arrival.or(self.reference)?.notional(self.filled).ok()?;
        let traded = self.average_price?.notional(self.filled).ok()?;
        let cost = match self.side {
            Side::Buy => traded - arrival_value,
            Side::Sell => arrival_value - traded,
        };
        Some(Slippage { cost, arrival_value })
    }
}

/// What an order of the plan was to do, and what was done in all attempts of a run.
///
/// ```
/// use decile_core::Shares;
/// use decile_trade::{Difference, Side};
///
/// let difference = Difference {
///     symbol: "KO".parse()?,
///     side: Side::Buy,
///     planned: Shares::new(100),
///     filled: Shares::new(60),
///     planned_value: Some("5000".parse()?),
///     filled_value: Some("3003".parse()?),
/// };
/// assert_eq!(difference.missing(), Shares::new(40));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The stock.
    pub symbol: Symbol,
    /// Which way.
    pub side: Side,
    /// How many shares were to trade.
    pub planned: Shares,
    /// How many are known to have filled in this run.
    pub filled: Shares,
    /// What the planned shares were worth at the price of the approval; `None` if it is not known.
    pub planned_value: Option<Money>,
    /// What the filled ones traded for, without commission; `None` if it is not known.
    pub filled_value: Option<Money>,
}

impl Difference {
    /// Puts the attempts at each order together, the first of which asks for what was planned. With several
    /// orders in flight others may stand between them.
    pub(super) fn of(orders: &[OrderReport]) -> Vec<Self> {
        let mut places = BTreeMap::new();
        let mut attempts: Vec<Vec<&OrderReport>> = Vec::new();
        for order in orders {
            // A plan has one order for a stock and a side.
            let place = *places.entry((&order.symbol, order.side)).or_insert(attempts.len());
            match attempts.get_mut(place) {
                Some(attempts) => attempts.push(order),
                None => attempts.push(vec![order]),
            }
        }
        let difference = |attempts: Vec<&OrderReport>| {
            let first = attempts.first()?;
            let filled = attempts.iter().map(|order| order.filled);
            Some(Self {
                symbol: first.symbol.clone(),
                side: first.side,
                planned: first.quantity,
                filled: filled.fold(Shares::ZERO, |sum, filled| sum + filled),
                planned_value: first
                    .reference
                    .and_then(|price| price.notional(first.quantity).ok()),
                filled_value: attempts.iter().map(|order| order.value()).sum(),
            })
        };
        attempts.into_iter().filter_map(difference).collect()
    }

    /// Returns how many shares of the plan are not known to have filled.
    #[must_use]
    pub fn missing(&self) -> Shares {
        self.planned - self.filled
    }

    /// Tells whether all that was planned has filled.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.missing() <= Shares::ZERO
    }
}

impl OrderReport {
    /// What the fills traded for, if that is known.
    fn value(&self) -> Option<Money> {
        match self.average_price {
            Some(price) => price.notional(self.filled).ok(),
            None => self.filled.is_zero().then_some(Money::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExecutionReport, OrderStatus};

    fn order(id: &str, (quantity, filled): (i64, i64), prices: [Option<&str>; 3]) -> OrderReport {
        let id: crate::ClientOrderId = format!("q:DU1:20251201:{id}").parse().unwrap();
        let [reference, arrival, average_price] =
            prices.map(|price| price.map(|text| text.parse().unwrap()));
        OrderReport {
            symbol: id.symbol().clone(),
            side: id.side(),
            quantity: Shares::new(quantity),
            status: if filled < quantity { OrderStatus::Partial } else { OrderStatus::Filled },
            filled: Shares::new(filled),
            average_price,
            commission: Some("1".parse().unwrap()),
            reason: None,
            is_open: false,
            reference,
            arrival,
            id,
        }
    }

    fn report(orders: Vec<OrderReport>) -> ExecutionReport {
        ExecutionReport { orders, ..ExecutionReport::default() }
    }

    #[test]
    fn dear_buys_and_cheap_sales_cost() {
        let buy = order("A:B:1", (100, 100), [Some("49"), Some("50"), Some("50.10")]);
        // 100 x (50.10 - 50) of 5,000
        assert_eq!(buy.slippage().unwrap().basis_points(), "20".parse().unwrap());
        // Without the market at sending, the price of the approval: 100 x (50.10 - 49) of 4,900.
        let blind = OrderReport { arrival: None, ..buy.clone() };
        assert_eq!(blind.slippage().unwrap().basis_points(), "224.49".parse().unwrap());
        let sale = order("B:S:1", (100, 40), [Some("20"), Some("20"), Some("20.05")]);
        // 40 x (20 - 20.05) of 800
        assert_eq!(sale.slippage().unwrap().basis_points(), "-25".parse().unwrap());
        // (10 - 2) of 5,800 = 13.793 bp
        let both = report(vec![buy, sale]);
        assert_eq!(both.slippage().unwrap().cost, "8".parse().unwrap());
        assert_eq!(both.slippage().unwrap().basis_points(), "13.79".parse().unwrap());
        assert_eq!(both.commission(), Some("2".parse().unwrap()));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let no_price = order("A:B:1", (100, 100), [Some("49"), Some("50"), None]);
        let known = order("B:B:1", (100, 100), [Some("49"), Some("50"), Some("50")]);
        assert_eq!(no_price.slippage(), None);
        let mut both = report(vec![no_price, known]);
        assert_eq!(both.slippage(), None);
        assert_eq!(both.differences()[0].filled_value, None);
        both.orders[1].commission = None;
        assert_eq!(both.commission(), None);
        let none = report(vec![order("A:B:1", (100, 0), [Some("49"), None, None])]);
        assert_eq!(none.slippage(), None);
    }

    #[test]
    fn attempts_at_an_order_are_put_together() {
        let both = report(vec![
            order("A:B:1", (100, 40), [Some("50"), None, Some("50")]),
            // Out at the same time, so the rest of the first stands behind it.
            order("B:B:1", (10, 4), [Some("20"), None, Some("21")]),
            order("A:B:2", (60, 60), [Some("50.50"), None, Some("51")]),
        ]);
        let [a, b] = &both.differences()[..] else { panic!("two orders") };
        assert_eq!((a.planned.get(), a.filled.get()), (100, 100));
        assert_eq!(a.planned_value, Some("5000".parse().unwrap()));
        assert_eq!(a.filled_value, Some("5060".parse().unwrap()));
        assert!(a.is_none());
        assert_eq!((b.missing().get(), b.filled_value), (6, Some("84".parse().unwrap())));
        assert!(!both.is_complete());
        let [first, _, rest] = &both.orders[..] else { panic!("three attempts") };
        assert!(report(vec![first.clone(), rest.clone()]).is_complete());
    }
}
