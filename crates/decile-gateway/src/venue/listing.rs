use super::{History, Listed};
use chrono::NaiveDate;
use decile_core::{Bar, Calendar, Symbol};
use std::sync::Arc;

/// One stock as clients see it.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) symbol: Symbol,
    /// How Interactive Brokers spells the symbol: `BRK B`.
    pub(crate) wire_symbol: Arc<str>,
    pub(crate) con_id: i32,
    pub(crate) exchange: &'static str,
    pub(crate) trading_class: Arc<str>,
    pub(crate) bbo_exchange: &'static str,
    pub(crate) long_name: String,
    pub(crate) industry: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) isin: Option<&'static str>,
    /// The past by date, on the share basis of today.
    pub(crate) bars: Vec<Bar>,
}

/// What is recorded of a contract of Interactive Brokers.
struct Recorded {
    symbol: &'static str,
    con_id: i32,
    exchange: &'static str,
    trading_class: &'static str,
    bbo_exchange: &'static str,
    long_name: &'static str,
    isin: Option<&'static str>,
}

const fn recorded(
    symbol: &'static str,
    con_id: i32,
    [exchange, trading_class, bbo_exchange]: [&'static str; 3],
    long_name: &'static str,
    isin: Option<&'static str>,
) -> Recorded {
    Recorded { symbol, con_id, exchange, trading_class, bbo_exchange, long_name, isin }
}

const RECORDED: [Recorded; 5] = [
    recorded("AAPL", 265_598, NASDAQ, "APPLE INC", Some("US0378331005")),
    recorded("MSFT", 272_093, NASDAQ, "MICROSOFT CORP", None),
    recorded("QQQ", 320_227_571, NASDAQ, "INVESCO QQQ TRUST SERIES 1", Some("US46090E1038")),
    recorded("SPY", 756_733, ["ARCA", "SPY", "a60001"], "SPDR S&P 500 ETF TRUST", None),
    recorded("TSLA", 76_792_991, NASDAQ, "TESLA INC", None),
];

/// The exchanges that a stock can be sent to, as recorded of AAPL.
pub(crate) const EXCHANGES: [&str; 26] = [
    "AMEX",
    "NYSE",
    "CBOE",
    "PHLX",
    "ISE",
    "CHX",
    "ARCA",
    "NASDAQ",
    "DRCTEDGE",
    "BEX",
    "BATS",
    "EDGEA",
    "BYX",
    "IEX",
    "EDGX",
    "FOXRIVER",
    "PEARL",
    "NYSENAT",
    "LTSE",
    "MEMX",
    "IBEOS",
    "OVERNIGHT",
    "TPLUS0",
    "PSX",
    "T24X",
    "TXSE",
];

/// What Nasdaq was called before, as recorded in 2023.
const ISLAND: &str = "ISLAND";

const NASDAQ: [&str; 3] = ["NASDAQ", "NMS", "9c0001"];

/// Contracts whose number is not recorded get one from here on.
const OWN_CON_IDS: u32 = 1_900_000_000;
const OWN_CON_IDS_COUNT: u32 = 100_000_000;

impl Listing {
    /// Makes the listing of a stock; `past` are the sessions before the one traded, oldest first.
    pub(crate) fn new(symbol: &Symbol, listed: &Listed, past: &[NaiveDate]) -> Self {
        let wire: Arc<str> = wire_symbol(symbol).into();
        let known = RECORDED.iter().find(|known| *symbol == known.symbol);
        let (exchange, class, bbo_exchange) = match known {
            Some(known) => (known.exchange, known.trading_class.into(), known.bbo_exchange),
            None if is_on_nasdaq(symbol) => (NASDAQ[0], NASDAQ[1].into(), NASDAQ[2]),
            // On the New York exchange the class is the symbol.
            None => ("NYSE", wire.clone(), "a60001"),
        };
        let name = listed.name.as_ref().map(|name| name.to_uppercase());
        let (industry, category) = match symbol.as_str() {
            "AAPL" => (Some("Technology".to_owned()), Some("Computers".to_owned())),
            _ => (listed.sector.clone(), listed.sector.clone()),
        };
        Self {
            symbol: symbol.clone(),
            con_id: known.map_or_else(|| own_con_id(symbol), |known| known.con_id),
            exchange,
            trading_class: class,
            bbo_exchange,
            long_name: match known {
                Some(known) => known.long_name.to_owned(),
                None => name.unwrap_or_else(|| wire.to_string()),
            },
            industry,
            category,
            isin: known.and_then(|known| known.isin),
            bars: dated(&listed.history, past),
            wire_symbol: wire,
        }
    }
}

/// Returns an exchange that a stock can be sent to by its name.
pub(crate) fn exchange(name: &str) -> Option<&'static str> {
    EXCHANGES.iter().chain([&ISLAND]).find(|known| **known == name).copied()
}

