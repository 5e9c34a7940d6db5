use crate::{AccountId, Error, Side};
use chrono::{Datelike, NaiveDate};
use decile_core::Symbol;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// The name of a strategy in its order ids: 1 to 8 lower-case ASCII letters, digits or `-`.
///
/// ```
/// use decile_trade::StrategyId;
///
/// let strategy: StrategyId = "q-core".parse()?;
/// assert_eq!(strategy.as_str(), "q-core");
/// assert!("Q Core".parse::<StrategyId>().is_err());
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct StrategyId(SmolStr);

impl StrategyId {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StrategyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(SmolStr::new(text))
    }
}

impl TryFrom<SmolStr> for StrategyId {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if !(1..=8).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(Error::InvalidStrategyId { text: text.into() });
        }
        Ok(Self(text))
    }
}

impl From<StrategyId> for SmolStr {
    fn from(strategy: StrategyId) -> Self {
        strategy.0
    }
}

impl fmt::Display for StrategyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The name under which an order is known everywhere and for good:
/// `strategy:account:YYYYMMDD:symbol:B|S:attempt`, at most 40 ASCII characters.
///
/// It says whose turn it is to trade what, never at what price or how much: a second run on the
/// same day makes the same id, whatever changed in between, and so cannot buy twice.
///
/// ```
/// use decile_trade::ClientOrderId;
///
/// let id: ClientOrderId = "q-core:DU1234567:20251201:BRK.B:B:1".parse()?;
/// assert_eq!(id.symbol().as_str(), "BRK.B");
/// assert_eq!(id.to_string(), "q-core:DU1234567:20251201:BRK.B:B:1");
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientOrderId {
    strategy: StrategyId,
    account: AccountId,
    session: NaiveDate,
    symbol: Symbol,
    side: Side,
    // Last, so that the attempts of one order sort side by side.
    attempt: u32,
}

impl ClientOrderId {
    /// The longest id that is made: Interactive Brokers' `orderRef` takes 40 characters.
    pub const LENGTH_MAX: usize = 40;

    /// Makes the id of an attempt, counted from 1, to trade a stock in a session.
    ///
    /// # Errors
    /// [`Error::OrderIdTooLong`] if it has more than [`LENGTH_MAX`](Self::LENGTH_MAX) characters,
    /// and [`Error::InvalidOrderId`] for attempt 0 or a year that has not four digits.
    pub fn new(
        (strategy, account): (&StrategyId, &AccountId),
        session: NaiveDate,
        (symbol, side): (&Symbol, Side),
        attempt: u32,
    ) -> Result<Self, Error> {
        let first = Self::first((strategy, account), session, (symbol, side));
        Self { attempt, ..first }.checked()
    }

    /// Makes the id of the first attempt at an order of a plan, which has made sure that it fits.
    pub(crate) fn first(
        (strategy, account): (&StrategyId, &AccountId),
        session: NaiveDate,
        (symbol, side): (&Symbol, Side),
    ) -> Self {
        let (strategy, account, symbol) = (strategy.clone(), account.clone(), symbol.clone());
        Self { strategy, account, session, symbol, side, attempt: 1 }
    }

