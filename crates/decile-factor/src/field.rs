use crate::Source;
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

/// A number of the analysts' consensus, per listed share on the split basis of its snapshot.
///
/// ```
/// use decile_factor::Consensus;
///
/// assert_eq!(Consensus::Fy1Ago90.to_string(), "fy1_90d");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Consensus {
    /// Earnings of the first fiscal year not yet reported.
    Fy1,
    /// Earnings of the year after.
    Fy2,
    /// [`Consensus::Fy1`] as it was 90 days before the snapshot.
    Fy1Ago90,
    /// [`Consensus::Fy2`] as it was 90 days before the snapshot.
    Fy2Ago90,
}

impl Consensus {
    /// Every number of the consensus.
    pub const ALL: &[Self] = &[Self::Fy1, Self::Fy2, Self::Fy1Ago90, Self::Fy2Ago90];
}

impl fmt::Display for Consensus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fy1 => "fy1",
            Self::Fy2 => "fy2",
            Self::Fy1Ago90 => "fy1_90d",
            Self::Fy2Ago90 => "fy2_90d",
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
    /// Number of closes observed up to the session.
    ClosesObserved,
    /// Units of the trading currency that one unit of the filing's currency buys.
    Fx,
    /// Listed-equivalent shares of the company on the split basis of the close: times
    /// [`Field::Close`] it is the market value in the trading currency.
    ListedShares,
    /// Sum over the newest four quarters, if they follow one another 80 to 120 days apart.
    Ttm(Item),
    /// The same sum, ending at the quarter a year (365 ± 20 days) before the newest.
    TtmYearAgo(Item),
    /// The value of so many quarters before the newest, if the quarters between follow one another
    /// 80 to 120 days apart; 0 is the newest.
    Quarter(Item, u8),
    /// The value of the quarter a year (365 ± 20 days) before [`Field::Quarter`]'s.
    QuarterYearAgo(Item, u8),
    /// A number of the newest usable consensus snapshot.
    Estimate(Consensus),
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
            "closes_observed" => Self::ClosesObserved,
            "fx" => Self::Fx,
            "listed_shares" => Self::ListedShares,
            _ => Self::with_argument(name).unwrap_or_else(|| Self::custom(name)),
        }
    }

    /// Returns where the field comes from; `None` for the values of another factor, which come from
    /// where that factor's inputs do.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        Some(match self {
            Self::Close | Self::Volume | Self::TotalReturn | Self::ClosesObserved => Source::Price,
            Self::Fx => Source::ExchangeRate,
            Self::ListedShares
            | Self::Ttm(_)
            | Self::TtmYearAgo(_)
            | Self::Quarter(..)
            | Self::QuarterYearAgo(..) => Source::Statement,
            Self::Estimate(_) => Source::Estimate,
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
            Self::ClosesObserved => f.write_str("closes_observed"),
            Self::Fx => f.write_str("fx"),
            Self::ListedShares => f.write_str("listed_shares"),
            Self::Ttm(item) => write!(f, "ttm({item})"),
            Self::TtmYearAgo(item) => write!(f, "ttm_year_ago({item})"),
            Self::Quarter(item, back) => write!(f, "quarter({item}, {back})"),
            Self::QuarterYearAgo(item, back) => write!(f, "quarter_year_ago({item}, {back})"),
            Self::Estimate(number) => write!(f, "estimate({number})"),
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
            Field::ClosesObserved,
            Field::Fx,
            Field::ListedShares,
            Field::custom("mine"),
            Field::derived("bm"),
        ];
        for &item in Item::ALL {
            fields.extend([Field::Ttm(item), Field::TtmYearAgo(item)]);
            fields.extend([Field::Quarter(item, 1), Field::QuarterYearAgo(item, 4)]);
        }
        fields.extend(Consensus::ALL.iter().copied().map(Field::Estimate));
        for field in fields {
            assert_eq!(Field::named(&field.to_string()), field);
        }
    }
}
