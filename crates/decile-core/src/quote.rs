use crate::{Currency, Decimal, Price, Symbol};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What a stock trades at, at an instant.
///
/// ```
/// use chrono::DateTime;
/// use decile_core::{Currency, Quote};
///
/// let quote = Quote {
///     symbol: "KO".parse()?,
///     bid: Some("61.20".parse()?),
///     ask: Some("61.22".parse()?),
///     last: None,
///     previous_close: Some("61.05".parse()?),
///     currency: Currency::USD,
///     time: DateTime::from_timestamp(1_714_744_800, 0).expect("an instant"),
/// };
/// assert_eq!(quote.reference(), Some("61.21".parse()?));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The stock.
    pub symbol: Symbol,
    /// Best price at which somebody buys.
    pub bid: Option<Price>,
    /// Best price at which somebody sells.
    pub ask: Option<Price>,
    /// Price of the last trade.
    pub last: Option<Price>,
    /// Close of the session before.
    pub previous_close: Option<Price>,
    /// Currency of the prices.
    pub currency: Currency,
    /// When the prices were true.
    pub time: DateTime<Utc>,
}

impl Quote {
    /// Returns the price to plan with: the last trade, else the middle of bid and ask, else none.
    #[must_use]
    pub fn reference(&self) -> Option<Price> {
        self.last.or_else(|| self.mid())
    }

    /// Returns the middle of bid and ask, if both are known and not crossed.
    #[must_use]
    pub fn mid(&self) -> Option<Price> {
        let (bid, ask) = (self.bid?, self.ask?);
        if bid > ask {
            return None;
        }
        let sum = bid.get().checked_add(ask.get())?;
        Price::new(sum / Decimal::TWO).ok()
    }

    /// Simulates a quote around a price, which is `last` and `previous_close` both.
    ///
    /// The bid is the price less half the spread, rounded down to a cent, the ask the price plus
    /// half the spread, rounded up to a cent; `half_spread` is a fraction of the price, and below 0
    /// counts as 0. Around a price in whole cents that makes two cents at least; a bid that would
    /// round to nothing is missing.
    ///
    /// ```
    /// use decile_core::{Currency, Decimal, Quote};
    ///
    /// let (symbol, price) = ("KO".parse()?, "59.82".parse()?);
    /// let time = chrono::DateTime::UNIX_EPOCH;
    /// let quote = Quote::centred(symbol, price, Decimal::new(2, 4), Currency::USD, time);
    /// assert_eq!(quote.bid, Some("59.80".parse()?)); // 59.82 - 0.011964
    /// assert_eq!(quote.ask, Some("59.84".parse()?)); // 59.82 + 0.011964
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn centred(
        symbol: Symbol,
        price: Price,
        half_spread: Decimal,
        currency: Currency,
        time: DateTime<Utc>,
    ) -> Self {
        let half_spread = price.get().checked_mul(half_spread.max(Decimal::ZERO));
        let low = half_spread.and_then(|half| price.get().checked_sub(half));
        let high = half_spread.and_then(|half| price.get().checked_add(half));
        Self {
            symbol,
            bid: low.and_then(cents).and_then(|cents| of_cents(cents.floor())),
            ask: high.and_then(cents).and_then(|cents| of_cents(cents.ceil())),
            last: Some(price),
            previous_close: Some(price),
            currency,
            time,
        }
    }

    /// Returns how old the quote is at `now`; negative if it is from the future.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        now.signed_duration_since(self.time)
    }
}

fn cents(amount: Decimal) -> Option<Decimal> {
    amount.checked_mul(Decimal::ONE_HUNDRED)
}

fn of_cents(cents: Decimal) -> Option<Price> {
    Price::new(cents / Decimal::ONE_HUNDRED).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(bid: Option<&str>, ask: Option<&str>, last: Option<&str>) -> Quote {
        let price = |text: &str| text.parse().unwrap();
        Quote {
            symbol: "KO".parse().unwrap(),
            bid: bid.map(price),
            ask: ask.map(price),
            last: last.map(price),
            previous_close: None,
            currency: Currency::USD,
            time: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_trade_comes_before_the_middle() {
        assert_eq!(
            quote(Some("10"), Some("12"), Some("11.5")).reference().unwrap().to_string(),
            "11.5"
        );
        assert_eq!(quote(Some("10"), Some("12"), None).reference().unwrap().to_string(), "11");
    }

    #[test]
    fn a_crossed_or_one_sided_book_has_no_middle() {
        assert_eq!(quote(Some("12"), Some("10"), None).reference(), None);
        assert_eq!(quote(Some("12"), None, None).reference(), None);
    }
}
