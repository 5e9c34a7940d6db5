//! The simulated gateway as a process of its own, to be killed.

use super::market;
use decile::gateway::{Gateway, GatewayConfig, Venue};
use std::error::Error;
use std::io::{self, Read, Write};
use std::path::Path;

/// Runs a gateway until its standard input ends, which it does when its parent is gone.
///
/// # Errors
/// If it cannot start.
pub fn run(state: &Path) -> Result<(), Box<dyn Error>> {
    let price = market::price()?;
    let venue = Venue::prices(market::symbols()?.into_iter().map(|symbol| (symbol, price)));
    let config =
        GatewayConfig::new(venue).account(market::ACCOUNT).state(state).clock(market::clock()?);
    let gateway = Gateway::start(config)?;
    writeln!(io::stdout(), "{}", gateway.port())?;
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
