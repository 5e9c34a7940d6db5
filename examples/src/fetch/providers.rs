//! The question put to each provider.

use super::rows::{action, filing, of, stats};
use super::{Arguments, Failure, Source, What};
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
    pub(super) async fn put(&self, login: Login, transport: Transport) -> Rows {
        match login {
            Login::Yahoo => self.yahoo(&Yahoo::new(transport)).await,
            Login::AlphaVantage(key) => self.alphavantage(&AlphaVantage::new(transport, key)).await,
            Login::Sec(contact) => self.sec(&Sec::new(transport, &contact)?).await,
        }
    }

    async fn yahoo(&self, yahoo: &Yahoo) -> Rows {
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

    async fn alphavantage(&self, alphavantage: &AlphaVantage) -> Rows {
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

    async fn sec(&self, sec: &Sec) -> Rows {
        match self.what {
            What::Filings => Ok(sec.filings(&self.symbol).await?.map(filing)),
            _ => Err(Failure::invalid_request("the SEC gives filings alone: ask another source")),
        }
    }
}

/// Who calls, as each provider wants to know it.
pub(super) enum Login {
    Yahoo,
    AlphaVantage(Secret),
    Sec(String),
}

impl Login {
    /// Reads what the provider asks for. A recording asks for nothing, a server of one's own for no
    /// contact.
    pub(super) fn read(
        arguments: &Arguments,
        secrets: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let is_replay = arguments.replay.is_some();
        match arguments.source {
            Source::Yahoo => Ok(Self::Yahoo),
            Source::Alphavantage => {
                let nobody = || is_replay.then(|| "none".to_owned());
                let key = secrets("ALPHAVANTAGE_API_KEY").or_else(nobody).ok_or_else(no_key)?;
                Ok(Self::AlphaVantage(Secret::new(key)))
            }
            Source::Sec => {
                let is_closed = is_replay || arguments.base_url.is_some();
                let nobody = || is_closed.then(|| "nobody nobody@example.invalid".to_owned());
                let contact = secrets("SEC_CONTACT").or_else(nobody).ok_or_else(no_contact)?;
                Ok(Self::Sec(contact))
            }
        }
    }
}

fn no_key() -> Failure {
    let message = "there is no key: set ALPHAVANTAGE_API_KEY".to_owned();
    Failure { kind: "invalid_api_key", message, retry_after_s: None }
}

fn no_contact() -> Failure {
    let advice = "the SEC wants to know who calls: set SEC_CONTACT to a name and e-mail address";
    Failure::invalid_request(advice)
}
