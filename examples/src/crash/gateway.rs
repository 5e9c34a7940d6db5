//! The simulated gateway as a process of its own, to be killed.

use super::market::{self, Depth, Fills};
use decile::gateway::Gateway;
use std::error::Error;
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How long it takes until the next part of an order can fill: time enough for a few messages.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs a gateway until its standard input ends, which it does when its parent is gone.
///
/// # Errors
/// If it cannot start.
pub fn run(state: &Path, depth: Depth) -> Result<(), Box<dyn Error>> {
    let gateway = Gateway::start(depth.gateway()?.state(state))?;
    let in_parts = depth.stocks(Fills::InParts)?;
    let mut quotes = market::quotes()?;
    quotes.retain(|symbol, _| in_parts.contains(symbol));
    writeln!(io::stdout(), "{}", gateway.port())?;
    io::stdout().flush()?;
    let waiting = thread::spawn(|| io::stdin().read_to_end(&mut Vec::new()));
    while !waiting.is_finished() {
        thread::sleep(PAUSE);
        gateway.set_quotes(quotes.values().cloned());
    }
    Ok(())
}
