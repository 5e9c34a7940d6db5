//! From sources to a market: what was stored comes back, whatever a provider does to it.

mod charts;
mod live;
mod universe;

use async_trait::async_trait;
use chrono::NaiveDate;
use decile_core::source::{ActionSource, Basis, Fetched, FilingSource, SourceError};
use decile_core::{ActionKind, CorporateAction, DateRange, Filing, Market, Symbol};
use decile_data::{Assembled, Assembly, Sources, StoredMarket, SyntheticMarket};
use futures::executor::block_on;
use std::num::NonZeroUsize;
use std::sync::Arc;

const AT_ONCE: NonZeroUsize = NonZeroUsize::new(8).expect("not zero");

fn market() -> Arc<Market> {
    Arc::new(SyntheticMarket::default().generate().expect("the defaults are fine"))
}

fn symbols(market: &Market) -> Vec<Symbol> {
    market.stocks().iter().map(|stock| stock.symbol().clone()).collect()
}

fn whole(market: &Market) -> DateRange {
    let calendar = market.calendar();
    DateRange::new(calendar.first(), calendar.last()).expect("in order")
}

/// Everything of the market, as known at its end.
fn stored(market: &Arc<Market>) -> (Arc<StoredMarket>, Sources) {
    let last = market.calendar().last();
    let stored = Arc::new(StoredMarket::new(market.clone(), last).expect("a session"));
    let mut sources = Sources::new(stored.clone(), stored.clone(), stored.clone());
    sources.filings = Some(stored.clone());
    sources.estimates = Some(stored.clone());
    sources.fx = Some(stored.clone());
    (stored, sources)
}

fn assemble(market: &Arc<Market>, sources: &Sources) -> Assembled {
    let gathered = block_on(sources.gather(&symbols(market), whole(market), AT_ONCE));
    let assembly = Assembly::dated(market.calendar().last()).jump_max(None);
    assembly.assemble(gathered).expect("a market")
}

#[test]
fn a_market_comes_back_from_its_own_sources() {
    let market = market();
    let (stored, sources) = stored(&market);
    let assembled = assemble(&market, &sources);
    assert!(assembled.failures.is_empty(), "{:?}", assembled.failures);
    assert_eq!(assembled.usable, market.stocks().len());
    for (found, expected) in assembled.market.stocks().iter().zip(market.stocks()) {
        assert_eq!(found.bars(), expected.bars());
        assert_eq!(found.actions(), expected.actions());
        let known =
            block_on(async { stored.filings(expected.symbol()).await.expect("it has some").rows });
        assert_eq!(found.filings(), known);
        let usable = expected.estimates().iter().filter(|s| s.as_of < market.calendar().last());
        assert_eq!(found.estimates(), usable.cloned().collect::<Vec<_>>());
    }
}

/// Gives one quarter that was filed after a split of 4 for 1, which came after it ended.
#[derive(Debug)]
struct Counts(Basis, f64);

#[async_trait]
impl FilingSource for Counts {
    async fn filings(&self, symbol: &Symbol) -> Result<Fetched<Filing>, SourceError> {
        let [end, filed] = ["2025-03-31", "2025-05-02"].map(|day| day.parse().expect("a date"));
        let mut filing = Filing::new(symbol.clone(), end, "10-Q".parse().expect("a form"));
        (filing.filed, filing.shares) = (Some(filed), Some(self.1));
        let mut fetched = Fetched::new(vec![filing]);
        fetched.basis = self.0;
        Ok(fetched)
    }
}

#[async_trait]
impl ActionSource for Counts {
    async fn actions(
        &self,
        symbol: &Symbol,
        _: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        let split = |date: &str, value| CorporateAction {
            symbol: symbol.clone(),
            ex_date: date.parse().expect("a date"),
            kind: ActionKind::Split,
            value,
        };
        Ok(Fetched::new(vec![split("2025-04-15", 4.0), split("2025-09-15", 2.0)]))
    }
}

#[test]
fn share_counts_come_to_the_basis_of_their_period_from_each_basis() {
    let market = market();
    let (_, mut sources) = stored(&market);
    // 100 at the end of March, 400 in the filing of May, 800 today.
    for (basis, count) in
        [(Basis::AsTraded, 100.0), (Basis::AsFiled, 400.0), (Basis::SplitAdjusted, 800.0)]
    {
        let counts = Arc::new(Counts(basis, count));
        sources.filings = Some(counts.clone());
        sources.actions = counts;
        let assembled = assemble(&market, &sources);
        assert_eq!(assembled.market.stocks()[0].filings()[0].shares, Some(100.0), "{basis:?}");
    }
}

#[test]
fn a_day_without_a_session_makes_no_market() {
    let market = market();
    let (_, sources) = stored(&market);
    let gathered = block_on(sources.gather(&symbols(&market), whole(&market), AT_ONCE));
    let sunday: NaiveDate = "2025-11-30".parse().expect("a date");
    let error = Assembly::dated(sunday).assemble(gathered).expect_err("no session");
    assert!(error.to_string().contains("it is not a session"), "{error}");
}
