//! What can go wrong with a gateway, on purpose.

use crate::{Error, span};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Everything that is to go wrong, in the order in which it is looked at.
///
/// ```
/// use decile_gateway::{Fault, Faults, Gateway, GatewayConfig, Message, Trouble, Venue};
///
/// // The first commission report is lost, and the third order is swallowed.
/// let faults = Faults::new([
///     Fault::of(Trouble::Drop).message(Message::CommissionReport).times(1),
///     Fault::of(Trouble::SwallowOrder).skip(2).times(1),
/// ]);
/// let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1)).faults(faults))?;
/// gateway.set_faults(Faults::default()); // and from now on nothing is
/// # Ok::<(), decile_gateway::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Takes faults together.
    #[must_use]
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self(faults.into_iter().collect())
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.0.push(fault);
        self
    }
}

/// One thing that goes wrong, and when.
///
/// ```
/// use decile_gateway::{Fault, Message, Trouble};
///
/// let fault = Fault::of(Trouble::Delay).message(Message::OrderStatus).order(7).delay_ms(500);
/// # let _ = fault;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    #[serde(rename = "do")]
    pub(crate) what: Trouble,
    #[serde(default)]
    pub(crate) message: Option<Message>,
    #[serde(default)]
    pub(crate) order: Option<i32>,
    #[serde(default)]
    pub(crate) code: Option<i32>,
    #[serde(default)]
    pub(crate) skip: u32,
    #[serde(default)]
    pub(crate) times: Option<u32>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(default, rename = "for", with = "crate::span::optional")]
    pub(crate) lasting: Option<Duration>,
}

impl Fault {
    /// Makes a fault that happens whenever it can.
    #[must_use]
    pub fn of(what: Trouble) -> Self {
        let (message, order, code, times, lasting) = (None, None, None, None, None);
        Self { what, message, order, code, skip: 0, times, delay_ms: 0, lasting }
    }

    /// Limits it to one kind of message.
    #[must_use]
    pub fn message(self, message: Message) -> Self {
        Self { message: Some(message), ..self }
    }

    /// Limits it to what is said of, or asked for, an order.
    #[must_use]
    pub fn order(self, id: i32) -> Self {
        Self { order: Some(id), ..self }
    }

    /// Limits it to errors with a code.
    #[must_use]
    pub fn code(self, code: i32) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Lets it pass so many chances before the first that it takes.
    #[must_use]
    pub fn skip(self, count: u32) -> Self {
        Self { skip: count, ..self }
    }

    /// Lets it happen so many times, and then no more.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { times: Some(count), ..self }
    }

    /// Sets for how long [`Trouble::Delay`] holds a message back, in milliseconds.
    #[must_use]
    pub fn delay_ms(self, milliseconds: u64) -> Self {
        Self { delay_ms: milliseconds, ..self }
    }

    /// Ends [`Trouble::Stall`] or [`Trouble::LoseConnection`] by itself after so long, by the
    /// machine's clock.
    #[must_use]
    pub fn lasting(self, time: Duration) -> Self {
        Self { lasting: Some(time), ..self }
    }

    /// Says what is wrong with the fault itself, if anything is: a limit that its trouble does not
    /// have.
    pub(crate) fn objection(&self) -> Option<(&'static str, String)> {
        let name = self.what;
        if self.message.is_some() && !self.what.is_of_messages() {
            return Some(("message", format!("{name:?} happens to no message: leave it out")));
        }
        if self.code.is_some() && self.message != Some(Message::Error) {
            return Some(("code", "only errors have one: write message = \"error\"".to_owned()));
        }
        if self.lasting.is_some() && !matches!(name, Trouble::Stall | Trouble::LoseConnection) {
            return Some(("for", format!("{name:?} does not end by itself: leave it out")));
        }
        match (self.what == Trouble::Delay, self.delay_ms) {
            (true, 0) => Some(("delay_ms", "say for how long, as in 500".to_owned())),
            (false, 1..) => Some(("delay_ms", format!("{name:?} takes no time: leave it out"))),
            _ => None,
        }
    }
}

/// Reads a fault in short: what goes wrong, the message if it is one that it happens to, and limits
/// by their names in a scenario.
///
/// ```
/// use decile_gateway::{Fault, Message, Trouble};
///
/// let fault: Fault = "drop:execDetails:skip=2:times=1".parse()?;
/// assert_eq!(fault, Fault::of(Trouble::Drop).message(Message::ExecDetails).skip(2).times(1));
/// let wrong = "drop:execDetail".parse::<Fault>().expect_err("a misprint");
/// assert!(wrong.to_string().contains("`execDetails`"));
/// # Ok::<(), decile_gateway::Error>(())
/// ```
impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::InvalidFault { text: text.to_owned(), reason };
        let mut parts = text.split(':');
        let what = named(parts.next().unwrap_or_default()).map_err(wrong)?;
        let fault = parts.try_fold(Self::of(what), limited).map_err(wrong)?;
        match fault.objection() {
            Some((key, reason)) => Err(wrong(format!("{key}: {reason}"))),
            None => Ok(fault),
        }
    }
}

/// Reads a word of a scenario.
fn named<T: DeserializeOwned>(word: &str) -> Result<T, String> {
    let word: StrDeserializer<'_, serde::de::value::Error> = word.into_deserializer();
    T::deserialize(word).map_err(|error| error.to_string())
}

