use crate::{ActionKind, CorporateAction, Decimal, Error, Money, Price, Shares, Symbol};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Shares of one stock that are held, and what they cost together.
///
/// The arithmetic of a simulated account. A sale takes its part of the cost, rounded to six
/// decimals, and leaves the rest, so that what is sold and what is held always add up to what was
/// paid; an average is a word for it and never reckoned with.
///
/// ```
/// use decile_core::{Holding, Shares};
///
/// let none = Holding::default();
/// let held = none.bought(Shares::new(100), "6122.00".parse()?); // with its commission
/// assert_eq!(held.average_cost(), "61.22".parse()?);
/// let left = held.sold(Shares::new(40))?;
/// assert_eq!((left.quantity, left.cost), (Shares::new(60), "3673.20".parse()?));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Holding {
    /// How many shares; below 0 for a short holding.
    pub quantity: Shares,
    /// What they cost, the commissions of the purchases included; below 0 what a short holding
    /// brought in.
    pub cost: Money,
}

/// A holding in a file. Files of earlier versions have its average alone.
#[derive(Serialize, Deserialize)]
struct Written {
    quantity: Shares,
    average_cost: Money,
    #[serde(default)]
    cost: Option<Money>,
}

impl From<Holding> for Written {
    fn from(holding: Holding) -> Self {
        let Holding { quantity, cost } = holding;
        Self { quantity, average_cost: holding.average_cost(), cost: Some(cost) }
    }
}

impl TryFrom<Written> for Holding {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self, Error> {
        let Written { quantity, average_cost, cost } = written;
        match cost {
            Some(cost) => Ok(Self { quantity, cost }),
            None => Self::at_average(quantity, average_cost),
        }
    }
}

impl Holding {
    /// Makes a holding of what a share of it cost on average.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the cost leaves the range of a decimal.
    pub fn at_average(quantity: Shares, average_cost: Money) -> Result<Self, Error> {
        Ok(Self { quantity, cost: average_cost.times(Decimal::from(quantity.get()))? })
    }

    /// Returns what a share cost on average, rounded to six decimals; 0 for no shares.
    #[must_use]
    pub fn average_cost(self) -> Money {
        per_share(self.cost, Decimal::from(self.quantity.get())).unwrap_or_default()
    }

    /// Returns the holding after a purchase that cost so much, its commission included.
    #[must_use]
    pub fn bought(self, quantity: Shares, cost: Money) -> Self {
        Self { quantity: self.quantity + quantity, cost: self.cost + cost }
    }

    /// Returns the holding after a sale, which takes its part of the cost.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount leaves the range of a decimal.
    pub fn sold(self, quantity: Shares) -> Result<Self, Error> {
        let left = self.quantity - quantity;
        let taken = match left.is_zero() {
            true => self.cost,
            false => part(self.cost, quantity, Decimal::from(self.quantity.get()))?,
        };
        Ok(Self { quantity: left, cost: self.cost - taken })
    }

    /// Returns what a split, dividend or spin-off makes of the holding, and the cash it pays.
    ///
    /// A split multiplies the shares and leaves their cost; a fraction of a share that is left
    /// over is paid in cash at `close`, which is on the share basis after the split, or without one
    /// at the average cost, and takes its part of the cost. Dividends and spin-offs are paid in cash, to the cent.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// use decile_core::{ActionKind, CorporateAction, Holding, Shares};
    ///
    /// let ex_date = NaiveDate::from_ymd_opt(2024, 6, 10).expect("a date");
    /// let split = ActionKind::Split;
    /// let action = CorporateAction { symbol: "NVDA".parse()?, ex_date, kind: split, value: 10.0 };
    /// let held = Holding { quantity: Shares::new(3), cost: "3600".parse()? };
    /// let (after, cash) = held.after(&action, None)?;
    /// assert_eq!((after.quantity, after.average_cost()), (Shares::new(30), "120".parse()?));
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
                if fraction.is_zero() {
                    return Ok((Self { quantity, ..self }, Money::ZERO));
                }
                let all = Decimal::from(quantity.get()) + fraction;
                let average = per_share(self.cost, all).ok_or_else(invalid)?;
                let price = close.map_or(average.get(), Price::get);
                let paid = Money::new(price).times(fraction)?.to_cents();
                Ok((Self { quantity, cost: part(self.cost, quantity, all)? }, paid))
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

/// Returns the cost of some shares out of all, rounded to six decimals; nothing of no shares.
fn part(cost: Money, shares: Shares, all: Decimal) -> Result<Money, Error> {
    let part = Decimal::from(shares.get()).checked_div(all).unwrap_or_default();
    Ok(Money::new(cost.times(part)?.get().round_dp(6).normalize()))
}

/// Returns a cost per share, rounded to six decimals; nothing for no shares.
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
        let held = Holding::default().bought(Shares::new(3), "100".parse().unwrap());
        assert_eq!(held.average_cost().to_string(), "33.333333");
        let left = held.sold(Shares::new(1)).unwrap();
        assert_eq!(left.cost.to_string(), "66.666667");
        assert_eq!(held.sold(Shares::new(3)).unwrap(), Holding::default());
        assert_eq!(left.sold(Shares::new(2)).unwrap(), Holding::default());
    }

    #[test]
    fn files_of_earlier_versions_have_an_average_alone() {
        let read = |text: &str| serde_json::from_str::<Holding>(text).unwrap();
        let old = read(r#"{"quantity":3,"average_cost":"33.333333"}"#);
        assert_eq!(old.cost.to_string(), "99.999999");
        let held = Holding { quantity: Shares::new(3), cost: "100".parse().unwrap() };
        let written = serde_json::to_string(&held).unwrap();
        assert_eq!(written, r#"{"quantity":3,"average_cost":"33.333333","cost":"100"}"#);
        assert_eq!(read(&written), held);
    }

    #[test]
    fn a_split_keeps_the_cost_and_a_fraction_takes_its_part() {
        let ex_date = "2026-06-10".parse().unwrap();
        let split = |value| CorporateAction {
            symbol: "KO".parse().unwrap(),
            ex_date,
            kind: ActionKind::Split,
            value,
        };
        let held = Holding { quantity: Shares::new(3), cost: "100".parse().unwrap() };
        let (after, paid) = held.after(&split(2.0), None).unwrap();
        assert_eq!((after.quantity.get(), after.cost), (6, held.cost));
        assert_eq!(paid, Money::ZERO);
        // Four and a half shares for 100: half of one for 11.11 is paid out.
        let (after, paid) = held.after(&split(1.5), None).unwrap();
        assert_eq!((after.quantity.get(), after.cost.to_string()), (4, "88.888889".to_owned()));
        assert_eq!(paid.to_string(), "11.11");
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
