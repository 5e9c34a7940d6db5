use crate::{Fault, Faults, GatewayConfig, HaltKind, MarketRules, Ticks, span};
use chrono::{DateTime, Utc};
use decile_core::{Decimal, Document, DocumentError, Money, Shares, Symbol};
use serde::Deserialize;
use std::time::Duration;

/// What a gateway is like and what goes wrong with it, from a TOML file.
///
/// ```
/// use decile_gateway::{GatewayConfig, Scenario, Venue};
///
/// let text = r#"
///     [market]
///     hours = true
///     shares_per_quote = 300
///
///     [[fault]]
///     do = "drop"
///     message = "commissionReport"
///     times = 1
/// "#;
/// let scenario = Scenario::read("lost.toml", text)?;
/// let config = scenario.apply(GatewayConfig::new(Venue::large_us(1)));
/// # let _ = config;
/// let fault = Scenario::read("lost.toml", "[[fault]]\ndo = \"dorp\"").expect_err("a misprint");
/// assert_eq!((fault.line, fault.key.as_str()), (2, "fault[0].do"));
/// # Ok::<(), decile_core::DocumentError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scenario {
    market: Market,
    account: Account,
    habits: Habits,
    ticks: Option<Ticks>,
    halts: Vec<Halt>,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    market: Market,
    #[serde(default)]
    account: Account,
    #[serde(default)]
    habits: Habits,
    ticks: Option<Walk>,
    #[serde(default)]
    halt: Vec<Halt>,
    #[serde(default)]
    fault: Vec<Fault>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Market {
    #[serde(default)]
    hours: bool,
    half_spread: Option<Decimal>,
    shares_per_quote: Option<i64>,
    price_band: Option<Decimal>,
    #[serde(default)]
    fill_or_kill: bool,
    #[serde(default)]
    next_day_settlement: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    cash: Option<Money>,
    #[serde(default)]
    margin: bool,
}

/// Where recordings of real gateways differ, and what a client may cost.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Habits {
    error_first: Option<bool>,
    cancels_of_others: Option<bool>,
    refuse_in_halt: Option<bool>,
    #[serde(default, with = "crate::span::optional")]
    acknowledge_after: Option<Duration>,
    zone_name: Option<String>,
    suppress_repeated_time: Option<bool>,
    live_data: Option<bool>,
    server_version_max: Option<i32>,
    client_queue_max: Option<usize>,
}

/// Prices that move by themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Walk {
    seed: u64,
    #[serde(default, with = "crate::span::optional")]
    every: Option<Duration>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Halt {
    symbol: Symbol,
    #[serde(default)]
    kind: HaltKind,
    from: When,
    until: Option<When>,
}

/// A time of the clock, or so long after the gateway's start.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum When {
    At(DateTime<Utc>),
    After(Duration),
}

impl TryFrom<String> for When {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let after = span::read(&text).map(Self::After);
        let at = text.parse().map(Self::At);
        after.or(at).map_err(|_| {
            format!("{text:?} is no time: write 2026-08-25T10:30:00-04:00, or 10s after the start")
        })
    }
}

impl When {
    fn from(self, start: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(time) => time,
            Self::After(span) => start + span,
        }
    }
}

impl Habits {
    fn apply(self, mut config: GatewayConfig) -> GatewayConfig {
        if let Some(is_first) = self.error_first {
            config = config.error_first(is_first);
        }
        if let Some(allowed) = self.cancels_of_others {
            config = config.cancels_of_others(allowed);
        }
        if let Some(refuse) = self.refuse_in_halt {
            config = config.refuse_in_halt(refuse);
        }
        if let Some(time) = self.acknowledge_after {
            config = config.acknowledge_after(time);
        }
        if let Some(name) = self.zone_name {
            config = config.zone_name(name);
        }
        if let Some(suppress) = self.suppress_repeated_time {
            config = config.suppress_repeated_time(suppress);
        }
        if let Some(subscribed) = self.live_data {
            config = config.live_data(subscribed);
        }
        if let Some(version) = self.server_version_max {
            config = config.server_version_max(version);
        }
        if let Some(bytes) = self.client_queue_max {
            config = config.client_queue_max(bytes);
        }
        config
    }
}

