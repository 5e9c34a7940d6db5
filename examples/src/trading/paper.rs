//! A paper account in this process, without a wire.

use super::gateway::ACCOUNT;
use super::session::Session;
use super::{Opened, Trading};
use crate::arguments::Arguments;
use decile::core::source::QuoteSource;
use decile::core::{AppliedAction, Clock, CorporateAction, Price, Stock, Symbol};
use decile::data::StoredMarket;
use decile::trade::{AccountId, AccountKind, Error, PaperBroker, PaperConfig};
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;

/// Opens the journal and the account. The journal comes first, since it lets one run in at a time.
/// An account that cannot be used makes no journal.
pub(super) async fn open(
    (arguments, kind): (&Arguments, AccountKind),
    stored: &StoredMarket,
    journal: impl FnOnce(AccountId) -> Opened,
) -> Result<Trading, Box<dyn StdError>> {
    let session = Session::simulated(stored)?;
    // A journal must never be taken away again, since another run may have opened it meanwhile.
    let looked = account((arguments, kind), stored, session.clock.clone(), Access::Look)?;
    let journal = journal(ACCOUNT.parse()?)?;
    let (paper, since) = match arguments.sends() {
        true => account((arguments, kind), stored, session.clock.clone(), Access::Use)?,
        false => looked,
    };
    let quotes = stored.session_quotes(session.clock.now());
    let symbols: Vec<Symbol> =
        stored.market().stocks().iter().map(|stock| stock.symbol().clone()).collect();
    paper.set_quotes(quotes.quotes(&symbols).await?);
    Ok(Trading { since, ..Trading::new(session, Arc::new(paper), Arc::new(quotes), journal) })
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
    (arguments, kind): (&Arguments, AccountKind),
    stored: &StoredMarket,
    clock: Arc<dyn Clock>,
    access: Access,
) -> Result<(PaperBroker, Vec<AppliedAction>), Error> {
    let config = PaperConfig::new(ACCOUNT.parse()?, arguments.cash(), stored.as_of());
    let config = PaperConfig { kind, ..config };
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
