//! Which numbers of today a run may use.

use super::{AT_ONCE, market, stored, symbols, whole};
use async_trait::async_trait;
use chrono::NaiveDate;
use decile_core::source::{EstimateSource, Fetched, SourceError, Stats, StatsSource};
use decile_core::{EstimateSnapshot, Filing, Stock, Symbol};
use decile_data::Assembly;
use futures::executor::block_on;
use std::sync::Arc;

/// A vendor of today's numbers.
#[derive(Debug)]
struct Vendor(NaiveDate);

#[async_trait]
impl EstimateSource for Vendor {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        let mut snapshot = EstimateSnapshot::new(symbol.clone(), self.0, self.0);
        snapshot.fy1 = Some(1.0);
        Ok(Fetched::new(vec![snapshot]))
    }
}

#[async_trait]
impl StatsSource for Vendor {
    async fn stats(&self, _: &Symbol) -> Result<Stats, SourceError> {
        let mut stats = Stats::default();
        stats.market_cap = Some(1.0);
        Ok(stats)
    }
}

#[test]
fn todays_numbers_are_for_today_alone() {
    let market = market();
    let (_, mut sources) = stored(&market);
    let calendar = market.calendar();
    let last = calendar.last();
    let vendor = Arc::new(Vendor(last));
    sources.estimates = Some(vendor.clone());
    sources.stats = Some(vendor);
    let gather = || block_on(sources.gather(&symbols(&market), whole(&market), AT_ONCE));

    let live = Assembly::live(last).jump_max(None).assemble(gather()).expect("a market");
    let before = calendar.session_before(last).expect("many sessions");
    let priced = |stock: &&Stock| stock.price_at(calendar, last).is_some();
    assert!(live.market.stocks().iter().filter(priced).count() > 25);
    for stock in live.market.stocks().iter().filter(priced) {
        assert_eq!(stock.estimates().iter().map(|s| s.as_of).collect::<Vec<_>>(), [before]);
        // A market value of one dollar is more than half away from any of theirs.
        let known = stock.filings().iter().filter(|f| f.known_on(calendar).is_some());
        let version = |f: &&Filing| (f.period_end, f.known_on(calendar), f.filed);
        let newest = known.max_by_key(version).expect("it reports");
        assert_eq!(newest.shares, None, "{}", stock.symbol());
    }

    let past = calendar.sessions()[calendar.len() - 100];
    let dated = Assembly::dated(past).jump_max(None).assemble(gather()).expect("a market");
    for stock in dated.market.stocks() {
        assert!(stock.estimates().is_empty());
        assert!(stock.filings().iter().all(|filing| filing.shares.is_some()));
        assert!(stock.bars().iter().all(|bar| bar.date <= past));
        assert!(stock.actions().iter().all(|action| action.ex_date <= past));
    }
    assert_eq!(dated.market.calendar().last(), past);
    assert!(dated.notes.iter().any(|note| note.text.contains("were not known on")));
}
