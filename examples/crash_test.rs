//! Kills a run at every write of its journal and every message on its wire, starts it again, and looks
//! for orders that were sent twice or lost.
//!
//! `cargo run --release --example crash_test -- --kills 1000 --seed 1`. Twenty orders, ten to sell and ten
//! to buy, go through `decile-ib` to a simulated gateway, each in a process of its own; client, gateway or
//! both are killed, or the disk of the journal is full or read-only, and in every third trial once more
//! while the run recovers. In one half of the trials every order fills at once; in the other many fill in
//! parts, with pauses, and two only in part: what rests is cancelled. Ends with one line, and with 1 if
//! anything was doubled or lost.

use clap::{Parser, Subcommand};
use decile_examples::console::{Console, one_line};
use decile_examples::crash::{self, Depth, Done, Prepared, Schedule, Tally, Wave};
use std::collections::BTreeMap;
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
    /// How many trials run side by side
    #[arg(long, default_value_t = 4)]
    at_once: usize,
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
        #[arg(long)]
        depth: Depth,
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
        depth: Depth,
        #[arg(long)]
        at: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.role {
        None => kill(&arguments).map(|tally| tally.is_sound()),
        Some(Role::Gateway { state, depth }) => crash::gateway::run(state, *depth).map(|()| true),
        Some(Role::Client { port, journal, most, wave, depth, at }) => {
            let ran = crash::client::run((*port, journal, *most), (*wave, *depth), at.as_deref());
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
    let mut schedule = Schedule::new(&prepared, arguments.in_flight, arguments.seed)?;
    console.say(&schedule);
    let mut tally = Tally::default();
    let mut struck: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut in_vain, mut in_part) = (0, 0);
    while tally.kills < arguments.kills {
        let before = tally.kills;
        for done in schedule.run(arguments.at_once, arguments.kills - tally.kills)? {
            let Done { what, trial, verdict } = done;
            let verdict = verdict.map_err(|error| format!("{what}: {error}"))?;
            if !verdict.faults.is_empty() {
                console.say(format!("{what}: {}", verdict.faults.join(", ")));
                console.say(format!("its files are in {}", trial.keep().display()));
            }
            tally.add(verdict.tally);
            in_part += verdict.in_part;
            verdict.struck.into_iter().for_each(|what| *struck.entry(what).or_default() += 1);
            in_vain += 1;
        }
        in_vain = if tally.kills == before { in_vain } else { 0 };
        if in_vain > schedule.count() {
            return Err("no point of a run is ever reached".into());
        }
    }
    let struck: Vec<_> = struck.iter().map(|(what, count)| format!("{what} {count}")).collect();
    console.say(format!("{}; orders in part {in_part}", struck.join(", ")));
    console.say(tally);
    Ok(tally)
}
