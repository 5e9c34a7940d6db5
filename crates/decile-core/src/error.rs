use crate::{ActionKind, Symbol, Table};
use chrono::NaiveDate;

/// Everything that can be wrong with a value or with the tables of a [`Market`](crate::Market).
///
/// Rows are counted from 1 and do not include a header, so row 1 is line 2 of a CSV file.
///
/// ```
/// use decile_core::{Error, Symbol};
///
/// let error = Symbol::new("brk b").expect_err("not canonical");
/// assert!(matches!(error, Error::InvalidSymbol { .. }));
/// assert!(error.to_string().starts_with("\"brk b\" is not a symbol"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a canonical symbol.
    #[error(
        "{text:?} is not a symbol: write 1 to 16 upper-case letters, digits, '.' or '-', as in BRK.B"
    )]
    InvalidSymbol {
        /// What was given.
        text: String,
    },
    /// The text is not a currency code.
    #[error("{text:?} is not a currency: write three upper-case letters of ISO 4217, as in USD")]
    InvalidCurrency {
        /// What was given.
        text: String,
    },
    /// The number cannot be a price.
    #[error("{text} is not a price: a price is a finite decimal number above 0")]
    InvalidPrice {
        /// What was given.
        text: String,
    },
    /// The number cannot be an amount of money.
    #[error("{text:?} is not an amount of money: write a plain decimal number such as 1234.50")]
    InvalidMoney {
        /// What was given.
        text: String,
    },
    /// The number cannot be a portfolio weight.
    #[error("{text} is not a weight: a weight is a finite decimal number between -1 and 1")]
    InvalidWeight {
        /// What was given.
        text: String,
    },
    /// The text is not the form of a filing.
    #[error("{text:?} is not a filing form: write it as the filer does, as in 10-Q or 10-K/A")]
    InvalidForm {
        /// What was given.
        text: String,
    },
    /// An exact calculation left the range of a 96-bit decimal.
    #[error("the {operation} of {left} and {right} is out of range")]
    Overflow {
        /// What was calculated.
        operation: &'static str,
        /// The left operand.
        left: String,
        /// The right operand.
        right: String,
    },
    /// A calendar without a single session.
    #[error("the calendar is empty: give at least one session")]
    CalendarEmpty,
    /// Sessions of a calendar that do not rise strictly.
    #[error("calendar row {row}: session {date} does not come after {previous}")]
    CalendarUnordered {
        /// Row of the offending session, from 1.
        row: usize,
        /// The offending session.
        date: NaiveDate,
        /// The session before it.
        previous: NaiveDate,
    },
    /// A span of dates that ends before it begins.
    #[error("the range {from} to {to} is empty: its first date comes after its last")]
    EmptyRange {
        /// First date.
        from: NaiveDate,
        /// Last date.
        to: NaiveDate,
    },
    /// A corporate action that cannot be applied to a holding.
    #[error("the {kind} of {symbol} on {ex_date} has the value {value}: correct it")]
    InvalidAction {
        /// The stock.
        symbol: Symbol,
        /// Its date.
        ex_date: NaiveDate,
        /// What kind of action.
        kind: ActionKind,
        /// What stands there.
        value: String,
    },
    /// A symbol that stands twice in a list of targets.
    #[error("{symbol} is a target twice: name each symbol once")]
    DuplicateTarget {
        /// The symbol.
        symbol: Symbol,
    },
    /// A table that a market cannot do without has no row.
    #[error("the table {table} is empty: a market needs at least one row of it")]
    EmptyTable {
        /// The table.
        table: Table,
    },
    /// Two rows of a table with the same key.
    #[error("{table} row {row}: {key} on {date} stands there twice; keep one of the two rows")]
    DuplicateRow {
        /// The table.
        table: Table,
        /// Row of the second of the two, from 1.
        row: usize,
        /// The symbol, or the currency of a rate.
        key: String,
        /// The date they share.
        date: NaiveDate,
    },
    /// Two rows of one stock with the same action on the same date.
    #[error(
        "actions row {row}: {symbol} on {date} has the same action twice; drop one row, or if both \
         were paid, write their sum in one"
    )]
    DuplicateAction {
        /// Row of the second of the two, from 1.
        row: usize,
        /// The stock.
        symbol: Symbol,
        /// The ex-date.
        date: NaiveDate,
    },
    /// A security that is listed twice.
    #[error("securities row {row}: {symbol} stands there twice; keep one of the two rows")]
    DuplicateSecurity {
        /// Row of the second of the two, from 1.
        row: usize,
        /// The symbol.
        symbol: Symbol,
    },
    /// Rows of one key that do not come in the order of their dates.
    #[error("{table} row {row}: {key} on {date} comes after {previous}; sort the rows by date")]
    UnorderedRow {
        /// The table.
        table: Table,
        /// Row that comes too late, from 1.
        row: usize,
        /// The symbol, or the currency of a rate.
        key: String,
        /// Date of the row.
        date: NaiveDate,
        /// Date of the row of the same key before it.
        previous: NaiveDate,
    },
    /// A row of a stock that the market does not list.
    #[error("{table} row {row}: {symbol} is not in securities; add it there or drop the row")]
    UnknownSymbol {
        /// The table.
        table: Table,
        /// The row, from 1.
        row: usize,
        /// The symbol.
        symbol: Symbol,
    },
    /// A date that has to be a session and is none.
    #[error("{table} row {row}: {key} on {date}, which is not a session of the calendar")]
    NotASession {
        /// The table.
        table: Table,
        /// The row, from 1.
        row: usize,
        /// The symbol, or `benchmark`.
        key: String,
        /// The date.
        date: NaiveDate,
    },
    /// A number that its column cannot hold.
    #[error("{table} row {row}: {key} has {column} {value}; it must be {expected}")]
    InvalidValue {
        /// The table.
        table: Table,
        /// The row, from 1.
        row: usize,
        /// The symbol, or the currency of a rate.
        key: String,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
}
