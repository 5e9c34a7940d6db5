//! How a gateway is reached whose orders are looked after and not added to.

use decile::ib::IbConfig;
use decile::trade::AccountId;
use std::error::Error;
use std::time::Duration;

/// A gateway on this machine or the next answers within a second, if it answers.
pub(super) const CONNECT_MAX: Duration = Duration::from_secs(10);

/// The options of commands that look after orders.
///
/// ```
/// use decile_examples::trading::IbOptions;
///
/// let account = Some("DU1234567".parse()?);
/// let ib = IbOptions { account, host: "127.0.0.1".to_owned(), port: None, client_id: 17 };
/// assert!(ib.account()?.is_paper());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, clap::Args)]
pub struct IbOptions {
    /// With --broker ib: the account
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// With --broker ib: where the gateway or TWS runs
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub host: String,
    /// With --broker ib: its API port [default: 4002, or 4001 for a live account]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// With --broker ib: the number that the orders were sent under: no other may cancel them
    #[arg(long, value_name = "N", default_value_t = 17)]
    pub client_id: i32,
}

impl IbOptions {
    /// Returns the account.
    ///
    /// # Errors
    /// If none is named.
    pub fn account(&self) -> Result<&AccountId, Box<dyn Error>> {
        Ok(self.account.as_ref().ok_or("--broker ib needs --account")?)
    }

    /// How to reach the account, paper or not.
    pub(super) fn config(&self) -> Result<IbConfig, Box<dyn Error>> {
        let account = self.account()?;
        let config = match account.is_paper() {
            true => IbConfig::paper(account.clone())?,
            false => IbConfig::live(account.clone())?,
        };
        let config = config.host(&self.host).client_id(self.client_id);
        let config = config.connect_timeout(CONNECT_MAX);
        Ok(match self.port {
            Some(port) => config.port(port),
            None => config,
        })
    }
}
