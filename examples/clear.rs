//! Says what became of an order of which nobody knows, once a person has seen it at the broker.
//!
//! `cargo run --example clear -- --journal JOURNAL` lists such orders and what the journal tells of them.
//! With `--order ID --never-arrived` or `--order ID --filled N`, a `--reason` and the `--broker`, it is
//! written down, unless the broker shows otherwise. Not while a run is going on.

use clap::Parser;
use decile::core::{Price, Shares};
use decile::trade::{Clearance, ClientOrderId, Error as TradeError};
use decile_examples::arguments::BrokerChoice;
use decile_examples::console::{Console, one_line};
use decile_examples::story;
use decile_examples::trading::{Clearing, HeldBy, IbOptions};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const DONE: u8 = 0;
const BAD_INPUT: u8 = 2;
const SHOWN: u8 = 3;
const UNKNOWN: u8 = 4;

/// Says what became of an order of which nobody knows.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Look first, in the broker's own program: its orders, its trades, its positions.
Exit codes: 0 cleared, or nothing is unknown, 2 bad input or the broker could not be asked, \
3 the broker shows the order, so it is not cleared, 4 an order is unknown."
)]
struct Arguments {
    /// The journal of the strategy
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// The order, as it is listed without this
    #[arg(long, value_name = "ID", requires_all = ["reason", "broker", "fate"])]
    order: Option<ClientOrderId>,
    /// It never arrived at the broker, so the same may be ordered again
    #[arg(long, requires = "order", group = "fate")]
    never_arrived: bool,
    /// It has ended with so many shares filled, from 0
    #[arg(long, value_name = "N", requires = "order", group = "fate")]
    filled: Option<i64>,
    /// With --filled: their average price
    #[arg(long, value_name = "PRICE", requires = "filled")]
    price: Option<Price>,
    /// How that is known
    #[arg(long, value_name = "TEXT", requires = "order")]
    reason: Option<String>,
    /// Who says so
    #[arg(long, value_name = "NAME", default_value = "a person")]
    by: String,
    /// Who has the account: paper or ib; it must answer, and must not show otherwise
    #[arg(long, value_name = "BROKER", value_enum, requires = "order")]
    broker: Option<BrokerChoice>,
    /// With --broker paper: the file of the account
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    ib: IbOptions,
    /// With --broker ib: the order was sent by `top10 --simulated-time`
    #[arg(long)]
    simulated_time: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.order {
        Some(order) => clear(&arguments, order).await,
        None => list(&arguments),
    };
    done.map_or_else(fail, ExitCode::from)
}

fn fail(error: Box<dyn Error>) -> ExitCode {
    Console::new(false).say(format!("error: {}", one_line(&*error)));
    let error = error.downcast_ref::<TradeError>();
    let is_shown = matches!(error, Some(TradeError::BrokerShowsOrder { .. }));
    ExitCode::from(if is_shown { SHOWN } else { BAD_INPUT })
}

/// Tells what is unknown. A run may be going on, whose orders are unknown until they have ended.
fn list(arguments: &Arguments) -> Result<u8, Box<dyn Error>> {
    let console = Console::new(true);
    let unknown = story::unknown(&story::read(&arguments.journal)?)?;
    for (id, lines) in &unknown {
        console.say(format!("{id} is unknown:"));
        lines.iter().for_each(|line| console.say(format!("  {line}")));
    }
    console.say(format!("{} orders are unknown", unknown.len()));
    Ok(if unknown.is_empty() { DONE } else { UNKNOWN })
}

async fn clear(arguments: &Arguments, order: &ClientOrderId) -> Result<u8, Box<dyn Error>> {
    let Arguments { journal, filled, price, by, .. } = arguments;
    let broker = match arguments.broker {
        Some(BrokerChoice::Ib) => {
            HeldBy::Ib { ib: &arguments.ib, is_simulated: arguments.simulated_time }
        }
        Some(BrokerChoice::Paper) => {
            let state = arguments.state.as_deref().ok_or("--broker paper needs --state")?;
            HeldBy::Paper { state }
        }
        _ => return Err("a gateway that is simulated in a run cannot be asked: run top10".into()),
    };
    let clearance = match filled {
        Some(filled) => Clearance::Ended { filled: Shares::new(*filled), average_price: *price },
        None => Clearance::NeverArrived,
    };
    let clearing = Clearing { journal, order: order.clone(), broker };
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let (counted, held) = clearing.clear(clearance, (by, reason)).await?;
    let (status, filled, quantity) = (counted.status, counted.filled, counted.quantity);
    let console = Console::new(true);
    console.say(format!("{order} counts as {status}, with {filled} of {quantity} shares filled."));
    console.say(format!("The account holds {held} {}: compare.", order.symbol()));
    Ok(DONE)
}
