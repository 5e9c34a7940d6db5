//! The source traits.

use super::{Yahoo, spelling};
use crate::rows::DailyBar;
use async_trait::async_trait;
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use decile_core::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote, Security,
    Symbol,
};

/// Prices and volumes are split-adjusted. A session that goes on is in `dropped`; once it is over,
/// its bar is given with a warning that it may still change.
#[async_trait]
impl BarSource for Yahoo {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let history = self.history(symbol, range).await?;
        let mut fetched = history.bars;
        if let Some(live) = fetched.rows.pop_if(|bar| bar.partial && history.is_open) {
            fetched.dropped.push(format!("{}: the session is not over", live.date));
        }
        if let Some(last) = fetched.rows.last().filter(|bar| bar.partial) {
            let warning = format!("{}: the newest bar may still change", last.date);
            fetched.warnings.push(warning);
        }
        let bars: Vec<Bar> = fetched.rows.iter().filter_map(DailyBar::bar).collect();
        if bars.is_empty() {
            return Err(Self::asked(symbol).within(range).no_data());
        }
        Ok(fetched.with_rows(bars))
    }
}

/// Values are split-adjusted as the bars are.
#[async_trait]
impl ActionSource for Yahoo {
    async fn actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        self.raw_actions(symbol, range).await
    }
}

#[async_trait]
impl FilingSource for Yahoo {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        self.statements(symbol).await
    }
}

/// At most one snapshot, as of the day of the call: Yahoo keeps no history. It is in the currency of
/// the price; estimates in another one are in `dropped`.
#[async_trait]
impl EstimateSource for Yahoo {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        self.snapshots(symbol).await
    }
}

#[async_trait]
impl QuoteSource for Yahoo {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        self.quotes_of(symbols).await
    }
}

#[async_trait]
impl StatsSource for Yahoo {
    async fn stats(&self, symbol: &Symbol) -> Result<Stats, SourceError> {
        let stats = self.statistics(symbol).await?.rows.pop();
        stats.ok_or_else(|| Self::asked(symbol).not_found())
    }
}

/// What Yahoo does not say is not found: a sector, a currency, the ratio of a depositary receipt.
#[async_trait]
impl SecuritySource for Yahoo {
    async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError> {
        let asked = Self::asked(symbol);
        let row = self.profile(symbol).await?.rows.pop().ok_or_else(|| asked.not_found())?;
        row.into_security(&asked)
    }
}

/// Rates at the end of the day in London. The rate of pence is that of pounds, over 100; the dollar
/// needs none. A day that goes on is in `dropped`.
#[async_trait]
impl FxSource for Yahoo {
    async fn rates(
        &self,
        currency: Currency,
        range: DateRange,
    ) -> Result<Fetched<FxRate>, SourceError> {
        if currency == Currency::USD {
            return Ok(Fetched::new(Vec::new()));
        }
        let (major, units) =
            spelling::hundredfold(currency).map_or((currency, 1.0), |major| (major, 100.0));
        let history = self.exchange(major, range).await?;
        let mut fetched = history.bars;
        if let Some(live) = fetched.rows.pop_if(|bar| bar.partial) {
            fetched.dropped.push(format!("{}: the day is not over", live.date));
        }
        let rates = fetched.rows.iter().filter_map(|bar| {
            Some(FxRate { date: bar.date, currency, usd_per_unit: bar.close? / units })
        });
        let rates = rates.collect();
        Ok(fetched.with_rows(rates))
    }
}
