//! The executor in every world with up to so many faults: lost, late, doubled and reordered answers
//! and events, refusals, partial fills, a journal that fails, and a process that is killed and
//! started again. No order is sent twice, no fill is lost, no report is wrong, every run ends.
//!
//! `cargo test -p decile-trade --test explore` tries every pair of faults,
//! `cargo test --release -p decile-trade --test explore -- --ignored --nocapture` every three.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "how much was explored, and where")]

#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod common;
mod process;
mod tape;
mod world;

/// What the world is made of.
mod market {
    pub(crate) use crate::common::*;

    /// What every stock costs, always.
    pub(crate) const PRICE: &str = "50";
}

use chrono::{DateTime, Utc};
use decile_core::{Clock, Decimal, FixedCommission, Money, Shares, Symbol, Weight};
use decile_trade::{
    ApprovedPlan, Attempts, Broker, Circumstances, Error, ExecutionReport, Executor,
    ExecutorConfig, Journal, JournalRecord, OrderStatus, OrderStyle, PlanRules, RiskInputs,
    RiskLimits, StaleLimit, StopSignal,
};
use market::symbol;
use process::Process;
use std::collections::BTreeMap;
use std::sync::Arc;
use tape::{Tape, explore};
use world::World;

/// 100 A are held and worth half of the account; B and C are wanted, 100 of each.
const HELD: [(&str, i64); 1] = [("A", 100)];
const WANTED: [(&str, i64); 2] = [("B", 100), ("C", 100)];
const CASH: &str = "5000";

/// A plan of what the broker says now; nothing costs a fee.
async fn approved(broker: &dyn Broker, now: DateTime<Utc>) -> Result<ApprovedPlan, Error> {
    let (account, positions) = (broker.account().await?, broker.positions().await?);
    let names: Vec<_> = WANTED.iter().map(|(name, _)| *name).collect();
    let quotes = market::quotes(&["A", "B", "C"].map(|name| (name, market::PRICE)));
    let rules = PlanRules {
        cash_buffer: Decimal::ZERO,
        fee: Decimal::ZERO,
        order: OrderStyle::MarketableLimit,
        ..PlanRules::default()
    };
    let plan =
        market::plan_toward(&market::targets(&names), (&account, &positions), &quotes, &rules);
    let free = FixedCommission {
        per_share: Money::ZERO,
        order_min: Money::ZERO,
        ..FixedCommission::default()
    };
    let limits = RiskLimits {
        name_weight_max: Some(Weight::new(Decimal::ONE).unwrap()),
        commission: free,
        ..market::wide_limits()
    };
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now,
        known: &Circumstances::default(),
    };
    // What is denied here is a half-filled account in a stock too many, which a later run sells.
    Ok(limits.approve(plan, &inputs).unwrap())
}

/// What a run says in the end, unless it is killed or cannot begin.
async fn run(process: &Arc<Process>, kind: Kind) -> Option<ExecutionReport> {
    let Kind { in_flight_max, reprices_max } = kind;
    let stale_limit = StaleLimit { reprices_max, ..StaleLimit::default() };
    let config = ExecutorConfig {
        in_flight_max,
        unknown_max: 1,
        stale_limit: (reprices_max > 0).then_some(stale_limit),
        ..ExecutorConfig::default()
    };
    let mut executor =
        Executor::new(process.clone(), process.clone(), process.world.clock.clone(), config);
    if reprices_max > 0 {
        executor = executor.with_quotes(process.clone());
    }
    let whole = async {
        executor.resolve().await.ok()?;
        let plan = approved(&**process, process.world.clock.now()).await.ok()?;
        executor.execute(plan, &StopSignal::new()).await.ok()
    };
    tokio::select! {
        biased;
        () = process.died.notified() => None,
        report = whole => report,
    }
}

/// Compares a report with what is true.
fn check_report(world: &World, report: &ExecutionReport) {
    let truth = world.truth();
    for order in &report.orders {
        let is_withheld = order.status == OrderStatus::NotSent
            && truth.given.get(&order.id).is_some_and(|given| *given > 0)
            && order
                .reason
                .as_deref()
                .is_some_and(|reason| reason.contains(&*order.id.to_string()));
        let known = truth.orders.get(&order.id);
        let filled = known.map_or(Shares::ZERO, |known| known.filled);
        let is_final = known.is_some_and(|known| known.state.is_final());
        let is_right = match order.status {
            OrderStatus::Filled => filled == order.quantity && order.filled == filled,
            OrderStatus::Partial => order.filled > Shares::ZERO && order.filled <= filled,
            OrderStatus::Rejected => filled.is_zero() && (known.is_none() || is_final),
            OrderStatus::NotSent => known.is_none() || is_withheld,
            _ => order.filled <= filled,
        };
        assert!(is_right, "{order:?}\nbut {known:?}");
    }
}

