//! The command line of `top10`.

#[cfg(feature = "providers")]
use crate::source::Live;
use crate::trading::kill_switch;
use chrono::NaiveDate;
use clap::{Parser, ValueEnum};
use decile::core::{Decimal, Money};
use decile::trade::{AccountId, Consent, KillSwitch, PlanId};
use std::path::{Path, PathBuf};

const ABOUT: &str = "Ranks a market, takes the best stocks and buys them in a paper account.";
const EXIT_CODES: &str =
    "Without --data or --source it runs on an invented market and needs no network.
Without --broker ib the orders go to a gateway that is simulated in the same process.
Exit codes: 0 all done, 2 bad input, 3 a check denied the plan or the data, 4 an order is not \
wholly filled or its fate is unknown.";

/// What the user asked for.
///
/// ```
/// use clap::Parser;
/// use decile_examples::arguments::Arguments;
///
/// let arguments = Arguments::try_parse_from(["top10", "--top", "5"])?;
/// assert_eq!((arguments.top, arguments.model), (Some(5), None));
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
    /// Strategy file: universe, model, construction, plan, limits; other options go over it
    #[arg(long, value_name = "FILE")]
    pub strategy: Option<PathBuf>,
    /// How many stocks to hold [default: 10]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Model that ranks them, as q_core, q_core_sector or ranks [default: q_core]
    #[arg(long, value_name = "PRESET")]
    pub model: Option<String>,
    /// Cash that a new simulated account opens with; a --state that exists keeps its own [default:
    /// 1000000]
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub cash: Option<Money>,
    /// Share of the equity to leave in cash [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub buffer: Option<Decimal>,
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
    /// Keeps the simulated account in a file, so that the next run goes on from it
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Keeps the intents in a file; what an earlier run left open is resolved first. FILE.sqlite is a
    /// SQLite database, any other name a file of lines
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// While this file exists nothing is sent, and what the run has open is cancelled; the example
    /// `kill` makes and removes it [default: the journal's name with .kill behind it]
    #[arg(long, value_name = "FILE")]
    pub kill_file: Option<PathBuf>,
    /// Live data, instead of a folder or an invented market
    #[cfg(feature = "providers")]
    #[command(flatten)]
    pub live: Live,
    /// Who takes the orders
    #[arg(long, value_name = "BROKER", value_enum, default_value_t)]
    pub broker: BrokerChoice,
    /// With --broker ib: where the gateway or TWS runs [default: 127.0.0.1]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// With --broker ib: its API port; 4002 and 7497 are those of paper accounts [default: 4002]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// With --broker ib: number of this program among those connected, from 1 [default: 17]
    #[arg(long, value_name = "N")]
    pub client_id: Option<i32>,
    /// With --broker ib: the account to trade in: a paper account (DU… or DF…), or with --live another
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// With --broker ib: sends the orders; without it they are only planned and checked
    #[arg(long, requires = "journal", conflicts_with = "dry_run")]
    pub submit: bool,
    /// With --broker ib: trades with real money; DECILE_LIVE in the environment must name the account, too
    #[arg(long = "live", requires = "journal", conflicts_with = "simulated_time")]
    pub real_money: bool,
    /// With --submit: only the plan that a dry run with the same --journal showed at most 15 minutes ago;
    /// --live needs it
    #[arg(long, value_name = "ID", requires = "submit")]
    pub plan_id: Option<PlanId>,
    /// With --live: the journal of the paper account, to say how long the strategy was tried
    #[arg(long, value_name = "FILE", requires = "real_money")]
    pub paper_journal: Option<PathBuf>,
    /// Allows to buy again after too much was lost; losses count anew. Refused if nothing was latched
    #[arg(long, value_name = "REASON", requires = "journal")]
    pub reset_loss_latch: Option<String>,
    /// Says that the strategy owns all that the account holds, however it came there. Refused if its
    /// journal explains all of it
    #[arg(long, value_name = "REASON", requires = "journal")]
    pub adopt_positions: Option<String>,
    /// Asks the broker what each order would do to the margin before the first is sent, and sends none
    /// if it does not bear one; with --live it is always asked
    #[arg(long)]
    pub margin_check: bool,
    /// How many seconds a run waits for a lost connection to come back before it sends nothing more
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub reconnect_max: u64,
    /// With --broker ib: trades at 10:00 on the session after the data end, not by the real clock
    #[arg(long)]
    pub simulated_time: bool,
}

