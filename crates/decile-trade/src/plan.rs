mod id;
mod note;
mod rules;
mod size;
mod style;
mod toward;

pub use id::PlanId;
pub use note::{Note, NoteKind};
pub use rules::PlanRules;
pub(crate) use rules::refuse_invalid;
pub use style::OrderStyle;

use crate::exact::{exact, money, whole};
use crate::{Account, AccountId, PlannedOrder, Position, Side, StrategyId};
use chrono::NaiveDate;
use decile_core::{Currency, Decimal, Money, Price, Quote, Shares, Symbol, Targets};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a plan is made of. Nothing else is read.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Plan, PlanInputs, PlanRules};
///
/// let inputs = PlanInputs {
///     strategy: &strategy(),
///     session: session(),
///     targets: &targets(&["KO", "PEP"]),
///     account: &account("10000"),
///     positions: &[],
///     quotes: &quotes(&[("KO", "50"), ("PEP", "150")]),
///     average_daily_volume: None,
/// };
/// let plan = Plan::toward(&inputs, &PlanRules::default())?;
/// // Half of 9,500 dollars each; 5 % stays in cash.
/// assert_eq!(plan.orders()[0].to_string(), "buy 95 KO at about 50");
/// assert_eq!(plan.orders()[1].to_string(), "buy 31 PEP at about 150");
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PlanInputs<'a> {
    /// Whose plan it is; goes into the order ids.
    pub strategy: &'a StrategyId,
    /// The session in which the orders are to trade; goes into the order ids.
    pub session: NaiveDate,
    /// What is wanted. What it does not name is sold.
    pub targets: &'a Targets,
    /// What the account has.
    pub account: &'a Account,
    /// What the account holds.
    pub positions: &'a [Position],
    /// What the stocks trade at. A stock without a quote is left alone.
    pub quotes: &'a BTreeMap<Symbol, Quote>,
    /// Shares that change hands in a day, for the clip by volume; `None` does without the clip.
    pub average_daily_volume: Option<&'a BTreeMap<Symbol, Shares>>,
}

/// The orders that lead from what is held to what is wanted, and what was left out and why.
///
/// Only [`Plan::toward`] makes one, so its orders are always valid: each symbol at most once, the
/// quantities above 0, sells before buys. It is plain data otherwise, and nothing has been allowed
/// yet: that is up to [`RiskLimits::approve`](crate::RiskLimits::approve).
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
/// // 10,000 less 95 x 50 and 31 x 150, less a fee of 1 basis point of 9,400.
/// assert_eq!(plan.cash_after().to_string(), "599.06");
/// assert_eq!(plan.positions_after().values().map(|held| held.get()).sum::<i64>(), 95 + 31);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    strategy: StrategyId,
    account: AccountId,
    currency: Currency,
    session: NaiveDate,
    as_of: NaiveDate,
    name_count: usize,
    fee: Decimal,
    orders: Vec<PlannedOrder>,
    notes: Vec<Note>,
    positions_after: BTreeMap<Symbol, Shares>,
    cash_after: Money,
    #[serde(skip)]
    sizing: Sizing,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    classifications: BTreeMap<Symbol, Classification>,
}

/// How an order may be made smaller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizing {
    pub(crate) lot: Shares,
    /// What is worth less is not sent.
    pub(crate) min_notional: Money,
    /// Cash that is not spent.
    pub(crate) cash_kept: Money,
    /// Stocks of which a fixed number of shares is wanted.
    pub(crate) fixed: BTreeSet<Symbol>,
}

/// To whom a stock belongs.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_core::Weight;
/// use decile_trade::{Circumstances, Classification, RiskInputs, RiskLimits};
///
/// let prices = [("GOOG", "50"), ("GOOGL", "50"), ("KO", "50")];
/// let quotes = quotes(&prices);
/// let account = account("10000");
/// let inputs = RiskInputs {
///     account: &account,
///     positions: &[],
///     quotes: &quotes,
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let alphabet = |name| {
///     (symbol(name), Classification { issuer: "Alphabet".into(), sector: "Communication".into() })
/// };
/// // A third of the equity may be in a name, and so in a company: two classes have more.
/// let plan = plan("10000", &prices).with_classifications([alphabet("GOOG"), alphabet("GOOGL")]);
/// let denied = RiskLimits::default().approve(plan, &inputs).expect_err("63 % in Alphabet");
/// assert!(denied.to_string().contains("Alphabet has 63.00 % of at most 33.33 %"), "{denied}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    /// The company; share classes of one have the same.
    pub issuer: String,
    /// Its sector.
    pub sector: String,
}

