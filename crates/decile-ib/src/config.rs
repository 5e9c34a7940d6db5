use crate::guard::{self, Mode};
use crate::{Error, MarketData};
use decile_core::{Clock, SystemClock};
use decile_trade::AccountId;
use std::sync::Arc;
use std::time::Duration;

/// Where a gateway is, which account to trade there, and how long to wait for what.
///
/// A paper account and a live one have constructors of their own, so that going live is a line of
/// code that somebody wrote. The defaults are those of an IB Gateway on the same machine: 127.0.0.1,
/// port 4002 for paper and 4001 for live.
///
/// ```
/// use decile_ib::{IbConfig, MarketData};
/// use std::time::Duration;
///
/// let config = IbConfig::paper("DU1234567".parse()?)?
///     .port(7497)
///     .client_id(17)
///     .market_data(MarketData::Delayed)
///     .request_timeout(Duration::from_secs(5));
/// assert_eq!(config.address(), "127.0.0.1:7497");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a configuration does nothing until it is connected with"]
pub struct IbConfig {
    pub(crate) mode: Mode,
    pub(crate) account: AccountId,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) client_id: i32,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) market_data: MarketData,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) acknowledge_timeout: Duration,
    pub(crate) quote_timeout: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) messages_per_second: Option<u32>,
    pub(crate) reconnect_attempts: u32,
    pub(crate) event_capacity: usize,
}

impl IbConfig {
    /// Configures a connection to a paper account, whose name begins with `DU` or `DF`.
    ///
    /// # Errors
    /// [`Error::NotPaper`] for any other account.
    pub fn paper(account: AccountId) -> Result<Self, Error> {
        Self::new(Mode::Paper, account, 4002)
    }

    /// Configures a connection to an account with real money. Its orders need a person's
    /// [`Consent`](decile_trade::Consent).
    ///
    /// # Errors
    /// [`Error::NotLive`] for a paper account.
    pub fn live(account: AccountId) -> Result<Self, Error> {
        Self::new(Mode::Live, account, 4001)
    }

    fn new(mode: Mode, account: AccountId, port: u16) -> Result<Self, Error> {
        guard::check_account(mode, &account, port)?;
        Ok(Self {
            mode,
            account,
            host: "127.0.0.1".to_owned(),
            port,
            client_id: 17,
            clock: Arc::new(SystemClock),
            market_data: MarketData::default(),
            connect_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(8),
            acknowledge_timeout: Duration::from_secs(8),
            quote_timeout: Duration::from_secs(12),
            ping_timeout: Duration::from_secs(4),
            heartbeat: Some(Duration::from_secs(15)),
            messages_per_second: Some(40),
            reconnect_attempts: 20,
            event_capacity: 8192,
        })
    }

    /// Sets the machine that TWS or IB Gateway runs on.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port. 7496 and 4001 take live accounts only, 7497 and 4002 paper accounts only, and
    /// every other port paper accounts only; [`connect`](crate::IbBroker::connect) checks it.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the client id, above 0: the gateway shows events to the client that placed an order, and
    /// order ids count up per client. A strategy keeps its client id from day to day.
    pub fn client_id(mut self, client_id: i32) -> Self {
        self.client_id = client_id;
        self
    }

    /// Sets the clock that quotes are stamped by and that "the last days" end at.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets which market data to ask for; live is the default.
    pub fn market_data(mut self, market_data: MarketData) -> Self {
        self.market_data = market_data;
        self
    }

    /// Sets how long connecting may take in all, with the look at earlier orders: 20 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a request may take, and each part of one that has several: 8 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Sets how long the gateway may be silent about an order that was sent before it is in doubt:
    /// 8 s.
    pub fn acknowledge_timeout(mut self, timeout: Duration) -> Self {
        self.acknowledge_timeout = timeout;
        self
    }

    /// Sets how long one quote may take: 12 s. Gateways end a snapshot after 11 s at the latest.
    pub fn quote_timeout(mut self, timeout: Duration) -> Self {
        self.quote_timeout = timeout;
        self
    }

