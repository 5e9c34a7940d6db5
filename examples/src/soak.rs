//! Orders without end through the executor, a journal on disk and `decile-ib` to a simulated gateway at
//! which things go wrong at random; then journal, broker and account are held against one another.

mod faults;
mod ledger;
mod market;
mod memory;
mod outcome;
mod run;

pub use outcome::Outcome;

use decile::gateway::{Faults, Gateway};
use decile::trade::Broker;
use ledger::Ledger;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use run::Run;
use std::error::Error;

/// How many orders a gateway, and a connection to it, live for. What one life leaves behind in memory,
/// the next ones would add to.
const LIFE: usize = 2_000;

/// Sends so many orders, in lives of a gateway, a connection and an account; `tell` hears of each life.
///
/// # Errors
/// If a gateway, a connection or a journal cannot be had at all. What goes wrong on purpose is none.
pub async fn soak(
    orders: usize,
    seed: u64,
    mut tell: impl FnMut(&Outcome),
) -> Result<Outcome, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut outcome = Outcome::default();
    let mut number = 0;
    while outcome.orders < orders {
        let until = orders.min(outcome.orders + LIFE);
        let gateway = Gateway::start(market::gateway()?)?;
        let mut ledger = Ledger::new(market::cash()?);
        {
            let broker = market::connect(&gateway, 1).await?;
            while outcome.orders < until {
                number += 1;
                let run = Run { gateway: &gateway, broker: &broker, folder: folder.path(), number };
                run.trade(&mut random, (&mut ledger, &mut outcome)).await?;
            }
        }
        gateway.set_faults(Faults::default());
        // Somebody who has seen nothing of it.
        let witness = market::connect(&gateway, 2).await?;
        outcome.drifts.extend(ledger.drifts(&*witness as &dyn Broker).await?);
        drop(witness);
        gateway.stop()?;
        outcome.memory.extend(memory::resident());
        tell(&outcome);
    }
    Ok(outcome)
}
