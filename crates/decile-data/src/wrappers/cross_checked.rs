use super::{Gap, Tolerance};
use async_trait::async_trait;
use chrono::NaiveDate;
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use decile_core::{
    Bar, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote, Security,
    Symbol,
};
use std::collections::BTreeMap;
use std::fmt::Display;

const TOLERANCE: Tolerance = Tolerance { warned: 0.10, missing: 0.50 };

/// Days that two providers' ends of one quarter may be apart: one gives the day on which the books
/// were closed, another the end of that month.
const PERIOD_DAYS_MAX: i64 = 20;

/// Days by which two snapshots of the consensus may be apart.
const SNAPSHOT_DAYS_MAX: i64 = 7;

/// Takes everything from one source and holds it against another.
///
/// A value more than 10 % from the other's is warned of, one more than 50 % away is missing, since
/// nobody knows which of the two is right. Values are never averaged. Checked are closes of one
/// share basis and currency, of statements the newest version of a quarter (net income, book equity,
/// revenue, and shares of one basis), and consensus earnings; the rest is the first source's word.
/// What the second does not have is not checked, and if it fails a warning says so.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{Fetched, FilingSource, SourceError};
/// use decile_core::{Filing, Symbol};
/// use decile_data::CrossChecked;
///
/// /// Gives one quarter with this net income.
/// #[derive(Debug)]
/// struct Income(f64);
///
/// #[async_trait]
/// impl FilingSource for Income {
///     async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
///         let (end, form) = ("2024-03-29".parse(), "10-Q".parse());
///         let end = end.expect("a date");
///         let mut filing = Filing::new(symbol.clone(), end, form.expect("a form"));
///         filing.net_income = Some(self.0);
///         Ok(Fetched::new(vec![filing]))
///     }
/// }
///
/// let source = CrossChecked::new(Income(3177.0), Income(3.177));
/// let filings = futures::executor::block_on(source.filings(&"KO".parse()?)).expect("an answer");
/// assert_eq!(filings.rows[0].net_income, None);
/// assert!(filings.warnings[0].starts_with("net_income of the quarter to 2024-03-29 is missing"));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug)]
pub struct CrossChecked<A, B> {
    source: A,
    check: B,
}

impl<A, B> CrossChecked<A, B> {
    /// Takes everything from `source` and holds it against `check`.
    #[must_use]
    pub fn new(source: A, check: B) -> Self {
        Self { source, check }
    }
}

/// Compares one number and empties it if nobody knows it; says so in the warnings.
fn settle(
    value: &mut Option<f64>,
    check: Option<f64>,
    what: impl Display,
    warnings: &mut Vec<String>,
) {
    let Some(found) = *value else { return };
    let other = check.unwrap_or_default();
    match TOLERANCE.gap(*value, check) {
        Gap::Fine => {}
        Gap::Warned(_) => {
            warnings.push(format!("{what} is {found}, by the second source {other}"));
        }
        Gap::Missing(_) => {
            *value = None;
            warnings.push(format!("{what} is missing: {found}, by the second source {other}"));
        }
    }
}

/// Notes that there was nothing to check against.
fn unchecked<T, U>(
    fetched: &mut Fetched<T>,
    check: Result<Fetched<U>, SourceError>,
) -> Option<Fetched<U>> {
    check.map_err(|error| fetched.warnings.push(format!("not checked: {error}"))).ok()
}

#[async_trait]
impl<A: BarSource, B: BarSource> BarSource for CrossChecked<A, B> {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let mut fetched = self.source.bars(symbol, range).await?;
        let check = self.check.bars(symbol, range).await;
        let Some(check) = unchecked(&mut fetched, check) else { return Ok(fetched) };
        if (check.basis, check.currency) != (fetched.basis, fetched.currency) {
            let warning = "not checked: the second source has another share basis or currency";
            fetched.warnings.push(warning.to_owned());
            return Ok(fetched);
        }
        let closes: BTreeMap<NaiveDate, f64> =
            check.rows.iter().map(|bar| (bar.date, bar.close)).collect();
        let Fetched { rows, warnings, dropped, .. } = &mut fetched;
        rows.retain(|bar| {
            let mut close = Some(bar.close);
            let other = closes.get(&bar.date).copied();
            settle(&mut close, other, format_args!("the close of {}", bar.date), warnings);
            if close.is_none() {
                dropped.push(format!("{}: two sources disagree on the close", bar.date));
            }
            close.is_some()
        });
        Ok(fetched)
    }
}