/// Nothing is ever sent twice, bought beyond the plan, sold beyond the holding or on credit.
fn check_world(world: &World) {
    let truth = world.truth();
    assert!(truth.given.values().all(|times| *times == 1), "{:?}", truth.given);
    assert!(!truth.cash.is_negative(), "{}", truth.cash);
    let most = BTreeMap::from(WANTED.map(|(name, count)| (symbol(name), Shares::new(count))));
    for (symbol, held) in &truth.held {
        let most = most.get(symbol).copied().unwrap_or(Shares::new(HELD[0].1));
        assert!(*held >= Shares::ZERO && *held <= most, "{held} {symbol}");
    }
}

/// Once all is quiet, the journal knows every fill, and what is not as planned is reported.
fn check_end(world: &World, last: &ExecutionReport) {
    let attempts = Attempts::replay(&world.journal).unwrap();
    let unresolved: Vec<_> = attempts.unresolved().cloned().collect();
    let truth = world.truth();
    for (id, order) in &truth.orders {
        let is_known = order.state.is_final() != unresolved.contains(id);
        assert!(is_known, "{id} is {:?}, unresolved {unresolved:?}", order.state);
    }
    let journalled: BTreeMap<String, Shares> = world
        .journal
        .replay()
        .unwrap()
        .into_iter()
        .filter_map(|record| match record {
            JournalRecord::Seen { snapshot, .. } => {
                Some((snapshot.id.to_string(), snapshot.filled))
            }
            _ => None,
        })
        .collect();
    for (id, order) in &truth.orders {
        assert_eq!(journalled.get(&id.to_string()), Some(&order.filled), "{id} in the journal");
    }
    let wanted = WANTED.map(|(name, count)| (symbol(name), Shares::new(count)));
    let mut held: Vec<(Symbol, Shares)> =
        truth.held.iter().map(|(symbol, held)| (symbol.clone(), *held)).collect();
    held.retain(|(_, held)| !held.is_zero());
    if held != wanted {
        let told = last.orders.iter().any(|order| order.status != OrderStatus::Filled);
        assert!(told, "{held:?} and {last:?}");
    }
}

/// How an executor works.
#[derive(Clone, Copy)]
struct Kind {
    in_flight_max: usize,
    /// Above 0, first attempts rest when they have filled by half.
    reprices_max: usize,
}

/// Two runs in which things go wrong, and two in which they don't. What was cancelled may fill in between.
async fn live_through(tape: Arc<Tape>, kind: Kind) {
    let world = Arc::new(World::new(CASH, &HELD, (tape.clone(), kind.reprices_max > 0)));
    for (number, is_faulty) in [true, true, false, false].into_iter().enumerate() {
        if number == 2 && tape.choose("late", 2) == 1 {
            world.truth().fill_late();
        }
        // Between two runs there is time for everything to arrive, or not enough.
        let process = Process::new(world.clone(), is_faulty);
        if process.choose("between", 2) == 0 {
            world.truth().settle();
        }

        let report = run(&process, kind).await;
        check_world(&world);
        if let Some(report) = &report {
            check_report(&world, report);
        }
        match report {
            Some(report) if !is_faulty => check_end(&world, &report),
            None if !is_faulty => panic!("nothing is wrong, and the run does not end"),
            _ => {}
        }
    }
}

/// Explores with so many faults; prints how much that was.
fn survive(faults_max: usize, kind: Kind) {
    let (runs, answers) = explore(faults_max, |tape| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let _told = Told(tape.clone());
        runtime.block_on(live_through(tape, kind));
    });
    let Kind { in_flight_max, reprices_max } = kind;
    let rests = if reprices_max > 0 { ", limits that rest" } else { "" };
    let told = format!("up to {faults_max} faults, {in_flight_max} in flight{rests}");
    println!("{told}: {runs} worlds, {answers} states");
}

/// Says what went wrong in a world that does not hold.
struct Told(Arc<Tape>);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the faults were: {:?}", self.0.faults());
        }
    }
}

const ONE_BY_ONE: Kind = Kind { in_flight_max: 1, reprices_max: 0 };
const TOGETHER: Kind = Kind { in_flight_max: 3, reprices_max: 0 };
const RESTING: Kind = Kind { in_flight_max: 3, reprices_max: 1 };

#[test]
fn no_two_faults_double_or_lose_an_order() {
    survive(2, ONE_BY_ONE);
}

#[test]
fn no_two_faults_double_or_lose_orders_in_flight_together() {
    survive(2, TOGETHER);
}

#[test]
fn no_fault_doubles_or_loses_limits_that_are_cancelled_and_sent_anew() {
    survive(1, RESTING);
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn no_two_faults_double_or_lose_limits_that_are_cancelled_and_sent_anew() {
    survive(2, RESTING);
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn no_three_faults_double_or_lose_an_order() {
    survive(3, ONE_BY_ONE);
    survive(3, TOGETHER);
}
