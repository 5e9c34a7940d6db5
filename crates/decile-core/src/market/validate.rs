//! Turns raw tables into a market, or says what is wrong with them.

use super::{Market, Stock, Table, Tables};
use crate::{
    ActionKind, Bar, BenchmarkClose, Calendar, CorporateAction, Currency, Error, EstimateSnapshot,
    Filing, FormKind, FxRate, Membership, Security, Symbol,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

pub(super) fn market(calendar: Calendar, tables: Tables) -> Result<Market, Error> {
    if tables.prices.is_empty() && !tables.securities.is_empty() {
        return Err(Error::EmptyTable { table: Table::Prices });
    }
    let mut listing = Listing::new(tables.securities)?;
    fill_prices(&mut listing, &calendar, tables.prices)?;
    fill_actions(&mut listing, &calendar, tables.actions)?;
    fill_filings(&mut listing, tables.filings)?;
    fill_estimates(&mut listing, tables.estimates)?;
    if let Some(membership) = tables.membership {
        fill_membership(&mut listing, membership)?;
    }
    let fx = checked_fx(tables.fx)?;
    let benchmark = checked_benchmark(&calendar, tables.benchmark)?;
    Ok(Market { calendar, stocks: listing.stocks, fx, benchmark })
}

/// The stocks by symbol while their rows are handed out to them.
struct Listing {
    stocks: Vec<Stock>,
    /// Most tables come sorted by symbol or cycle through the symbols of a date, so the stock
    /// wanted is nearly always the last one or the one after it.
    last: usize,
}

impl Listing {
    fn new(securities: Vec<Security>) -> Result<Self, Error> {
        if securities.is_empty() {
            return Err(Error::EmptyTable { table: Table::Securities });
        }
        let mut numbered: Vec<(usize, Security)> =
            securities.into_iter().zip(1..).map(|(s, row)| (row, s)).collect();
        numbered.sort_by(|(_, a), (_, b)| a.symbol.cmp(&b.symbol));
        for pair in numbered.windows(2) {
            if pair[0].1.symbol == pair[1].1.symbol {
                let symbol = pair[1].1.symbol.clone();
                return Err(Error::DuplicateSecurity { row: pair[1].0, symbol });
            }
        }
        for (row, security) in &numbered {
            let at = Place::new(Table::Securities, *row, &security.symbol);
            at.positive("adr_ratio", security.adr_ratio)?;
            for (column, name) in [("issuer", &security.issuer), ("sector", &security.sector)] {
                // Two stocks without an issuer would pass for two classes of one company.
                if name.is_empty() {
                    return Err(at.invalid(column, "nothing", "a name"));
                }
            }
        }
        let stocks = numbered.into_iter().map(|(_, security)| Stock::new(security)).collect();
        Ok(Self { stocks, last: 0 })
    }

    fn stock(&mut self, table: Table, row: usize, symbol: &Symbol) -> Result<&mut Stock, Error> {
        let next = (self.last + 1) % self.stocks.len();
        let guess = [self.last, next].into_iter().find(|&i| self.stocks[i].symbol() == symbol);
        self.last = match guess {
            Some(index) => index,
            None => self
                .stocks
                .binary_search_by(|stock| stock.symbol().cmp(symbol))
                .map_err(|_| Error::UnknownSymbol { table, row, symbol: symbol.clone() })?,
        };
        Ok(&mut self.stocks[self.last])
    }
}

/// Where a row stands, for the error that names it.
struct Place<'a> {
    table: Table,
    row: usize,
    key: &'a str,
}

impl<'a> Place<'a> {
    fn new(table: Table, row: usize, key: &'a (impl AsRef<str> + ?Sized)) -> Self {
        Self { table, row, key: key.as_ref() }
    }

    fn invalid(&self, column: &'static str, value: impl ToString, expected: &'static str) -> Error {
        Error::InvalidValue {
            table: self.table,
            row: self.row,
            key: self.key.to_owned(),
            column,
            value: value.to_string(),
            expected,
        }
    }

