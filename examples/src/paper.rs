//! The paper world of an example: its account, its journal, its volumes.

use crate::arguments::Arguments;
use decile::core::{AppliedAction, CorporateAction, ManualClock, Price, Shares, Stock, Symbol};
use decile::data::{StoredMarket, average_daily_volume};
use decile::trade::{
    AccountId, Error, FileJournal, Journal, MemoryJournal, PaperBroker, PaperConfig,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The only account of the paper world.
const ACCOUNT: &str = "DU0000001";
const VOLUME_SESSIONS: usize = 20;

/// A paper account with what happened to it since its last session, and the journal of its orders.
#[derive(Debug)]
pub struct Paper {
    /// The account.
    pub broker: PaperBroker,
    /// Splits and payouts of what it holds.
    pub since: Vec<AppliedAction>,
    /// The journal.
    pub journal: Arc<dyn Journal>,
}

/// Opens the journal and the account. The journal comes first, since it lets one run in at a time.
///
/// # Errors
/// If one of them cannot be read or written, is in another run's use, or if the account belongs to
/// another or has seen a later session. An account that cannot be used makes no journal.
pub fn open(
    arguments: &Arguments,
    stored: &StoredMarket,
    clock: Arc<ManualClock>,
) -> Result<Paper, Error> {
    // A journal must never be taken away again, since another run may have opened it meanwhile.
    let seen = account(arguments, stored, clock.clone(), Access::Look)?;
    if arguments.dry_run {
        let (broker, since) = seen;
        return Ok(Paper { broker, since, journal: Arc::new(MemoryJournal::default()) });
    }
    let journal: Arc<dyn Journal> = match &arguments.journal {
        Some(path) => Arc::new(FileJournal::open(path)?),
        None => Arc::new(MemoryJournal::default()),
    };
    let (broker, since) = account(arguments, stored, clock, Access::Use)?;
    Ok(Paper { broker, since, journal })
}

/// What is done with the file of an account.
enum Access {
    /// It is read, and neither locked nor written.
    Look,
    Use,
}

/// The account of `--state`, carried on to the market's session with the splits and payouts since,
/// or a new one.
fn account(
    arguments: &Arguments,
    stored: &StoredMarket,
    clock: Arc<ManualClock>,
    access: Access,
) -> Result<(PaperBroker, Vec<AppliedAction>), Error> {
    let account: AccountId = ACCOUNT.parse()?;
    let config = PaperConfig::new(account, arguments.cash, stored.as_of());
    let broker = match (&arguments.state, access) {
        (None, _) => PaperBroker::new(config, clock),
        (Some(path), Access::Use) => PaperBroker::open(path, config, clock)?,
        (Some(path), Access::Look) => PaperBroker::preview(path, config, clock)?,
    };
    let held = stored.market().stocks().iter();
    let actions: Vec<CorporateAction> = held.flat_map(Stock::actions).cloned().collect();
    let since = broker.roll_to(stored.as_of(), &actions, &closes(stored))?;
    Ok((broker, since))
}

fn closes(stored: &StoredMarket) -> BTreeMap<Symbol, Price> {
    let close = |stock: &Stock| {
        let (_, close) = stock.close_at(stored.as_of())?;
        Some((stock.symbol().clone(), Price::from_f64(close).ok()?))
    };
    stored.market().stocks().iter().filter_map(close).collect()
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
