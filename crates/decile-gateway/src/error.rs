use chrono::NaiveDate;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that can go wrong in starting, running and stopping a gateway. What a client does
/// wrong is not here: the client is told, in the words of a real gateway.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, Venue};
///
/// let config = GatewayConfig::new(Venue::large_us(1)).account("DU 1");
/// let error = Gateway::start(config).expect_err("it has a space");
/// assert!(error.to_string().contains("DU 1"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of the core is not valid, or a calculation left its range.
    #[error(transparent)]
    Value(#[from] decile_core::Error),
    /// The text is not an account.
    #[error("{text:?} is not an account: write 1 to 12 letters or digits, as in DU0000001")]
    InvalidAccount {
        /// What was given.
        text: String,
    },
    /// A server version that the gateway does not speak.
    #[error(
        "server version {version} is not spoken here: choose one from 213 to 226, or from 157 to 178"
    )]
    InvalidVersion {
        /// What was given.
        version: i32,
    },
    /// A date that is not a session of the market.
    #[error("{as_of} is not a session of the market, which runs from {first} to {last}")]
    NotASession {
        /// What was given.
        as_of: NaiveDate,
        /// The first session.
        first: NaiveDate,
        /// The last session.
        last: NaiveDate,
    },
    /// A file of ticks that cannot be read.
    #[error("{file}, line {line}: {reason}")]
    Ticks {
        /// The file, as the caller named it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A text that is no fault.
    #[error(
        "{text:?} is no fault, which is written as in drop:execDetails:skip=2:times=1: {reason}"
    )]
    InvalidFault {
        /// What was given.
        text: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// No calendar knows what comes after a date.
    #[error("no session is known after {as_of}: give an earlier date")]
    NoSession {
        /// What was given.
        as_of: NaiveDate,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: another program may have the port; choose another one")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The thread of the gateway or its runtime could not be made.
    #[error("cannot start the gateway's thread")]
    Thread {
        /// The cause.
        source: std::io::Error,
    },
    /// The thread of the gateway ended by a panic, which is a fault of this crate.
    #[error("the gateway's thread panicked: please report it")]
    Panicked,
    /// A state file that could not be read or written.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A state file that another gateway has open.
    #[error("the state {} is in use by another gateway: stop it, or name another file", path.display())]
    StateInUse {
        /// The file.
        path: PathBuf,
    },
    /// A file that is no state.
    #[error("{} is not the state of a gateway: name another file", path.display())]
    StateForeign {
        /// The file.
        path: PathBuf,
    },
    /// A line of a state file, not its torn last one, that cannot be read.
    #[error("line {line} of the state {} cannot be read: restore the file", path.display())]
    StateCorrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// A line of a state file that does not follow from the lines before it.
    #[error("line {line} of the state {} {fault}: restore the file", path.display())]
    StateBroken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What does not fit.
        fault: &'static str,
    },
    /// A state file of a later decile.
    #[error("{} has format {version}: this decile reads format {expected}", path.display())]
    FormatVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
        /// The format that is read.
        expected: u32,
    },
    /// A state file of another account.
    #[error("{} is the state of account {found}, not of {expected}: name the right file", path.display())]
    StateAccount {
        /// The file.
        path: PathBuf,
        /// The account in it.
        found: String,
        /// The account asked for.
        expected: String,
    },
    /// A state that has already seen a later session.
    #[error("the state {} has been carried to {reached}: it cannot go back to {session}", path.display())]
    SessionPassed {
        /// The file.
        path: PathBuf,
        /// The session that it has reached.
        reached: NaiveDate,
        /// The session asked for.
        session: NaiveDate,
    },
}
