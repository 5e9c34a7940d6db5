//! The question put to each provider.

use super::rows::{action, filing, of, stats};
use super::{Failure, What};
use decile::core::source::{ActionSource, Fetched, FilingSource};
use decile::core::{DateRange, Symbol};
use decile::providers::alphavantage::AlphaVantage;
use decile::providers::sec::Sec;
use decile::providers::yahoo::Yahoo;
use decile::providers::{Secret, Transport};
use serde_json::Value;

/// What is asked about which stock.
pub(super) struct Question {
    pub(super) symbol: Symbol,
    pub(super) range: DateRange,
    pub(super) what: What,
}

type Rows = Result<Fetched<Value>, Failure>;

impl Question {
    pub(super) async fn yahoo(&self, yahoo: &Yahoo) -> Rows {
        let symbol = &self.symbol;
        Ok(match self.what {
            What::Bars => of(yahoo.daily_bars(symbol, self.range).await?)?,
            What::Actions => yahoo.raw_actions(symbol, self.range).await?.map(action),
            What::Filings => yahoo.statements(symbol).await?.map(filing),
            What::Estimates => of(yahoo.consensus(symbol).await?)?,
            What::Quote => of(yahoo.quote(symbol).await?)?,
            What::Stats => yahoo.statistics(symbol).await?.map(stats),
            What::Security => of(yahoo.profile(symbol).await?)?,
        })
    }

    pub(super) async fn alphavantage(&self, alphavantage: &AlphaVantage) -> Rows {
        let symbol = &self.symbol;
        Ok(match self.what {
            What::Bars => of(alphavantage.daily_bars(symbol, self.range).await?)?,
            What::Actions => alphavantage.actions(symbol, self.range).await?.map(action),
            What::Filings => alphavantage.filings(symbol).await?.map(filing),
            What::Estimates => of(alphavantage.consensus(symbol).await?)?,
            What::Quote => of(alphavantage.quote(symbol).await?)?,
            What::Stats => alphavantage.statistics(symbol).await?.map(stats),
            What::Security => of(alphavantage.profile(symbol).await?)?,
        })
    }

    pub(super) async fn sec(&self, sec: &Sec) -> Rows {
        match self.what {
            What::Filings => Ok(sec.filings(&self.symbol).await?.map(filing)),
            _ => Err(Failure::invalid_request("the SEC gives filings alone: ask another source")),
        }
    }
}

pub(super) fn alphavantage(
    transport: Transport,
    secrets: &dyn Fn(&str) -> Option<String>,
) -> Result<AlphaVantage, Failure> {
    let key = secrets("ALPHAVANTAGE_API_KEY").ok_or_else(|| Failure {
        kind: "invalid_api_key",
        message: "there is no key: set ALPHAVANTAGE_API_KEY".to_owned(),
        retry_after_s: None,
    })?;
    Ok(AlphaVantage::new(transport, Secret::new(key)))
}

/// A server of one's own and a recording do not ask who calls; the SEC does.
pub(super) fn sec(
    transport: Transport,
    secrets: &dyn Fn(&str) -> Option<String>,
    is_offline: bool,
) -> Result<Sec, Failure> {
    let nobody = || is_offline.then(|| "nobody nobody@example.invalid".to_owned());
    let contact = secrets("SEC_CONTACT").or_else(nobody);
    let contact = contact.ok_or_else(|| {
        let advice =
            "the SEC wants to know who calls: set SEC_CONTACT to a name and e-mail address";
        Failure::invalid_request(advice)
    })?;
    Ok(Sec::new(transport, &contact)?)
}
