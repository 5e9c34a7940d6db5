use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use decile_core::{Money, Price, Symbol};
use decile_gateway::Fault;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

const EXAMPLES: &str = "\
Examples:
  decile-gateway --prices AAPL=185,MSFT=420 --cash 50000
      two stocks at fixed prices, fifty thousand dollars to spend
  decile-gateway --state account.jsonl --log
      an account that survives a kill, and every message in words
  decile-gateway --tick-seed 1 --from 2026-11-24T09:29:00-05:00 --speed 60 --scenario hours.toml
      prices that move, and a day at the exchange in six minutes and a half
  decile-gateway --fault drop:execDetails:skip=2:times=1 --fault stall:order=5:for=10s
      the third execution is lost, and nobody is answered for ten seconds after order 5
  decile-gateway --scenario trouble.toml
      what is in the file: trading hours, partial fills, lost messages, broken connections
  decile-gateway --record talk --no-live-data
      each connection in a file of its own
  decile-gateway --replay talk/connection-1-1.txt
      the same answers to whoever asks the same

A scenario, in which everything may be left out:
  [market]
  hours = true               # trades from bell to bell
  half_spread = \"0.0005\"     # of the price
  shares_per_quote = 300     # fills in parts
  price_band = \"0.03\"        # limits beyond it are cancelled
  fill_or_kill = true
  next_day_settlement = true # T+1
  [account]
  cash = \"50000\"
  margin = true
  [ticks]
  seed = 1                   # prices move, every second unless it says
  every = \"1s\"
  [[halt]]
  symbol = \"AAPL\"
  from = \"10s\"               # after the start, or 2026-08-25T10:30:00-04:00
  until = \"1m\"
  kind = \"volatility\"        # tick 49 says 2, and 1 without it
  [habits]                   # where recordings of real gateways differ
  error_first = true         # 201 before the first Inactive pair
  cancels_of_others = true   # as at version 200
  acknowledge_after = \"600ms\" # orders are under way so long; 2102 for changes in between
  refuse_in_halt = true      # 154; without it orders wait for the end of a halt
  zone_name = \"Central European Standard Time\"
  suppress_repeated_time = false
  live_data = false
  [[fault]]
  do = \"drop\"
  message = \"commissionReport\"
  times = 1

Faults, as do = \"...\" in a scenario or first in --fault:
  drop, delay (delay_ms=500), duplicate, reorder, garble
      to a message, message=NAME, of an order, order=N, or to an error, code=N
  swallow_order, no_status, preset_notice, commission_first, commission_unset,
  correct_execution, ignore_cancel, ignore_global_cancel
      to an order, or to what is asked of it
  disconnect, disconnect_after, stall (for=10s), restart, restart_empty,
  lose_connection (for=10s), restore_connection, restore_without_data, flap_farm, liquidate
      at an order
  roll_back_ids, hold_client_id
      to a client that comes back
  limit_rate
      to one that sends more than 50 messages in a second
  skip=N lets so many chances pass, times=N ends it.

Exit codes: 0 it was told to stop, 1 it could not go on, 2 it did not start.";

