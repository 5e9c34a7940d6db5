#[cfg(feature = "conformance")]
use crate::conformance::Rule;
use crate::{AccountId, CheckName, ClientOrderId, ConsentError};
use chrono::{NaiveDate, TimeDelta};
use decile_core::{Currency, Money, Shares, Symbol};
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can go wrong between targets and filled orders, except a refused plan
/// ([`Denied`](crate::Denied)) and an order that did not get through
/// ([`SubmitError`](crate::SubmitError)). Why a person's consent is missing is told in
/// [words of its own](ConsentError).
///
/// ```
/// use decile_trade::AccountId;
///
/// let error = "not an account".parse::<AccountId>().expect_err("it has spaces");
/// assert!(error.to_string().contains("not an account"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of the core is not valid, or a calculation left its range.
    #[error(transparent)]
    Value(#[from] decile_core::Error),
    /// The text is not an account.
    #[error("{text:?} is not an account: write 1 to 12 letters or digits, as in DU1234567")]
    InvalidAccountId {
        /// What was given.
        text: String,
    },
    /// The text is not the name of a strategy.
    #[error(
        "{text:?} is not a strategy: write 1 to 8 lower-case letters, digits or '-', as in q-core"
    )]
    InvalidStrategyId {
        /// What was given.
        text: String,
    },
    /// The text is not a client order id.
    #[error(
        "{text:?} is not a client order id: write strategy:account:YYYYMMDD:symbol:B or S:attempt"
    )]
    InvalidOrderId {
        /// What was given.
        text: String,
    },
    /// The text is not the id of a plan.
    #[error("{text:?} is not the id of a plan: write the 16 digits that the dry run printed")]
    InvalidPlanId {
        /// What was given.
        text: String,
    },
    /// A client order id that brokers would cut off.
    #[error(
        "the order id {text} has {length} characters of at most 40: choose a shorter strategy name"
    )]
    OrderIdTooLong {
        /// The id in full.
        text: String,
        /// Its length.
        length: usize,
    },
    /// A rule of planning, or a limit, that makes no sense.
    #[error("the rule {rule} is {value}; it must be {expected}")]
    InvalidRule {
        /// Name of the field of [`PlanRules`](crate::PlanRules) or [`RiskLimits`](crate::RiskLimits).
        rule: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// An account that is worth nothing has no weights.
    #[error("account {account} has an equity of {equity}: put cash in before planning")]
    EquityNotPositive {
        /// The account.
        account: AccountId,
        /// Its equity.
        equity: Money,
    },
    /// A short holding. Plans are long only and would not know whether to keep it.
    #[error("the account holds {quantity} shares of {symbol}: close the short by hand first")]
    ShortPosition {
        /// The stock.
        symbol: Symbol,
        /// The holding, below 0.
        quantity: Shares,
    },
    /// A target below 0.
    #[error("the target of {symbol} is {size}: plans are long only, so ask for 0 or more")]
    ShortTarget {
        /// The stock.
        symbol: Symbol,
        /// Weight or shares that were asked for.
        size: String,
    },
    /// A stock that is held twice.
    #[error("the position in {symbol} stands there twice: add the two up")]
    DuplicatePosition {
        /// The stock.
        symbol: Symbol,
    },
    /// A quote in another currency than the account's.
    #[error("{symbol} is quoted in {quote} and the account is in {account}: convert it first")]
    CurrencyMismatch {
        /// The stock.
        symbol: Symbol,
        /// Currency of the quote.
        quote: Currency,
        /// Currency of the account.
        account: Currency,
    },
    /// A quote that is filed under another stock.
    #[error("the quote of {symbol} is one of {quoted}: file it under its own symbol")]
    QuoteMismatch {
        /// The stock that it is filed under.
        symbol: Symbol,
        /// The stock that it quotes.
        quoted: Symbol,
    },
    /// An exact result that no decimal of 28 digits, or whole number of shares, can hold.
    #[error("the {what} of {symbol} is out of range: check its price and the account's equity")]
    OutOfRange {
        /// What was calculated.
        what: &'static str,
        /// The stock, or the account.
        symbol: String,
    },
    /// A request that the broker could not answer.
    #[error("the broker did not answer the request for {request}")]
    Broker {
        /// What was asked for.
        request: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A connection that has ended for good: nothing that is asked of it will be answered.
    #[error(
        "the connection to the broker has ended for good: the request for {request} came too late"
    )]
    BrokerGone {
        /// What was asked for.
        request: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A request that took too long. What it asked for is unknown, not empty.
    #[error("the broker did not answer the request for {request} within {} s", after.as_secs_f64())]
    Timeout {
        /// What was asked for.
        request: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// Orders that the broker's own margin check does not allow, or, with real money, does not answer for.
    #[error("the plan is denied; {}: {reason}", CheckName::Margin)]
    MarginDenied {
        /// Which of them, and why.
        reason: String,
    },
    /// No consent to a plan for an account with real money.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// An order that the broker does not know.
    #[error("the broker does not know the order {id}")]
    UnknownOrder {
        /// The order.
        id: ClientOrderId,
    },
    /// An order that is not unknown, so that there is nothing to clear.
    #[error("{id} cannot be cleared: by the journal it {end}")]
    NothingToClear {
        /// The order.
        id: ClientOrderId,
        /// What is known of its end.
        end: String,
    },
    /// What a person says of an order and cannot be.
    #[error("{id} cannot be cleared so: {problem}")]
    InvalidClearance {
        /// The order.
        id: ClientOrderId,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// An order of which the broker itself tells. Its word counts, and is in the journal now.
    #[error("{id} is not cleared: the broker shows it as {shown}")]
    BrokerShowsOrder {
        /// The order.
        id: ClientOrderId,
        /// What the broker shows, and what to do.
        shown: String,
    },
    /// A file that could not be read or written.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A journal that is not a file and could not be read or written.
    #[error("the journal {journal} failed")]
    Journal {
        /// Its name, as of a table or a server.
        journal: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A journal with a record of another strategy or account.
    #[error("the journal has a record of {found}, and not only of {owner}: name another journal")]
    ForeignJournal {
        /// Strategy and account of the record.
        found: String,
        /// Strategy and account of the plan, or the account of the broker.
        owner: String,
    },
    /// The journal of another strategy or account. It is left as it is.
    #[error("{} is the journal of {found}, not of {expected}: name another file", path.display())]
    JournalOwner {
        /// The journal.
        path: PathBuf,
        /// Strategy and account in it.
        found: String,
        /// Strategy and account asked for.
        expected: String,
    },
    /// A journal that another process writes.
    #[error(
        "the journal {} is in use by another run: wait for it, or name another file",
        path.display()
    )]
    JournalInUse {
        /// The journal.
        path: PathBuf,
    },
    /// An account that another run trades in.
    #[error(
        "another run on this machine trades in {account}, as {} shows: wait for it",
        path.display()
    )]
    AccountInUse {
        /// The account.
        account: AccountId,
        /// The file that the other run has locked.
        path: PathBuf,
    },
    /// A journal that failed to take a record before and so takes no more.
    #[error("the journal {} failed to write and is closed: open it again", path.display())]
    JournalClosed {
        /// The journal.
        path: PathBuf,
    },
    /// A line of a journal, not its torn last one, that cannot be read.
    #[error("line {line} of the journal {} cannot be read: restore the file", path.display())]
    JournalCorrupt {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// An intent for an order that has one. It is sent once, and not by whoever came second.
    #[error("the journal has an intent for {id} already: another run sends it, so plan anew")]
    DuplicateIntent {
        /// The order.
        id: ClientOrderId,
    },
    /// A record of an order that was never intended: the journal has lost its beginning.
    #[error("the journal tells of {order} and has no intent for it: restore the file")]
    MissingIntent {
        /// The order, as the record names it.
        order: String,
    },
    /// A file of a later decile.
    #[error("{} has format {version}: this decile reads format {expected}", path.display())]
    FormatVersion {
        /// The journal or paper account.
        path: PathBuf,
        /// Its format.
        version: u32,
        /// The format that is read.
        expected: u32,
    },
    /// A paper account that another broker, of this process or another, has open.
    #[error(
        "the paper account {} is in use by another run: wait for it, or name another file",
        path.display()
    )]
    StateInUse {
        /// The file.
        path: PathBuf,
    },
    /// The file of a paper account that cannot be read. It is left as it is.
    #[error(
        "the paper account {} cannot be read: restore the file, or name a new one",
        path.display()
    )]
    StateCorrupt {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// The file of a paper account that is another one than was asked for.
    #[error(
        "{} is the book of account {found}, not of {expected}: name the right file",
        path.display()
    )]
    StateAccount {
        /// The file.
        path: PathBuf,
        /// Account and currency in it.
        found: String,
        /// Account and currency asked for.
        expected: String,
    },
    /// A broker that does not do what it promises (feature `conformance`).
    #[cfg(feature = "conformance")]
    #[error("the broker breaks the rule that {rule}: {found}")]
    BrokerRuleBroken {
        /// The rule.
        rule: Rule,
        /// What was seen.
        found: String,
    },
    /// A broker at which nothing can be checked (feature `conformance`).
    #[cfg(feature = "conformance")]
    #[error("the account does not serve to check a broker: {found}")]
    UnfitBroker {
        /// What it lacks.
        found: String,
    },
    /// A broker whose clock is far from ours: one of them is wrong, and with it the age of prices and
    /// approvals, or the session.
    #[error(
        "the broker's clock is {:.1} s {} ours, of at most {} s: set the clock of this machine",
        ahead.abs().as_seconds_f64(),
        if *ahead < TimeDelta::zero() { "behind" } else { "ahead of" },
        most.as_secs_f64()
    )]
    ClockSkew {
        /// By how much the broker's is ahead, at least; below zero, behind.
        ahead: TimeDelta,
        /// How far they may be apart.
        most: Duration,
    },
    /// A cash account of which nobody knows what it may buy with.
    #[error(
        "the broker does not tell the settled cash of {account}, which a cash account buys with: \
         without it nothing can be bought"
    )]
    SettledCashNotTold {
        /// The account.
        account: AccountId,
    },
    /// A paper account that has already seen a later session.
    #[error("account {account} has been carried to {reached}: it cannot go back to {session}")]
    SessionPassed {
        /// The account.
        account: AccountId,
        /// The session that it has reached.
        reached: NaiveDate,
        /// The session asked for.
        session: NaiveDate,
    },
}

impl Error {
    /// Tells whether the same call may succeed later without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Broker { .. }
                | Self::Timeout { .. }
                | Self::JournalInUse { .. }
                | Self::AccountInUse { .. }
                | Self::StateInUse { .. }
        )
    }
}

/// Writes an error and its causes on one line, as for the reason of a report.
pub(crate) fn in_full(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    // A chain of causes has no cycle, but a bound costs nothing.
    for cause in std::iter::successors(error.source(), |cause| cause.source()).take(8) {
        text = format!("{text}: {cause}");
    }
    text
}
