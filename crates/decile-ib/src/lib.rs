//! Interactive Brokers for decile: a [`Broker`](decile_trade::Broker), a
//! [`QuoteSource`](decile_core::source::QuoteSource) and a
//! [`BarSource`](decile_core::source::BarSource) on a TWS or IB Gateway, through the `ibapi` client.
//!
//! [`IbBroker`] is a handle on a thread of its own, with a runtime of its own, that owns the
//! connection and moves its messages; a second thread reads what they say of orders. Clones are the
//! same connection; dropping the last one ends it. Programs on any runtime, or on none, can use it.
//!
//! Paper or live is decided by three things that must agree: the constructor of [`IbConfig`], the
//! prefix of the account, and the port. The gateway must then manage the account, too.
//!
//! ```no_run
//! use decile_ib::{IbBroker, IbConfig};
//! use decile_trade::Broker;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = IbConfig::paper("DU1234567".parse()?)?.port(4002).client_id(17);
//! let ib = IbBroker::connect(config).await?;
//! println!("{:?}", ib.account().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # What becomes of an order
//!
//! [`submit`](decile_trade::Broker::submit) hands an order to a writer that sends each once, one
//! after the other, and that nothing drops half-way; then it waits until the gateway has shown it.
//!
//! | What happens | It returns |
//! |---|---|
//! | an open order, a status or an execution of it comes | the acknowledgement |
//! | a message that refuses it comes before anything else | `Rejected` |
//! | the connection is known to be down, the contract unknown or ambiguous, another account, the nightly reset | `NotSent` |
//! | the client library refuses it at its gate, before a byte is written | `NotSent` |
//! | it is acknowledged by nothing in time; the connection is lost; any other message | `InDoubt` |
//!
//! The client library's `submit_order` fails with `OrderIdInRequestRange` or `ServerVersion` before
//! it encodes anything, and with `ConnectionReset` or `ConnectionFailed` at its gate, or in the queue
//! for a socket that is broken already: in each case no byte of the order has left, so it is
//! `NotSent`. Every other error may have come in the middle of the write, `Io` and `Shutdown` among
//! them, and so is `InDoubt`. `Ok` says no more than that the bytes are in the hands of the
//! operating system, so it acknowledges nothing.
//!
//! # What becomes of the connection
//!
//! It is probed every 15 seconds ([`IbConfig::heartbeat`]). One that gives no sign of life is half open:
//! it is given up like one that is lost, what is in flight is in doubt, and another one is made, with
//! the account and the order ids read anew. After each such break, after 1101 and 1102, and after a
//! message that was lost or could not be read, orders wait until the gateway's lists of open orders,
//! completed ones and executions have been looked at. From 23:40 to 00:10 in New York none is sent.
//!
//! What ends an order is its status, never a message. See `docs/ib-setup.md` for the settings of a
//! gateway.
//!
//! # How fast
//!
//! A thousand market orders at once, each acknowledged and filled, go through it at 95 % of the rate
//! that the bare client library reaches against the same gateway: some 20,000 a second on two cores,
//! the simulated gateway among them. That is the median of eight times
//! `cargo bench -p decile-benches --bench gateway` with its 41 rounds in turns, which gave 89 to 107 %;
//! the version before the queue and the second thread gave 56 to 64 %. On a busy machine it is less, for
//! `decile-ib` needs 1.4 times the computing time of the bare library. What a session remembers of its
//! orders costs nothing up to some 50,000 of them. Interactive Brokers takes 50 messages a second.

mod book;
mod broker;
mod codes;
mod config;
mod error;
mod guard;
mod instants;
mod market_data;
mod session;
mod sources;
mod symbols;
mod thread;
mod values;
mod wire;

pub use broker::IbBroker;
pub use config::IbConfig;
pub use error::Error;
pub use market_data::MarketData;
