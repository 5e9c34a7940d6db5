//! Whole days of an account, as random as they come: prices that move between the approval and the
//! orders, halts, splits overnight, odd lots, fees, troubles at the broker. Whatever happens, nothing is
//! overspent, oversold or above a limit.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_core::{
    ActionKind, Calendar, Clock, CorporateAction, Decimal, FixedCommission, ManualClock, Money,
    Price, Quote, Shares, Symbol, Target, TargetSize, Targets, Weight,
};
use decile_trade::{
    AccountKind, ApprovedPlan, Broker, Circumstances, Executor, ExecutorConfig, MemoryJournal,
    OrderStyle, PaperBroker, PaperConfig, Plan, PlanInputs, PlanRules, Position, Remainder,
    RiskInputs, RiskLimits, Side, StaleLimit, StopSignal, Trouble,
};
use market::{session, strategy, symbol};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeMap;
use std::sync::Arc;

type Quotes = BTreeMap<Symbol, Quote>;

/// What one stock does on one day.
#[derive(Debug, Clone)]
struct Move {
    /// From yesterday's close, in thousandths; beyond 100 the limits deny.
    percent: i64,
    /// Half of the spread, in hundredths of a basis point.
    half_spread: i64,
    /// No quote at all.
    is_halted: bool,
    /// Old shares and new ones, if it is split overnight.
    split: Option<(i64, i64)>,
    /// In thousandths; all of them together may be more than one.
    weight: i64,
    /// What the market does between the approval and the orders, in basis points.
    slip: i64,
}

#[derive(Debug, Clone)]
struct World {
    cash: i64,
    /// In cents.
    prices: Vec<i64>,
    days: Vec<Vec<Move>>,
    rules: PlanRules,
    limits: RiskLimits,
    troubles: Vec<(usize, Trouble)>,
    in_flight_max: usize,
    reprices_max: Option<usize>,
}

const STOCKS: usize = 6;

fn one_move() -> impl Strategy<Value = Move> {
    let split = prop_oneof![
        6 => Just(None),
        1 => prop::sample::select(vec![(1, 2), (2, 3), (10, 1), (1, 7)]).prop_map(Some),
    ];
    let numbers = (-105_i64..=105, 0_i64..1500, -60_i64..=60, 0_i64..400);
    (numbers, prop::bool::weighted(0.1), split).prop_map(|(numbers, is_halted, split)| {
        let (percent, half_spread, slip, weight) = numbers;
        let weight = if weight < 100 { 0 } else { weight - 100 };
        Move { percent, half_spread, is_halted, split, weight, slip }
    })
}

fn rules() -> impl Strategy<Value = PlanRules> {
    let style = prop::sample::select(vec![OrderStyle::Market, OrderStyle::MarketableLimit]);
    let numbers = (0_i64..20, 0_i64..50, prop::sample::select(vec![1_i64, 7, 100]), 0_i64..20);
    (numbers, style).prop_map(|((buffer, fee, lot, band), order)| PlanRules {
        cash_buffer: Decimal::new(buffer, 2),
        fee: Decimal::new(fee, 4),
        lot: Shares::new(lot),
        band: Decimal::new(band, 3),
        order,
        ..PlanRules::default()
    })
}

fn limits() -> impl Strategy<Value = RiskLimits> {
    let weight = prop::option::of(15_i64..=100);
    let value = prop::sample::select(vec![20_000_i64, 200_000, 1_000_000]);
    (weight, value, 0_i64..200, 0_i64..20).prop_map(|(weight, value, order_min, per_share)| {
        let weight = weight.map(|weight| Weight::new(Decimal::new(weight, 2)).unwrap());
        let commission = FixedCommission {
            per_share: Money::new(Decimal::new(per_share, 3)),
            order_min: Money::new(Decimal::new(order_min, 2)),
            ..FixedCommission::default()
        };
        let order_notional_max = Money::new(Decimal::from(value));
        RiskLimits {
            name_weight_max: weight,
            order_notional_max,
            commission,
            ..market::wide_limits()
        }
    })
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let quantity = (0_i64..200).prop_map(Shares::new);
    let then = prop::sample::select(vec![Remainder::Works, Remainder::Cancelled]);
    prop_oneof![
        Just(Trouble::NotSent),
        Just(Trouble::Reject { reason: "no".to_owned() }),
        Just(Trouble::DropAfterSend),
        Just(Trouble::LostBeforeArrival),
        Just(Trouble::DuplicateStatus),
        (quantity, then).prop_map(|(quantity, then)| Trouble::PartialFill { quantity, then }),
    ]
}

