use crate::Plan;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a check.
///
/// ```
/// assert_eq!(decile_trade::CheckName::NoOversell.to_string(), "no_oversell");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckName {
    /// The plan was made for this account, its currency, and holdings that are not short, and the limits
    /// themselves make sense.
    Account,
    /// No order is worth too much.
    OrderNotionalMax,
    /// There are not too many orders.
    OrderCountMax,
    /// No name weighs too much after the trades.
    NameWeightMax,
    /// No company weighs too much after the trades, its share classes together.
    IssuerWeightMax,
    /// No sector weighs too much after the trades.
    SectorWeightMax,
    /// All names together do not weigh too much after the trades.
    GrossMax,
    /// No price, of the last trade or likely to be dealt, is far from the previous close.
    PriceMoveMax,
    /// Every order rests on a fresh quote, and every quote is of the stock that it is filed under.
    QuoteAgeMax,
    /// What is traded by market order has a spread that is known and small.
    SpreadMax,
    /// The exchange is open, and not about to open or to close where that matters.
    SessionHours,
    /// Nothing is sold that is not held.
    NoOversell,
    /// The cash pays for all buys and fees.
    CashNotNegative,
    /// In a cash account, the settled cash pays for all buys and their fees, and leaves the buffer.
    SettledCash,
    /// There are not too many orders in the session, earlier runs included.
    DayOrderCountMax,
    /// Not too much is bought in the session, earlier runs included.
    DayBuysMax,
    /// Not too much is traded at once.
    TurnoverMax,
    /// Nothing is bought after too much was lost.
    LossLatch,
    /// Nobody else has an open order in a name of the plan.
    OpenOrders,
    /// What is held is the strategy's own.
    OwnPositions,
    /// What is bought has a price that is not too low.
    PriceMin,
    /// No order is too large for the volume of a day.
    AdvFractionMax,
    /// Enough of what is bought changes hands in a day.
    DayValueMin,
    /// What is bought belongs to a company that is worth enough.
    MarketCapMin,
    /// No share changes its basis between the data and the session.
    CorporateAction,
    /// Nothing is traded that is known to be halted.
    Tradable,
    /// Whether a company reports within a session; it warns, and never denies.
    EarningsNear,
    /// The broker's own margin check bears the orders; the executor asks for it.
    Margin,
    /// How often a name was bought and sold again in one session; it warns, and never denies.
    DayTrades,
    /// Whether a loss that is sold is bought back within thirty days; it warns, and never denies.
    WashSales,
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Account => "account",
            Self::OrderNotionalMax => "order_notional_max",
            Self::OrderCountMax => "order_count_max",
            Self::NameWeightMax => "name_weight_max",
            Self::IssuerWeightMax => "issuer_weight_max",
            Self::SectorWeightMax => "sector_weight_max",
            Self::GrossMax => "gross_max",
            Self::PriceMoveMax => "price_move_max",
            Self::QuoteAgeMax => "quote_age_max",
            Self::SpreadMax => "spread_max",
            Self::SessionHours => "session_hours",
            Self::NoOversell => "no_oversell",
            Self::CashNotNegative => "cash_not_negative",
            Self::SettledCash => "settled_cash",
            Self::DayOrderCountMax => "day_order_count_max",
            Self::DayBuysMax => "day_buys_max",
            Self::TurnoverMax => "turnover_max",
            Self::LossLatch => "loss_latch",
            Self::OpenOrders => "open_orders",
            Self::OwnPositions => "own_positions",
            Self::PriceMin => "price_min",
            Self::AdvFractionMax => "adv_fraction_max",
            Self::DayValueMin => "day_value_min",
            Self::MarketCapMin => "market_cap_min",
            Self::CorporateAction => "corporate_action",
            Self::Tradable => "tradable",
            Self::EarningsNear => "earnings_near",
            Self::Margin => "margin",
            Self::DayTrades => "day_trades",
            Self::WashSales => "wash_sales",
        })
    }
}

/// The outcome of one check.
///
/// ```
/// use decile_trade::{Check, CheckName};
///
/// let check = Check {
///     name: CheckName::OrderCountMax,
///     allowed: true,
///     reason: "10 orders of at most 50".to_owned(),
/// };
/// assert_eq!(check.to_string(), "allow order_count_max: 10 orders of at most 50");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// Whether it allows the plan.
    pub allowed: bool,
    /// Why, with the numbers.
    pub reason: String,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allowed { "allow" } else { "deny" };
        write!(f, "{verdict} {}: {}", self.name, self.reason)
    }
}

/// A plan that a check does not allow.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Circumstances, RiskInputs, RiskLimits};
///
/// let account = account("10000");
/// let quotes = quotes(&[]);
/// let inputs = RiskInputs {
///     account: &account,
///     positions: &[],
///     quotes: &quotes,
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let plan = plan("10000", &[("KO", "50")]);
/// let denied = RiskLimits::default().approve(plan, &inputs).expect_err("no quotes");
/// assert!(denied.to_string().contains("quote_age_max: KO has no quote"), "{denied}");
/// assert_eq!(denied.plan().orders().len(), 1);
/// ```
#[derive(Debug)]
pub struct Denied {
    plan: Plan,
    checks: Vec<Check>,
}

impl Denied {
    pub(super) fn new(plan: Plan, checks: Vec<Check>) -> Self {
        Self { plan, checks }
    }

    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the outcomes of all checks.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Returns the outcomes of the checks that do not allow the plan; at least one.
    pub fn broken(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.allowed)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plan is denied")?;
        for check in self.broken() {
            write!(f, "; {}: {}", check.name, check.reason)?;
        }
        Ok(())
    }
}

impl std::error::Error for Denied {}
