//! SEC companyfacts (<https://www.sec.gov/search-filings/edgar-application-programming-interfaces>).
//!
//! The only free source that says when a statement was filed. It costs one call a company, and one
//! for the list of tickers. The SEC asks for a contact in every request and for at most ten requests
//! a second.
//!
//! - **Versions.** What was filed first stays; a later filing that says something else of the same
//!   quarter is a row of its own, dated by that filing.
//! - **Quarters.** The fourth is the year less nine months, known when the 10-K is; a quarter that
//!   cannot be told apart is missing.
//! - **Tags** are merged quarter by quarter. Net income is to common shareholders and book equity
//!   without preferred stock and minorities, as far as the filer says.
//! - **Shares** are those of the first filing, averages with dilution if it gives them, and for a
//!   10-K those of the year. They are on the split basis of the day it was filed:
//!   [`Filing::on_period_basis`](decile_core::Filing::on_period_basis) takes later splits off again.
//! - Companies that report by IFRS are not found.

mod concepts;
mod directory;
mod facts;
mod filings;
mod periods;
mod shares;

use crate::asked::Asked;
use crate::bulk::Bulk;
use crate::notes::Notes;
use crate::spelling::dashed;
use crate::{Error, Reply, Request, Transport, Url};
use async_trait::async_trait;
use decile_core::source::{Basis, Fetched, FilingSource, SourceError};
use decile_core::{Filing, Symbol};
use directory::Directory;
use facts::Facts;
use std::collections::BTreeMap;
use tokio::sync::OnceCell;

/// How errors name the provider.
const PROVIDER: &str = "SEC";
/// How filings name it.
const SOURCE: &str = "sec";
/// The endpoint of one company.
const COMPANY: &str = "companyfacts";
const DIRECTORY_URL: &str = "https://www.sec.gov/files/company_tickers.json";

/// The largest filers have some 100,000 numbers, an object each of up to nine values.
const BULK: Bulk = Bulk { objects_max: 400_000, values_max: 4_000_000 };

/// Shares of a class for each share that the filer counts in. Berkshire Hathaway counts in class A,
/// each of which is worth 1,500 of class B (its certificate of incorporation, article fourth).
const CLASSES: [(&str, f64); 1] = [("BRK-B", 1500.0)];

/// The SEC as a source of filings.
///
/// ```
/// use decile_providers::Transport;
/// use decile_providers::sec::Sec;
///
/// let transport = Transport::builder().base_url("http://127.0.0.1:8080").build()?;
/// let source = Sec::new(transport, "Example Research someone@example.org")?;
/// # Ok::<(), decile_providers::Error>(())
/// ```
#[derive(Debug)]
pub struct Sec {
    transport: Transport,
    user_agent: String,
    numbers: BTreeMap<Symbol, u64>,
    directory: OnceCell<Directory>,
}

impl Sec {
    /// Makes the source. The contact goes into every request: a name and an e-mail address, as the
    /// rules of the SEC ask for.
    ///
    /// # Errors
    /// [`Error::InvalidContact`] if it has no e-mail address or cannot be sent.
    pub fn new(transport: Transport, contact: &str) -> Result<Self, Error> {
        let contact = contact.trim();
        if !contact.contains('@') || !contact.bytes().all(|c| c.is_ascii_graphic() || c == b' ') {
            return Err(Error::InvalidContact { contact: contact.to_owned() });
        }
        Ok(Self {
            transport,
            user_agent: format!("decile {contact}"),
            numbers: BTreeMap::new(),
            directory: OnceCell::new(),
        })
    }

    /// Says which number (CIK) a company has. The list of the SEC has today's tickers only, so that a
    /// company that has gone is not in it.
    #[must_use]
    pub fn with_number(mut self, symbol: Symbol, number: u64) -> Self {
        self.numbers.insert(symbol, number);
        self
    }

    async fn number(&self, symbol: &Symbol, asked: &Asked) -> Result<u64, SourceError> {
        if let Some(number) = self.numbers.get(symbol) {
            return Ok(*number);
        }
        let read = |reply: &Reply| Directory::read(reply.body(), asked);
        let ask = || self.ask("company_tickers", DIRECTORY_URL, asked, read);
        // Held over the call: a universe that begins together fetches one list.
        let directory = self.directory.get_or_try_init(ask).await?;
        directory.number(&dashed(symbol)).ok_or_else(|| asked.not_found())
    }

    /// Sends one request and reads its reply.
    async fn ask<T>(
        &self,
        endpoint: &'static str,
        url: &str,
        asked: &Asked,
        read: impl FnOnce(&Reply) -> Result<T, SourceError> + Send,
    ) -> Result<T, SourceError> {
        let url: Url = url.parse().map_err(|_| asked.invalid_request("it has no address"))?;
        let request = Request::get(url).header("user-agent", self.user_agent.as_str());
        let read = |reply: &Reply| match reply.status() {
            200..300 => {
                BULK.check(reply.body(), asked)?;
                read(reply)
            }
            404 if endpoint == COMPANY => Err(asked.not_found()),
            429 => Err(asked.rate_limited(reply)),
            401 | 403 => Err(asked.denied(
                "it bars callers for some minutes that send more than ten requests a second or no \
                 contact",
            )),
            _ => Err(asked.status(reply)),
        };
        self.transport.ask(endpoint, &request, asked, read).await
    }
}

#[async_trait]
impl FilingSource for Sec {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let asked = Asked::new(PROVIDER, symbol);
        let number = self.number(symbol, &asked).await?;
        let url = format!("https://data.sec.gov/api/xbrl/companyfacts/CIK{number:010}.json");
        let mut notes = Notes::default();
        let read = |reply: &Reply| {
            let facts = Facts::read(reply.body(), number, &asked, &mut notes)?;
            Ok((facts, reply.retrieved_at()))
        };
        let (facts, retrieved_at) = self.ask(COMPANY, &url, &asked, read).await?;
        let mut rows = filings::filings(&facts, symbol, retrieved_at, &mut notes);
        if rows.is_empty() {
            return Err(asked.lacks("quarterly statements"));
        }
        if let Some((_, ratio)) = CLASSES.iter().find(|(ticker, _)| *ticker == dashed(symbol)) {
            rows.iter_mut().for_each(|row| row.shares = row.shares.map(|shares| shares * ratio));
        }
        let mut fetched = Fetched::new(rows);
        fetched.currency = Some(facts.currency);
        fetched.basis = Basis::AsFiled;
        fetched.retrieved_at = Some(retrieved_at);
        notes.append_to(&mut fetched);
        Ok(fetched)
    }
}
