//! From sources to a market: what was stored comes back, whatever a provider does to it, and one bad
//! stock never loses the rest.

use async_trait::async_trait;
use chrono::NaiveDate;
use decile_core::source::{
    ActionSource, BarSource, Basis, EstimateSource, Fetched, FilingSource, SecuritySource,
    SourceError, Stats, StatsSource,
};
use decile_core::{
    ActionKind, Bar, CorporateAction, DateRange, EstimateSnapshot, Filing, Market, Security, Stock,
    Symbol,
};
use decile_data::{
    Assembled, Assembly, Error, NoteKind, Part, Sources, StoredMarket, SyntheticMarket,
};
use futures::executor::block_on;
use proptest::prelude::*;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// What a charting service makes of a stock: prices and payouts divided by all later splits, and by
/// spin-offs, which it takes for splits.
#[derive(Debug)]
struct Charts(Arc<StoredMarket>);

impl Charts {
    fn steps(stock: &Stock) -> Vec<(NaiveDate, f64)> {
        let step = |action: &CorporateAction| match action.kind {
            ActionKind::Split => (action.ex_date, action.value),
            ActionKind::Dividend => (action.ex_date, 1.0),
            ActionKind::Spinoff => {
                let before = stock.bars().iter().rfind(|bar| bar.date < action.ex_date);
                let before = before.map(|bar| bar.close);
                // On the basis of the ex-date, were there a split on the same day.
                let split: f64 = stock
                    .actions()
                    .iter()
                    .filter(|other| other.ex_date == action.ex_date)
                    .filter_map(CorporateAction::split_ratio)
                    .product();
                let left = before.map(|close| 1.0 - action.value * split / close);
                (action.ex_date, left.map_or(1.0, |left| 1.0 / left))
            }
        };
        stock.actions().iter().map(step).collect()
    }

    fn divisor(stock: &Stock, date: NaiveDate) -> f64 {
        let later = Self::steps(stock).into_iter().filter(|(ex_date, _)| *ex_date > date);
        later.map(|(_, step)| step).product()
    }
}

#[async_trait]
impl BarSource for Charts {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let mut fetched = self.0.bars(symbol, range).await?;
        let stock = self.0.market().stock(symbol).expect("it has bars");
        for bar in &mut fetched.rows {
            let divisor = Self::divisor(stock, bar.date);
            bar.close /= divisor;
            for price in [&mut bar.open, &mut bar.high, &mut bar.low] {
                *price = price.map(|price| price / divisor);
            }
            bar.volume = bar.volume.map(|volume| volume * divisor);
        }
        fetched.basis = Basis::SplitAdjusted;
        Ok(fetched)
    }
}

#[async_trait]
impl ActionSource for Charts {
    async fn actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        let mut fetched = self.0.actions(symbol, range).await?;
        let stock = self.0.market().stock(symbol).expect("it has actions");
        for action in fetched.rows.iter_mut().filter(|action| action.kind != ActionKind::Split) {
            action.value /= Self::divisor(stock, action.ex_date);
        }
        fetched.basis = Basis::SplitAdjusted;
        Ok(fetched)
    }
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found} is not {expected}");
}

