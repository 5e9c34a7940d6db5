use super::History;
use crate::OrderSnapshot;
use chrono::NaiveDate;
use decile_core::{CorporateAction, Money, Shares, Symbol};
use std::collections::BTreeMap;

/// What a plan is checked against besides the account and the market.
///
/// The default knows nothing of the stocks, which a live account is denied for, and of no run before.
///
/// ```
/// use decile_trade::Circumstances;
///
/// let known = Circumstances::default();
/// assert!(known.history.latched().is_none() && known.open_orders.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Circumstances {
    /// What the journal tells of the runs before.
    pub history: History,
    /// What is known of the stocks; one that is missing is one of which nothing is known.
    pub stocks: BTreeMap<Symbol, StockFacts>,
    /// The orders of the account that may still fill, whoever sent them.
    pub open_orders: Vec<OrderSnapshot>,
}

/// What is known of a stock on the day on which it is traded.
///
/// ```
/// use decile_core::Shares;
/// use decile_trade::StockFacts;
///
/// let facts = StockFacts { average_daily_volume: Some(Shares::new(5_000_000)), ..Default::default() };
/// assert_eq!(facts.is_tradable, None); // not known
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StockFacts {
    /// Shares that change hands in a day.
    pub average_daily_volume: Option<Shares>,
    /// Market value of the company.
    pub market_cap: Option<Money>,
    /// Whether it trades: `Some(false)` if it is halted.
    pub is_tradable: Option<bool>,
    /// The actions that are known, past and to come.
    pub actions: Vec<CorporateAction>,
    /// When the company reports next.
    pub earnings: Option<NaiveDate>,
}

impl StockFacts {
    /// Returns the action that changes what a share is between the close of `as_of` and the end of
    /// `session`: a split or a spin-off. Prices and shares are on different bases around it, so the name
    /// is better left alone for the day.
    #[must_use]
    pub fn rebased_by(&self, as_of: NaiveDate, session: NaiveDate) -> Option<&CorporateAction> {
        use decile_core::ActionKind::{Spinoff, Split};
        let is_due = |action: &&CorporateAction| {
            matches!(action.kind, Split | Spinoff)
                && action.ex_date > as_of
                && action.ex_date <= session
        };
        self.actions.iter().find(is_due)
    }
}