/// Who takes the orders.
///
/// ```
/// use decile_examples::arguments::BrokerChoice;
///
/// assert_eq!(BrokerChoice::default(), BrokerChoice::Gateway);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum BrokerChoice {
    /// A simulated gateway in this process, over TCP and the ibapi client
    #[default]
    Gateway,
    /// A paper account in this process, without a wire
    Paper,
    /// A TWS or IB Gateway that is running
    Ib,
}

impl Arguments {
    /// Cash of a new simulated account.
    #[must_use]
    pub fn cash(&self) -> Money {
        self.cash.unwrap_or(Money::new(Decimal::from(1_000_000)))
    }

    /// The switch that stops the run, if it has one.
    #[must_use]
    pub fn kill_switch(&self) -> Option<KillSwitch> {
        kill_switch(self.kill_file.as_deref(), self.journal.as_deref())
    }

    /// Where the gateway or TWS runs.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or("127.0.0.1")
    }

    /// Its API port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.real_money { 4001 } else { 4002 })
    }

    /// The number of this program at it.
    #[must_use]
    pub fn client_id(&self) -> i32 {
        self.client_id.unwrap_or(17)
    }

    /// Tells whether orders may be sent, if the limits approve.
    #[must_use]
    pub fn sends(&self) -> bool {
        match self.broker {
            BrokerChoice::Ib => self.submit,
            BrokerChoice::Gateway | BrokerChoice::Paper => !self.dry_run,
        }
    }

    /// Tells whether the run has a journal in a file: one that sends, or that shows a plan of a broker
    /// outside of this process.
    #[must_use]
    pub fn keeps_journal(&self) -> bool {
        self.journal.is_some() && (self.sends() || self.broker == BrokerChoice::Ib)
    }

    /// Refuses options and files that do not go together, and accounts with real money.
    ///
    /// # Errors
    /// A sentence that names the options.
    pub fn check(&self) -> Result<(), String> {
        self.check_broker()?;
        let decisions = [
            ("--reset-loss-latch", &self.reset_loss_latch),
            ("--adopt-positions", &self.adopt_positions),
        ];
        let decision = decisions.iter().find(|(_, reason)| reason.is_some());
        if let Some((name, _)) = decision.filter(|_| !self.keeps_journal()) {
            return Err(format!("{name} is written to the journal: leave --dry-run out"));
        }
        self.check_files()
    }

    /// Refuses options that the broker has no use for, and accounts with real money.
    fn check_broker(&self) -> Result<(), String> {
        let is_ib = self.broker == BrokerChoice::Ib;
        let misplaced = [
            ("--host", self.host.is_some() && !is_ib),
            ("--port", self.port.is_some() && !is_ib),
            ("--client-id", self.client_id.is_some() && !is_ib),
            ("--account", self.account.is_some() && !is_ib),
            ("--submit", self.submit && !is_ib),
            ("--live", self.real_money && !is_ib),
            ("--simulated-time", self.simulated_time && !is_ib),
        ];
        if let Some((name, _)) = misplaced.iter().find(|(_, is_so)| *is_so) {
            return Err(format!("{name} is for --broker ib: add that, or leave {name} out"));
        }
        if !is_ib {
            return Ok(());
        }
        if let Some(name) = [("--state", self.state.is_some()), ("--cash", self.cash.is_some())]
            .iter()
            .find_map(|(name, is_given)| is_given.then_some(name))
        {
            return Err(format!("{name} is for simulated accounts: --broker ib has its own"));
        }
        let Some(account) = &self.account else {
            return Err("--broker ib needs --account, the paper account to trade in".to_owned());
        };
        Consent::check_account(account, self.real_money).map_err(|error| error.to_string())?;
        match self.real_money && self.submit && self.plan_id.is_none() {
            true => {
                Err("--live --submit needs --plan-id: run without --submit first, which prints it"
                    .to_owned())
            }
            false => Ok(()),
        }
    }

    /// Refuses one file for two purposes, since the later write would destroy the earlier, and files
    /// in folders that do not exist.
    fn check_files(&self) -> Result<(), String> {
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
