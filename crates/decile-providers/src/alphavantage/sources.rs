//! The source traits.

use super::actions::{DIVIDENDS, SPLITS};
use super::call::{Query, is_passing};
use super::earnings::QuarterlyEarnings;
use super::estimates::Years;
use super::filings::Statements;
use super::reply::Body;
use super::statements::Statement;
use super::{AlphaVantage, actions, asked, fetched, spinoff};
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::DailyBar;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::source::{
    ActionSource, BarSource, Basis, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use decile_core::{
    ActionKind, Bar, Calendar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing,
    FxRate, Price, Quote, Security, Symbol,
};

/// Prices are as traded. A session that goes on is in `dropped`.
#[async_trait]
impl BarSource for AlphaVantage {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let mut fetched = self.daily_bars(symbol, range).await?;
        if let Some(live) = fetched.rows.pop_if(|bar| bar.partial) {
            fetched.dropped.push(format!("{}: the session is not over", live.date));
        }
        let bars: Vec<Bar> = fetched.rows.iter().filter_map(DailyBar::bar).collect();
        if bars.is_empty() {
            return Err(asked(symbol).within(range).no_data());
        }
        Ok(fetched.with_rows(bars))
    }
}

/// Values are as they were at the time. A spin-off that is written as an odd split becomes one in
/// cash, by the close before it; without that close it is in `dropped`.
#[async_trait]
impl ActionSource for AlphaVantage {
    async fn actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        let mut notes = Notes::default();
        let (splits, _) = self.events(SPLITS, symbol, &mut notes).await?;
        let (dividends, retrieved_at) = self.events(DIVIDENDS, symbol, &mut notes).await?;
        let action =
            |ex_date, kind, value| CorporateAction { symbol: symbol.clone(), ex_date, kind, value };
        let mut rows = Vec::new();
        for (ex_date, ratio) in splits.into_iter().filter(|(date, _)| range.contains(*date)) {
            if spinoff::is_split(ratio) {
                rows.push(action(ex_date, ActionKind::Split, ratio));
            } else if let Some(cash) = self.worth(symbol, ex_date, ratio, &mut notes).await? {
                rows.push(action(ex_date, ActionKind::Spinoff, cash));
            }
        }
        for (ex_date, cash) in dividends.into_iter().filter(|(date, _)| range.contains(*date)) {
            rows.push(action(ex_date, ActionKind::Dividend, cash));
        }
        rows.sort_by_key(|action| (action.ex_date, action.kind));
        Ok(fetched(rows, retrieved_at, notes))
    }
}

impl AlphaVantage {
    async fn events(
        &self,
        events: actions::Events,
        symbol: &Symbol,
        notes: &mut Notes,
    ) -> Result<(Vec<(NaiveDate, f64)>, DateTime<Utc>), SourceError> {
        let asked = asked(symbol);
        let read = |body: Body<'_>, time| Ok((events.read(body, &asked, notes)?, time));
        self.ask_about(events.function, symbol, read).await
    }

    /// Values a spin-off by the close of the session before.
    async fn worth(
        &self,
        symbol: &Symbol,
        ex_date: NaiveDate,
        ratio: f64,
        notes: &mut Notes,
    ) -> Result<Option<f64>, SourceError> {
        let before = Calendar::nyse().session_before(ex_date).unwrap_or(ex_date);
        let close = match DateRange::new(before, before) {
            Ok(day) => self.daily_bars(symbol, day).await.map(|bars| bars.rows[0].close),
            Err(_) => Ok(None),
        };
        match close {
            Ok(Some(close)) => {
                notes.warn(format!("{ex_date}: the split of {ratio} is taken for a spin-off"));
                Ok(Some(spinoff::cash(ratio, close)))
            }
            Err(error) if is_passing(&error) => Err(error),
            _ => {
                notes.drop(format!(
                    "{ex_date}: the split of {ratio} is a spin-off without a close before to value \
                     it by"
                ));
                Ok(None)
            }
        }
    }

    async fn statement(
        &self,
        function: &'static str,
        symbol: &Symbol,
        notes: &mut Notes,
    ) -> Result<(Statement, DateTime<Utc>), SourceError> {
        let asked = asked(symbol);
        let read = |body: Body<'_>, time| Ok((Statement::read(body, &asked, notes)?, time));
        self.ask_about(function, symbol, read).await
    }
}

