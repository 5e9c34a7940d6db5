use crate::{Fault, Faults, GatewayConfig, MarketRules};
use decile_core::{Decimal, Document, DocumentError, Money, Shares};
use serde::Deserialize;

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

impl Scenario {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`DocumentError`] with line and key for what is no TOML, for keys and words that are not
    /// known, and for values that cannot be.
    pub fn read(file: &str, text: &str) -> Result<Self, DocumentError> {
        let document = Document::new(file, text);
        let File { market, account, fault } = document.read()?;
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
        Ok(Self { market, account, faults: Faults(fault) })
    }

    /// Makes a gateway one of this scenario; what the file leaves out stays as it is.
    #[must_use]
    pub fn apply(self, mut config: GatewayConfig) -> GatewayConfig {
        let Self { market, account, faults } = self;
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
        config.rules(rules).margin(account.margin).faults(faults)
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
        assert!(
            fault("[[fault]]\ndo = \"drop\"\nmessage = \"nothing\"")
                .contains("line 3, fault[0].message")
        );
    }
}
