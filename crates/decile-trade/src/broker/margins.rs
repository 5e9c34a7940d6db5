use decile_core::Money;

/// What a broker says that an order would do to the account's margin, were it to execute alone and now.
///
/// Amounts are in the currency that the broker reckons margin in, that of the account. What the broker
/// does not say is `None`, never 0.
///
/// ```
/// use decile_trade::{MarginEffect, Margins};
///
/// let initial = MarginEffect {
///     before: Some("1000".parse()?),
///     change: None,
///     after: Some("3500".parse()?),
/// };
/// let margins = Margins { initial, ..Margins::default() };
/// assert_eq!(margins.initial.change(), Some("2500".parse()?));
/// assert_eq!(margins.equity.after(), None);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Margins {
    /// The initial margin: what the account must be worth for a position to be opened.
    pub initial: MarginEffect,
    /// The maintenance margin: what it must be worth for its positions to stay.
    pub maintenance: MarginEffect,
    /// The equity with loan value, which the margins are held against.
    pub equity: MarginEffect,
    /// What the order is likely to cost in fees.
    pub commission: Option<Money>,
    /// What the broker warns of; the order would be taken all the same.
    pub warning: Option<String>,
    /// Why the broker would not take the order; `None` if it would.
    pub refusal: Option<String>,
}

/// An amount before and after an order, and the difference.
///
/// See [`Margins`].
///
/// ```
/// assert_eq!(decile_trade::MarginEffect::default().change(), None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MarginEffect {
    /// As it is without the order.
    pub before: Option<Money>,
    /// By how much the order changes it.
    pub change: Option<Money>,
    /// As it would be with the order.
    pub after: Option<Money>,
}

impl MarginEffect {
    /// Returns the amount with the order, from the other two if the broker leaves it out; `None` if it
    /// cannot be known, or is out of range.
    #[must_use]
    pub fn after(&self) -> Option<Money> {
        let sum = || plus(self.before?, self.change?);
        self.after.or_else(sum)
    }

    /// Returns the change, from the other two if the broker leaves it out; `None` if it cannot be
    /// known, or is out of range.
    #[must_use]
    pub fn change(&self) -> Option<Money> {
        let difference = || plus(self.after?, -self.before?);
        self.change.or_else(difference)
    }
}

/// Adds amounts that somebody else has told, which may be of any size.
pub(crate) fn plus(a: Money, b: Money) -> Option<Money> {
    a.get().checked_add(b.get()).map(Money::new)
}
