#[cfg(feature = "conformance")]
use crate::conformance::Rule;
use crate::{Field, Series};
use chrono::NaiveDate;
use decile_core::Symbol;

/// Why factors could not be computed.
///
/// ```
/// use decile_factor::{Error, FactorRegistry};
///
/// let error = FactorRegistry::library().get("momentum").expect_err("it is called mom_12_1");
/// assert!(matches!(error, Error::UnknownFactor { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The panel was built without a field that a factor reads.
    #[error(
        "factor {factor} reads {field}, which the panel does not hold; build the panel with it"
    )]
    MissingField {
        /// Name of the factor.
        factor: String,
        /// The field.
        field: Field,
    },
    /// A factor read a field that it does not list among its inputs.
    #[error("factor {factor} read {field} on {session} without declaring it in inputs()")]
    UndeclaredField {
        /// Name of the factor.
        factor: String,
        /// The field.
        field: Field,
        /// The session being computed.
        session: NaiveDate,
    },
    /// A factor gave an infinite value.
    #[error("factor {factor} is infinite for {symbol} on {session}; make the value missing (NaN)")]
    Infinite {
        /// Name of the factor.
        factor: String,
        /// The stock.
        symbol: Symbol,
        /// The session being computed.
        session: NaiveDate,
    },
    /// No factor of that name is registered.
    #[error("there is no factor {name:?}; known are {known}")]
    UnknownFactor {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Two factors of one name.
    #[error("there are two factors called {name}; give each its own name")]
    DuplicateFactor {
        /// The name.
        name: String,
    },
    /// Factors that read one another in a circle.
    #[error("factor {name} is derived from itself: {chain}")]
    Circular {
        /// The factor.
        name: String,
        /// The circle, from factor to factor.
        chain: String,
    },
    /// The date is not a session of the panel.
    #[error("{date} is not a session of the panel, which runs from {first} to {last}")]
    NotASession {
        /// The date asked for.
        date: NaiveDate,
        /// First session.
        first: NaiveDate,
        /// Last session.
        last: NaiveDate,
    },
    /// The rows asked for are not all in the panel.
    #[error("sessions {from}..{to} were asked for, but the panel has {sessions}")]
    OutOfRange {
        /// First index asked for.
        from: usize,
        /// Index after the last asked for.
        to: usize,
        /// Sessions of the panel.
        sessions: usize,
    },
    /// A matrix of another shape than the panel's.
    #[error("{field} has {given} values, but {sessions} sessions of {symbols} symbols need {}", sessions * symbols)]
    Shape {
        /// The field.
        field: Field,
        /// Values given.
        given: usize,
        /// Sessions of the panel.
        sessions: usize,
        /// Symbols of the panel.
        symbols: usize,
    },
    /// Flags of another shape than the panel's.
    #[error("the universe has {given} flags, but {sessions} sessions of {symbols} symbols need {}", sessions * symbols)]
    UniverseShape {
        /// Flags given.
        given: usize,
        /// Sessions of the panel.
        sessions: usize,
        /// Symbols of the panel.
        symbols: usize,
    },
    /// Another number of sectors than symbols.
    #[error("{given} sectors are named, but the panel has {symbols} symbols; name one for each")]
    SectorShape {
        /// Names given.
        given: usize,
        /// Symbols of the panel.
        symbols: usize,
    },
    /// Sessions or symbols that do not rise.
    #[error("{what} {before} stands before {after}; sort them and keep each once")]
    Unordered {
        /// What they are.
        what: &'static str,
        /// The earlier of two neighbours.
        before: String,
        /// The later.
        after: String,
    },
    /// An infinite number among the data.
    #[error("{field} is infinite for {symbol} on {session}; write missing values as NaN or null")]
    InfiniteInput {
        /// The field.
        field: Field,
        /// The stock.
        symbol: Symbol,
        /// The session.
        session: NaiveDate,
    },
    /// Sessions that do not go on from those that are there.
    #[error("nothing can be appended: {reason}; compute all sessions anew")]
    NotAppendable {
        /// What does not fit.
        reason: String,
    },
    /// A series that does not fit the panel.
    #[error("the series {series} does not fit the panel: {reason}")]
    InvalidSeries {
        /// The series.
        series: Series,
        /// What is wrong with it.
        reason: String,
    },
    /// A factor that does not keep a promise (feature `conformance`).
    #[cfg(feature = "conformance")]
    #[error("factor {factor} breaks the rule that {rule}: {found}")]
    RuleBroken {
        /// Name of the factor.
        factor: String,
        /// The rule.
        rule: Rule,
        /// What was seen.
        found: String,
    },
    /// A market on which nothing can be checked (feature `conformance`).
    #[cfg(feature = "conformance")]
    #[error("the market does not serve to check factors: {found}")]
    UnfitMarket {
        /// What it lacks.
        found: String,
    },
    /// An infinite number among the values of a cross-section.
    #[error("value {position} is infinite; write a missing one as NaN")]
    InfiniteValue {
        /// Its position, from 0.
        position: usize,
    },
    /// Two lists that should hold something of each stock do not belong together.
    #[error("{left} and {right} values cannot be matched; give one of each stock")]
    LengthMismatch {
        /// Length of the first.
        left: usize,
        /// Length of the second.
        right: usize,
    },
    /// Values that cannot be cut into quantiles, because two cuts fall on one value.
    #[error("two edges of {bins} quantiles are {edge}; rank first, or take fewer quantiles")]
    DuplicateEdges {
        /// The quantiles asked for.
        bins: usize,
        /// The value that is an edge twice.
        edge: f64,
    },
    /// A polars expression that does not give a number for every stock (feature `expr`).
    #[cfg(feature = "expr")]
    #[error("the expression of factor {factor} gives no factor: {reason}")]
    Expression {
        /// Name of the factor.
        factor: String,
        /// What is wrong, from the session on which it was found.
        reason: String,
    },
    /// A data frame that no panel can be made of.
    #[error("the data frame cannot be made into a panel: {reason}")]
    Frame {
        /// What is wrong and what to do.
        reason: String,
    },
}