fn assert_same_prices(found: &Market, expected: &Market) {
    for (found, expected) in found.stocks().iter().zip(expected.stocks()) {
        assert_eq!(found.symbol(), expected.symbol());
        assert_eq!(found.bars().len(), expected.bars().len());
        assert_eq!(found.actions().len(), expected.actions().len());
        for (found, expected) in found.bars().iter().zip(expected.bars()) {
            assert_eq!(found.date, expected.date);
            assert_near(found.close, expected.close);
            assert_near(found.volume.unwrap_or(-1.0), expected.volume.unwrap_or(-1.0));
        }
        for (found, expected) in found.actions().iter().zip(expected.actions()) {
            assert_eq!((found.ex_date, found.kind), (expected.ex_date, expected.kind));
            assert_near(found.value, expected.value);
        }
    }
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

#[test]
fn what_a_charting_service_adjusts_is_undone() {
    let market = market();
    let splits = market.stocks().iter().flat_map(Stock::actions);
    assert!(splits.filter(|action| action.kind == ActionKind::Split).count() > 3, "no test");
    let (stored, mut sources) = stored(&market);
    let charts = Arc::new(Charts(stored));
    sources.bars = charts.clone();
    sources.actions = charts;
    assert_same_prices(&assemble(&market, &sources).market, &market);
}

/// A stock of ten sessions with splits, dividends and spin-offs on any of them.
fn eventful() -> impl Strategy<Value = Vec<(usize, u8, f64)>> {
    prop::collection::vec((0usize..12, 0u8..3, 0.05f64..0.9), 0..8)
}

proptest! {
    #[test]
    fn any_mixture_of_actions_is_undone(events in eventful()) {
        use decile_core::{Calendar, Tables};
        let sessions: Vec<NaiveDate> = Calendar::nyse().sessions()[..12].to_vec();
        let symbol: Symbol = "KO".parse().expect("a symbol");
        let mut tables = Tables::default();
        tables.securities.push(Security::us(symbol.clone(), "Coca-Cola", "Staples"));
        for (index, date) in sessions.iter().enumerate() {
            let volume = Some(1000.0 + index as f64);
            let close = 100.0 + 3.0 * (index as f64);
            tables.prices.push((symbol.clone(), Bar { volume, ..Bar::close_only(*date, close) }));
        }
        let mut actions: Vec<CorporateAction> = Vec::new();
        for (session, kind, size) in events {
            let (ex_date, symbol) = (sessions[session], symbol.clone());
            // Payouts of at most a fifth of the price on the basis after any split of the day.
            let (kind, value) = match kind {
                0 => (ActionKind::Split, 0.5 + 4.0 * size),
                1 => (ActionKind::Dividend, size),
                _ => (ActionKind::Spinoff, 4.0 * size),
            };
            if !actions.iter().any(|a| a.ex_date == ex_date && (a.kind == kind || a.value == value)) {
                actions.push(CorporateAction { symbol, ex_date, kind, value });
            }
        }
        actions.sort_by_key(|action| (action.ex_date, action.kind != ActionKind::Split));
        tables.actions = actions;
        let calendar = Calendar::from_sessions(sessions).expect("in order");
        let market = Arc::new(Market::new(calendar, tables).expect("it fits"));
        let (stored, mut sources) = stored(&market);
        sources.filings = None;
        let charts = Arc::new(Charts(stored));
        sources.bars = charts.clone();
    sources.actions = charts;
        assert_same_prices(&assemble(&market, &sources).market, &market);
    }
}

/// Fails for some of the stocks, in its own way for each.
#[derive(Debug)]
struct Patchy(Arc<StoredMarket>, Vec<Symbol>);

#[async_trait]
impl SecuritySource for Patchy {
    async fn security(&self, symbol: &Symbol) -> Result<Security, SourceError> {
        match self.1.iter().position(|bad| bad == symbol) {
            Some(0) => {
                Err(SourceError::NotFound { provider: "patchy", subject: symbol.to_string() })
            }
            // A name that a market refuses, and prices that are not in its currency.
            Some(1) => Ok(Security::us(symbol.clone(), "", "Staples")),
            Some(_) => {
                let mut security = self.0.security(symbol).await?;
                security.trade_currency = "GBX".parse().expect("a currency");
                Ok(security)
            }
            None => self.0.security(symbol).await,
        }
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
fn one_bad_stock_never_loses_the_rest() {
    let market = market();
    let (stored, mut sources) = stored(&market);
    let bad = symbols(&market)[3..6].to_vec();
    sources.securities = Arc::new(Patchy(stored, bad.clone()));
    let assembled = assemble(&market, &sources);
    assert_eq!(assembled.market.stocks().len(), 27);
    assert_eq!((assembled.usable, assembled.asked.len()), (27, 30));
    let failures: Vec<_> =
        assembled.failures.iter().map(|failure| (&*failure.subject, failure.part)).collect();
    assert_eq!(failures, [(bad[0].as_str(), Part::Security), ("GBX", Part::Rates)]);
    let left_out: Vec<_> =
        assembled.notes.iter().filter(|note| note.kind == NoteKind::LeftOut).collect();
    assert_eq!(left_out.iter().map(|note| &note.symbol).collect::<Vec<_>>(), [&bad[1], &bad[2]]);
    assert!(left_out[0].text.contains("issuer"), "{}", left_out[0]);
    assert_eq!(left_out[1].text, "its prices are in USD, but it trades in GBX");

    assembled.check_coverage(0.9).expect("27 of 30 are 90 %");
    let error = assembled.check_coverage(0.91).expect_err("27 of 30 are less");
    assert!(matches!(error, Error::CoverageTooLow { usable: 27, asked: 30, .. }), "{error}");
}

#[test]
fn stocks_without_a_statement_do_not_count_as_known() {
    let market = market();
    let (_, mut sources) = stored(&market);
    sources.filings = None;
    let assembled = assemble(&market, &sources);
    assert_eq!((assembled.market.stocks().len(), assembled.usable), (30, 0));
}

/// Counts how many are asked at a time, and answers the later stocks first.
#[derive(Debug)]
struct Crowd {
    inner: Arc<StoredMarket>,
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl BarSource for Crowd {
    async fn bars(&self, symbol: &Symbol, range: DateRange) -> Result<Fetched<Bar>, SourceError> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let all = self.inner.market().stocks();
        let index = all.iter().position(|stock| stock.symbol() == symbol).unwrap_or_default();
        for _ in index..all.len() {
            tokio::task::yield_now().await;
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        self.inner.bars(symbol, range).await
    }
}

#[test]
fn a_universe_is_fetched_with_a_bound_and_in_order() {
    let market = market();
    let (stored, mut sources) = stored(&market);
    let crowd = Arc::new(Crowd { inner: stored, now: 0.into(), most: 0.into() });
    sources.bars = crowd.clone();
    let asked = symbols(&market);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let gathered = runtime.block_on(sources.gather(&asked, whole(&market), AT_ONCE));
    assert_eq!(crowd.most.load(Ordering::SeqCst), AT_ONCE.get());
    let found: Vec<_> = gathered.stocks.iter().map(|stock| &stock.security.symbol).collect();
    assert_eq!(found, asked.iter().collect::<Vec<_>>());
}

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

#[test]
fn a_day_without_a_session_makes_no_market() {
    let market = market();
    let (_, sources) = stored(&market);
    let gathered = block_on(sources.gather(&symbols(&market), whole(&market), AT_ONCE));
    let sunday: NaiveDate = "2025-11-30".parse().expect("a date");
    let error = Assembly::dated(sunday).assemble(gathered).expect_err("no session");
    assert!(error.to_string().contains("it is not a session"), "{error}");
}