impl Scenario {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`DocumentError`] with line and key for what is no TOML, for keys and words that are not
    /// known, and for values that cannot be.
    pub fn read(file: &str, text: &str) -> Result<Self, DocumentError> {
        let document = Document::new(file, text);
        let File { market, account, habits, ticks, halt, fault } = document.read()?;
        let is_part = |part: Decimal| part >= Decimal::ZERO && part < Decimal::ONE;
        for (key, part) in [("half_spread", market.half_spread), ("price_band", market.price_band)]
        {
            if !part.is_none_or(is_part) {
                let reason = "write a fraction from 0 to 1, as in 0.0294";
                return Err(document.fault(&format!("market.{key}"), reason));
            }
        }
        if market.shares_per_quote.is_some_and(|shares| shares < 1) {
            return Err(document.fault("market.shares_per_quote", "write at least 1"));
        }
        for (index, fault) in fault.iter().enumerate() {
            if let Some((key, reason)) = fault.objection() {
                return Err(document.fault(&format!("fault[{index}].{key}"), reason));
            }
        }
        let ticks = ticks.map(|Walk { seed, every }| {
            let walk = Ticks::walk(seed);
            every.map_or(walk.clone(), |every| walk.every(every))
        });
        Ok(Self { market, account, habits, ticks, halts: halt, faults: Faults(fault) })
    }

    /// Makes a gateway one of this scenario; what the file leaves out stays as it is. Halts that are
    /// told in spans after the start begin with what the configured clock shows now.
    #[must_use]
    pub fn apply(self, mut config: GatewayConfig) -> GatewayConfig {
        let Self { market, account, habits, ticks, halts, faults } = self;
        let rules = MarketRules {
            hours: market.hours,
            half_spread: market.half_spread.unwrap_or(config.rules.half_spread),
            shares_per_quote: market.shares_per_quote.map(Shares::new),
            price_band: market.price_band,
            fill_or_kill: market.fill_or_kill,
            next_day_settlement: market.next_day_settlement,
        };
        if let Some(cash) = account.cash {
            config = config.cash(cash);
        }
        if let Some(ticks) = ticks {
            config = config.ticks(ticks);
        }
        let start = config.clock.now();
        for Halt { symbol, kind, from, until } in halts {
            let (from, until) = (from.from(start), until.map(|until| until.from(start)));
            config = config.halt_as(kind, symbol, from, until);
        }
        habits.apply(config).rules(rules).margin(account.margin).faults(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        Scenario::read("s.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_told_with_line_and_key() {
        assert!(fault("[market]\nhuors = true").starts_with("s.toml, line 2, market.huors: "));
        assert_eq!(
            fault("[market]\nprice_band = \"3\""),
            "s.toml, line 2, market.price_band: write a fraction from 0 to 1, as in 0.0294"
        );
        assert_eq!(
            fault("[[fault]]\ndo = \"stall\"\nmessage = \"error\""),
            "s.toml, line 3, fault[0].message: Stall happens to no message: leave it out"
        );
        assert_eq!(
            fault("[[fault]]\ndo = \"drop\"\n\n[[fault]]\ndo = \"delay\"\nmessage = \"error\""),
            "s.toml, line 4, fault[1].delay_ms: say for how long, as in 500"
        );
        assert_eq!(
            fault("[[fault]]\ndo = \"drop\"\ncode = 10147"),
            "s.toml, line 3, fault[0].code: only errors have one: write message = \"error\""
        );
        assert_eq!(
            fault("[[fault]]\ndo = \"drop\"\nfor = \"10s\""),
            "s.toml, line 3, fault[0].for: Drop does not end by itself: leave it out"
        );
        assert!(fault("[ticks]\nseed = 1\nevery = \"1\"").contains("ticks.every: "));
        assert!(fault("[[halt]]\nsymbol = \"KO\"\nfrom = \"noon\"").contains("is no time"));
        assert!(fault("[habits]\nerror_frist = true").contains("habits.error_frist"));
        assert!(
            fault("[habits]\nacknowledge_after = \"soon\"").contains("habits.acknowledge_after")
        );
        assert!(
            fault("[[halt]]\nsymbol = \"KO\"\nfrom = \"1s\"\nkind = \"long\"")
                .contains("halt[0].kind")
        );
        assert!(
            fault("[[fault]]\ndo = \"drop\"\nmessage = \"nothing\"")
                .contains("line 3, fault[0].message")
        );
    }
}
