use super::Failure;
use chrono::NaiveDate;
use clap::{Parser, ValueEnum};
use decile::core::Symbol;
use serde::Serialize;
use std::path::PathBuf;

const ABOUT: &str = "Asks one provider one thing about one stock and prints what it says.";
const VARIABLES: &str =
    "Alpha Vantage needs a key in ALPHAVANTAGE_API_KEY, the SEC a name and e-mail \
address in SEC_CONTACT.
Exit codes: 0 an answer, 1 none, 2 bad arguments.";

/// What the user asked for.
///
/// ```
/// use clap::Parser;
/// use decile_examples::fetch::{Arguments, What};
///
/// let line = ["fetch", "--source", "yahoo", "--what", "bars", "--symbol", "KO"];
/// assert_eq!(Arguments::try_parse_from(line)?.what, What::Bars);
/// # Ok::<(), clap::Error>(())
/// ```
#[derive(Debug, Parser)]
#[command(name = "fetch", about = ABOUT, long_about = ABOUT, after_help = VARIABLES)]
pub struct Arguments {
    /// Who is asked
    #[arg(long, value_enum)]
    pub source: Source,
    /// What is asked
    #[arg(long, value_enum)]
    pub what: What,
    /// The stock, as in KO or BRK.B
    #[arg(long, value_name = "S")]
    pub symbol: String,
    /// First day of bars and actions [default: a year before the last]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// Last day of bars and actions [default: today, or the day of the recording]
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// Sends all requests there, path and query unchanged
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Counts the calls of Alpha Vantage in this file, with those of top10
    #[arg(long, value_name = "FILE", default_value = "cache.sqlite")]
    pub cache: PathBuf,
    /// Calls a day that the key of Alpha Vantage is good for [default: 25; with --base-url no limit]
    #[arg(long, value_name = "N")]
    pub daily_calls: Option<u32>,
    /// Records the replies in a folder
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Answers from a recording, without network
    #[arg(long, value_name = "DIR")]
    pub replay: Option<PathBuf>,
    /// Prints one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    pub(super) fn symbol(&self) -> Result<Symbol, Failure> {
        self.symbol
            .parse()
            .map_err(|error: decile::core::Error| Failure::invalid_request(error.to_string()))
    }
}

/// A provider.
///
/// ```
/// use clap::ValueEnum;
/// use decile_examples::fetch::Source;
///
/// assert_eq!(Source::from_str("yahoo", false), Ok(Source::Yahoo));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Yahoo Finance
    Yahoo,
    /// Alpha Vantage
    Alphavantage,
    /// The SEC's companyfacts
    Sec,
}

/// Something that a provider can be asked.
///
/// ```
/// use clap::ValueEnum;
/// use decile_examples::fetch::What;
///
/// assert_eq!(What::from_str("filings", false), Ok(What::Filings));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Daily bars
    Bars,
    /// Splits, dividends and spin-offs
    Actions,
    /// Quarterly statements
    Filings,
    /// The analysts' consensus
    Estimates,
    /// The last price
    Quote,
    /// The provider's own ratios
    Stats,
    /// What the symbol is
    Security,
}

impl What {
    /// Returns the fields of its rows, in the order in which people read them.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Bars => {
                &["date", "open", "high", "low", "close", "adj_close", "volume", "partial"]
            }
            Self::Actions => &["ex_date", "kind", "value"],
            Self::Filings => &[
                "period_end",
                "form",
                "filed",
                "report_time",
                "currency",
                "net_income",
                "book_equity",
                "shares",
                "revenue",
                "imputed",
            ],
            Self::Estimates => &[
                "as_of",
                "period",
                "end_date",
                "eps_average",
                "eps_low",
                "eps_high",
                "eps_7_days_ago",
                "eps_30_days_ago",
                "eps_60_days_ago",
                "eps_90_days_ago",
                "analysts",
                "up_30",
                "down_30",
            ],
            Self::Quote => &["price", "previous_close", "market_cap", "currency", "time"],
            Self::Stats => &[
                "trailing_pe",
                "forward_pe",
                "price_to_book",
                "book_value",
                "trailing_eps",
                "shares_outstanding",
                "market_cap",
                "return_on_equity",
            ],
            Self::Security => &[
                "symbol",
                "issuer",
                "kind",
                "sector",
                "trade_currency",
                "report_currency",
                "adr_ratio",
            ],
        }
    }
}