    /// Makes the id of one attempt more.
    pub(crate) fn next_attempt(&self) -> Result<Self, Error> {
        Self { attempt: self.attempt.saturating_add(1), ..self.clone() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let text = self.to_string();
        if self.attempt == 0 || !(1000..=9999).contains(&self.session.year()) {
            return Err(Error::InvalidOrderId { text });
        }
        if text.len() > Self::LENGTH_MAX {
            return Err(Error::OrderIdTooLong { length: text.len(), text });
        }
        Ok(self)
    }

    /// Returns the strategy.
    #[must_use]
    pub fn strategy(&self) -> &StrategyId {
        &self.strategy
    }

    /// Returns the account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Returns the trading session.
    #[must_use]
    pub fn session(&self) -> NaiveDate {
        self.session
    }

    /// Returns the stock.
    #[must_use]
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Returns which way it trades.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// Returns how many times it was tried, this time included.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Tells whether two ids are attempts at the same order.
    #[must_use]
    pub fn is_same_order(&self, other: &Self) -> bool {
        Self { attempt: other.attempt, ..self.clone() } == *other
    }

    /// Tells whether two ids trade the same stock the same way for the same owner, in whatever session.
    #[must_use]
    pub(crate) fn is_same_trade(&self, other: &Self) -> bool {
        Self { attempt: other.attempt, session: other.session, ..self.clone() } == *other
    }
}

impl FromStr for ClientOrderId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidOrderId { text: text.to_owned() };
        let parts: Vec<&str> = text.split(':').collect();
        let [strategy, account, session, symbol, side, attempt] = parts[..] else {
            return Err(invalid());
        };
        let side = match side {
            "B" => Side::Buy,
            "S" => Side::Sell,
            _ => return Err(invalid()),
        };
        let id = Self::new(
            (&strategy.parse()?, &account.parse()?),
            NaiveDate::parse_from_str(session, "%Y%m%d").map_err(|_| invalid())?,
            (&symbol.parse()?, side),
            attempt.parse().map_err(|_| invalid())?,
        )?;
        // One order has one text: `+1` or `01` would be a second name of attempt 1.
        if id.to_string() == text { Ok(id) } else { Err(invalid()) }
    }
}

impl TryFrom<String> for ClientOrderId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ClientOrderId> for String {
    fn from(id: ClientOrderId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { strategy, account, session, symbol, side, attempt } = self;
        let (year, month, day) = (session.year(), session.month(), session.day());
        let side = match side {
            Side::Buy => 'B',
            Side::Sell => 'S',
        };
        write!(f, "{strategy}:{account}:{year:04}{month:02}{day:02}:{symbol}:{side}:{attempt}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_id_are_one_to_one() {
        let text = "q-core:DU1234567:20251201:BRK.B:S:12";
        let id: ClientOrderId = text.parse().unwrap();
        assert_eq!((id.side(), id.attempt()), (Side::Sell, 12));
        assert_eq!(id.session(), NaiveDate::from_ymd_opt(2025, 12, 1).unwrap());
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("{text:?}"));
        assert_eq!(serde_json::from_str::<ClientOrderId>(&format!("{text:?}")).unwrap(), id);
    }

    #[test]
    fn second_names_of_an_order_are_refused() {
        for bad in [
            "q:DU1:20251201:KO:B:0",
            "q:DU1:20251201:KO:B:01",
            "q:DU1:20251201:KO:B:+1",
            "q:DU1:20251301:KO:B:1",
            "q:DU1:20251201:KO:buy:1",
            "q:DU1:20251201:KO:B",
            "q:DU1:20251201:KO:B:1:2",
            "",
        ] {
            assert!(matches!(bad.parse::<ClientOrderId>(), Err(Error::InvalidOrderId { .. })));
        }
    }

    #[test]
    fn forty_characters_fit_and_forty_one_do_not() {
        let fits: Result<ClientOrderId, _> = "strategy:DU1234567:20251201:ABCDEFG:B:1".parse();
        assert_eq!(fits.unwrap().to_string().len(), 39);
        assert!("strategy:DU1234567:20251201:ABCDEFG:B:10".parse::<ClientOrderId>().is_ok());
        let long = "strategy:DU1234567:20251201:ABCDEFG:B:100".parse::<ClientOrderId>();
        assert!(matches!(long, Err(Error::OrderIdTooLong { length: 41, .. })));
    }

    #[test]
    fn attempts_belong_together() {
        let id = |text: &str| text.parse::<ClientOrderId>().unwrap();
        let first = id("q:DU1:20251201:KO:B:1");
        assert!(first.is_same_order(&id("q:DU1:20251201:KO:B:7")));
        assert!(!first.is_same_order(&id("q:DU1:20251201:KO:S:1")));
        assert!(!first.is_same_order(&id("q:DU1:20251202:KO:B:1")));
    }
}
