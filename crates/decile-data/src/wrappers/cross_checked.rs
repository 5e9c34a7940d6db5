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
mod tests {
    use super::*;
    use decile_core::source::Basis;
    use futures::executor::block_on;

    fn day(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, m, d).unwrap()
    }

    fn coke() -> Symbol {
        "KO".parse().unwrap()
    }

    /// Gives what it holds.
    #[derive(Debug, Default)]
    struct Given {
        bars: Vec<Bar>,
        basis: Basis,
        filings: Vec<Filing>,
        estimates: Vec<EstimateSnapshot>,
    }

    #[async_trait]
    impl BarSource for Given {
        async fn bars(&self, _: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
            if self.bars.is_empty() {
                let (provider, subject) = ("given", "KO".to_owned());
                return Err(SourceError::NoDataInRange { provider, subject, range });
            }
            let mut fetched = Fetched::new(self.bars.clone());
            fetched.basis = self.basis;
            Ok(fetched)
        }
    }

    #[async_trait]
    impl FilingSource for Given {
        async fn filings(&self, _: &Symbol) -> Result<Fetched<Filing>, SourceError> {
            let mut fetched = Fetched::new(self.filings.clone());
            fetched.basis = self.basis;
            Ok(fetched)
        }
    }

    #[async_trait]
    impl EstimateSource for Given {
        async fn estimates(&self, _: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
            Ok(Fetched::new(self.estimates.clone()))
        }
    }

    fn closes(closes: &[f64]) -> Given {
        let bar = |(close, d): (&f64, u32)| Bar::close_only(day(1, d), *close);
        Given { bars: closes.iter().zip(2..).map(bar).collect(), ..Given::default() }
    }

    fn bars(source: Given, check: Given) -> Fetched<Bar> {
        let range = DateRange::new(day(1, 1), day(1, 31)).unwrap();
        block_on(CrossChecked::new(source, check).bars(&coke(), range)).unwrap()
    }

    #[test]
    fn closes_far_apart_are_dropped_and_nearer_ones_warned_of() {
        let checked = bars(closes(&[10.0, 10.0, 10.0]), closes(&[9.5, 8.0, 4.0]));
        assert_eq!(checked.rows.len(), 2);
        assert_eq!(
            checked.warnings,
            [
                "the close of 2024-01-03 is 10, by the second source 8",
                "the close of 2024-01-04 is missing: 10, by the second source 4"
            ]
        );
        assert_eq!(checked.dropped, ["2024-01-04: two sources disagree on the close"]);
    }

    #[test]
    fn what_cannot_be_compared_stays_and_says_so() {
        let adjusted = Given { basis: Basis::SplitAdjusted, ..closes(&[2.5]) };
        for (check, why) in [(adjusted, "another share basis"), (Given::default(), "no data")] {
            let checked = bars(closes(&[10.0]), check);
            assert_eq!(checked.rows.len(), 1);
            assert!(checked.warnings[0].contains(why), "{:?}", checked.warnings);
        }
    }

    fn quarter(end: NaiveDate, filed: Option<NaiveDate>, income: f64) -> Filing {
        let mut filing = Filing::new(coke(), end, "10-Q".parse().unwrap());
        (filing.filed, filing.net_income, filing.shares) = (filed, Some(income), Some(4.3e9));
        filing
    }

    #[test]
    fn the_newest_version_of_the_nearest_quarter_is_checked() {
        // The books close on Friday the 29th; the other source calls that the 31st.
        let end = day(3, 29);
        let source = Given {
            filings: vec![
                quarter(end, Some(day(8, 1)), 100.0),
                quarter(end, Some(day(5, 2)), 300.0),
                quarter(day(6, 28), Some(day(8, 1)), 90.0),
            ],
            ..Given::default()
        };
        let other = Given {
            filings: vec![quarter(day(3, 31), None, 101.0), quarter(day(12, 31), None, 5.0)],
            basis: Basis::SplitAdjusted,
            ..Given::default()
        };
        let checked = block_on(CrossChecked::new(source, other).filings(&coke())).unwrap();
        // The version of May was right in its day; of June the other source says nothing.
        let incomes: Vec<_> = checked.rows.iter().map(|filing| filing.net_income).collect();
        assert_eq!(incomes, [Some(100.0), Some(300.0), Some(90.0)]);
        assert!(checked.warnings.is_empty(), "{:?}", checked.warnings);
    }

    #[test]
    fn shares_are_compared_on_one_basis_only_and_amounts_in_one_currency() {
        let of = |shares, basis, currency: &str| {
            let mut filing = quarter(day(3, 29), None, 100.0);
            filing.shares = Some(shares);
            filing.currency = currency.parse().unwrap();
            Given { filings: vec![filing], basis, ..Given::default() }
        };
        let shares = |other| {
            let source = CrossChecked::new(of(4.3e9, Basis::AsTraded, "USD"), other);
            block_on(source.filings(&coke())).unwrap().rows[0].shares
        };
        assert_eq!(shares(of(4.3e6, Basis::AsTraded, "USD")), None);
        assert_eq!(shares(of(4.3e6, Basis::SplitAdjusted, "USD")), Some(4.3e9));
        assert_eq!(shares(of(4.3e6, Basis::AsTraded, "EUR")), Some(4.3e9));
    }

    #[test]
    fn consensus_of_about_the_same_day_is_checked() {
        let snapshot = |as_of, fy1, fy2| {
            let mut snapshot = EstimateSnapshot::new(coke(), as_of, day(12, 31));
            (snapshot.fy1, snapshot.fy2) = (Some(fy1), Some(fy2));
            Given { estimates: vec![snapshot], ..Given::default() }
        };
        let ours = || snapshot(day(5, 1), 2.0, 3.0);
        let check = |other| {
            let source = CrossChecked::new(ours(), other);
            let fetched = block_on(source.estimates(&coke())).unwrap();
            (fetched.rows[0].fy1, fetched.rows[0].fy2, fetched.warnings.len())
        };
        assert_eq!(check(snapshot(day(5, 3), 2.1, 1.0)), (Some(2.0), None, 1));
        assert_eq!(check(snapshot(day(7, 3), 2.1, 1.0)), (Some(2.0), Some(3.0), 0));
    }
}