    fn positive(&self, column: &'static str, value: f64) -> Result<(), Error> {
        if value.is_finite() && value > 0.0 {
            return Ok(());
        }
        Err(self.invalid(column, value, "a finite number above 0"))
    }

    fn not_negative(&self, column: &'static str, value: f64) -> Result<(), Error> {
        if value.is_finite() && value >= 0.0 {
            return Ok(());
        }
        Err(self.invalid(column, value, "a finite number, 0 or above"))
    }

    fn finite(&self, column: &'static str, value: Option<f64>) -> Result<(), Error> {
        match value {
            Some(number) if !number.is_finite() => {
                Err(self.invalid(column, number, "a finite number or empty"))
            }
            _ => Ok(()),
        }
    }

    fn session(&self, calendar: &Calendar, date: NaiveDate) -> Result<(), Error> {
        if calendar.is_session(date) {
            return Ok(());
        }
        Err(Error::NotASession { table: self.table, row: self.row, key: self.key.to_owned(), date })
    }

    fn after(&self, previous: Option<NaiveDate>, date: NaiveDate) -> Result<(), Error> {
        if previous == Some(date) {
            let (table, row, key) = (self.table, self.row, self.key.to_owned());
            return Err(Error::DuplicateRow { table, row, key, date });
        }
        self.not_before(previous, date)
    }

    fn not_before(&self, previous: Option<NaiveDate>, date: NaiveDate) -> Result<(), Error> {
        match previous {
            Some(previous) if previous > date => Err(Error::UnorderedRow {
                table: self.table,
                row: self.row,
                key: self.key.to_owned(),
                date,
                previous,
            }),
            _ => Ok(()),
        }
    }
}

fn fill_prices(
    listing: &mut Listing,
    calendar: &Calendar,
    prices: Vec<(Symbol, Bar)>,
) -> Result<(), Error> {
    for ((symbol, bar), row) in prices.into_iter().zip(1..) {
        let stock = listing.stock(Table::Prices, row, &symbol)?;
        let at = Place::new(Table::Prices, row, &symbol);
        at.after(stock.bars.last().map(|last| last.date), bar.date)?;
        at.session(calendar, bar.date)?;
        at.positive("close", bar.close)?;
        for (column, price) in [("open", bar.open), ("high", bar.high), ("low", bar.low)] {
            price.map_or(Ok(()), |price| at.positive(column, price))?;
        }
        bar.volume.map_or(Ok(()), |volume| at.not_negative("volume", volume))?;
        stock.bars.push(bar);
    }
    Ok(())
}

fn fill_actions(
    listing: &mut Listing,
    calendar: &Calendar,
    actions: Vec<CorporateAction>,
) -> Result<(), Error> {
    for (action, row) in actions.into_iter().zip(1..) {
        let stock = listing.stock(Table::Actions, row, &action.symbol)?;
        let at = Place::new(Table::Actions, row, &action.symbol);
        at.not_before(stock.actions.last().map(|last| last.ex_date), action.ex_date)?;
        let twice = stock.actions.iter().rev().take_while(|known| known.ex_date == action.ex_date);
        if twice.into_iter().any(|known| *known == action) {
            let (symbol, date) = (action.symbol, action.ex_date);
            return Err(Error::DuplicateAction { row, symbol, date });
        }
        // An ex-date outside the calendar's span can't meet a price; one inside must be a session.
        if (calendar.first()..=calendar.last()).contains(&action.ex_date) {
            at.session(calendar, action.ex_date)?;
        }
        match action.kind {
            ActionKind::Split => at.positive("value", action.value)?,
            ActionKind::Dividend | ActionKind::Spinoff => at.not_negative("value", action.value)?,
        }
        stock.actions.push(action);
    }
    Ok(())
}

