//! Whole days of an account, as random as they come: prices that move between the approval and the
//! orders, halts, splits overnight, odd lots, fees, troubles at the broker. Whatever happens, nothing is
//! overspent, oversold or above a limit.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod check;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod world;

use decile_core::{
    ActionKind, Calendar, Clock, CorporateAction, Decimal, ManualClock, Money, Price, Quote,
    Symbol, Target, TargetSize, Targets, Weight,
};
use decile_trade::{
    AccountKind, Broker, Circumstances, Executor, ExecutorConfig, MemoryJournal, PaperBroker,
    PaperConfig, Plan, PlanInputs, PlanRules, RiskInputs, RiskLimits, StaleLimit, StopSignal,
};
use market::{session, strategy, symbol};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeMap;
use std::sync::Arc;
use world::{Move, World, world};

type Quotes = BTreeMap<Symbol, Quote>;

const STOCKS: usize = 6;

fn name(index: usize) -> Symbol {
    symbol(&format!("S{index}"))
}

/// A price in cents, at least one.
fn price(cents: Decimal) -> Price {
    Price::new(cents.round().max(Decimal::ONE) / Decimal::ONE_HUNDRED).unwrap()
}

/// The market of a day: at the approval, and when the orders come.
fn quotes(today: &[Move], closes: &[Decimal], clock: &ManualClock) -> [Quotes; 2] {
    let mut both = [Quotes::new(), Quotes::new()];
    for (index, (step, close)) in today.iter().zip(closes).enumerate() {
        if step.is_halted {
            continue;
        }
        let traded = *close * (Decimal::ONE + Decimal::new(step.percent, 3));
        for (quotes, slip) in both.iter_mut().zip([0, step.slip]) {
            let last = price(traded * (Decimal::ONE + Decimal::new(slip, 4)));
            let half = Decimal::new(step.half_spread, 6);
            let currency = decile_core::Currency::USD;
            let quote = Quote::centred(name(index), last, half, currency, clock.now());
            let previous_close = Some(price(*close));
            quotes.insert(name(index), Quote { previous_close, ..quote });
        }
    }
    both
}

fn splits(today: &[Move], date: chrono::NaiveDate) -> Vec<CorporateAction> {
    let of = |(index, step): (usize, &Move)| {
        let (old, new) = step.split?;
        let value = new as f64 / old as f64;
        Some(CorporateAction { symbol: name(index), ex_date: date, kind: ActionKind::Split, value })
    };
    today.iter().enumerate().filter_map(of).collect()
}

fn wanted(today: &[Move], date: chrono::NaiveDate) -> Targets {
    let sum = today.iter().map(|step| step.weight).sum::<i64>().max(1000);
    let target = |(index, step): (usize, &Move)| Target {
        symbol: name(index),
        size: TargetSize::Weight(
            Weight::new(Decimal::from(step.weight) / Decimal::from(sum)).unwrap(),
        ),
    };
    let targets = today.iter().enumerate().filter(|(_, step)| step.weight > 0).map(target);
    Targets::new(date.pred_opt().unwrap(), targets.collect()).unwrap()
}

