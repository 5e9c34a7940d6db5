use crate::{Consensus, Source};
use smol_str::SmolStr;
use std::fmt;

/// A number of a quarterly statement.
///
/// ```
/// use decile_factor::Item;
///
/// assert_eq!(Item::NetIncome.to_string(), "net_income");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Item {
    /// Net income to common of the quarter.
    NetIncome,
    /// Common book equity at the quarter's end.
    BookEquity,
    /// Revenue of the quarter.
    Revenue,
    /// Gross profit of the quarter.
    GrossProfit,
    /// Total assets at the quarter's end.
    TotalAssets,
    /// Cash flow from operations in the quarter.
    OperatingCashFlow,
    /// Dividends paid in the quarter.
    DividendsPaid,
}

impl Item {
    /// Every number of a statement.
    pub const ALL: &[Self] = &[
        Self::NetIncome,
        Self::BookEquity,
        Self::Revenue,
        Self::GrossProfit,
        Self::TotalAssets,
        Self::OperatingCashFlow,
        Self::DividendsPaid,
    ];
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NetIncome => "net_income",
            Self::BookEquity => "book_equity",
            Self::Revenue => "revenue",
            Self::GrossProfit => "gross_profit",
            Self::TotalAssets => "total_assets",
            Self::OperatingCashFlow => "operating_cash_flow",
            Self::DividendsPaid => "dividends_paid",
        })
    }
}

/// A column of data that a [`Panel`](crate::Panel) can hold: what was known of each stock at each
/// session.
///
/// Prices are missing when the newest observed close is more than
/// [`Stock::PRICE_AGE_SESSIONS_MAX`](decile_core::Stock::PRICE_AGE_SESSIONS_MAX) sessions old. Statement fields are missing
/// when the newest known period ended more than
/// [`Panel::FILING_AGE_DAYS_MAX`](crate::Panel::FILING_AGE_DAYS_MAX) days ago, and in the currency
/// of the filing; multiply by [`Field::Fx`]. Consensus fields are missing when the newest snapshot
/// is more than [`Panel::ESTIMATE_AGE_DAYS_MAX`](crate::Panel::ESTIMATE_AGE_DAYS_MAX) days old.
///
/// ```
/// use decile_factor::{Field, Item};
///
/// assert_eq!(Field::Ttm(Item::NetIncome).to_string(), "ttm(net_income)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// Raw close, in the trading currency.
    Close,
    /// Shares traded in the session itself; missing in a session without a trade.
    Volume,
    /// Forward total-return index: 1 at the first observed close; never revised later.
    TotalReturn,
    /// Total return of a session with a close since the close before it, which is at most
    /// [`Stock::PRICE_AGE_SESSIONS_MAX`](decile_core::Stock::PRICE_AGE_SESSIONS_MAX) + 1 sessions
    /// older; missing in a session without a trade. As the RET of CRSP, which allows 10.
    DailyReturn,
    /// Number of closes observed up to the session.
    ClosesObserved,
    /// Cash dividends per share whose ex-dates lie in the 365 days up to the session, on the split
    /// basis of the close. Spin-offs do not count. 0 if nothing was paid; missing in the first 365
    /// days after the first observed close.
    DividendsYear,
    /// US dollars that one unit of the trading currency buys.
    UsdRate,
    /// Units of the trading currency that one unit of the filing's currency buys.
    Fx,
    /// Listed-equivalent shares of the company on the split basis of the close: times
    /// [`Field::Close`] it is the market value in the trading currency.
    ///
    /// Where the filings give the shares of each class, this is the value of all classes of the
    /// issuer over the close: missing if one of them has no price or no share count, without those
    /// that no longer file.
    ListedShares,
    /// Listed-equivalent shares of this class alone; [`Field::ListedShares`] where the filings do
    /// not tell the classes apart.
    ClassShares,
    /// Sum over the newest four quarters, if they follow one another 80 to 120 days apart.
    Ttm(Item),
    /// The same sum, ending at the quarter a year (365 ± 20 days) before the newest.
    TtmYearAgo(Item),
    /// The value of so many quarters before the newest, if the quarters between follow one another
    /// 80 to 120 days apart; 0 is the newest.
    Quarter(Item, u8),
    /// The value of the quarter a year (365 ± 20 days) before [`Field::Quarter`]'s.
    QuarterYearAgo(Item, u8),
    /// Sample standard deviation of the year-on-year changes of the eight quarters before the
    /// newest; missing if fewer than six of them are known. The quarters follow one another 80 to
    /// 120 days apart.
    ChangeDeviation(Item),
    /// A number of the newest usable consensus snapshot.
    Estimate(Consensus),
    /// Consensus earnings per listed share of the next twelve months, on the split basis of the
    /// close: `w FY1 + (1 - w) FY2`, where w is the part of the 365 days to come that is before the
    /// end of FY1.
    ForwardEps,
    /// A user's own data, put into the panel under this name.
    Custom(SmolStr),
    /// The values of another factor, by its name; the engine computes it first.
    Derived(SmolStr),
}

impl Field {
    /// Names a user's own field.
    #[must_use]
    pub fn custom(name: &str) -> Self {
        Self::Custom(SmolStr::new(name))
    }