fn world() -> impl Strategy<Value = World> {
    let prices = prop::collection::vec(50_i64..60_000, STOCKS);
    let days = prop::collection::vec(prop::collection::vec(one_move(), STOCKS), 3);
    let troubles = prop::collection::vec((0_usize..20, trouble()), 0..5);
    let kind = prop::sample::select(vec![AccountKind::Margin, AccountKind::Cash]);
    let config = (1_usize..8, prop::option::of(0_usize..3), kind);
    (1_000_i64..50_000_000, prices, days, rules(), limits(), troubles, config).prop_map(
        |(cash, prices, days, rules, limits, troubles, (in_flight_max, reprices_max, kind))| {
            World {
                cash,
                prices,
                days,
                rules: PlanRules { account_kind: kind, ..rules },
                limits: RiskLimits { account_kind: kind, ..limits },
                troubles,
                in_flight_max,
                reprices_max,
            }
        },
    )
}

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

/// Holds an approval against the limits, by arithmetic of its own.
fn check_approval(
    approved: &ApprovedPlan,
    positions: &[Position],
    (world, quotes, equity): (&World, &Quotes, Money),
) -> Result<(), TestCaseError> {
    let plan = approved.plan();
    let wanted = i64::try_from(plan.name_count().max(1)).unwrap();
    let name_most = match world.limits.name_weight_max {
        Some(weight) => weight.get(),
        None => Decimal::new(15, 2).max(Decimal::ONE / Decimal::from(wanted)),
    };
    // The quotient above may be cut at its last digit.
    let name_most = equity.get() * (name_most + Decimal::new(1, 20));
    for order in plan.orders() {
        let quote = &quotes[&order.symbol];
        let side = if order.side == Side::Buy { quote.ask } else { quote.bid };
        let dealt = order.kind.limit().or(side).unwrap_or(order.reference);
        let dearest = dealt.max(order.reference);
        let value = dearest.notional(order.quantity).unwrap();
        prop_assert!(value <= world.limits.order_notional_max, "{order}");
        prop_assert!(order.quantity.get() > 0, "{order}");
        let held = positions.iter().find(|held| held.symbol == order.symbol);
        let held = held.map_or(Shares::ZERO, |held| held.quantity);
        let after = held + order.side.signed(order.quantity);
        prop_assert!(after >= Shares::ZERO, "{order} of {held}");
        if order.side == Side::Buy {
            let value = dearest.notional(after).unwrap().get();
            prop_assert!(value <= name_most, "{order}: {value} of {name_most}");
            // An odd holding is bought up to whole lots.
            let is_even = |shares: Shares| shares.get() % world.rules.lot.get() == 0;
            prop_assert!(is_even(order.quantity) || is_even(held + order.quantity), "{order}");
        }
    }
    Ok(())
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
            check_approval(&approved, &positions, (&world, &then, account.equity))?;
            count += approved.plan().orders().len();
            broker.set_quotes(now.into_values());
            let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
            prop_assert_eq!(report.journal_failure, None);
            check_day(&*broker, &positions, &most).await?;
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

/// Nothing is overspent or oversold, and no holding is beyond the plan on either side.
async fn check_day(
    broker: &dyn Broker,
    before: &[Position],
    planned: &BTreeMap<Symbol, Shares>,
) -> Result<(), TestCaseError> {
    let cash = broker.account().await.unwrap().cash;
    prop_assert!(!cash.is_negative(), "{cash}");
    let after = broker.positions().await.unwrap();
    let of = |positions: &[Position], symbol: &Symbol| {
        let held = positions.iter().find(|held| held.symbol == *symbol);
        held.map_or(Shares::ZERO, |held| held.quantity)
    };
    for symbol in (0..STOCKS).map(name) {
        let (before, after) = (of(before, &symbol), of(&after, &symbol));
        let planned = planned.get(&symbol).copied().unwrap_or_default();
        let between = before.min(planned)..=before.max(planned);
        prop_assert!(between.contains(&after), "{after} {symbol}, from {before} to {planned}");
    }
    Ok(())
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