/// Quarters of the income statement, with what else is known of them: without balance sheets or
/// announcements the rest is given, and a warning.
///
/// Filings are dated by the announcement of earnings, which comes with the figures or some days before
/// the form. Net income is before preferred dividends, and book equity with preferred stock, where the
/// provider does not tell them apart. It does not name the form: the last quarter of a fiscal year
/// counts as a 10-K, the others as 10-Q. Share counts are as filed: [`Filing::on_period_basis`] takes
/// later splits off again.
#[async_trait]
impl FilingSource for AlphaVantage {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let mut notes = Notes::default();
        let (income, retrieved_at) = self.statement("INCOME_STATEMENT", symbol, &mut notes).await?;
        let balance = self.statement("BALANCE_SHEET", symbol, &mut notes).await;
        let balance = or_without(balance, "balance sheets", &mut notes)?;
        let cash_flow = match self.cash_flows {
            true => {
                let cash_flow = self.statement("CASH_FLOW", symbol, &mut notes).await;
                or_without(cash_flow, "cash flows", &mut notes)?
            }
            false => None,
        };
        let earnings = self.announced(symbol, &mut notes).await;
        let earnings = or_without(earnings, "announcements", &mut notes)?.unwrap_or_default();
        let (balance, cash_flow) = (balance.map(|(it, _)| it), cash_flow.map(|(it, _)| it));
        let statements = Statements { income, balance, cash_flow, earnings };
        let filings = statements.filings(symbol, retrieved_at, &mut notes);
        if filings.is_empty() {
            return Err(asked(symbol).not_found());
        }
        let mut fetched = fetched(filings, retrieved_at, notes);
        fetched.basis = Basis::AsFiled;
        Ok(fetched)
    }
}

/// Goes on without what the provider will not give, and says so.
fn or_without<T>(
    answer: Result<T, SourceError>,
    what: &str,
    notes: &mut Notes,
) -> Result<Option<T>, SourceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => {
            notes.warn(format!("there are no {what}: {error}"));
            Ok(None)
        }
    }
}

/// At most one snapshot, as of the day of the call. Recommendations and the spread of estimates are
/// missing.
#[async_trait]
impl EstimateSource for AlphaVantage {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        let fetched = self.periods(symbol).await?;
        let Some(as_of) = fetched.rows.first().map(|period| period.row.as_of) else {
            return Err(asked(symbol).not_found());
        };
        let mut years = Years::of(&fetched.rows, as_of);
        if let Some(end) = years.over(as_of) {
            let earnings = self.announced(symbol, &mut Notes::default()).await?;
            if earnings.quarter(end).is_some_and(QuarterlyEarnings::is_reported) {
                years = years.after(end);
            }
        }
        let snapshot = years.snapshot(symbol, as_of);
        Ok(fetched.with_rows(snapshot.into_iter().collect()))
    }
}

/// Last prices without bid and ask. Their time is that of a close, or of the open while the session
/// lasts, which is too old for an order. Stocks of other markets are left out: the provider does not
/// say their currency.
#[async_trait]
impl QuoteSource for AlphaVantage {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        let mut quotes = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            let row = match self.quote(symbol).await {
                Ok(fetched) => fetched.rows[0],
                Err(SourceError::NotFound { .. } | SourceError::InvalidRequest { .. }) => continue,
                Err(error) => return Err(error),
            };
            let (Some(currency), Some(time)) = (row.currency, row.time) else { continue };
            let price = |number: Option<f64>| Price::from_f64(number?).ok();
            let (last, previous_close) = (price(row.price), price(row.previous_close));
            let symbol = symbol.clone();
            quotes.push(Quote {
                symbol,
                bid: None,
                ask: None,
                last,
                previous_close,
                currency,
                time,
            });
        }
        Ok(quotes)
    }
}

#[async_trait]
impl StatsSource for AlphaVantage {
    async fn stats(&self, symbol: &Symbol) -> Result<Stats, SourceError> {
        Ok(self.statistics(symbol).await?.rows[0])
    }
}

/// What the provider does not say is not found: see [`profile`](AlphaVantage::profile).
#[async_trait]
impl SecuritySource for AlphaVantage {
    async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError> {
        let asked = asked(symbol);
        let row = self.profile(symbol).await?.rows.pop().ok_or_else(|| asked.not_found())?;
        row.into_security(&asked)
    }
}

/// Closes of the day; one that is not over is left out. The dollar needs no rates.
#[async_trait]
impl FxSource for AlphaVantage {
    async fn rates(
        &self,
        currency: Currency,
        range: DateRange,
    ) -> Result<Fetched<FxRate>, SourceError> {
        if currency == Currency::USD {
            return Ok(Fetched::new(Vec::new()));
        }
        let asked = Asked::new(super::PROVIDER, currency).within(range);
        let mut notes = Notes::default();
        let parameters =
            vec![("from_symbol", currency.as_str()), ("to_symbol", Currency::USD.as_str())];
        let query = Query { function: "FX_DAILY", parameters };
        let series = self.history(query, range, &asked, &mut notes).await?.series;
        let today = series.retrieved_at.date_naive();
        let closes = series.closes(&mut notes).into_iter();
        let rates = closes.filter(|(date, _)| range.contains(*date) && *date < today);
        let rates = rates.map(|(date, usd_per_unit)| FxRate { date, currency, usd_per_unit });
        let rates: Vec<FxRate> = rates.collect();
        if rates.is_empty() {
            return Err(asked.no_data());
        }
        let mut fetched = fetched(rates, series.retrieved_at, notes);
        fetched.timezone = series.timezone;
        Ok(fetched)
    }
}
