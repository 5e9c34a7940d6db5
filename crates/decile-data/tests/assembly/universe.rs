//! Many stocks at once: a bound, an order, and one bad stock that never loses the rest.

use super::{AT_ONCE, assemble, market, stored, symbols, whole};
use async_trait::async_trait;
use decile_core::source::{BarSource, Fetched, SecuritySource, SourceError};
use decile_core::{Bar, DateRange, Security, Symbol};
use decile_data::{Error, NoteKind, Part, StoredMarket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