impl Plan {
    /// Says to whom the stocks belong, those that are traded and those that are held: what the limits
    /// of companies and sectors are checked by.
    #[must_use]
    pub fn with_classifications(
        mut self,
        classifications: impl IntoIterator<Item = (Symbol, Classification)>,
    ) -> Self {
        self.classifications = classifications.into_iter().collect();
        self
    }

    /// Leaves the buys out: what a strategy may still do when it may not buy.
    #[must_use]
    pub fn without_buys(mut self) -> Self {
        let (buys, sells): (Vec<_>, _) =
            self.orders.into_iter().partition(|order| order.side == Side::Buy);
        self.orders = sells;
        let with_fee = exact(Decimal::ONE + self.fee);
        for buy in buys {
            let after = self.positions_after.entry(buy.symbol.clone()).or_default();
            *after = *after - buy.quantity;
            let paid = whole(buy.quantity) * exact(buy.reference.get()) * &with_fee;
            // What was taken from an amount in range can be put back.
            self.cash_after =
                money(&(exact(self.cash_after.get()) + paid)).unwrap_or(self.cash_after);
            self.notes.push(Note { symbol: buy.symbol, kind: NoteKind::NoBuys });
        }
        self.positions_after.retain(|_, quantity| !quantity.is_zero());
        self.notes.sort();
        self
    }

    /// Returns to whom a stock belongs; `None` if nobody has said.
    #[must_use]
    pub fn classification(&self, symbol: &Symbol) -> Option<&Classification> {
        self.classifications.get(symbol)
    }

    /// Returns the strategy.
    #[must_use]
    pub fn strategy(&self) -> &StrategyId {
        &self.strategy
    }

    /// Returns the account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Returns the currency of all prices and amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Returns the session in which the orders are to trade.
    #[must_use]
    pub fn session(&self) -> NaiveDate {
        self.session
    }

    /// Returns the session whose close the targets were made of.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns how many names are wanted: the N of the rule "at most 1/N per name".
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.name_count
    }

    /// Returns the fee that the plan reckons with, as a fraction of what is traded.
    #[must_use]
    pub fn fee(&self) -> Decimal {
        self.fee
    }

    /// Returns the orders as they are to be sent: sells by value, then buys by value, the largest
    /// first; equal values by symbol.
    #[must_use]
    pub fn orders(&self) -> &[PlannedOrder] {
        &self.orders
    }

    /// Returns what was left out, cut or not known, by symbol.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns what is held when every order has filled, without empty positions.
    #[must_use]
    pub fn positions_after(&self) -> &BTreeMap<Symbol, Shares> {
        &self.positions_after
    }

    pub(crate) fn sizing(&self) -> &Sizing {
        &self.sizing
    }

    /// Returns the same plan with this order alone; what it says of the end is then not so.
    pub(crate) fn of_one(&self, order: PlannedOrder) -> Self {
        Self { orders: vec![order], ..self.clone() }
    }

    /// Returns the cash when every order has filled at its reference price, fees paid.
    ///
    /// Exact as long as 28 digits hold it, else cut downwards.
    #[must_use]
    pub fn cash_after(&self) -> Money {
        self.cash_after
    }
}

/// Returns the price to trade on: none if there is no quote, no price in it, or a bid above its
/// ask, which says that the quote is wrong, its last trade included.
pub(crate) fn reference(quote: Option<&Quote>) -> Option<Price> {
    let quote = quote?;
    if quote.bid.zip(quote.ask).is_some_and(|(bid, ask)| bid > ask) {
        return None;
    }
    quote.reference()
}
