//! What a person says of an order of which nobody knows, held against what its broker shows.

use super::journal::open_file;
use super::reach::IbOptions;
use crate::story;
use decile::core::{Clock, ManualClock, Money, Shares, SystemClock};
use decile::ib::IbBroker;
use decile::trade::{
    AccountLock, Broker, Clearance, ClientOrderId, Executor, ExecutorConfig, JournalRecord,
    OrderReport, PaperBroker, PaperConfig,
};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// An order, its journal and its broker.
///
/// ```
/// use decile_examples::trading::{Clearing, HeldBy};
/// use std::path::Path;
///
/// let clearing = Clearing {
///     journal: Path::new("journal.sqlite"),
///     order: "q-core:DU1234567:20251201:KO:B:1".parse()?,
///     broker: HeldBy::Paper { state: Path::new("paper.json") },
/// };
/// assert!(clearing.order.account().is_paper());
/// # Ok::<(), decile::trade::Error>(())
/// ```
#[derive(Debug)]
pub struct Clearing<'a> {
    /// The journal that has its intent.
    pub journal: &'a Path,
    /// The order.
    pub order: ClientOrderId,
    /// Where its account is.
    pub broker: HeldBy<'a>,
}

/// Where an account is.
///
/// ```
/// use decile_examples::trading::HeldBy;
///
/// let paper = HeldBy::Paper { state: std::path::Path::new("paper.json") };
/// assert!(matches!(paper, HeldBy::Paper { .. }));
/// ```
#[derive(Debug)]
pub enum HeldBy<'a> {
    /// In a file, as `top10 --broker paper --state` keeps it.
    Paper {
        /// The file.
        state: &'a Path,
    },
    /// At a TWS or IB Gateway that is running.
    Ib {
        /// The gateway and the account.
        ib: &'a IbOptions,
        /// Whether it was sent by a simulated time.
        is_simulated: bool,
    },
}

impl Clearing<'_> {
    /// Writes down what a person says, and returns what the order counts as and how many shares of its
    /// stock the account holds.
    ///
    /// # Errors
    /// If a run is going on, if the journal or the broker cannot be reached, and as
    /// [`Executor::clear`].
    pub async fn clear(
        &self,
        clearance: Clearance,
        (by, reason): (&str, &str),
    ) -> Result<(OrderReport, Shares), Box<dyn Error>> {
        let Self { journal, order, .. } = self;
        // Reading makes no file where there is none.
        let records = story::read(journal)?;
        let journal = open_file(journal, order.strategy(), order.account())?;
        let clock = self.clock(&records);
        let (broker, _account) = self.open(clock.clone()).await?;
        let executor = Executor::new(broker.clone(), journal, clock, ExecutorConfig::default());
        let report = executor.clear(order, clearance, (by, reason)).await?;
        let held = broker.positions().await?.into_iter();
        let held = held.filter(|position| position.symbol == *order.symbol());
        Ok((report, held.fold(Shares::ZERO, |sum, position| sum + position.quantity)))
    }

    /// The clock of the run that sent the order: a simulated one stood still.
    fn clock(&self, records: &[JournalRecord]) -> Arc<dyn Clock> {
        let intended = records.iter().find_map(|record| match record {
            JournalRecord::Intent { id, at, .. } if *id == self.order => Some(*at),
            _ => None,
        });
        let is_simulated = match self.broker {
            HeldBy::Paper { .. } => true,
            HeldBy::Ib { is_simulated, .. } => is_simulated,
        };
        match intended.filter(|_| is_simulated) {
            Some(at) => Arc::new(ManualClock::new(at)),
            None => Arc::new(SystemClock),
        }
    }

    /// Opens the account as a run does, so that none is going on.
    async fn open(
        &self,
        clock: Arc<dyn Clock>,
    ) -> Result<(Arc<dyn Broker>, Option<AccountLock>), Box<dyn Error>> {
        let order = &self.order;
        Ok(match &self.broker {
            HeldBy::Paper { state } if !state.exists() => {
                return Err(format!("there is no paper account {}", state.display()).into());
            }
            HeldBy::Paper { state } => {
                let account = order.account().clone();
                let config = PaperConfig::new(account, Money::ZERO, order.session());
                (Arc::new(PaperBroker::open(state, config, clock)?), None)
            }
            HeldBy::Ib { ib, .. } => {
                let lock = AccountLock::take(std::env::temp_dir(), ib.account()?)?;
                let config = ib.config()?.clock(clock);
                (Arc::new(IbBroker::connect(config).await?), Some(lock))
            }
        })
    }
}