    /// Sets how long a sign of life may take: 4 s. A connection on which none comes in time is given up
    /// and made again.
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.ping_timeout = timeout;
        self
    }

    /// Sets how often a sign of life is asked for while the connection is up: every 15 s unless set, and
    /// never twice in 5 s, for gateways do not answer the second question. `None` asks only when
    /// [`ping`](decile_trade::Broker::ping) is called, and a gateway that has frozen does not show.
    pub fn heartbeat(mut self, every: Option<Duration>) -> Self {
        self.heartbeat = every;
        self
    }

    /// Sets how many messages go out in any second, 40 unless set; `None` for as many as there are.
    ///
    /// Orders count, and so does whatever else is asked: an order that the executor sends takes three
    /// to five, so no more than some ten orders a second are sent. Interactive Brokers allows 50 to all
    /// clients of a gateway together, and closes connections that send more. Cancels count and do not
    /// wait. An order whose turn does not come within
    /// [`acknowledge_timeout`](Self::acknowledge_timeout) is not sent, and says so.
    pub fn messages_per_second(mut self, limit: Option<u32>) -> Self {
        self.messages_per_second = limit;
        self
    }

    /// Sets how often a lost connection is tried again, 20 unless set: 1, 1, 2, 3, 5 … and at most 30
    /// seconds apart, which makes 7 minutes, and each attempt takes
    /// [`connect_timeout`](Self::connect_timeout) at most. From 23:40 to 00:10 in New York, when
    /// Interactive Brokers resets its servers, it is tried every 30 seconds besides, up to 60 times.
    /// 0 makes it never again.
    pub fn reconnect_attempts(mut self, attempts: u32) -> Self {
        self.reconnect_attempts = attempts;
        self
    }

    /// Sets how many bundles of events a listener may lag behind before it is told of a gap: 8192.
    /// What comes in together is one bundle.
    pub fn event_capacity(mut self, capacity: usize) -> Self {
        self.event_capacity = capacity;
        self
    }

    /// Returns host and port as one text.
    #[must_use]
    pub fn address(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Checks what can be checked without a gateway.
    pub(crate) fn check(&self) -> Result<(), Error> {
        guard::check_account(self.mode, &self.account, self.port)?;
        let timeouts = [
            ("connect_timeout", self.connect_timeout),
            ("request_timeout", self.request_timeout),
            ("acknowledge_timeout", self.acknowledge_timeout),
            ("quote_timeout", self.quote_timeout),
            ("ping_timeout", self.ping_timeout),
            ("heartbeat", self.heartbeat.unwrap_or(Duration::MAX)),
        ];
        for (setting, timeout) in timeouts {
            valid(setting, format!("{timeout:?}"), !timeout.is_zero(), "above 0")?;
        }
        let client_id = self.client_id;
        // The client id 0 also gets the orders that people type into TWS, and would bind them.
        valid("client_id", client_id.to_string(), client_id > 0, "above 0")?;
        let limit = self.messages_per_second;
        valid("messages_per_second", format!("{limit:?}"), limit != Some(0), "above 0, or None")?;
        let capacity = self.event_capacity;
        valid("event_capacity", capacity.to_string(), capacity > 0, "above 0")
    }
}

fn valid(
    setting: &'static str,
    value: String,
    is_valid: bool,
    expected: &'static str,
) -> Result<(), Error> {
    is_valid.then_some(()).ok_or(Error::InvalidSetting { setting, value, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> IbConfig {
        IbConfig::paper("DU1234567".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_defaults_are_those_of_a_gateway_here() {
        assert_eq!(paper().address(), "127.0.0.1:4002");
        let live = IbConfig::live("U1234567".parse().unwrap()).unwrap();
        assert_eq!(live.address(), "127.0.0.1:4001");
        assert!(paper().check().is_ok() && live.check().is_ok());
        assert_eq!(paper().host("::1").address(), "[::1]:4002");
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_connecting() {
        let setting = |config: IbConfig| match config.check() {
            Err(Error::InvalidSetting { setting, .. }) => setting,
            other => panic!("{other:?}"),
        };
        assert_eq!(setting(paper().client_id(0)), "client_id");
        assert_eq!(setting(paper().client_id(-1)), "client_id");
        assert_eq!(setting(paper().messages_per_second(Some(0))), "messages_per_second");
        assert_eq!(setting(paper().event_capacity(0)), "event_capacity");
        assert_eq!(setting(paper().ping_timeout(Duration::ZERO)), "ping_timeout");
        assert_eq!(setting(paper().heartbeat(Some(Duration::ZERO))), "heartbeat");
        assert!(matches!(paper().port(4001).check(), Err(Error::LivePort { .. })));
    }
}
