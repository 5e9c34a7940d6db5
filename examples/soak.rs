//! Sends orders without end while things go wrong at random, and holds journal, broker and account
//! against one another.
//!
//! `cargo run --release --example soak -- --orders 100000 --seed 1`. Ends with one line, and with 1 if
//! anything differs by a cent or a share, or if the memory grows.

use clap::Parser;
use decile_examples::console::{Console, one_line};
use decile_examples::soak::{Outcome, soak};
use std::process::ExitCode;

/// Sends orders while things go wrong, and looks for leaks and drift.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many orders are sent, at least
    #[arg(long, default_value_t = 5_000)]
    orders: usize,
    /// Decides what is traded and what goes wrong
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { orders, seed } = Arguments::parse();
    let console = Console::new(true);
    let tell = |outcome: &Outcome| console.say(format!("so far {outcome}"));
    match soak(orders, seed, tell).await {
        Ok(outcome) => {
            outcome.drifts.iter().for_each(|drift| console.say(drift));
            console.say(&outcome);
            if outcome.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            console.say(format!("error: {}", one_line(&*error)));
            ExitCode::from(2)
        }
    }
}