    /// Names the values of another factor.
    #[must_use]
    pub fn derived(factor: &str) -> Self {
        Self::Derived(SmolStr::new(factor))
    }
}

impl Field {
    /// Returns the field that prints as `name`, or the user's own field of that name.
    ///
    /// ```
    /// use decile_factor::{Field, Item};
    ///
    /// assert_eq!(Field::named("quarter(book_equity, 0)"), Field::Quarter(Item::BookEquity, 0));
    /// assert_eq!(Field::named("my_signal"), Field::custom("my_signal"));
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "close" => Self::Close,
            "volume" => Self::Volume,
            "total_return" => Self::TotalReturn,
            "daily_return" => Self::DailyReturn,
            "closes_observed" => Self::ClosesObserved,
            "dividends_year" => Self::DividendsYear,
            "usd_rate" => Self::UsdRate,
            "fx" => Self::Fx,
            "listed_shares" => Self::ListedShares,
            "class_shares" => Self::ClassShares,
            "forward_eps" => Self::ForwardEps,
            _ => Self::with_argument(name).unwrap_or_else(|| Self::custom(name)),
        }
    }

    /// Returns where the field comes from; `None` for the values of another factor, which come from
    /// where that factor's inputs do.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        Some(match self {
            Self::Close
            | Self::Volume
            | Self::TotalReturn
            | Self::DailyReturn
            | Self::ClosesObserved
            | Self::DividendsYear => Source::Price,
            Self::Fx | Self::UsdRate => Source::ExchangeRate,
            Self::ListedShares
            | Self::ClassShares
            | Self::Ttm(_)
            | Self::TtmYearAgo(_)
            | Self::Quarter(..)
            | Self::QuarterYearAgo(..)
            | Self::ChangeDeviation(_) => Source::Statement,
            Self::Estimate(_) | Self::ForwardEps => Source::Estimate,
            Self::Custom(_) => Source::Custom,
            Self::Derived(_) => return None,
        })
    }

    /// Reads `kind(argument)` or `kind(argument, number)`.
    fn with_argument(name: &str) -> Option<Self> {
        let (kind, arguments) = name.strip_suffix(')')?.split_once('(')?;
        let (word, back) = match arguments.split_once(", ") {
            Some((word, back)) => (word, Some(back.parse::<u8>().ok()?)),
            None => (arguments, None),
        };
        let item = || Item::ALL.iter().copied().find(|item| item.to_string() == word);
        let number = || Consensus::ALL.iter().copied().find(|one| one.to_string() == word);
        match (kind, back) {
            ("ttm", None) => item().map(Self::Ttm),
            ("ttm_year_ago", None) => item().map(Self::TtmYearAgo),
            ("quarter", Some(back)) => item().map(|item| Self::Quarter(item, back)),
            ("quarter_year_ago", Some(back)) => item().map(|item| Self::QuarterYearAgo(item, back)),
            ("change_deviation", None) => item().map(Self::ChangeDeviation),
            ("estimate", None) => number().map(Self::Estimate),
            ("custom", None) => Some(Self::custom(word)),
            ("derived", None) => Some(Self::derived(word)),
            _ => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Volume => f.write_str("volume"),
            Self::TotalReturn => f.write_str("total_return"),
            Self::DailyReturn => f.write_str("daily_return"),
            Self::ClosesObserved => f.write_str("closes_observed"),
            Self::DividendsYear => f.write_str("dividends_year"),
            Self::UsdRate => f.write_str("usd_rate"),
            Self::Fx => f.write_str("fx"),
            Self::ListedShares => f.write_str("listed_shares"),
            Self::ClassShares => f.write_str("class_shares"),
            Self::Ttm(item) => write!(f, "ttm({item})"),
            Self::TtmYearAgo(item) => write!(f, "ttm_year_ago({item})"),
            Self::Quarter(item, back) => write!(f, "quarter({item}, {back})"),
            Self::QuarterYearAgo(item, back) => write!(f, "quarter_year_ago({item}, {back})"),
            Self::ChangeDeviation(item) => write!(f, "change_deviation({item})"),
            Self::Estimate(number) => write!(f, "estimate({number})"),
            Self::ForwardEps => f.write_str("forward_eps"),
            Self::Custom(name) => write!(f, "custom({name})"),
            Self::Derived(name) => write!(f, "derived({name})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_the_name_it_prints() {
        let mut fields = vec![
            Field::Close,
            Field::Volume,
            Field::TotalReturn,
            Field::DailyReturn,
            Field::ClosesObserved,
            Field::DividendsYear,
            Field::UsdRate,
            Field::Fx,
            Field::ListedShares,
            Field::ClassShares,
            Field::ForwardEps,
            Field::custom("mine"),
            Field::derived("bm"),
        ];
        for &item in Item::ALL {
            fields.extend([Field::Ttm(item), Field::TtmYearAgo(item)]);
            fields.extend([Field::Quarter(item, 1), Field::QuarterYearAgo(item, 4)]);
            fields.push(Field::ChangeDeviation(item));
        }
        fields.extend(Consensus::ALL.iter().copied().map(Field::Estimate));
        for field in fields {
            assert_eq!(Field::named(&field.to_string()), field);
        }
    }
}
