//! What every trial trades: ten shares of each of ten stocks are exchanged for ten of each of ten others,
//! at fixed prices, all at once or in parts.

use chrono::{DateTime, NaiveDate, Utc};
use clap::ValueEnum;
use decile::core::{Currency, Decimal, ManualClock, Price, Quote, Shares, Symbol, Targets};
use decile::gateway::{GatewayConfig, MarketRules, Tick, Ticks, Venue};
use decile::trade::OrderStyle;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

/// How many stocks there are: half of them are held before, the others after.
pub(super) const STOCKS: usize = 20;
/// How many shares of each.
pub(super) const SHARES: i64 = 10;
pub(crate) const ACCOUNT: &str = "DU1234567";
const PRICE: &str = "50";
/// Half the spread, as a fraction of the price.
const HALF_SPREAD: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
/// What can be dealt at one quote where there is little: an order fills in three parts.
const PART: i64 = 4;
/// What can be dealt where there is enough.
const PLENTY: i64 = 1_000;

pub(super) fn symbols() -> Result<Vec<Symbol>, Box<dyn Error>> {
    let parsed = (0..STOCKS).map(|number| format!("S{number:02}").parse());
    Ok(parsed.collect::<Result<_, _>>()?)
}

/// How much can be dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Depth {
    /// All that is wanted, by market orders.
    Deep,
    /// By limits: of every other stock all, of most others four shares at a time, with pauses, and of two
    /// four shares, and no more until the gateway is started again. What rests of these is cancelled, sent
    /// once more, and cancelled again.
    Thin,
}

/// How orders in a stock fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fills {
    Whole,
    InParts,
    /// In part, and then no more.
    Short,
}

impl Depth {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Deep => "deep",
            Self::Thin => "thin",
        }
    }

    /// How orders in the stock of this number fill. One that is sold and one that is bought run dry.
    pub(super) fn fills(self, stock: usize) -> Fills {
        match self {
            Self::Thin if stock % (STOCKS / 2) == 3 => Fills::Short,
            Self::Thin if stock % 2 == 1 => Fills::InParts,
            _ => Fills::Whole,
        }
    }

    /// What kind of orders is sent.
    pub(super) fn style(self) -> OrderStyle {
        match self {
            Self::Deep => OrderStyle::Market,
            Self::Thin => OrderStyle::MarketableLimit,
        }
    }

    /// A market that is as deep.
    pub(super) fn gateway(self) -> Result<GatewayConfig, Box<dyn Error>> {
        let (price, time) = (price()?, now()?);
        let venue = Venue::prices(symbols()?.into_iter().map(|symbol| (symbol, price)));
        let config = GatewayConfig::new(venue).account(ACCOUNT).clock(clock()?);
        if self == Self::Deep {
            return Ok(config);
        }
        let tick = |symbol| Tick {
            time,
            symbol,
            bid: None,
            ask: None,
            last: None,
            size: Some(Shares::new(PLENTY)),
        };
        let ticks = Ticks::path(self.stocks(Fills::Whole)?.into_iter().map(tick));
        let shares_per_quote = Some(Shares::new(PART));
        let rules =
            MarketRules { half_spread: HALF_SPREAD, shares_per_quote, ..MarketRules::default() };
        Ok(config.rules(rules).ticks(ticks))
    }

    /// The stocks whose orders fill so.
    pub(super) fn stocks(self, fills: Fills) -> Result<Vec<Symbol>, Box<dyn Error>> {
        let numbered = symbols()?.into_iter().enumerate();
        Ok(numbered
            .filter(|(stock, _)| self.fills(*stock) == fills)
            .map(|(_, name)| name)
            .collect())
    }
}

fn price() -> Result<Price, Box<dyn Error>> {
    Ok(PRICE.parse()?)
}

pub(crate) fn session() -> Result<NaiveDate, Box<dyn Error>> {
    Ok("2025-12-01".parse()?)
}

/// Ten o'clock in New York; time stands still.
pub(crate) fn now() -> Result<DateTime<Utc>, Box<dyn Error>> {
    Ok("2025-12-01T15:00:00Z".parse()?)
}

pub(crate) fn clock() -> Result<Arc<ManualClock>, Box<dyn Error>> {
    Ok(Arc::new(ManualClock::new(now()?)))
}

/// What a run wants to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wave {
    /// The first half of the stocks.
    First,
    /// The second half, and none of the first: half of the orders sell.
    Second,
}

impl Wave {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

pub(super) fn targets(wave: Wave) -> Result<Targets, Box<dyn Error>> {
    let as_of = session()?.pred_opt().ok_or("a day before")?;
    let symbols = symbols()?;
    let (first, second) = symbols.split_at(STOCKS / 2);
    let wanted = match wave {
        Wave::First => first,
        Wave::Second => second,
    };
    Ok(Targets::equal_shares(as_of, wanted, Shares::new(SHARES))?)
}

pub(super) fn quotes() -> Result<BTreeMap<Symbol, Quote>, Box<dyn Error>> {
    let (price, time) = (price()?, now()?);
    let quote = |symbol| Quote::centred(symbol, price, HALF_SPREAD, Currency::USD, time);
    Ok(symbols()?.into_iter().map(|symbol| (symbol.clone(), quote(symbol))).collect())
}
