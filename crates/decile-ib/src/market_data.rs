/// Which market data to ask for.
///
/// Live data needs a subscription with Interactive Brokers. Without one, a quote is refused unless
/// delayed data is asked for: prices are then 15 to 20 minutes old, while their
/// [`time`](decile_core::Quote::time) is still that of the reading.
///
/// ```
/// assert_eq!(decile_ib::MarketData::default(), decile_ib::MarketData::Live);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarketData {
    /// As it is now.
    #[default]
    Live,
    /// As it was at the close, while the market is closed.
    Frozen,
    /// As it was 15 to 20 minutes ago. For looking, not for trading.
    Delayed,
    /// The delayed data as it was at the close.
    DelayedFrozen,
}

impl MarketData {
    pub(crate) fn is_delayed(self) -> bool {
        matches!(self, Self::Delayed | Self::DelayedFrozen)
    }
}

impl From<MarketData> for ibapi::market_data::MarketDataType {
    fn from(market_data: MarketData) -> Self {
        match market_data {
            MarketData::Live => Self::Realtime,
            MarketData::Frozen => Self::Frozen,
            MarketData::Delayed => Self::Delayed,
            MarketData::DelayedFrozen => Self::DelayedFrozen,
        }
    }
}
