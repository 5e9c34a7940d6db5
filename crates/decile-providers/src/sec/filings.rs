//! Facts put together to filings: one row for each version of each quarter.

use super::concepts::{
    BOOK_EQUITY, DIVIDENDS_PAID, GROSS_PROFIT, NET_INCOME, OPERATING_CASH_FLOW, REVENUE,
    TOTAL_ASSETS, Term,
};
use super::facts::{Facts, FilingId};
use super::periods::{Kind, QUARTER_DAYS, Version, YEAR_DAYS, versions};
use super::shares::shares;
use crate::notes::Notes;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Filing, Symbol};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A quarter that first shows up later than this is a column of comparison in a later filing.
const LATE_DAYS: i64 = 120;

/// Everything that filers said of one quarter.
struct Quarter {
    net_income: Vec<Version>,
    book_equity: Vec<Version>,
    revenue: Vec<Version>,
    gross_profit: Vec<Version>,
    total_assets: Vec<Version>,
    operating_cash_flow: Vec<Version>,
    dividends_paid: Vec<Version>,
}

/// Returns the filings of a company: quarters in order, the versions of each as they were filed.
pub(super) fn filings(
    facts: &Facts,
    symbol: &Symbol,
    retrieved_at: DateTime<Utc>,
    notes: &mut Notes,
) -> Vec<Filing> {
    let mut filings = Vec::new();
    for end in ends(facts) {
        let quarter = Quarter::read(facts, end);
        let Some(first) = quarter.filings().into_iter().next() else { continue };
        let is_late = (first.filed - end).num_days() > LATE_DAYS;
        // In a later filing the count would be on the split basis of that later day.
        let shares = if is_late { None } else { shares(facts, &first, end, notes) };
        let mut last: Option<Filing> = None;
        for id in quarter.filings() {
            let Ok(form) = id.form.parse() else { continue };
            let mut filing = Filing::new(symbol.clone(), end, form);
            filing.filed = Some(id.filed);
            filing.retrieved_at = Some(retrieved_at);
            filing.source = SmolStr::new_static(super::SOURCE);
            filing.currency = facts.currency;
            filing.shares = shares;
            quarter.fill(&mut filing, &id);
            if is_late && filing.net_income.is_none() && filing.revenue.is_none() {
                // The balance of a year's end long past, of which no quarter is told.
                continue;
            }
            if last.as_ref().is_none_or(|last| amounts(last) != amounts(&filing)) {
                filings.push(filing.clone());
                last = Some(filing);
            }
        }
    }
    filings
}

/// Returns the ends of quarters and years for which earnings or revenue are told.
fn ends(facts: &Facts) -> BTreeSet<NaiveDate> {
    let tags = NET_INCOME.iter().chain(REVENUE).map(|term| term.tag);
    let lasts = |days: i64| QUARTER_DAYS.contains(&days) || YEAR_DAYS.contains(&days);
    let told = tags.flat_map(|tag| facts.of(tag)).filter(|fact| fact.days().is_some_and(lasts));
    told.map(|fact| fact.end).collect()
}

impl Quarter {
    fn read(facts: &Facts, end: NaiveDate) -> Self {
        let over = |terms: &[Term]| versions(facts, terms, Kind::OverQuarter, end);
        let at = |terms: &[Term]| versions(facts, terms, Kind::AtEnd, end);
        Self {
            net_income: over(NET_INCOME),
            book_equity: at(BOOK_EQUITY),
            revenue: over(REVENUE),
            gross_profit: over(GROSS_PROFIT),
            total_assets: at(TOTAL_ASSETS),
            operating_cash_flow: over(OPERATING_CASH_FLOW),
            dividends_paid: over(DIVIDENDS_PAID),
        }
    }

    /// Returns the filings that say something of the quarter's earnings, revenue or equity, in the
    /// order in which they came out.
    fn filings(&self) -> BTreeSet<FilingId> {
        let items = [&self.net_income, &self.book_equity, &self.revenue];
        items.into_iter().flatten().map(|version| version.filing.clone()).collect()
    }

    /// Fills in what was known once a filing was out.
    fn fill(&self, filing: &mut Filing, id: &FilingId) {
        let known = |versions: &[Version]| {
            let known = versions.iter().rfind(|version| version.filing <= *id);
            known.map(|version| version.value)
        };
        filing.net_income = known(&self.net_income);
        filing.book_equity = known(&self.book_equity);
        filing.revenue = known(&self.revenue);
        filing.gross_profit = known(&self.gross_profit);
        filing.total_assets = known(&self.total_assets);
        filing.operating_cash_flow = known(&self.operating_cash_flow);
        filing.dividends_paid = known(&self.dividends_paid);
    }
}

fn amounts(filing: &Filing) -> [Option<f64>; 7] {
    [
        filing.net_income,
        filing.book_equity,
        filing.revenue,
        filing.gross_profit,
        filing.total_assets,
        filing.operating_cash_flow,
        filing.dividends_paid,
    ]
}
