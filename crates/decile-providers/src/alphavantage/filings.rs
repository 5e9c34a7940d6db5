//! Statements and announcements joined to filings.

use super::earnings::Earnings;
use super::statements::{Quarter, Statement};
use crate::notes::Notes;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{Calendar, Filing, Form, Symbol};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// The replies that make the filings of one stock.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) income: Statement,
    pub(super) balance: Option<Statement>,
    pub(super) cash_flow: Option<Statement>,
    pub(super) earnings: Earnings,
}

impl Statements {
    /// Joins the statements quarter by quarter, oldest first.
    pub(super) fn filings(
        &self,
        symbol: &Symbol,
        retrieved_at: DateTime<Utc>,
        notes: &mut Notes,
    ) -> Vec<Filing> {
        let today = Calendar::nyse().local_date(retrieved_at);
        let statements = [Some(&self.income), self.balance.as_ref()].into_iter().flatten();
        let ends: BTreeSet<NaiveDate> =
            statements.flat_map(|statement| statement.quarters.keys().copied()).collect();
        let mut filings = Vec::with_capacity(ends.len());
        for end in ends {
            let Some(form) = self.form(end) else { continue };
            let mut filing = Filing::new(symbol.clone(), end, form);
            filing.source = SmolStr::new_static(super::SOURCE);
            filing.retrieved_at = Some(retrieved_at);
            self.stamp(&mut filing, today, notes);
            self.fill(&mut filing, notes);
            filings.push(filing);
        }
        filings
    }

    /// The provider does not name the form; the last quarter of a fiscal year is in the annual one.
    fn form(&self, end: NaiveDate) -> Option<Form> {
        let name = if self.income.ends_a_year(end) { "10-K" } else { "10-Q" };
        name.parse().ok()
    }

    /// Dates the filing by its announcement, if that has come.
    fn stamp(&self, filing: &mut Filing, today: NaiveDate, notes: &mut Notes) {
        let end = filing.period_end;
        let Some(quarter) = self.earnings.quarter(end) else { return };
        match quarter.announced {
            Some(announced) if announced > today => {
                notes.warn(format!("{end}: has figures, but is to be announced on {announced}"));
            }
            Some(announced) if announced >= end => {
                filing.filed = Some(announced);
                filing.report_time = quarter.report_time;
            }
            _ => {}
        }
    }

    fn fill(&self, filing: &mut Filing, notes: &mut Notes) {
        let end = filing.period_end;
        let income = self.income.quarters.get(&end);
        let balance = self.balance.as_ref().and_then(|balance| balance.quarters.get(&end));
        if let Some(first) = income.or(balance) {
            filing.currency = first.currency;
        }
        let currency = filing.currency;
        let mut alike = |quarter: &&Quarter| {
            if quarter.currency != currency {
                notes.warn(format!("{end}: its statements are in two currencies; one is left out"));
            }
            quarter.currency == currency
        };
        let balance = balance.filter(&mut alike);
        let cash_flow = self.cash_flow.as_ref().and_then(|flow| flow.quarters.get(&end));
        let cash_flow = cash_flow.filter(&mut alike);
        if let Some(income) = income {
            // The field to common shareholders is from before 2021; today's rows have the other.
            filing.net_income = income
                .number("netincomeapplicabletocommonshares", notes)
                .or_else(|| income.number("netincome", notes));
            filing.revenue = income.number("totalrevenue", notes);
            filing.gross_profit = income.number("grossprofit", notes);
        }
        if let Some(balance) = balance {
            let equity = balance.number("totalshareholderequity", notes);
            let preferred = balance.number("preferredstocktotalequity", notes).unwrap_or(0.0);
            filing.book_equity = equity.map(|equity| equity - preferred);
            filing.shares = balance.positive("commonstocksharesoutstanding", notes);
            filing.total_assets = balance.number("totalassets", notes);
        }
        if let Some(flow) = cash_flow {
            filing.operating_cash_flow = flow.number("operatingcashflow", notes);
            filing.dividends_paid = flow.number("dividendpayout", notes);
        }
    }
}