/// Returns a symbol as Interactive Brokers spells it: a share class after a space.
fn wire_symbol(symbol: &Symbol) -> String {
    symbol.as_str().replace('.', " ")
}

/// Tells which of the thirty default stocks trade on Nasdaq. Of others it is not known, and does
/// not matter here.
fn is_on_nasdaq(symbol: &Symbol) -> bool {
    ["NVDA", "AMZN", "GOOGL", "META", "PEP", "COST", "CSCO", "ADBE", "NFLX"]
        .iter()
        .any(|other| *symbol == *other)
}

/// Returns a number that depends on the symbol alone: its FNV-1a hash, put into our own range.
///
/// Two symbols may share one, about once in a venue of ten thousand; the caller gives the second
/// the next free number.
fn own_con_id(symbol: &Symbol) -> i32 {
    let hash = symbol
        .as_str()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::try_from(OWN_CON_IDS + hash % OWN_CON_IDS_COUNT).unwrap_or(i32::MAX)
}

/// Puts dates to a path that has none: its last bar is the last session of the past.
fn dated(history: &History, past: &[NaiveDate]) -> Vec<Bar> {
    match history {
        History::Bars(bars) => bars.clone(),
        History::Undated(bars) => {
            let mut pairs: Vec<Bar> = past
                .iter()
                .rev()
                .zip(bars.iter().rev())
                .map(|(date, bar)| Bar { date: *date, ..*bar })
                .collect();
            pairs.reverse();
            pairs
        }
    }
}

/// Returns the sessions of the exchange before one, oldest first.
pub(crate) fn sessions_before(session: NaiveDate) -> &'static [NaiveDate] {
    let sessions = Calendar::nyse().sessions();
    &sessions[..sessions.partition_point(|date| *date < session)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(symbol: &str) -> Listing {
        Listing::new(&symbol.parse().unwrap(), &Listed::default(), &[])
    }

    #[test]
    fn recorded_contracts_keep_their_numbers_and_others_get_ours() {
        assert_eq!(listing("AAPL").con_id, 265_598);
        let berkshire = listing("BRK.B");
        assert_eq!(&*berkshire.wire_symbol, "BRK B");
        assert_eq!((berkshire.exchange, &*berkshire.trading_class), ("NYSE", "BRK B"));
        assert!(berkshire.con_id >= 1_900_000_000);
        assert_eq!(berkshire.con_id, listing("BRK.B").con_id);
        assert_ne!(berkshire.con_id, listing("BRK.A").con_id);
    }

    #[test]
    fn a_path_without_dates_ends_on_the_last_session() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 8, d).unwrap();
        let path = [1.0, 2.0].map(|close| Bar::close_only(NaiveDate::MIN, close));
        let bars = dated(&History::Undated(path.to_vec()), &[day(20), day(21), day(24)]);
        assert_eq!(bars, [Bar::close_only(day(21), 1.0), Bar::close_only(day(24), 2.0)]);
    }
}
