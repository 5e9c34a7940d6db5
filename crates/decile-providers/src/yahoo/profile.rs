//! What a symbol is.

use super::Yahoo;
use super::spelling::currency;
use super::summary::Summary;
use crate::rows::SecurityRow;
use decile_core::Symbol;
use decile_core::source::{Fetched, SourceError};
use smol_str::SmolStr;

const MODULES: [&str; 4] = ["assetProfile", "price", "quoteType", "financialData"];

impl Yahoo {
    /// Fetches name, kind, sector and currencies, one row.
    ///
    /// Sectors are Yahoo's, as `Technology`, not those of GICS. How many shares a depositary receipt
    /// stands for Yahoo does not say: the ratio is 1 where a company reports in the currency its
    /// shares trade in, else missing.
    ///
    /// # Errors
    /// As [`SecuritySource`](decile_core::source::SecuritySource).
    pub async fn profile(&self, symbol: &Symbol) -> Result<Fetched<SecurityRow>, SourceError> {
        let pick = |summary: Summary| {
            let is_some = summary.asset_profile.is_some()
                || summary.price.is_some()
                || summary.quote_type.is_some()
                || summary.financial_data.is_some();
            is_some.then_some(summary)
        };
        let (summary, retrieved_at) = self.summary(symbol, &MODULES, pick).await?;
        let price = summary.price.unwrap_or_default();
        let kind = summary.quote_type.unwrap_or_default();
        let financial = summary.financial_data.unwrap_or_default();
        let sector = summary.asset_profile.and_then(|profile| profile.sector.0);
        let traded = currency(price.currency.as_str());
        let reported = currency(financial.financial_currency.as_str());
        // Pence and pounds are one country's.
        let is_domestic = traded.zip(reported).is_some_and(|(traded, reported)| {
            super::spelling::exact(1.0, reported, traded).is_some()
        });
        let name = [&price.long_name, &kind.long_name, &price.short_name];
        let mut row = SecurityRow::new(symbol.clone());
        row.issuer = name.into_iter().find_map(|name| name.as_str()).map(SmolStr::new);
        row.kind = kind.quote_type.as_str().map(SmolStr::new);
        row.sector = sector.filter(|sector| !sector.is_empty()).map(SmolStr::new);
        row.trade_currency = traded;
        row.report_currency = reported;
        row.adr_ratio = is_domestic.then_some(1.0);
        let mut fetched = Fetched::new(vec![row]);
        fetched.currency = traded;
        fetched.retrieved_at = Some(retrieved_at);
        Ok(fetched)
    }
}
