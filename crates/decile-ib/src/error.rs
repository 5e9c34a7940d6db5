use decile_core::Symbol;
use decile_trade::{AccountId, ClientOrderId};
use std::time::Duration;

/// Everything that can go wrong between decile and a gateway of Interactive Brokers.
///
/// [`IbBroker::connect`](crate::IbBroker::connect) returns it. The methods of
/// [`Broker`](decile_trade::Broker) return the errors of decile-trade, with one of these as the
/// cause.
///
/// ```
/// use decile_ib::{Error, IbConfig};
///
/// let error = IbConfig::paper("U1234567".parse()?).expect_err("a live account");
/// assert!(matches!(error, Error::NotPaper { .. }));
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A live account, and the program asked for paper.
    #[error("{account} is not a paper account (DU… or DF…): IbConfig::live is for live ones")]
    NotPaper {
        /// The account.
        account: AccountId,
    },
    /// A paper account, and the program asked for live.
    #[error("{account} is a paper account: use IbConfig::paper")]
    NotLive {
        /// The account.
        account: AccountId,
    },
    /// A paper account on a port that serves live sessions.
    #[error("{account} is a paper account and port {port} serves live ones: use 7497 or 4002")]
    LivePort {
        /// The account.
        account: AccountId,
        /// The port.
        port: u16,
    },
    /// A live account on a port that serves paper sessions.
    #[error("{account} is a live account and port {port} serves paper ones: use 7496 or 4001")]
    PaperPort {
        /// The account.
        account: AccountId,
        /// The port.
        port: u16,
    },
    /// A live account on a port that nobody agreed on.
    #[error("{account} is a live account, which trades on port 7496 or 4001 only, not on {port}")]
    UnusualPort {
        /// The account.
        account: AccountId,
        /// The port.
        port: u16,
    },
    /// An account that the gateway does not manage.
    #[error("the gateway manages {managed:?} and not {account}: check its login and the account")]
    NotManaged {
        /// The account that was asked for.
        account: AccountId,
        /// Those that the gateway manages.
        managed: Vec<String>,
    },
    /// A gateway that was to be a paper one and manages live accounts.
    #[error("the gateway manages the live account {other} beside {account}: log in to paper")]
    LiveGateway {
        /// The account that was asked for.
        account: AccountId,
        /// The live one.
        other: String,
    },
    /// A setting that makes no sense.
    #[error("the setting {setting} is {value}; it must be {expected}")]
    InvalidSetting {
        /// Its name.
        setting: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// Nobody answers at the address, or not as a gateway does.
    #[error(
        "cannot connect to {address}: is TWS or IB Gateway running, its API on, the port right"
    )]
    Connect {
        /// The address.
        address: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody answers at the address and then falls silent.
    #[error(
        "{address} did not greet within {} s: it is no gateway, or waits for a dialog to be closed",
        after.as_secs_f64()
    )]
    ConnectTimeout {
        /// The address.
        address: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// Another program has the client id.
    #[error("client id {client_id} is in use at {address}: choose another, or stop that program")]
    ClientIdInUse {
        /// The id.
        client_id: i32,
        /// The address.
        address: String,
    },
    /// The thread of the connection could not be started.
    #[error("cannot start the thread of the connection")]
    Thread {
        /// The cause.
        source: std::io::Error,
    },
    /// The connection is closed for good.
    #[error("the connection to {address} has ended: connect anew")]
    Ended {
        /// The address.
        address: String,
    },
    /// The connection is down and being made again.
    #[error("not connected to {address}: connecting again")]
    Disconnected {
        /// The address.
        address: String,
    },
    /// The gateway is there and has lost Interactive Brokers.
    #[error("the gateway has lost its connection to Interactive Brokers: {text}")]
    UpstreamLost {
        /// What it said.
        text: String,
    },
    /// The time of night in which Interactive Brokers resets its servers.
    #[error("no order is sent from 23:40 to 00:10 in New York, when the servers are reset: wait")]
    NightlyReset,
    /// A gateway that takes no orders.
    #[error("the gateway is in read-only mode: take the tick off Read-Only API in its settings")]
    ReadOnly,
    /// A request that was not answered in time. What it asked for is unknown, not empty.
    #[error("the gateway did not answer the request for {request} within {} s", after.as_secs_f64())]
    NoAnswer {
        /// What was asked for.
        request: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// What the gateway said to a request.
    #[error("the gateway says {code}: {text}")]
    Gateway {
        /// Its code.
        code: i32,
        /// Its words.
        text: String,
    },
    /// What the client library said.
    #[error("the client library failed")]
    Client {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A reply that cannot be read.
    #[error("the gateway sent {what} that cannot be read: {text:?}")]
    Unreadable {
        /// What it was.
        what: &'static str,
        /// How it was written.
        text: String,
    },
    /// An account that a reply leaves out.
    #[error("the gateway tells nothing of {what} for {account}")]
    NotTold {
        /// What was asked for.
        what: &'static str,
        /// The account.
        account: AccountId,
    },
    /// A stock that Interactive Brokers does not know.
    #[error("Interactive Brokers knows no US stock {symbol}: check the symbol")]
    UnknownContract {
        /// The stock.
        symbol: Symbol,
    },
    /// A symbol of several stocks.
    #[error("{symbol} is the symbol of several US stocks, on {}: trade it by hand", exchanges.join(", "))]
    AmbiguousContract {
        /// The symbol.
        symbol: Symbol,
        /// Their primary exchanges.
        exchanges: Vec<String>,
    },
    /// A holding that decile cannot express.
    #[error(
        "{account} holds {holding}, and decile knows whole US shares only: use another account"
    )]
    UnsupportedPosition {
        /// The account.
        account: AccountId,
        /// The holding.
        holding: String,
    },
    /// An order that this adapter does not place.
    #[error("order {id} is not one that can be placed: {reason}")]
    UnsupportedOrder {
        /// The order.
        id: ClientOrderId,
        /// What speaks against it.
        reason: String,
    },
    /// A question about an order, which the gateway took for an order.
    #[error(
        "the gateway took a question about the margin for an order, id {order_id}, and was asked to \
         cancel it: look at the account before anything else is sent"
    )]
    TakenForOrder {
        /// The number that it was asked under.
        order_id: i32,
    },
    /// An order about which a question was asked that had no answer: it may have been taken for the order.
    #[error(
        "a question about the margin of order {id} had no answer, so the gateway may have taken it for \
         the order: look it up"
    )]
    Questioned {
        /// The order.
        id: ClientOrderId,
    },
    /// An order for another account.
    #[error("order {id} is for another account than {account}")]
    OtherAccount {
        /// The order.
        id: ClientOrderId,
        /// The account of the connection.
        account: AccountId,
    },
    /// An order that was given to this connection before, or that the gateway has shown among those
    /// of the account when the connection was made.
    #[error("order {id} was sent before, by this connection or an earlier one: look it up")]
    AlreadySubmitted {
        /// The order.
        id: ClientOrderId,
    },
    /// An order of which the gateway shows that it was sent before this connection was made, and has ended
    /// without a fill: a journal that knows of it gives the next attempt another name.
    #[error("order {id} was sent before, by a run with another journal, and has ended: {end}")]
    EndedBefore {
        /// The order.
        id: ClientOrderId,
        /// How.
        end: String,
    },
    /// An order of another client, which only that client can cancel.
    #[error("order {id} belongs to client id {client_id}: cancel it there, or in TWS")]
    OtherClient {
        /// The order.
        id: ClientOrderId,
        /// The client that has placed it.
        client_id: i32,
    },
    /// Waiting behind other orders, or for the gateway's lists after a gap, took too long.
    #[error(
        "order waited for {} s for its turn, or for a look at what was missed, and was not sent",
        after.as_secs_f64()
    )]
    Queued {
        /// How long it has waited.
        after: Duration,
    },
    /// The gateway has run out of order ids.
    #[error(
        "order id {order_id} is out of range: reset the API order ids in the gateway's settings"
    )]
    OrderIds {
        /// The id that came up.
        order_id: i64,
    },
    /// An order that was sent, and of which nothing was heard.
    #[error("order id {order_id} was sent and the gateway said nothing within {} s", after.as_secs_f64())]
    NoAcknowledgement {
        /// The number that it was sent under.
        order_id: i32,
        /// How long it was waited for.
        after: Duration,
    },
    /// An order that was sent before the connection was lost.
    #[error("the connection was lost after order id {order_id} was sent")]
    LostAfterSending {
        /// The number that it was sent under.
        order_id: i32,
    },
}

impl Error {
    /// Tells whether the same call may succeed later without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. }
                | Self::ConnectTimeout { .. }
                | Self::Disconnected { .. }
                | Self::UpstreamLost { .. }
                | Self::NightlyReset
                | Self::NoAnswer { .. }
                | Self::Queued { .. }
        )
    }

    /// Takes in what the client library says.
    pub(crate) fn from_client(error: ibapi::Error) -> Self {
        match error {
            ibapi::Error::Notice(notice) if notice.code >= 0 => {
                Self::Gateway { code: notice.code, text: notice.message }
            }
            other => Self::Client { source: other.into() },
        }
    }

    /// Hands an error on as one of a broker.
    pub(crate) fn into_trade(self, request: &'static str) -> decile_trade::Error {
        match self {
            Self::NoAnswer { request, after } => decile_trade::Error::Timeout { request, after },
            ended @ Self::Ended { .. } => {
                decile_trade::Error::BrokerGone { request, source: ended.into() }
            }
            other => decile_trade::Error::Broker { request, source: other.into() },
        }
    }
}
