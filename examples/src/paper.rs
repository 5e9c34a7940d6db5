//! The paper world of an example: its account, its journal, its volumes.

use crate::arguments::Arguments;
use decile::core::{CorporateAction, ManualClock, Price, Shares, Stock, Symbol};
use decile::data::{StoredMarket, average_daily_volume};
use decile::trade::{
    AccountId, AppliedAction, Error, FileJournal, Journal, MemoryJournal, PaperBroker, PaperConfig,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
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
/// As [`journal`] and [`open`]; a journal that was made for nothing is removed again.
pub fn open_both(
    arguments: &Arguments,
    stored: &StoredMarket,
    clock: Arc<ManualClock>,
) -> Result<Paper, Error> {
    let made = arguments.journal.as_deref().filter(|path| !path.exists());
    let journal = journal(arguments)?;
    match open(arguments, stored, clock) {
        Ok((broker, since)) => Ok(Paper { broker, since, journal }),
        Err(error) => {
            drop(journal);
            if let Some(path) = made {
                // It holds no record yet. If it stays, the next run opens it all the same.
                let _ = std::fs::remove_file(path);
            }
            Err(error)
        }
    }
}

/// Opens the account: that of `--state`, carried on to the market's session with the splits and
/// payouts since, or a new one. A dry run works on a copy.
///
/// # Errors
/// If the state cannot be read or written, belongs to another account or has seen a later session.
pub fn open(
    arguments: &Arguments,
    stored: &StoredMarket,
    clock: Arc<ManualClock>,
) -> Result<(PaperBroker, Vec<AppliedAction>), Error> {
    let account: AccountId = ACCOUNT.parse()?;
    let config = PaperConfig::new(account, arguments.cash, stored.as_of());
    let broker = match (&arguments.state, arguments.dry_run) {
        (None, _) => PaperBroker::new(config, clock),
        (Some(path), false) => PaperBroker::open(path, config, clock)?,
        (Some(path), true) => PaperBroker::preview(path, config, clock)?,
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

/// Opens the journal of `--journal`, or one that ends with the run.
///
/// # Errors
/// If the file cannot be read or written, or another run has it.
pub fn journal(arguments: &Arguments) -> Result<Arc<dyn Journal>, Error> {
    let path: Option<&PathBuf> = arguments.journal.as_ref().filter(|_| !arguments.dry_run);
    match path {
        Some(path) => Ok(Arc::new(FileJournal::open(path)?)),
        None => Ok(Arc::new(MemoryJournal::default())),
    }
}
