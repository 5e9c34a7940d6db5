//! Where the orders of an example go: to a simulated gateway of its own, to a paper broker in the
//! same process, or to a gateway or TWS that is running.

mod clear;
mod gateway;
mod ib;
mod journal;
mod kill;
mod live;
mod paper;
mod reach;
mod session;

use crate::arguments::{Arguments, BrokerChoice};
use crate::ranked::Ranked;
pub use clear::{Clearing, HeldBy};
use decile::core::source::QuoteSource;
use decile::core::{AppliedAction, Clock, Decimal, Money, Shares, Stock, Symbol};
use decile::data::{StoredMarket, average_daily_volume};
use decile::gateway::Gateway;
use decile::rank::Ranking;
use decile::trade::{AccountId, AccountLock, Broker, Journal, StockFacts};
pub use journal::RunJournal;
pub(crate) use journal::is_sqlite;
pub use kill::{Cancelled, OpenOrdersAt, kill_switch};
pub use live::{decide, evidence, with_limits};
pub use reach::IbOptions;
use session::Session;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;
use tempfile::TempDir;

const VOLUME_SESSIONS: usize = 20;

/// Opens the journal of an account.
type Opened = Result<Arc<dyn Journal>, Box<dyn StdError>>;

/// Everything that trading needs, whoever the broker is.
#[derive(Debug)]
pub struct Trading {
    /// The session that is traded.
    pub session: chrono::NaiveDate,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who takes the orders.
    pub broker: Arc<dyn Broker>,
    /// Who knows the prices.
    pub quotes: Arc<dyn QuoteSource>,
    /// Where the intents are written.
    pub journal: Arc<dyn Journal>,
    /// Splits and payouts of what is held, since the account's last session.
    pub since: Vec<AppliedAction>,
    /// What the user should know, a line each.
    pub remarks: Vec<String>,
    /// Whether broker and prices are in this process.
    is_simulated: bool,
    /// Lives as long as the broker that is connected to it.
    gateway: Option<(Gateway, Option<TempDir>)>,
    /// Keeps other runs away from an account that outlives this one.
    _account: Option<AccountLock>,
}

impl Trading {
    /// Opens the broker that the user asked for and, unless it is open, the journal.
    ///
    /// # Errors
    /// If one of them cannot be reached, read or written, is in another run's use, or if the
    /// account belongs to another or has seen a later session.
    pub async fn open(
        arguments: &Arguments,
        ranked: &Ranked,
        journal: &RunJournal,
    ) -> Result<Self, Box<dyn StdError>> {
        let (strategy, stored) = (&ranked.strategy.name, &ranked.stored);
        let kind = ranked.strategy.limits.account_kind;
        let journal = |account: AccountId| journal.open(arguments, strategy, &account);
        match arguments.broker {
            BrokerChoice::Gateway => gateway::open((arguments, kind), stored, journal).await,
            BrokerChoice::Paper => paper::open((arguments, kind), stored, journal).await,
            BrokerChoice::Ib => ib::open(arguments, stored, journal).await,
        }
    }

    /// Tells whether broker and prices are in this process, so that a request costs nothing.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    fn new(
        session: Session,
        broker: Arc<dyn Broker>,
        quotes: Arc<dyn QuoteSource>,
        journal: Arc<dyn Journal>,
    ) -> Self {
        Self {
            session: session.date,
            clock: session.clock,
            broker,
            quotes,
            journal,
            since: Vec::new(),
            remarks: Vec::new(),
            is_simulated: true,
            gateway: None,
            _account: None,
        }
    }
}

/// Returns what is known of each stock on the day: its volume, what its company is worth, its actions.
/// Halts and dates of reports are told by no source.
#[must_use]
pub fn facts(stored: &StoredMarket, ranking: &Ranking) -> BTreeMap<Symbol, StockFacts> {
    let volumes = volumes(stored);
    let worth = |symbol: &Symbol| {
        let stock = ranking.iter().find(|stock| stock.symbol == *symbol)?;
        Decimal::try_from(stock.market_cap?).ok().map(Money::new)
    };
    let facts = |stock: &Stock| {
        let symbol = stock.symbol();
        let facts = StockFacts {
            average_daily_volume: volumes.get(symbol).copied(),
            market_cap: worth(symbol),
            actions: stock.actions().to_vec(),
            ..StockFacts::default()
        };
        (symbol.clone(), facts)
    };
    stored.market().stocks().iter().map(facts).collect()
}

/// Returns the average daily volume of each stock over the last 20 sessions, where it is known.
#[must_use]
pub fn volumes(stored: &StoredMarket) -> BTreeMap<Symbol, Shares> {
    let (market, as_of) = (stored.market(), stored.as_of());
    let volume = |stock: &Stock| {
        let mean = average_daily_volume(stock, market.calendar(), as_of, VOLUME_SESSIONS)?;
        Some((stock.symbol().clone(), Shares::new(mean as i64)))
    };
    market.stocks().iter().filter_map(volume).collect()
}
