//! The command line of `top10`.

#[cfg(feature = "providers")]
use crate::source::Live;
use chrono::NaiveDate;
use clap::Parser;
use decile::core::{Decimal, Money};
use std::path::{Path, PathBuf};

const ABOUT: &str = "Ranks a market, takes the best stocks and trades them on paper.";
const EXIT_CODES: &str =
    "Without --data or --source it runs on an invented market and needs no network.
Exit codes: 0 all done, 2 bad input, 3 a check denied the plan, 4 an order is not wholly filled or \
its fate is unknown.";

/// What the user asked for.
///
/// ```
/// use clap::Parser;
/// use decile_examples::arguments::Arguments;
///
/// let arguments = Arguments::try_parse_from(["top10", "--top", "5"])?;
/// assert_eq!((arguments.top, arguments.model.as_str()), (5, "q_core"));
/// # Ok::<(), clap::Error>(())
/// ```
#[derive(Debug, Parser)]
#[command(name = "top10", about = ABOUT, long_about = ABOUT, after_help = EXIT_CODES)]
pub struct Arguments {
    /// Market folder to read; without one, a synthetic market is made
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Session whose close is the last thing known [default: the last of the market]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<NaiveDate>,
    /// How many stocks to hold
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Model that ranks them: q_core or q_core_eaccel
    #[arg(long, value_name = "PRESET", default_value = "q_core")]
    pub model: String,
    /// Cash that a new paper account opens with; a --state that exists keeps its own
    #[arg(long, value_name = "AMOUNT", default_value = "1000000", value_parser = amount)]
    pub cash: Money,
    /// Share of the equity to leave in cash
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    pub buffer: Decimal,
    /// So many shares of each stock, instead of equal weights
    #[arg(long, value_name = "N", value_parser = quantity)]
    pub quantity: Option<i64>,
    /// Seed of the synthetic market
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "data")]
    pub seed: u64,
    /// Plans and checks, but sends nothing; reads --state without changing it, leaves --journal alone
    #[arg(long)]
    pub dry_run: bool,
    /// Prints how long each part took
    #[arg(long)]
    pub timings: bool,
    /// Writes the run as JSON to a file, or with - to standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Keeps the paper account in a file, so that the next run goes on from it
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Keeps the intents in a file; what an earlier run left open is resolved first
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Live data, instead of a folder or an invented market
    #[cfg(feature = "providers")]
    #[command(flatten)]
    pub live: Live,
}

impl Arguments {
    /// Refuses one file for two purposes, since the later write would destroy the earlier, and files
    /// in folders that do not exist.
    ///
    /// # Errors
    /// A sentence that names the two options.
    pub fn check(&self) -> Result<(), String> {
        let files = [
            ("--json", self.json.as_deref().filter(|_| !self.json_to_stdout())),
            ("--state", self.state.as_deref()),
            ("--journal", self.journal.as_deref()),
        ];
        for (index, (name, path)) in files.iter().enumerate() {
            // Where the JSON goes is opened first of all, and says so itself.
            if let Some(path) = path.filter(|path| *name != "--json" && !folder(path).is_dir()) {
                let path = path.display();
                return Err(format!("the folder of {name} {path} does not exist; make it first"));
            }
            for (other, same) in &files[index + 1..] {
                if path.is_some() && path.map(place) == same.map(place) {
                    return Err(format!(
                        "{name} and {other} name the same file; give each its own"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Tells whether the market is an invented one.
    #[must_use]
    pub fn is_synthetic(&self) -> bool {
        #[cfg(feature = "providers")]
        let is_live = self.live.is_wanted();
        #[cfg(not(feature = "providers"))]
        let is_live = false;
        self.data.is_none() && !is_live
    }

    /// Tells whether standard output belongs to the program that reads the JSON.
    #[must_use]
    pub fn json_to_stdout(&self) -> bool {
        self.json.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }
}

/// Where a path leads: its folder without links and dots, and its name.
fn place(path: &Path) -> PathBuf {
    let (folder, name) = (folder(path), path.file_name().unwrap_or_default());
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write a date such as 2025-11-28".to_owned())
}

fn quantity(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(shares) if shares >= 1 => Ok(shares),
        _ => Err("write a whole number of 1 or more".to_owned()),
    }
}

fn amount(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error: decile::core::Error| error.to_string())?;
    match amount > Money::ZERO {
        true => Ok(amount),
        false => Err("an account opens with more than 0".to_owned()),
    }
}

fn share(text: &str) -> Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(share) if share >= Decimal::ZERO && share < Decimal::ONE => Ok(share),
        _ => Err("write a number from 0 to below 1, such as 0.05 for 5 %".to_owned()),
    }
}