/// Lives through the days; returns how many orders were approved.
async fn live(world: World) -> Result<usize, TestCaseError> {
    let clock = market::clock();
    let account = Money::new(Decimal::new(world.cash, 2));
    let config = PaperConfig {
        commission: world.limits.commission,
        ..PaperConfig::new("DU1234567".parse().unwrap(), account, session())
    };
    let broker = Arc::new(PaperBroker::new(config, clock.clone()));
    let journal = Arc::new(MemoryJournal::default());
    let stale_limit =
        world.reprices_max.map(|reprices_max| StaleLimit { reprices_max, ..StaleLimit::default() });
    let in_flight_max = world.in_flight_max;
    let config =
        ExecutorConfig { stale_limit, in_flight_max, unknown_max: 2, ..Default::default() };
    for (turn, trouble) in &world.troubles {
        broker.trouble_at(*turn, trouble.clone());
    }
    let mut closes: Vec<Decimal> = world.prices.iter().map(|cents| Decimal::from(*cents)).collect();
    let (mut date, mut count) = (session(), 0);
    for today in &world.days {
        for (close, step) in closes.iter_mut().zip(today) {
            if let Some((old, new)) = step.split {
                *close = (*close * Decimal::from(old) / Decimal::from(new)).max(Decimal::ONE);
            }
        }
        let on_basis = closes.iter().enumerate().map(|(index, close)| (name(index), price(*close)));
        broker.roll_to(date, &splits(today, date), &on_basis.collect()).unwrap();
        let [then, now] = quotes(today, &closes, &clock);
        broker.set_quotes(then.clone().into_values());
        let market = Arc::new(Market(now.clone()));
        let executor =
            Executor::new(broker.clone(), journal.clone(), clock.clone(), config.clone());
        let executor = executor.with_quotes(market);
        executor.resolve().await.unwrap();
        let (account, positions) =
            (broker.account().await.unwrap(), broker.positions().await.unwrap());
        let inputs = PlanInputs {
            strategy: &strategy(),
            session: date,
            targets: &wanted(today, date),
            account: &account,
            positions: &positions,
            quotes: &then,
            average_daily_volume: None,
        };
        // Without equity there is no plan, and nothing to check.
        let Ok(plan) = Plan::toward(&inputs, &world.rules) else { break };
        let most = plan.positions_after().clone();
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &then,
            now: clock.now(),
            known: &Circumstances::default(),
        };
        if let Ok(approved) = world.limits.approve(plan, &inputs) {
            check::approval(&approved, &positions, (&world, &then, account.equity))?;
            count += approved.plan().orders().len();
            broker.set_quotes(now.into_values());
            let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
            prop_assert_eq!(report.journal_failure, None);
            check::day(&*broker, &positions, &most).await?;
            let settled = broker.account().await.unwrap().settled_cash.unwrap();
            let is_cash = world.limits.account_kind == AccountKind::Cash;
            prop_assert!(!is_cash || !settled.is_negative(), "{settled} is settled");
        }
        for (close, step) in closes.iter_mut().zip(today) {
            *close = (*close * (Decimal::ONE + Decimal::new(step.percent, 3))).max(Decimal::ONE);
        }
        date = Calendar::nyse().session_after(date).unwrap();
        clock.advance(date.and_hms_opt(15, 0, 0).unwrap().and_utc() - clock.now());
    }
    Ok(count)
}

/// Knows these quotes.
#[derive(Debug)]
struct Market(Quotes);

#[async_trait::async_trait]
impl decile_core::source::QuoteSource for Market {
    async fn quotes(
        &self,
        symbols: &[Symbol],
    ) -> Result<Vec<Quote>, decile_core::source::SourceError> {
        Ok(symbols.iter().filter_map(|symbol| self.0.get(symbol)).cloned().collect())
    }
}

fn live_through(world: World) -> Result<usize, TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(live(world))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_day_overspends_oversells_or_exceeds_a_limit(world in world()) {
        live_through(world)?;
    }
}

#[test]
fn the_worlds_do_trade() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let count: usize = (0..100)
        .map(|_| live_through(world().new_tree(&mut runner).unwrap().current()).unwrap())
        .sum();
    assert!(count > 200, "only {count} orders in a hundred worlds");
}

#[test]
fn what_is_split_overnight_is_sold_on_its_new_basis() {
    let still =
        Move { percent: 0, half_spread: 0, is_halted: false, split: None, weight: 0, slip: 0 };
    let mut first = vec![still.clone(); STOCKS];
    first[0].weight = 1000;
    let mut second = vec![still; STOCKS];
    second[0].split = Some((1, 4));
    let world = World {
        cash: 1_000_000,
        prices: vec![5_000; STOCKS],
        days: vec![first, second],
        rules: PlanRules::default(),
        limits: RiskLimits::default(),
        troubles: Vec::new(),
        in_flight_max: 1,
        reprices_max: None,
    };
    // 189 are bought at 50, and the 756 that they become are sold.
    assert_eq!(live_through(world).unwrap(), 2);
}
