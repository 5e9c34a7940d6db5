//! A simulated gateway in this process, reached over TCP as a real one would be.

use super::session::Session;
use super::{Opened, Trading};
use crate::arguments::Arguments;
use decile::data::StoredMarket;
use decile::gateway::{Gateway, GatewayConfig, MarketRules, Venue};
use decile::ib::{IbBroker, IbConfig};
use decile::trade::{AccountId, AccountKind};
use std::error::Error;
use std::sync::Arc;
use tempfile::TempDir;

/// The only account of the simulated gateway.
pub(super) const ACCOUNT: &str = "DU0000001";
const COPY: &str = "state";

pub(super) async fn open(
    (arguments, kind): (&Arguments, AccountKind),
    stored: &StoredMarket,
    journal: impl FnOnce(AccountId) -> Opened,
) -> Result<Trading, Box<dyn Error>> {
    let session = Session::simulated(stored)?;
    let venue = Venue::market(stored.market(), stored.as_of())?;
    let mut config = GatewayConfig::new(venue)
        .account(ACCOUNT)
        .cash(arguments.cash())
        .rules(MarketRules {
            next_day_settlement: kind == AccountKind::Cash,
            ..MarketRules::default()
        })
        .clock(session.clock.clone());
    let copy = copy_to_look_at(arguments)?;
    let copied = copy.as_ref().map(|folder| folder.path().join(COPY));
    if let Some(path) = copied.or_else(|| arguments.state.clone()) {
        config = config.state(path);
    }
    let gateway = Gateway::start(config)?;
    let account: AccountId = ACCOUNT.parse()?;
    let journal = journal(account.clone())?;

    let config = IbConfig::paper(account)?
        .port(gateway.port())
        .clock(session.clock.clone())
        // No other program shares this gateway, and it counts no messages.
        .messages_per_second(None);
    let ib = IbBroker::connect(config).await?;
    let broker = Arc::new(ib.clone());
    let mut trading = Trading::new(session, broker, Arc::new(ib), journal);
    trading.since = gateway.since().to_vec();
    trading.gateway = Some((gateway, copy));
    let remark = format!("Orders go to a simulated gateway, account {ACCOUNT}: nothing is real.");
    trading.remarks.push(remark);
    Ok(trading)
}

/// Copies the account's file for a run that must not change it.
fn copy_to_look_at(arguments: &Arguments) -> std::io::Result<Option<TempDir>> {
    let Some(path) = arguments.state.as_ref().filter(|_| !arguments.sends()) else {
        return Ok(None);
    };
    let folder = tempfile::tempdir()?;
    if path.exists() {
        std::fs::copy(path, folder.path().join(COPY))?;
    }
    Ok(Some(folder))
}