/// Adds a limit to a fault, as in `skip=2`; a word alone is a message.
fn limited(fault: Fault, part: &str) -> Result<Fault, String> {
    fn number<T: FromStr>(key: &str, text: &str) -> Result<T, String> {
        text.parse().map_err(|_| format!("{key}={text}: write a whole number"))
    }
    let (key, value) = part.split_once('=').unwrap_or(("message", part));
    Ok(match key {
        "message" => fault.message(named(value)?),
        "order" => fault.order(number(key, value)?),
        "code" => fault.code(number(key, value)?),
        "skip" => fault.skip(number(key, value)?),
        "times" => fault.times(number(key, value)?),
        "delay_ms" => fault.delay_ms(number(key, value)?),
        "for" => fault.lasting(span::read(value)?),
        _ => {
            let known = "message, order, code, skip, times, delay_ms or for";
            return Err(format!("{key} is no limit: write {known}"));
        }
    })
}

/// What can go wrong. Where nothing else is said, it happens once for each chance.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, Trouble, Venue};
///
/// let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1)))?;
/// gateway.cause(Trouble::LoseConnection); // 1100 to every client, until
/// gateway.cause(Trouble::RestoreConnection); // 1102
/// # Ok::<(), decile_gateway::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// A message is lost.
    Drop,
    /// A message comes later, and those behind it do not wait.
    Delay,
    /// A message comes twice.
    Duplicate,
    /// A message comes after the one behind it.
    Reorder,
    /// A message comes as bytes that nobody can read.
    Garble,
    /// An order is never heard of again, and its id is not used up.
    SwallowOrder,
    /// An order that is filled at once has executions and commissions, and no status.
    NoStatus,
    /// An order begins with notice 10349, "Order TIF was set to DAY based on order preset.".
    PresetNotice,
    /// A commission report comes before its execution.
    CommissionFirst,
    /// A commission report says 1.7976931348623157E308, and the amount comes in a second one.
    CommissionUnset,
    /// An execution comes again as a correction, under the next revision of its id.
    CorrectExecution,
    /// A cancel is not answered, and does nothing.
    IgnoreCancel,
    /// A global cancel is not answered, and does nothing.
    IgnoreGlobalCancel,
    /// At an order: its connection ends before it is taken.
    Disconnect,
    /// At an order: it is taken, and its connection ends before anything is said of it.
    DisconnectAfter,
    /// At an order or a call: nobody is told anything any more, and no connection ends. What is sent
    /// in the meantime is taken once the faults are set again, or after [`Fault::lasting`].
    Stall,
    /// At an order or a call: every connection ends, and the account stays.
    Restart,
    /// At an order or a call: every connection ends, and the account begins anew. A gateway with a
    /// state file keeps its account.
    RestartEmpty,
    /// At an order or a call: error 1100, each second again. What happens to orders is not told.
    LoseConnection,
    /// At an order or a call: notice 1102, the connection is back and data were kept.
    RestoreConnection,
    /// At an order or a call: notice 1101, the connection is back and market data have to be asked
    /// for again.
    RestoreWithoutData,
    /// At an order or a call: a data farm goes and comes, 2103 and 2104.
    FlapFarm,
    /// At an order or a call: the broker sells what the account holds of its first stock; the
    /// execution has order id -1.
    Liquidate,
    /// A client that connects again is told that its next order id is 1.
    RollBackIds,
    /// A client that connects again hears 326, as if it were still there.
    HoldClientId,
    /// A client that sends more than 50 messages in a second hears error 100 and is cut off.
    LimitRate,
}

impl Trouble {
    /// Tells whether it happens to what a gateway says.
    pub(crate) fn is_of_messages(self) -> bool {
        matches!(self, Self::Drop | Self::Delay | Self::Duplicate | Self::Reorder | Self::Garble)
    }

    /// Tells whether it can be caused by a call, and happens before an order.
    pub(crate) fn is_sudden(self) -> bool {
        matches!(
            self,
            Self::Stall
                | Self::Restart
                | Self::RestartEmpty
                | Self::LoseConnection
                | Self::RestoreConnection
                | Self::RestoreWithoutData
                | Self::FlapFarm
                | Self::Liquidate
        )
    }
}

/// The messages of a gateway, by the names that clients have for them.
///
/// ```
/// assert_eq!(decile_gateway::Message::ExecDetailsEnd.to_string(), "ExecDetailsEnd");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "their names are those of Interactive Brokers' own documentation")]
#[non_exhaustive]
pub enum Message {
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountUpdateMulti,
    AccountUpdateMultiEnd,
    CommissionReport,
    CompletedOrder,
    CompletedOrdersEnd,
    ContractDetails,
    ContractDetailsEnd,
    CurrentTime,
    Error,
    ExecDetails,
    ExecDetailsEnd,
    HistoricalData,
    HistoricalDataEnd,
    ManagedAccounts,
    MarketDataType,
    NextValidId,
    OpenOrder,
    OpenOrderEnd,
    OrderStatus,
    Position,
    PositionEnd,
    TickGeneric,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
    TickString,
    UpdateAccountTime,
    UpdateAccountValue,
    UpdatePortfolio,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
