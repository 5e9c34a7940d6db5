//! Kills a run at every write of its journal and every message on its wire, starts it again, and looks
//! for orders that were sent twice or lost.
//!
//! `cargo run --release --example crash_test -- --kills 1000 --seed 1`. Twenty orders, ten to sell and ten
//! to buy, go through `decile-ib` to a simulated gateway, each in a process of its own; client, gateway or
//! both are killed, or the disk of the journal is full or read-only, and in every third trial once more
//! while the run recovers. Ends with one line, and with 1 if anything was doubled or lost.

use clap::{Parser, Subcommand};
use decile_examples::console::{Console, one_line};
use decile_examples::crash::{self, Points, Prepared, Tally, Trial, Wave};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Kills runs everywhere, and looks for orders that were sent twice or lost.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How often something is killed
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Decides in which order the points of a run are tried
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many orders are in flight at once, in every other trial
    #[arg(long, default_value_t = 5)]
    in_flight: usize,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What the processes of a trial are started as.
#[derive(Debug, Subcommand)]
enum Role {
    #[command(hide = true)]
    Gateway {
        #[arg(long)]
        state: PathBuf,
    },
    #[command(hide = true)]
    Client {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        journal: PathBuf,
        #[arg(long)]
        most: usize,
        #[arg(long)]
        wave: Wave,
        #[arg(long)]
        at: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.role {
        None => kill(&arguments).map(|tally| tally.is_sound()),
        Some(Role::Gateway { state }) => crash::gateway::run(state).map(|()| true),
        Some(Role::Client { port, journal, most, wave, at }) => {
            let ran = crash::client::run((*port, journal, *most), *wave, at.as_deref());
            ran.await.map(|()| true)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(2)
        }
    }
}

fn kill(arguments: &Arguments) -> Result<Tally, Box<dyn Error>> {
    let console = Console::new(true);
    let prepared = Prepared::new()?;
    // One by one has the most points; in windows other things are out together.
    let lengths = Trial::new(&prepared, 1)?.measure()?;
    let points = Points::new(lengths, arguments.seed).count();
    console.say(format!("a run of {lengths}: {points} ways to disturb it"));
    let mut tally = Tally::default();
    // Recoveries are disturbed at points of their own.
    let mut again = (arguments.seed + 1..).flat_map(|seed| Points::new(lengths, seed));
    let mut number = 0;
    while tally.kills < arguments.kills {
        let before = tally.kills;
        for scene in Points::new(lengths, arguments.seed) {
            if tally.kills >= arguments.kills {
                break;
            }
            number += 1;
            let in_flight_max = if number % 2 == 0 { arguments.in_flight } else { 1 };
            let recovery =
                again.next().filter(|_| number % 3 == 0 && tally.kills + 1 < arguments.kills);
            let scenes: Vec<_> = [Some(scene), recovery].into_iter().flatten().collect();
            let outcome = Trial::new(&prepared, in_flight_max)?.run(&scenes)?;
            if !outcome.is_sound() {
                console.say(format!("{scenes:?} with {in_flight_max} in flight: {outcome}"));
            }
            tally.add(outcome);
        }
        if tally.kills == before {
            return Err("no point of a run is ever reached".into());
        }
    }
    console.say(tally);
    Ok(tally)
}
