//! What a charting service does to prices and payouts, and that it is undone.

use super::{assemble, market, stored};
use async_trait::async_trait;
use chrono::NaiveDate;
use decile_core::source::{ActionSource, BarSource, Basis, Fetched, SourceError};
use decile_core::{
    ActionKind, Bar, Calendar, CorporateAction, DateRange, Market, Security, Stock, Symbol, Tables,
};
use decile_data::StoredMarket;
use proptest::prelude::*;
use std::sync::Arc;

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
