use crate::{Decimal, Error, Money, Price, Shares};
use serde::{Deserialize, Serialize};

/// A commission per share with a least and a greatest amount per order.
///
/// The default is the "fixed" pricing that Interactive Brokers publishes for stocks of the United
/// States: 0.005 per share, at least 1.00 per order, at most 1 % of what is traded. Where the two
/// bounds cross, on orders below 100 dollars, the greatest amount stands.
///
/// ```
/// use decile_core::{FixedCommission, Shares};
///
/// let commission = FixedCommission::default();
/// assert_eq!(commission.of("61.21".parse()?, Shares::new(1000))?.to_string(), "5.00");
/// assert_eq!(commission.of("61.21".parse()?, Shares::new(100))?.to_string(), "1.00");
/// assert_eq!(commission.of("20".parse()?, Shares::new(2))?.to_string(), "0.40");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FixedCommission {
    /// Amount per share.
    pub per_share: Money,
    /// Least amount per order.
    pub order_min: Money,
    /// Greatest amount per order, as a fraction of what is traded.
    pub notional_fraction_max: Decimal,
}

impl Default for FixedCommission {
    fn default() -> Self {
        Self {
            per_share: Money::new(Decimal::new(5, 3)),
            order_min: Money::new(Decimal::ONE),
            notional_fraction_max: Decimal::new(1, 2),
        }
    }
}

impl FixedCommission {
    /// Returns the commission of one order, rounded to cents; none for no shares.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount leaves the range of a decimal.
    pub fn of(&self, price: Price, quantity: Shares) -> Result<Money, Error> {
        let by_share = self.per_share.times(Decimal::from(quantity.get()))?;
        let most = price.notional(quantity)?.times(self.notional_fraction_max)?;
        let amount = by_share.max(self.order_min).min(most);
        // Two decimals even of a whole amount, as on a statement.
        let mut cents = amount.to_cents().get();
        cents.rescale(2);
        Ok(Money::new(cents))
    }
}
