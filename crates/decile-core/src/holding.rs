use crate::{ActionKind, CorporateAction, Decimal, Error, Money, Price, Shares, Symbol};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Shares of one stock that are held, and what one of them cost.
///
/// The arithmetic of a simulated account: costs are rounded to six decimals, cash to cents.
///
/// ```
/// use decile_core::{Holding, Shares};
///
/// let none = Holding::default();
/// let held = none.bought(Shares::new(100), "6122.00".parse()?)?; // with its commission
/// assert_eq!(held.average_cost, "61.22".parse()?);
/// assert_eq!(held.sold(Shares::new(40)).quantity, Shares::new(60));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// How many shares.
    pub quantity: Shares,
    /// What a share cost on average, the commissions of the purchases included.
    pub average_cost: Money,
}

impl Holding {
    /// Returns the holding after a purchase that cost so much, its commission included.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount leaves the range of a decimal.
    pub fn bought(self, quantity: Shares, cost: Money) -> Result<Self, Error> {
        let before = self.average_cost.times(Decimal::from(self.quantity.get()))?;
        let quantity = self.quantity + quantity;
        Ok(Self { quantity, average_cost: average(before + cost, quantity) })
    }

    /// Returns the holding after a sale, which leaves the cost of a share as it is.
    #[must_use]
    pub fn sold(self, quantity: Shares) -> Self {
        let quantity = self.quantity - quantity;
        let average_cost = if quantity.is_zero() { Money::ZERO } else { self.average_cost };
        Self { quantity, average_cost }
    }

    /// Returns what a split, dividend or spin-off makes of the holding, and the cash it pays.
    ///
    /// A split multiplies the shares and divides their cost; a fraction of a share that is left
    /// over is paid in cash at `close`, which is on the share basis after the split, or without one
    /// at the average cost. Dividends and spin-offs are paid in cash, to the cent.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// use decile_core::{ActionKind, CorporateAction, Holding, Shares};
    ///
    /// let ex_date = NaiveDate::from_ymd_opt(2024, 6, 10).expect("a date");
    /// let split = ActionKind::Split;
    /// let action = CorporateAction { symbol: "NVDA".parse()?, ex_date, kind: split, value: 10.0 };
    /// let held = Holding { quantity: Shares::new(3), average_cost: "1200".parse()? };
    /// let (after, cash) = held.after(&action, None)?;
    /// assert_eq!((after.quantity, after.average_cost), (Shares::new(30), "120".parse()?));
    /// assert_eq!(cash, "0".parse()?);
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidAction`] for a ratio or an amount that cannot be, [`Error::Overflow`] if an
    /// amount leaves the range of a decimal.
    pub fn after(
        self,
        action: &CorporateAction,
        close: Option<Price>,
    ) -> Result<(Self, Money), Error> {
        let invalid = || Error::InvalidAction {
            symbol: action.symbol.clone(),
            ex_date: action.ex_date,
            kind: action.kind,
            value: action.value.to_string(),
        };
        // A ratio is above 0, and so is an amount: the same door as for prices.
        let value = Price::from_f64(action.value).map_err(|_| invalid())?;
        match action.kind {
            ActionKind::Dividend | ActionKind::Spinoff => {
                Ok((self, value.notional(self.quantity)?.to_cents()))
            }
            ActionKind::Split => {
                let (quantity, fraction) = split(self.quantity, value).ok_or_else(invalid)?;
                let average_cost = match fraction.is_zero() {
                    true => average(
                        self.average_cost.times(Decimal::from(self.quantity.get()))?,
                        quantity,
                    ),
                    false => per_share(self.average_cost, value.get()).ok_or_else(invalid)?,
                };
                let price = close.map_or(average_cost.get(), Price::get);
                let paid = Money::new(price).times(fraction)?.to_cents();
                Ok((Self { quantity, average_cost }, paid))
            }
        }
    }
}

/// Returns the whole shares after a split, and the fraction of one that is left over.
fn split(before: Shares, ratio: Price) -> Option<(Shares, Decimal)> {
    let after = Decimal::from(before.get()).checked_mul(ratio.get())?;
    // 1-for-3 is written 0.3333333333333333, and 300 shares of it are 100, not 99 and a fraction.
    let slack = Decimal::new(1, 6);
    let shares = after.checked_add(slack)?.floor();
    let fraction = (after - shares).max(Decimal::ZERO);
    let fraction = if fraction < slack { Decimal::ZERO } else { fraction };
    Some((Shares::new(i64::try_from(shares).ok()?), fraction))
}

/// Returns a cost per share, rounded to six decimals; nothing for no shares.
fn average(cost: Money, quantity: Shares) -> Money {
    per_share(cost, Decimal::from(quantity.get())).unwrap_or_default()
}

fn per_share(cost: Money, count: Decimal) -> Option<Money> {
    Some(Money::new(cost.get().checked_div(count)?.round_dp(6).normalize()))
}

/// A corporate action that changed an account.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::Shares;
///
/// let applied = decile_core::AppliedAction {
///     symbol: "KO".parse()?,
///     ex_date: NaiveDate::from_ymd_opt(2025, 12, 1).expect("a date"),
///     kind: decile_core::ActionKind::Dividend,
///     shares_before: Shares::new(100),
///     shares_after: Shares::new(100),
///     cash: "51.00".parse()?,
/// };
/// assert_eq!(applied.to_string(), "dividend of KO on 2025-12-01: 100 shares, 51.00 in cash");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedAction {
    /// The stock.
    pub symbol: Symbol,
    /// Its ex-date.
    pub ex_date: NaiveDate,
    /// What happened.
    pub kind: ActionKind,
    /// Shares held before.
    pub shares_before: Shares,
    /// Shares held after.
    pub shares_after: Shares,
    /// Cash that was paid.
    pub cash: Money,
}

impl AppliedAction {
    /// Applies an action to what is held; returns the record of it.
    ///
    /// # Errors
    /// As for [`Holding::after`]; the holding is as it was then.
    pub fn apply(
        action: &CorporateAction,
        holding: &mut Holding,
        close: Option<Price>,
    ) -> Result<Self, Error> {
        let (after, cash) = holding.after(action, close)?;
        let before = std::mem::replace(holding, after);
        Ok(Self {
            symbol: action.symbol.clone(),
            ex_date: action.ex_date,
            kind: action.kind,
            shares_before: before.quantity,
            shares_after: after.quantity,
            cash,
        })
    }
}

impl fmt::Display for AppliedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, ex_date, kind, shares_before, shares_after, cash } = self;
        write!(f, "{kind} of {symbol} on {ex_date}: {shares_before}")?;
        if shares_before != shares_after {
            write!(f, " to {shares_after}")?;
        }
        write!(f, " shares, {cash} in cash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_of_everything_leaves_nothing() {
        let held = Holding::default().bought(Shares::new(3), "100".parse().unwrap()).unwrap();
        assert_eq!(held.average_cost.to_string(), "33.333333");
        assert_eq!(held.sold(Shares::new(1)).average_cost, held.average_cost);
        assert_eq!(held.sold(Shares::new(3)), Holding::default());
    }

    #[test]
    fn splits_keep_whole_shares_whole() {
        let ratio = |value: f64| Price::from_f64(value).unwrap();
        let third = split(Shares::new(300), ratio(1.0 / 3.0)).unwrap();
        assert_eq!(third, (Shares::new(100), Decimal::ZERO));
        let half = split(Shares::new(189), ratio(1.5)).unwrap();
        assert_eq!(half, (Shares::new(283), Decimal::new(5, 1)));
        assert_eq!(split(Shares::new(i64::MAX), ratio(1e12)), None);
    }
}
