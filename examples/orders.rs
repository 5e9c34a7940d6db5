//! Tells the story of a run from its journal: what was approved and why, what was sent, what came back.
//!
//! `cargo run --example orders -- JOURNAL`, the file that `top10 --journal` wrote; it may still be
//! running.

use clap::Parser;
use decile_examples::console::{Console, one_line};
use decile_examples::story::{self, Story};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Tells the story of a run from its journal.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The journal that `top10 --journal` wrote
    journal: PathBuf,
    /// Which run, from 1; the last one without it
    #[arg(long, value_name = "NUMBER")]
    run: Option<usize>,
    /// Lists the runs, a line each
    #[arg(long, conflicts_with = "run")]
    list: bool,
}

fn main() -> ExitCode {
    match tell(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(2)
        }
    }
}

fn tell(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let console = Console::new(true);
    let stories = Story::all(story::read(&arguments.journal)?);
    if arguments.list {
        stories.iter().enumerate().for_each(|(index, story)| {
            console.say(format!("{}  {}", index + 1, story.title()));
        });
        return Ok(());
    }
    let number = arguments.run.unwrap_or(stories.len());
    let story = number.checked_sub(1).and_then(|index| stories.get(index));
    let Some(story) = story else {
        let path = arguments.journal.display();
        return Err(format!("{path} has {} runs: give --run 1 to {0}", stories.len()).into());
    };
    console.say(format!("Run {number} of {}\n{}", stories.len(), story.title()));
    story.lines().for_each(|line| console.say(line));
    Ok(())
}
