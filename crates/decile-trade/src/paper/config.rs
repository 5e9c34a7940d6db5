use crate::{AccountId, AccountKind};
use chrono::NaiveDate;
use decile_core::{Currency, FixedCommission, Money};

/// With what a paper account begins, and what it charges.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::PaperConfig;
///
/// let config = PaperConfig::new("DU1234567".parse()?, money("1000000"), session());
/// assert_eq!(config.commission.order_min, money("1"));
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperConfig {
    /// The account.
    pub account: AccountId,
    /// Currency of its money.
    pub currency: Currency,
    /// Cash of a new account. An account that is read from a file keeps its own.
    pub cash: Money,
    /// First session of a new account; corporate actions apply from the next one on.
    pub session: NaiveDate,
    /// What it may buy with: a cash account refuses to buy with what is not settled.
    pub kind: AccountKind,
    /// What an order costs.
    pub commission: FixedCommission,
    /// How many events a reader may be behind before it misses some and is told so.
    pub event_capacity: usize,
}

impl PaperConfig {
    /// Makes the settings of a margin account in US dollars at Interactive Brokers' fixed commission.
    #[must_use]
    pub fn new(account: AccountId, cash: Money, session: NaiveDate) -> Self {
        Self {
            account,
            currency: Currency::USD,
            cash,
            session,
            kind: AccountKind::Margin,
            commission: FixedCommission::default(),
            event_capacity: 1024,
        }
    }
}
