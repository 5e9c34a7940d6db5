//! A gateway or TWS that is running: Interactive Brokers' own, or a simulated one.

use super::reach::CONNECT_MAX;
use super::session::Session;
use super::{Opened, Trading};
use crate::arguments::Arguments;
use decile::data::StoredMarket;
use decile::ib::{IbBroker, IbConfig};
use decile::trade::{AccountId, AccountLock};
use std::error::Error;
use std::sync::Arc;

pub(super) async fn open(
    arguments: &Arguments,
    stored: &StoredMarket,
    journal: impl FnOnce(AccountId) -> Opened,
) -> Result<Trading, Box<dyn Error>> {
    let account = arguments.account.clone().ok_or("--broker ib needs --account")?;
    let session = match arguments.simulated_time {
        true => Session::simulated(stored)?,
        false => Session::real()?,
    };
    let mut remarks = Vec::new();
    if !arguments.simulated_time {
        remarks = session.objections(stored.as_of());
        if let Some(objection) = remarks.first().filter(|_| arguments.sends()) {
            return Err(format!("nothing was sent: {objection}").into());
        }
    }
    let account_lock = match arguments.sends() {
        // The one folder that all runs on a machine know of.
        true => Some(AccountLock::take(std::env::temp_dir(), &account)?),
        false => None,
    };
    let config = match arguments.real_money {
        true => IbConfig::live(account.clone())?,
        false => IbConfig::paper(account.clone())?,
    };
    let config = config
        .host(arguments.host())
        .port(arguments.port())
        .client_id(arguments.client_id())
        .connect_timeout(CONNECT_MAX)
        .clock(session.clock.clone());
    let ib = IbBroker::connect(config).await?;
    // That of a run which sends is open by now.
    let journal = journal(account)?;
    let broker = Arc::new(ib.clone());
    let trading = Trading::new(session, broker, Arc::new(ib), journal);
    Ok(Trading { remarks, is_simulated: false, _account: account_lock, ..trading })
}
