//! Shares of a company: of one class, of several, behind a depositary receipt.

use super::prices::Observed;
use super::span::Span;
use super::statements::{Known, View};
use chrono::NaiveDate;
use decile_core::{Market, Stock};
use std::collections::BTreeMap;

/// One stock with what is known of it at every session.
pub(super) struct Subject<'a> {
    stock: &'a Stock,
    pub(super) observed: Observed<'a>,
    pub(super) statements: Known<'a>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(stock: &'a Stock, market: &'a Market, span: Span<'a>) -> Self {
        Self {
            stock,
            observed: Observed::new(stock, span),
            statements: Known::new(stock, market.calendar(), span),
        }
    }

    /// Listed-equivalent shares of the class alone, on the split basis of the price at the session.
    pub(super) fn of_class(&self, view: &View<'_>, at: usize) -> Option<f64> {
        self.listed(view.class_shares()?, at)
    }

    /// The same of the whole company, as if all its shares were of this class.
    pub(super) fn of_all(&self, view: &View<'_>, at: usize) -> Option<f64> {
        self.listed(view.shares()?, at)
    }

    fn listed(&self, (period_end, shares): (NaiveDate, f64), at: usize) -> Option<f64> {
        let splits = self.observed.splits_since(period_end, at)?;
        Some(shares * splits / self.stock.security().adr_ratio)
    }
}

/// What another class of the company is worth at a session, in its trading currency.
#[derive(Debug, Clone, Copy)]
enum Worth {
    /// Its newest statement is too old: the class has gone.
    Gone,
    /// Without a price or a share count, although it still files.
    Unknown,
    Known(f64),
}

/// The stocks of every company.
pub(super) struct Companies<'a> {
    market: &'a Market,
    span: Span<'a>,
    classes: BTreeMap<&'a str, Vec<&'a Stock>>,
}

impl<'a> Companies<'a> {
    pub(super) fn new(market: &'a Market, span: Span<'a>) -> Self {
        let mut classes: BTreeMap<&str, Vec<&Stock>> = BTreeMap::new();
        for stock in market.stocks() {
            classes.entry(&stock.security().issuer).or_default().push(stock);
        }
        Self { market, span, classes }
    }

    /// Shares that at the price of this class are worth the whole company.
    pub(super) fn listed_shares(&self, subject: &Subject<'a>) -> Vec<f64> {
        let stock = subject.stock;
        // Whether a class is told apart is asked at every session, of what was known by then. That it
        // never is only spares the work.
        let told = stock.filings().iter().any(|filing| filing.class_shares.is_some());
        let classes = self.classes.get(stock.security().issuer.as_str()).filter(|_| told);
        let others: Vec<(&Stock, Vec<Worth>)> = classes
            .into_iter()
            .flatten()
            .filter(|other| other.symbol() != stock.symbol())
            .map(|other| (*other, self.worth(other)))
            .collect();
        subject.statements.column(|view, at| {
            let Some(own) = subject.of_class(view, at) else { return subject.of_all(view, at) };
            let mut shares = own;
            for (other, worth) in &others {
                shares += match worth[at - self.span.first] {
                    Worth::Gone => 0.0,
                    Worth::Unknown => return None,
                    Worth::Known(worth) => {
                        let currencies = [other, stock].map(|one| one.security().trade_currency);
                        let [from, to] = currencies;
                        let rate = self.market.exchange(from, to, self.span.sessions[at])?;
                        worth * rate / subject.observed.close(at)?
                    }
                };
            }
            Some(shares)
        })
    }

    fn worth(&self, stock: &'a Stock) -> Vec<Worth> {
        let subject = Subject::new(stock, self.market, self.span);
        let views = self.span.indices().zip(subject.statements.in_force());
        let worth = |(at, view): (usize, Option<&View<'_>>)| {
            let Some(view) = view else { return Worth::Gone };
            let shares = subject.of_class(view, at);
            let worth = shares.zip(subject.observed.close(at));
            worth.map_or(Worth::Unknown, |(shares, close)| Worth::Known(shares * close))
        };
        views.map(worth).collect()
    }
}
