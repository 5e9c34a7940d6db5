//! The chart as it comes over the wire; whatever may be absent is optional.

use crate::yahoo::number::{Number, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct Chart {
    pub(super) meta: Meta,
    timestamp: Option<Vec<i64>>,
    events: Option<Events>,
    indicators: Option<Indicators>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Meta {
    pub(super) currency: Text,
    pub(super) symbol: Text,
    pub(super) exchange_timezone_name: Text,
    pub(super) data_granularity: Text,
    pub(super) regular_market_time: Number,
    pub(super) current_trading_period: Option<TradingPeriod>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TradingPeriod {
    pub(super) regular: Option<Hours>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hours {
    pub(super) start: Number,
    pub(super) end: Number,
}

#[derive(Debug, Deserialize)]
struct Indicators {
    quote: Option<Vec<Quotes>>,
    adjclose: Option<Vec<Adjusted>>,
}

/// One column a field; a column that is not there is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quotes {
    #[serde(deserialize_with = "column")]
    pub(super) open: Vec<Number>,
    #[serde(deserialize_with = "column")]
    pub(super) high: Vec<Number>,
    #[serde(deserialize_with = "column")]
    pub(super) low: Vec<Number>,
    #[serde(deserialize_with = "column")]
    pub(super) close: Vec<Number>,
    #[serde(deserialize_with = "column")]
    pub(super) volume: Vec<Number>,
}

impl Quotes {
    pub(super) fn lengths(&self) -> [usize; 5] {
        [&self.open, &self.high, &self.low, &self.close, &self.volume].map(Vec::len)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Adjusted {
    #[serde(deserialize_with = "column")]
    adjclose: Vec<Number>,
}

/// By the time of each, as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Events {
    pub(super) dividends: Option<BTreeMap<String, Dividend>>,
    pub(super) splits: Option<BTreeMap<String, Split>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dividend {
    pub(super) date: Number,
    pub(super) amount: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Split {
    pub(super) date: Number,
    pub(super) numerator: Number,
    pub(super) denominator: Number,
}

impl Chart {
    pub(super) fn timestamps(&self) -> &[i64] {
        self.timestamp.as_deref().unwrap_or_default()
    }

    pub(super) fn quotes(&self) -> &Quotes {
        static NONE: Quotes = Quotes {
            open: Vec::new(),
            high: Vec::new(),
            low: Vec::new(),
            close: Vec::new(),
            volume: Vec::new(),
        };
        let quotes = self.indicators.as_ref().and_then(|indicators| indicators.quote.as_ref());
        quotes.and_then(|quotes| quotes.first()).unwrap_or(&NONE)
    }

    pub(super) fn adjusted(&self) -> &[Number] {
        let columns = self.indicators.as_ref().and_then(|indicators| indicators.adjclose.as_ref());
        columns.and_then(|columns| columns.first()).map_or(&[], |column| &column.adjclose)
    }

    pub(super) fn events(&self) -> Option<&Events> {
        self.events.as_ref()
    }
}

/// Reads a column that may be `null` as a whole.
fn column<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Number>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