/// A simulated TWS / IB Gateway: any client of Interactive Brokers can connect to it and trade a
/// simulated account.
///
/// Without --market, --synthetic or --prices it trades thirty large US stocks at invented round
/// prices. It prints one line with its port once it is listening, and ends on SIGTERM or Ctrl-C.
///
/// Clients that know server version 213 speak protobuf with it, others text, on the same port. Not an
/// order reaches anybody: the account, the market and the fills are simulated.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 4002)]
    pub(crate) port: u16,

    /// Trade the market of this folder on the session after --as-of
    #[arg(long, value_name = "DIR", group = "world")]
    pub(crate) market: Option<PathBuf>,

    /// Trade the invented market of this seed on the session after --as-of
    #[arg(long, value_name = "SEED", group = "world")]
    pub(crate) synthetic: Option<u64>,

    /// Trade these stocks at these prices, as in AAPL=185,MSFT=420
    #[arg(long, value_name = "LIST", group = "world")]
    pub(crate) prices: Option<Prices>,

    /// Last session whose close is known, of --market and --synthetic [default: the last one]
    #[arg(long, value_name = "DATE", requires = "world", conflicts_with = "prices")]
    pub(crate) as_of: Option<NaiveDate>,

    /// Stand still at 10:00 New York time on the session that is traded, or run from there with
    /// --speed; needs --market or --synthetic
    #[arg(long, requires = "world", conflicts_with = "prices")]
    pub(crate) simulated_time: bool,

    /// Let the clock begin at this time, as in 2026-11-24T09:29:00-05:00, and run
    #[arg(long, value_name = "TIME", conflicts_with = "simulated_time")]
    pub(crate) from: Option<DateTime<Utc>>,

    /// Let the clock run so many times as fast: with 60 a minute each second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) speed: Option<u32>,

    /// Let prices move as in this file: lines time,symbol,bid,ask,last,size below that header.
    /// Unless the clock is told otherwise, it begins with the first of them
    #[arg(long, value_name = "FILE", conflicts_with = "tick_seed")]
    pub(crate) ticks: Option<PathBuf>,

    /// Let prices move by themselves, a step each second on a path of this seed
    #[arg(long, value_name = "SEED")]
    pub(crate) tick_seed: Option<u64>,

    /// Seed of the history of the thirty default stocks
    #[arg(long, default_value_t = 1, conflicts_with = "world")]
    pub(crate) seed: u64,

    /// The account: of letters and digits, and not one of real money
    #[arg(long, value_name = "DU…", default_value = "DU0000001", value_parser = simulated_account)]
    pub(crate) account: String,

    /// Cash that a new account begins with, in US dollars
    #[arg(long, value_name = "AMOUNT", default_value = "1000000")]
    pub(crate) cash: Money,

    /// Keep orders, executions and the account in this file, so that they survive a kill
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Write what is said on each connection to a file of its own in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,

    /// Trade nothing: play this recording to whoever connects
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "world", "state", "record", "scenario", "fault", "ticks", "tick_seed", "from", "speed",
    ])]
    pub(crate) replay: Option<PathBuf>,

    /// Take the market's rules, the account and what goes wrong from this TOML file
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,

    /// Let something go wrong, as in drop:execDetails:skip=2:times=1; may be repeated. What there is
    /// stands below
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<Fault>,

    /// Refuse requests for live market data, as for an account that does not subscribe to them
    #[arg(long)]
    pub(crate) no_live_data: bool,

    /// Highest server version to agree on, from 213 to 226, or from 157 to 178 for text alone
    #[arg(long, value_name = "N", default_value_t = 226)]
    pub(crate) server_version_max: i32,

    /// Write every message in words to the standard error
    #[arg(long)]
    pub(crate) log: bool,
}

/// A list of symbols and prices.
#[derive(Debug, Clone)]
pub(crate) struct Prices(pub(crate) Vec<(Symbol, Price)>);

impl FromStr for Prices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut seen = BTreeSet::new();
        let price = |pair: &str| {
            let (symbol, price) =
                pair.split_once('=').ok_or_else(|| format!("{pair:?} is not SYMBOL=PRICE"))?;
            let symbol: Symbol = symbol.trim().parse().map_err(told)?;
            if !seen.insert(symbol.clone()) {
                return Err(format!("{symbol} has two prices"));
            }
            Ok((symbol, price.trim().parse().map_err(told)?))
        };
        text.split(',').map(price).collect::<Result<_, _>>().map(Self)
    }
}

/// Takes an account, but for the names that those of real money have: whoever sees one in a log has to
/// know what it is.
fn simulated_account(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('U').filter(|digits| !digits.is_empty());
    if digits.is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_digit())) {
        return Err(format!("it looks like an account of real money: write D{text}"));
    }
    Ok(text.to_owned())
}

fn told(error: decile_core::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_tells_every_fault_and_the_scenario_in_it_is_one() {
        let help = Arguments::command().render_long_help().to_string();
        let all = "?".parse::<Fault>().unwrap_err().to_string();
        let all: Vec<&str> = all.split('`').skip(3).step_by(2).collect();
        assert!(all.len() > 20, "{all:?}");
        for name in all {
            assert!(help.contains(name), "{name}");
        }
        let begin = EXAMPLES.find("  [market]").unwrap();
        let end = EXAMPLES.find("\nFaults, as do").unwrap();
        decile_gateway::Scenario::read("help", &EXAMPLES[begin..end]).unwrap();
    }

    #[test]
    fn prices_are_read() {
        let Prices(prices) = "AAPL=185, BRK.B=500.5".parse().unwrap();
        assert_eq!(prices[1], ("BRK.B".parse().unwrap(), "500.5".parse().unwrap()));
        for bad in ["", "AAPL", "AAPL=", "aapl=1", "AAPL=0", "AAPL=1,AAPL=2"] {
            assert!(bad.parse::<Prices>().is_err(), "{bad}");
        }
    }
}
