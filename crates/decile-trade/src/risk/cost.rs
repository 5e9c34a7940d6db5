//! What an order costs at worst.

use crate::Side;
use crate::exact::{Exact, exact, floor_to_lot, money, whole};
use decile_core::{Decimal, FixedCommission, Money, Price, Shares};

/// The price that an order is likely to get, and the larger of two fees: that of the plan and the
/// broker's commission.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(super) side: Side,
    pub(super) dealt: Price,
    pub(super) fee: Decimal,
    pub(super) commission: FixedCommission,
}

impl Cost {
    /// Returns what so many shares need (a buy) or, below 0, bring (a sale).
    pub(super) fn exactly(&self, quantity: Shares) -> Exact {
        let value = whole(quantity) * exact(self.dealt.get());
        // Out of range, the value is too, and the checks say so.
        let commission = self.commission.of(self.dealt, quantity).unwrap_or_default();
        let fee = (&value * exact(self.fee)).max(exact(commission.get()));
        match self.side {
            Side::Buy => value + fee,
            Side::Sell => fee - value,
        }
    }

    /// The same in money. The checks have found every amount of an approved order small enough: cash
    /// that is not negative bounds it.
    pub(super) fn of(&self, quantity: Shares) -> Money {
        money(&self.exactly(quantity)).unwrap_or_default()
    }

    /// Returns the most shares, in lots, that the cash pays for; none if it does not pay for one lot.
    pub(super) fn affordable(&self, cash: Money, lot: Shares) -> Shares {
        let cash = exact(cash.get());
        let dearest = floor_to_lot(&(&cash / exact(self.dealt.get())), lot).unwrap_or_default();
        // More shares never cost less, so halving finds the most: `paid` lots can be paid, and more
        // than `most` cannot.
        let (mut paid, mut most) = (0, dearest.get().max(0) / lot.get());
        while paid < most {
            let middle = paid + (most - paid + 1) / 2;
            match self.exactly(Shares::new(middle * lot.get())) <= cash {
                true => paid = middle,
                false => most = middle - 1,
            }
        }
        Shares::new(paid * lot.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(price: &str, fee: &str) -> Cost {
        Cost {
            side: Side::Buy,
            dealt: price.parse().unwrap(),
            fee: fee.parse().unwrap(),
            commission: FixedCommission::default(),
        }
    }

    fn affordable(cost: &Cost, cash: &str, lot: i64) -> i64 {
        cost.affordable(cash.parse().unwrap(), Shares::new(lot)).get()
    }

    #[test]
    fn the_fee_is_paid_too() {
        // 100 x 10 and a commission of 1.00.
        assert_eq!(affordable(&cost("10", "0"), "1001", 1), 100);
        assert_eq!(affordable(&cost("10", "0"), "1000.99", 1), 99);
        // 1 % of 1,000 is more than that.
        assert_eq!(affordable(&cost("10", "0.01"), "1010", 1), 100);
        assert_eq!(affordable(&cost("10", "0.01"), "1009.99", 1), 99);
        assert_eq!(affordable(&cost("10", "0"), "1001", 30), 90);
        assert_eq!(affordable(&cost("10", "0"), "10", 1), 0);
        assert_eq!(affordable(&cost("10", "0"), "-5", 1), 0);
    }

    #[test]
    fn it_is_the_most_that_can_be_paid() {
        for price in ["0.01", "0.37", "3", "51.85", "9999.99"] {
            for fee in ["0", "0.0001", "0.02", "0.9"] {
                let cost = cost(price, fee);
                for cash in ["0.5", "7", "99.99", "1234.56", "250000"] {
                    for lot in [1, 7, 100] {
                        let count = affordable(&cost, cash, lot);
                        let pays = |count: i64| {
                            cost.exactly(Shares::new(count)) <= exact(cash.parse().unwrap())
                        };
                        assert!(count % lot == 0 && (count == 0 || pays(count)));
                        assert!(!pays(count + lot), "{count} of {lot} at {price} with {cash}");
                    }
                }
            }
        }
    }
}
