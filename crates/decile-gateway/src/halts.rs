use serde::Deserialize;

/// Why a stock is halted. Clients that watch it are told by tick 49, or by 90 if their data are
/// delayed: 1 or 2 as it begins, 0 as it ends.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, HaltKind, Venue};
///
/// let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1)))?;
/// gateway.halt_as(&"KO".parse()?, HaltKind::Volatility);
/// # gateway.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltKind {
    /// For purely regulatory reasons: 1.
    #[default]
    General,
    /// By the exchange, against extreme volatility: 2.
    Volatility,
}

impl HaltKind {
    /// Returns the number by which a halt is told, 0 for none.
    pub(crate) fn told(halt: Option<Self>) -> f64 {
        match halt {
            None => 0.0,
            Some(Self::General) => 1.0,
            Some(Self::Volatility) => 2.0,
        }
    }
}
