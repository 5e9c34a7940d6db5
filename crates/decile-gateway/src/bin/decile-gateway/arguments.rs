use chrono::NaiveDate;
use clap::Parser;
use decile_core::{Money, Price, Symbol};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

const EXAMPLES: &str = "\
Examples:
  decile-gateway --prices AAPL=185,MSFT=420 --cash 50000
      two stocks at fixed prices, fifty thousand dollars to spend
  decile-gateway --state account.jsonl --log
      an account that survives a kill, and every message in words
  decile-gateway --scenario trouble.toml
      what is in the file: trading hours, partial fills, lost messages, broken connections
  decile-gateway --record talk --no-live-data
      each connection in a file of its own
  decile-gateway --replay talk/connection-1-1.txt
      the same answers to whoever asks the same

A scenario:
  [market]
  hours = true             # trades from bell to bell
  shares_per_quote = 300   # fills in parts
  [[fault]]
  do = \"drop\"             # drop, delay, duplicate, reorder, garble; swallow_order, stall, ...
  message = \"commissionReport\"
  times = 1

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
    #[arg(long, value_name = "DATE", conflicts_with = "prices")]
    pub(crate) as_of: Option<NaiveDate>,

    /// Stand still at 10:00 New York time on the session that is traded; needs --market or
    /// --synthetic
    #[arg(long, requires = "world", conflicts_with = "prices")]
    pub(crate) simulated_time: bool,

    /// Seed of the history of the thirty default stocks
    #[arg(long, default_value_t = 1, conflicts_with = "world")]
    pub(crate) seed: u64,

    /// The account
    #[arg(long, value_name = "DU…", default_value = "DU0000001")]
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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["world", "state", "record", "scenario"])]
    pub(crate) replay: Option<PathBuf>,

    /// Take the market's rules, the account and what goes wrong from this TOML file
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,

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
    fn prices_are_read() {
        let Prices(prices) = "AAPL=185, BRK.B=500.5".parse().unwrap();
        assert_eq!(prices[1], ("BRK.B".parse().unwrap(), "500.5".parse().unwrap()));
        for bad in ["", "AAPL", "AAPL=", "aapl=1", "AAPL=0", "AAPL=1,AAPL=2"] {
            assert!(bad.parse::<Prices>().is_err(), "{bad}");
        }
    }
}
