use crate::{Currency, Symbol};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What a symbol is: its issuer, sector, currencies and depositary ratio.
///
/// ```
/// use decile_core::{Security, Symbol};
///
/// let apple = Security::us("AAPL".parse()?, "Apple Inc.", "Information Technology");
/// assert_eq!(apple.adr_ratio, 1.0);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Security {
    /// Canonical ticker.
    pub symbol: Symbol,
    /// The company; two share classes of one company carry the same issuer.
    pub issuer: SmolStr,
    /// Sector by whatever classification the data uses (GICS in the examples).
    pub sector: SmolStr,
    /// Currency of its prices and of estimates per share.
    pub trade_currency: Currency,
    /// Currency of its filings.
    pub report_currency: Currency,
    /// Ordinary shares per listed share; 1 unless it is a depositary receipt.
    pub adr_ratio: f64,
}

impl Security {
    /// Makes an ordinary US share: dollars throughout, one ordinary share per listed share.
    #[must_use]
    pub fn us(symbol: Symbol, issuer: &str, sector: &str) -> Self {
        Self {
            symbol,
            issuer: SmolStr::new(issuer),
            sector: SmolStr::new(sector),
            trade_currency: Currency::USD,
            report_currency: Currency::USD,
            adr_ratio: 1.0,
        }
    }
}