fn fill_filings(listing: &mut Listing, filings: Vec<Filing>) -> Result<(), Error> {
    for (filing, row) in filings.into_iter().zip(1..) {
        let stock = listing.stock(Table::Fundamentals, row, &filing.symbol)?;
        let at = Place::new(Table::Fundamentals, row, &filing.symbol);
        if filing.is_imputed() && filing.form.kind() == FormKind::Other {
            let expected = "a date: only 10-Q and 10-K have a rule for an unknown one";
            return Err(at.invalid("filed", format!("empty for form {}", filing.form), expected));
        }
        if let Some(filed) = filing.filed.filter(|filed| *filed < filing.period_end) {
            return Err(at.invalid("filed", filed, "empty, or a day not before period_end"));
        }
        for (column, value) in [
            ("net_income", filing.net_income),
            ("book_equity", filing.book_equity),
            ("shares", filing.shares),
            ("class_shares", filing.class_shares),
            ("revenue", filing.revenue),
            ("gross_profit", filing.gross_profit),
            ("total_assets", filing.total_assets),
            ("operating_cash_flow", filing.operating_cash_flow),
            ("dividends_paid", filing.dividends_paid),
        ] {
            at.finite(column, value)?;
        }
        stock.filings.push(filing);
    }
    Ok(())
}

fn fill_estimates(listing: &mut Listing, estimates: Vec<EstimateSnapshot>) -> Result<(), Error> {
    for (snapshot, row) in estimates.into_iter().zip(1..) {
        let stock = listing.stock(Table::Estimates, row, &snapshot.symbol)?;
        let at = Place::new(Table::Estimates, row, &snapshot.symbol);
        at.after(stock.estimates.last().map(|last| last.as_of), snapshot.as_of)?;
        for (column, value) in [
            ("fy1", snapshot.fy1),
            ("fy2", snapshot.fy2),
            ("fy1_90d", snapshot.fy1_90d),
            ("fy2_90d", snapshot.fy2_90d),
            ("fy1_std", snapshot.fy1_std),
            ("fy2_std", snapshot.fy2_std),
            ("fy1_high", snapshot.fy1_high),
            ("fy1_low", snapshot.fy1_low),
            ("fy2_high", snapshot.fy2_high),
            ("fy2_low", snapshot.fy2_low),
            ("rec", snapshot.recommendation),
            ("rec_30d", snapshot.recommendation_30d),
        ] {
            at.finite(column, value)?;
        }
        stock.estimates.push(snapshot);
    }
    Ok(())
}

fn fill_membership(listing: &mut Listing, membership: Vec<Membership>) -> Result<(), Error> {
    for stock in &mut listing.stocks {
        stock.membership = Some(Vec::new());
    }
    for (span, row) in membership.into_iter().zip(1..) {
        let stock = listing.stock(Table::Membership, row, &span.symbol)?;
        let at = Place::new(Table::Membership, row, &span.symbol);
        let spans = stock.membership.get_or_insert_default();
        at.after(spans.last().map(|last| last.from), span.from)?;
        if let Some(to) = span.to.filter(|to| *to < span.from) {
            return Err(at.invalid("to", to, "empty, or a date not before from"));
        }
        spans.push(span);
    }
    Ok(())
}

fn checked_fx(rates: Vec<FxRate>) -> Result<BTreeMap<Currency, Vec<FxRate>>, Error> {
    let mut by_currency: BTreeMap<Currency, Vec<FxRate>> = BTreeMap::new();
    for (rate, row) in rates.into_iter().zip(1..) {
        let known = by_currency.entry(rate.currency).or_default();
        let at = Place::new(Table::Fx, row, rate.currency.as_str());
        at.after(known.last().map(|last| last.date), rate.date)?;
        at.positive("usd_per_unit", rate.usd_per_unit)?;
        known.push(rate);
    }
    Ok(by_currency)
}

fn checked_benchmark(
    calendar: &Calendar,
    benchmark: Vec<BenchmarkClose>,
) -> Result<Vec<BenchmarkClose>, Error> {
    let mut previous = None;
    for (row, level) in (1..).zip(&benchmark) {
        let at = Place::new(Table::Benchmark, row, "benchmark");
        at.after(previous, level.date)?;
        at.session(calendar, level.date)?;
        at.positive("close", level.close)?;
        previous = Some(level.date);
    }
    Ok(benchmark)
}
