//! Which tags of US GAAP mean what.
//!
//! Filers choose among tags and change their choice, so each item has several. They are merged
//! period by period: a filer that moves from one to another loses no quarter.

/// One way to get at an item: a tag, less what it has too much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) tag: &'static str,
    /// Of each group the first tag that was filed beside it is taken off.
    pub(super) less: &'static [&'static [&'static str]],
}

const fn plain(tag: &'static str) -> Term {
    Term { tag, less: &[] }
}

/// Value of preferred stock in the balance sheet.
const PREFERRED: &[&str] = &["PreferredStockValue", "PreferredStockValueOutstanding"];

/// Net income to common shareholders.
pub(super) const NET_INCOME: &[Term] = &[
    plain("NetIncomeLossAvailableToCommonStockholdersBasic"),
    Term { tag: "NetIncomeLoss", less: &[&["PreferredStockDividendsIncomeStatementImpact"]] },
    Term { tag: "ProfitLoss", less: &[&["NetIncomeLossAttributableToNoncontrollingInterest"]] },
];

/// Book equity of common shareholders.
pub(super) const BOOK_EQUITY: &[Term] = &[
    Term { tag: "StockholdersEquity", less: &[PREFERRED] },
    Term {
        tag: "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest",
        less: &[&["MinorityInterest"], PREFERRED],
    },
];

pub(super) const REVENUE: &[Term] = &[
    plain("Revenues"),
    plain("RevenuesNetOfInterestExpense"),
    plain("RevenueFromContractWithCustomerExcludingAssessedTax"),
    plain("RevenueFromContractWithCustomerIncludingAssessedTax"),
    plain("SalesRevenueNet"),
    plain("SalesRevenueGoodsNet"),
];

pub(super) const GROSS_PROFIT: &[Term] = &[plain("GrossProfit")];

pub(super) const TOTAL_ASSETS: &[Term] = &[plain("Assets")];

pub(super) const OPERATING_CASH_FLOW: &[Term] = &[
    plain("NetCashProvidedByUsedInOperatingActivities"),
    plain("NetCashProvidedByUsedInOperatingActivitiesContinuingOperations"),
];

pub(super) const DIVIDENDS_PAID: &[Term] =
    &[plain("PaymentsOfDividendsCommonStock"), plain("PaymentsOfDividends")];

const MONEY: [&[Term]; 7] = [
    NET_INCOME,
    BOOK_EQUITY,
    REVENUE,
    GROSS_PROFIT,
    TOTAL_ASSETS,
    OPERATING_CASH_FLOW,
    DIVIDENDS_PAID,
];

/// Shares of the whole company over a period, those of options included first.
pub(super) const SHARES_OVER_PERIOD: [&str; 3] = [
    "WeightedAverageNumberOfDilutedSharesOutstanding",
    "WeightedAverageNumberOfShareOutstandingBasicAndDiluted",
    "WeightedAverageNumberOfSharesOutstandingBasic",
];

/// Shares at the period's end.
pub(super) const SHARES_AT_END: &str = "CommonStockSharesOutstanding";

/// Shares on the cover of a filing, some weeks after the period's end.
pub(super) const SHARES_ON_COVER: &str = "EntityCommonStockSharesOutstanding";

/// Earnings per share, against which share counts are checked.
pub(super) const EARNINGS_PER_SHARE: [&str; 3] =
    ["EarningsPerShareDiluted", "EarningsPerShareBasicAndDiluted", "EarningsPerShareBasic"];

/// What a tag is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Money,
    Shares,
    MoneyPerShare,
}

/// Returns the tag and its unit, if it is one that is read.
pub(super) fn known(tag: &str) -> Option<(&'static str, Unit)> {
    let of = |unit: Unit| move |tag: &'static str| (tag, unit);
    let money = MONEY.into_iter().flatten().flat_map(|term| {
        std::iter::once(term.tag).chain(term.less.iter().flat_map(|group| group.iter().copied()))
    });
    let shares = SHARES_OVER_PERIOD.into_iter().chain([SHARES_AT_END, SHARES_ON_COVER]);
    money
        .map(of(Unit::Money))
        .chain(shares.map(of(Unit::Shares)))
        .chain(EARNINGS_PER_SHARE.into_iter().map(of(Unit::MoneyPerShare)))
        .find(|(name, _)| *name == tag)
}
