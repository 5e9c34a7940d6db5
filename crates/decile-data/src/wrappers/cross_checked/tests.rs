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