#[async_trait]
impl<A: FilingSource, B: FilingSource> FilingSource for CrossChecked<A, B> {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let mut fetched = self.source.filings(symbol).await?;
        let check = self.check.filings(symbol).await;
        let Some(check) = unchecked(&mut fetched, check) else { return Ok(fetched) };
        let same_basis = check.basis == fetched.basis;
        for index in newest_versions(&fetched.rows) {
            let filing = &mut fetched.rows[index];
            let Some(other) = matching(filing, &check.rows) else { continue };
            let of = |item: &str| format!("{item} of the quarter to {}", filing.period_end);
            let names = ["net_income", "book_equity", "revenue", "shares"].map(of);
            let [net_income, book_equity, revenue, shares] = names;
            let warnings = &mut fetched.warnings;
            settle(&mut filing.net_income, other.net_income, net_income, warnings);
            settle(&mut filing.book_equity, other.book_equity, book_equity, warnings);
            settle(&mut filing.revenue, other.revenue, revenue, warnings);
            if same_basis {
                settle(&mut filing.shares, other.shares, shares, warnings);
            }
        }
        Ok(fetched)
    }
}

/// The row of each period that was filed last, or stands last: the second source has restated
/// numbers, which earlier versions rightly differ from.
fn newest_versions(filings: &[Filing]) -> Vec<usize> {
    let mut newest: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for (index, filing) in filings.iter().enumerate() {
        let known = newest.entry(filing.period_end).or_insert(index);
        if filing.filed >= filings[*known].filed {
            *known = index;
        }
    }
    newest.into_values().collect()
}

/// The last row about the same quarter in the same currency.
fn matching<'a>(filing: &Filing, others: &'a [Filing]) -> Option<&'a Filing> {
    let apart = |other: &Filing| (other.period_end - filing.period_end).num_days().abs();
    let alike = others
        .iter()
        .rev()
        .filter(|other| other.currency == filing.currency && apart(other) <= PERIOD_DAYS_MAX);
    alike.min_by_key(|other| apart(other))
}

#[async_trait]
impl<A: EstimateSource, B: EstimateSource> EstimateSource for CrossChecked<A, B> {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        let mut fetched = self.source.estimates(symbol).await?;
        let check = self.check.estimates(symbol).await;
        let Some(check) = unchecked(&mut fetched, check) else { return Ok(fetched) };
        let warnings = &mut fetched.warnings;
        for snapshot in &mut fetched.rows {
            let days = |a: NaiveDate, b: NaiveDate| (a - b).num_days().abs();
            let same = |other: &&EstimateSnapshot| {
                days(other.as_of, snapshot.as_of) <= SNAPSHOT_DAYS_MAX
                    && days(other.fy1_end, snapshot.fy1_end) <= PERIOD_DAYS_MAX
            };
            let Some(other) = check.rows.iter().rev().find(same) else { continue };
            let (fy1, fy2) =
                (format!("fy1 on {}", snapshot.as_of), format!("fy2 on {}", snapshot.as_of));
            settle(&mut snapshot.fy1, other.fy1, fy1, warnings);
            settle(&mut snapshot.fy2, other.fy2, fy2, warnings);
        }
        Ok(fetched)
    }
}

macro_rules! unchanged {
    ($source:ident: $method:ident($($argument:ident: $type:ty),+) -> $answer:ty) => {
        #[async_trait]
        impl<A: $source, B: std::fmt::Debug + Send + Sync> $source for CrossChecked<A, B> {
            async fn $method(&self, $($argument: $type),+) -> Result<$answer, SourceError> {
                self.source.$method($($argument),+).await
            }
        }
    };
}

unchanged!(ActionSource: actions(symbol: &Symbol, range: DateRange) -> Fetched<CorporateAction>);
unchanged!(QuoteSource: quotes(symbols: &[Symbol]) -> Vec<Quote>);
unchanged!(StatsSource: stats(symbol: &Symbol) -> Stats);
unchanged!(SecuritySource: security(symbol: &Symbol) -> Security);
unchanged!(FxSource: rates(currency: Currency, range: DateRange) -> Fetched<FxRate>);

#[cfg(test)]
mod tests;
