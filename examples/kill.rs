//! Stops a strategy: engages its kill switch, and cancels what it has open.
//!
//! `cargo run --example kill -- --journal JOURNAL --reason TEXT`, the journal that `top10` runs with;
//! with `--broker ib --account ACCOUNT` the orders of the journal that are still open are cancelled,
//! too. `--release` lets the strategy trade again.

use clap::Parser;
use decile_examples::arguments::BrokerChoice;
use decile_examples::console::{Console, one_line};
use decile_examples::trading::{Cancelled, IbOptions, OpenOrdersAt, kill_switch};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const DONE: u8 = 0;
const BAD_INPUT: u8 = 2;
const STILL_OPEN: u8 = 4;

/// Stops a strategy, or lets it trade again.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 2 bad input or the gateway could not be asked \
(the switch is engaged all the same), 4 an order is still open."
)]
struct Arguments {
    /// The journal of the strategy; its switch is JOURNAL.kill
    #[arg(long, value_name = "FILE", required_unless_present = "kill_file")]
    journal: Option<PathBuf>,
    /// The file of the switch, if it is another one
    #[arg(long, value_name = "FILE")]
    kill_file: Option<PathBuf>,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present = "release")]
    reason: Option<String>,
    /// Who does it
    #[arg(long, value_name = "NAME", default_value = "a person")]
    by: String,
    /// Lets the strategy trade again
    #[arg(long, conflicts_with_all = ["reason", "broker"])]
    release: bool,
    /// Cancels the open orders of the journal, too: ib
    #[arg(long, value_name = "BROKER", value_enum, requires = "account", requires = "journal")]
    broker: Option<BrokerChoice>,
    #[command(flatten)]
    ib: IbOptions,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match stop(&Arguments::parse()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(BAD_INPUT)
        }
    }
}

async fn stop(arguments: &Arguments) -> Result<u8, Box<dyn Error>> {
    let console = Console::new(true);
    let (file, journal) = (arguments.kill_file.as_deref(), arguments.journal.as_deref());
    let switch = kill_switch(file, journal).ok_or("name --journal or --kill-file")?;
    let path = switch.path().display();
    let Some(reason) = &arguments.reason else {
        switch.release()?;
        console.say(format!("{path} is released: the strategy may trade again."));
        return Ok(DONE);
    };
    // Before anything else: what follows may fail.
    switch.engage(reason, &arguments.by, chrono::Utc::now())?;
    if let Some(missing) = journal.filter(|journal| !journal.exists()) {
        let missing = missing.display();
        return Err(format!(
            "{path} is engaged, and there is no journal {missing}: if no strategy looks there, none \
             is stopped"
        )
        .into());
    }
    console.say(format!("{path} is engaged: the strategy sends nothing more."));
    match arguments.broker {
        None => {
            console.say(
                "Orders that are open stay open, unless the run that sent them is still going.",
            );
            return Ok(DONE);
        }
        Some(BrokerChoice::Ib) => {}
        Some(_) => return Err("the orders of a simulated broker end with their run".into()),
    }
    let journal = journal.ok_or("name --journal")?;
    let at = OpenOrdersAt { ib: &arguments.ib, journal };
    let Cancelled { gone, open, refused } = at.cancel().await?;
    refused.iter().for_each(|line| console.say(format!("  {line}")));
    gone.iter().for_each(|id| console.say(format!("  {id}: no longer open")));
    open.iter().for_each(|id| console.say(format!("  {id}: STILL OPEN")));
    console.say(format!("{} orders cancelled, {} still open", gone.len(), open.len()));
    Ok(if open.is_empty() { DONE } else { STILL_OPEN })
}
