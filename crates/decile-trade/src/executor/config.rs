use crate::Error;
use crate::plan::refuse_invalid;
use crate::risk::seconds;
use decile_core::Decimal;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an executor waits, and how much doubt it bears.
///
/// ```
/// use decile_trade::ExecutorConfig;
/// use std::time::Duration;
///
/// let config = ExecutorConfig { fill_timeout: Duration::from_secs(5), ..Default::default() };
/// assert_eq!(config.unknown_max, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutorConfig {
    /// How long the broker may take to take an order. After that it is in doubt.
    pub submit_timeout: Duration,
    /// How long an order may take to fill before the next one is sent.
    pub fill_timeout: Duration,
    /// How long the broker may be silent about an order before it is looked up.
    pub find_interval: Duration,
    /// How long any other request may take.
    pub request_timeout: Duration,
    /// For how long a sign of life of the broker stands before an order is sent.
    pub probe_interval: Duration,
    /// For how long altogether a run waits for a connection that is lost to come back; zero: not at all.
    /// What was approved grows old meanwhile.
    pub reconnect_max: Duration,
    /// How long after its approval an order may be sent.
    pub approval_age_max: Duration,
    /// How many orders may be out at once: 1 or more. They are written down with one flush of the
    /// journal, and whatever stops the run stops it behind them.
    pub in_flight_max: usize,
    /// How many orders may end unknown before nothing more is sent.
    pub unknown_max: usize,
    /// How many orders in a row the broker may refuse: the last of so many stops the run. Those after
    /// it would most likely be refused for the same reason.
    pub rejects_max: usize,
    /// How far the broker's clock may be from ours, where it tells
    /// ([`Broker::clock_skew`](crate::Broker::clock_skew)).
    pub clock_skew_max: Duration,
    /// Whether the broker's own margin check ([`Broker::what_if`](crate::Broker::what_if)) is asked for
    /// paper accounts, too. For real money it always is: a message for each order, before the first.
    pub margin_check: bool,
    /// When a limit order has rested for too long, and what is done then; `None`: it is left at the
    /// broker.
    pub stale_limit: Option<StaleLimit>,
}

impl Default for ExecutorConfig {
    fn default() -> Self {
        Self {
            submit_timeout: Duration::from_secs(10),
            fill_timeout: Duration::from_secs(30),
            find_interval: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            probe_interval: Duration::from_secs(15),
            reconnect_max: Duration::from_secs(120),
            approval_age_max: Duration::from_secs(300),
            in_flight_max: 1,
            unknown_max: 0,
            rejects_max: 3,
            clock_skew_max: Duration::from_secs(5),
            margin_check: false,
            stale_limit: None,
        }
    }
}

/// What is done with a limit order of the session that rests: it is cancelled, and what is left of it
/// may be sent anew with a limit made of a fresh quote, as
/// [`MarketableLimit`](crate::OrderStyle::MarketableLimit) says.
///
/// The rest is a new order under a new id, and never more than was approved: no more shares than are
/// left, for a buy no more cash than is left of the approved, no limit further than `price_move_max`
/// from the price that the plan was sized with, and every check of the approval that looks at an order
/// by itself is made again. Before, the broker must show that the old one is cancelled and executions
/// that add up to what it has filled, and the journal must know it. A cancel that is not confirmed is
/// not repeated: the order stays open or unknown, and nothing is sent in its place.
///
/// A table of a strategy file, with times in seconds; [`StaleLimit::check`] refuses what makes no sense.
///
/// ```
/// use decile_trade::{ExecutorConfig, StaleLimit};
///
/// // Cancelled after 20 s, and sent anew at most twice.
/// let stale_limit = StaleLimit { reprices_max: 2, ..StaleLimit::default() };
/// let config = ExecutorConfig { stale_limit: Some(stale_limit), ..ExecutorConfig::default() };
/// # assert_eq!(config.stale_limit.expect("just set").after.as_secs(), 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaleLimit {
    /// How long it may rest. Beyond [`fill_timeout`](ExecutorConfig::fill_timeout) that counts.
    #[serde(with = "seconds")]
    pub after: Duration,
    /// How often what is left is sent anew; 0: it is only cancelled. Needs
    /// [quotes](crate::Executor::with_quotes).
    pub reprices_max: usize,
    /// How far a new limit may be from the price that the plan was sized with, as a fraction of that.
    pub price_move_max: Decimal,
}

impl Default for StaleLimit {
    fn default() -> Self {
        Self { after: Duration::from_secs(20), reprices_max: 0, price_move_max: Decimal::new(1, 2) }
    }
}

impl StaleLimit {
    /// Refuses rules that make no sense.
    ///
    /// # Errors
    /// [`Error::InvalidRule`] with the key.
    pub fn check(&self) -> Result<(), Error> {
        let after = Decimal::try_from(self.after.as_secs_f64()).unwrap_or(Decimal::MAX);
        let move_max = self.price_move_max;
        let is_share = move_max > Decimal::ZERO && move_max <= Decimal::ONE;
        let reprices = Decimal::from(self.reprices_max);
        refuse_invalid([
            ("after", after, self.after >= Duration::from_secs(1), "1 second or more"),
            ("reprices_max", reprices, self.reprices_max <= 10, "at most 10"),
            ("price_move_max", move_max, is_share, "above 0 and at most 1"),
        ])
    }
}
