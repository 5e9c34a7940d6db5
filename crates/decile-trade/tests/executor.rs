//! The executor against a broker that misbehaves in every scripted way.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use OrderStatus::{Filled, NotSent, Partial, Rejected, Unknown};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use decile_core::{Clock, Decimal, ManualClock, Money, Shares, Symbol, Weight};
use decile_trade::{
    Account, ApprovedOrder, ApprovedPlan, Broker, BrokerEvent, Circumstances, ClientOrderId, Error,
    Execution, ExecutionReport, Executor, ExecutorConfig, Journal, JournalRecord, MemoryJournal,
    OrderAck, OrderSnapshot, OrderStatus, PaperBroker, PaperConfig, PlanRules, Position, Remainder,
    RiskInputs, RiskLimits, StopSignal, SubmitError, Trouble,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use market::{clock, money, quotes, session, symbol, targets};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const PRICES: [(&str, &str); 3] = [("A", "10"), ("B", "20"), ("C", "30")];

/// A broker, a journal and what to trade.
struct Desk {
    broker: Arc<PaperBroker>,
    journal: Arc<MemoryJournal>,
    clock: Arc<ManualClock>,
    config: ExecutorConfig,
}

impl Desk {
    fn new() -> Self {
        let (journal, clock) = (Arc::default(), clock());
        let config = PaperConfig::new("DU1234567".parse().unwrap(), money("30000"), session());
        let broker = Arc::new(PaperBroker::new(config, clock.clone()));
        broker.set_quotes(quotes(&PRICES).into_values());
        let config = ExecutorConfig { unknown_max: 9, ..ExecutorConfig::default() };
        Self { broker, journal, clock, config }
    }

    fn executor(&self) -> Executor {
        self.executor_at(self.broker.clone())
    }

    fn executor_at(&self, broker: Arc<dyn Broker>) -> Executor {
        Executor::new(broker, self.journal.clone(), self.clock.clone(), self.config.clone())
    }

    /// The broker behind a bad line.
    fn behind(&self, line: Line) -> Arc<Wrapped> {
        let paper = self.broker.clone();
        Arc::new(Wrapped { paper, line, sent: Mutex::default() })
    }

    async fn approved(&self, wanted: &[&str]) -> ApprovedPlan {
        let (account, positions) =
            (self.broker.account().await.unwrap(), self.broker.positions().await.unwrap());
        let quotes = quotes(&PRICES);
        let plan = market::plan_toward(
            &targets(wanted),
            (&account, &positions),
            &quotes,
            &PlanRules::default(),
        );
        let limits = RiskLimits {
            name_weight_max: Some(Weight::new(Decimal::ONE).unwrap()),
            ..market::wide_limits()
        };
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &quotes,
            now: self.clock.now(),
            known: &Circumstances::default(),
        };
        limits.approve(plan, &inputs).unwrap()
    }

    async fn trade(&self, wanted: &[&str]) -> ExecutionReport {
        let approved = self.approved(wanted).await;
        self.executor().execute(approved, &StopSignal::new()).await.unwrap()
    }

    async fn held(&self) -> Vec<(String, i64)> {
        let positions = self.broker.positions().await.unwrap();
        let told = |held: &Position| (held.symbol.to_string(), held.quantity.get());
        positions.iter().map(told).collect()
    }
}

fn statuses(report: &ExecutionReport) -> Vec<(String, OrderStatus)> {
    report.orders.iter().map(|order| (order.symbol.to_string(), order.status)).collect()
}

fn named(statuses: &[(&str, OrderStatus)]) -> Vec<(String, OrderStatus)> {
    statuses.iter().map(|(name, status)| ((*name).to_owned(), *status)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_plan_fills_and_a_rotation_sells_first() {
    let desk = Desk::new();
    let report = desk.trade(&["A", "B"]).await;
    // 28,500 / 2 = 14,250: 1,425 A for 14,250 and 712 B for 14,240, scaled by nothing.
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Filled)]));
    assert_eq!(report.orders[0].commission, Some(money("7.13"))); // 1,425 x 0.005 = 7.125
    assert_eq!(report.orders[0].average_price, Some("10".parse().unwrap()));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
    let report = desk.trade(&["B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("C", Filled)]));
    assert!(report.is_complete());
    assert!(desk.held().await.iter().all(|(name, _)| name != "A"));
}

#[tokio::test(start_paused = true)]
async fn refused_and_unsent_orders_are_told_apart() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::Reject { reason: "no locate".to_owned() });
    desk.broker.trouble_for(symbol("B"), Trouble::NotSent);
    let report = desk.trade(&["A", "B", "C"]).await;
    // By value: 9,500, 9,500 and 9,480.
    assert_eq!(statuses(&report), named(&[("A", Rejected), ("B", NotSent), ("C", Filled)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.ends_with(": no locate"), "{reason}");
    assert_eq!(report.orders[1].commission, Some(Money::ZERO));
    // Both are proven, so a second run may try again under a new id.
    let report = desk.trade(&["A", "B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Filled)]));
    assert_eq!(report.orders[0].id.attempt(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_partial_fill_that_is_cancelled_is_final() {
    let desk = Desk::new();
    let quantity = Shares::new(100);
    let trouble = Trouble::PartialFill { quantity, then: Remainder::Cancelled };
    desk.broker.trouble_for(symbol("A"), trouble);
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Partial)]));
    assert_eq!(report.orders[0].filled, quantity);
    assert_eq!(report.orders[0].commission, Some(money("1.00")));
    assert!(desk.executor().resolve().await.unwrap().is_clear());
}

#[tokio::test(start_paused = true)]
async fn what_stays_open_blocks_until_it_is_resolved() {
    let desk = Desk::new();
    let trouble = Trouble::PartialFill { quantity: Shares::new(100), then: Remainder::Works };
    desk.broker.trouble_for(symbol("A"), trouble);
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Partial)]));
    assert_eq!(report.orders[0].reason.as_deref(), Some("still open at the broker"));
    let again = desk.trade(&["A"]).await;
    assert_eq!(statuses(&again), named(&[("A", Unknown)]));
    assert_eq!(again.orders[0].id, report.orders[0].id); // withheld, not sent
    assert_eq!(desk.held().await, [("A".to_owned(), 100)]);

    desk.broker.cancel(&report.orders[0].id).await.unwrap();
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved[0].status, Partial);
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Filled)]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_never_repeated() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::DropAfterSend);
    desk.broker.trouble_for(symbol("B"), Trouble::LostBeforeArrival);
    let report = desk.trade(&["A", "B"]).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Unknown)]));
    assert_eq!(report.orders[1].commission, None);
    // B never arrived, but the broker's silence is no proof: not in this session.
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!((resolution.resolved.len(), resolution.unknown.len()), (0, 1));
    assert_eq!(statuses(&desk.trade(&["A", "B"]).await), named(&[("B", Unknown)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425)]);
    // In the next session it can no longer fill. It is reported, once.
    desk.clock.advance(chrono::TimeDelta::days(1));
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!((resolution.lapsed.len(), resolution.unknown.len()), (1, 0));
    assert!(desk.executor().resolve().await.unwrap().is_clear());
}

#[tokio::test(start_paused = true)]
async fn one_unknown_order_stops_the_run_by_default() {
    let mut desk = Desk::new();
    desk.config = ExecutorConfig::default();
    desk.broker.trouble_at(0, Trouble::LostBeforeArrival);
    let report = desk.trade(&["A", "B", "C"]).await;
    assert_eq!(statuses(&report), named(&[("A", Unknown), ("B", NotSent), ("C", NotSent)]));
    assert_eq!(desk.held().await, []);
}

#[tokio::test(start_paused = true)]
async fn late_and_doubled_states_change_nothing() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LateStatus { polls: 3 });
    desk.broker.trouble_for(symbol("B"), Trouble::DuplicateStatus);
    let report = desk.trade(&["A", "B"]).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.orders[1].filled, Shares::new(712));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
}

#[tokio::test(start_paused = true)]
async fn a_state_that_comes_too_late_is_unknown_then_resolved() {
    let desk = Desk::new();
    // 30 seconds at 5 a look-up, and one at the end: 7 at most.
    desk.broker.trouble_for(symbol("A"), Trouble::LateStatus { polls: 8 });
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Unknown)]));
    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved[0].status, Filled);
    assert_eq!(resolution.resolved[0].commission, Some(money("14.25"))); // 2,849 x 0.005 = 14.245
}

#[tokio::test(start_paused = true)]
async fn a_buy_that_a_failed_sale_was_to_pay_for_is_not_sent() {
    let desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    desk.broker.trouble_for(symbol("A"), Trouble::Reject { reason: "halted".to_owned() });
    let report = desk.trade(&["B"]).await;
    assert_eq!(statuses(&report), named(&[("A", Rejected), ("B", NotSent)]));
    let reason = report.orders[1].reason.as_deref().unwrap();
    // 1,424 x 20 and 1 basis point; 30,000 less 2,849 x 10 and a commission of 14.25.
    assert_eq!(reason, "it needs 28487.12 and the cash is 1495.75");
}

#[tokio::test(start_paused = true)]
async fn the_stop_signal_leaves_the_rest_unsent() {
    let desk = Desk::new();
    let stop = StopSignal::new();
    stop.stop();
    let approved = desk.approved(&["A", "B"]).await;
    let report = desk.executor().execute(approved, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent), ("B", NotSent)]));
    assert_eq!(report.orders[0].reason.as_deref(), Some("stopped"));
    // What was to be done and that nothing was, but no intent.
    let records = desk.journal.replay().unwrap();
    let [JournalRecord::Began { run, .. }, JournalRecord::Ended { orders, .. }] = &records[..]
    else {
        panic!("{records:?}");
    };
    assert_eq!(run.orders.len(), 2);
    assert_eq!(*orders, report.orders);
}

/// A journal that fails after so many writes.
#[derive(Debug)]
struct Failing {
    journal: MemoryJournal,
    writes: AtomicUsize,
}

impl Journal for Failing {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let left = self.writes.load(Ordering::SeqCst);
        if left == 0 {
            let source = std::io::Error::other("no space left");
            return Err(Error::File { operation: "write", path: "journal".into(), source });
        }
        self.writes.store(left - 1, Ordering::SeqCst);
        self.journal.append(records)
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_stops_the_run_and_what_was_sent_is_told() {
    // The run takes a write at its beginning and one at its end, and an order two: its intent, and
    // its end.
    for (writes, expected) in [
        (0, [("A", NotSent), ("B", NotSent)]),
        (1, [("A", NotSent), ("B", NotSent)]),
        (2, [("A", Filled), ("B", NotSent)]),
        (3, [("A", Filled), ("B", NotSent)]),
        (4, [("A", Filled), ("B", Filled)]),
        (5, [("A", Filled), ("B", Filled)]),
    ] {
        let desk = Desk::new();
        let writes_left = AtomicUsize::new(writes);
        let journal = Failing { journal: MemoryJournal::default(), writes: writes_left };
        let (broker, config) = (desk.broker.clone(), desk.config.clone());
        let executor = Executor::new(broker, Arc::new(journal), desk.clock.clone(), config);
        let approved = desk.approved(&["A", "B"]).await;
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), named(&expected), "{writes} writes");
        assert_eq!(report.journal_failure.as_deref(), Some("cannot write journal: no space left"));
        assert!(!report.is_complete());
    }
}

/// What a [`Wrapped`] broker does to the one behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Line {
    /// Only these two events come, and then silence.
    SaysGapAndDisconnected,
    /// The stream has ended before it began.
    Deaf,
    /// `submit` never answers, though the order arrives.
    Mute,
    /// Of every execution all but ten shares are taken back.
    TakesBack,
}

/// A paper broker behind a bad line, which counts what is sent.
#[derive(Debug)]
struct Wrapped {
    paper: Arc<PaperBroker>,
    line: Line,
    sent: Mutex<Vec<ClientOrderId>>,
}

#[async_trait]
impl Broker for Wrapped {
    async fn account(&self) -> Result<Account, Error> {
        self.paper.account().await
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        self.paper.positions().await
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        self.sent.lock().unwrap().push(order.id().clone());
        let answer = self.paper.submit(order).await;
        if self.line == Line::Mute {
            std::future::pending::<()>().await;
        }
        answer
    }
    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        self.paper.cancel(id).await
    }
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        self.paper.find(id).await
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.paper.open_orders().await
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.paper.completed_orders().await
    }
    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        self.paper.executions(since).await
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        use futures::stream;
        match self.line {
            Line::SaysGapAndDisconnected => {
                stream::iter([BrokerEvent::Gap, BrokerEvent::Disconnected])
                    .chain(stream::pending())
                    .boxed()
            }
            Line::Deaf | Line::Mute => stream::empty().boxed(),
            Line::TakesBack => {
                let corrected = |event: BrokerEvent| match &event {
                    BrokerEvent::Execution(execution) => {
                        let left = Execution { quantity: Shares::new(10), ..execution.clone() };
                        vec![event, BrokerEvent::Execution(left)]
                    }
                    _ => vec![event],
                };
                self.paper.events().flat_map(move |event| stream::iter(corrected(event))).boxed()
            }
        }
    }
    async fn ping(&self) -> Result<(), Error> {
        self.paper.ping().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_line_makes_the_executor_ask_and_not_repeat() {
    for line in [Line::SaysGapAndDisconnected, Line::Deaf, Line::Mute] {
        let desk = Desk::new();
        let broker = desk.behind(line);
        let executor = desk.executor_at(broker.clone());
        let approved = desk.approved(&["A", "B"]).await;
        let began = tokio::time::Instant::now();
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert!(report.is_complete(), "{line:?}: {report:?}");
        assert!(began.elapsed() <= 2 * (desk.config.submit_timeout + desk.config.fill_timeout));
        assert_eq!(broker.sent.lock().unwrap().len(), 2, "{line:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_takes_back_is_not_reported_as_filled_nor_bought_again() {
    let desk = Desk::new();
    let executor = desk.executor_at(desk.behind(Line::TakesBack));
    let approved = desk.approved(&["A"]).await;
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", Partial)]));
    assert_eq!((report.orders[0].filled.get(), report.is_complete()), (10, false));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("taken 2839 executed shares back"), "{reason}");
    // A plan of one who holds none of it: to the journal the order stays filled.
    let again = Desk::new().approved(&["A"]).await;
    let report = executor.execute(again, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("filled earlier in this session"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_ended_is_no_reason_to_ask_without_pause() {
    let desk = Desk::new();
    desk.broker.trouble_at(0, Trouble::LateStatus { polls: 3 });
    let executor = desk.executor_at(desk.behind(Line::Deaf));
    let approved = desk.approved(&["A"]).await;
    let began = tokio::time::Instant::now();
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert!(report.is_complete());
    // At once, and then every five seconds until the fourth look-up tells.
    assert_eq!(began.elapsed(), std::time::Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_half_way_is_resolved_by_the_next() {
    let desk = Desk::new();
    let broker = desk.behind(Line::Mute);
    let executor = desk.executor_at(broker.clone());
    let approved = desk.approved(&["A", "B"]).await;
    let stop = StopSignal::new();
    let run = executor.execute(approved, &stop);
    // The first answer would take ten seconds not to come.
    assert!(tokio::time::timeout(std::time::Duration::from_secs(1), run).await.is_err());
    assert_eq!(broker.sent.lock().unwrap().len(), 1);

    let resolution = desk.executor().resolve().await.unwrap();
    assert_eq!(resolution.resolved.len(), 1);
    assert_eq!((resolution.resolved[0].status, resolution.is_clear()), (Filled, true));
    assert_eq!(statuses(&desk.trade(&["A", "B"]).await), named(&[("B", Filled)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 1425), ("B".to_owned(), 712)]);
}

/// The attempts that went out, as the broker saw them.
fn ids(broker: &Wrapped) -> Vec<String> {
    broker.sent.lock().unwrap().iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn two_calls_at_once_send_one_order() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A", "B"]).await, desk.approved(&["A", "B"]).await);
    let broker = desk.behind(Line::Deaf);
    let executor = desk.executor_at(broker.clone());
    let stop = StopSignal::new();
    let (first, second) = tokio::join!(executor.execute(x, &stop), executor.execute(y, &stop));
    assert!(first.unwrap().is_complete());
    assert_eq!(statuses(&second.unwrap()), named(&[("A", NotSent), ("B", NotSent)]));
    let sent = ["q-core:DU1234567:20251201:A:B:1", "q-core:DU1234567:20251201:B:B:1"];
    assert_eq!(ids(&broker), sent);
}

/// A journal as another executor saw it before anything was sent.
#[derive(Debug)]
struct Stale(Arc<MemoryJournal>);

impl Journal for Stale {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        self.0.append(records)
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn two_executors_on_one_journal_send_one_order() {
    let desk = Desk::new();
    assert!(desk.trade(&["A", "B"]).await.is_complete());
    // The cash of the account is not what stops the second one.
    let broker = Desk::new().behind(Line::Deaf);
    let (stale, clock) = (Arc::new(Stale(desk.journal.clone())), desk.clock.clone());
    let y = Desk::new().approved(&["A", "B"]).await;
    let other = Executor::new(broker.clone(), stale, clock, desk.config.clone());
    let second = other.execute(y, &StopSignal::new()).await.unwrap();
    // It takes the ids for free. The journal does not, and whoever comes second stops.
    assert_eq!(statuses(&second), named(&[("A", Unknown), ("B", NotSent)]));
    assert!(second.orders[0].reason.as_deref().unwrap().contains("another run sends it"));
    assert_eq!(second.journal_failure, None);
    assert!(ids(&broker).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_approval_of_one_plan_trades_nothing() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A"]).await, desk.approved(&["A"]).await);
    let (executor, stop) = (desk.executor(), StopSignal::new());
    assert!(executor.execute(x, &stop).await.unwrap().is_complete());
    let report = executor.execute(y, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    let reason = "filled earlier in this session as q-core:DU1234567:20251201:A:B:1";
    assert_eq!(report.orders[0].reason.as_deref(), Some(reason));
    assert_eq!(desk.held().await, [("A".to_owned(), 2849)]);
}

#[tokio::test(start_paused = true)]
async fn an_approval_from_before_a_partial_fill_trades_nothing() {
    let desk = Desk::new();
    let (x, y) = (desk.approved(&["A"]).await, desk.approved(&["A"]).await);
    let trouble = Trouble::PartialFill { quantity: Shares::new(100), then: Remainder::Cancelled };
    desk.broker.trouble_for(symbol("A"), trouble);
    desk.clock.advance(chrono::TimeDelta::seconds(1));
    let (executor, stop) = (desk.executor(), StopSignal::new());
    executor.execute(x, &stop).await.unwrap();
    // It would buy all of it again, on top of the 100.
    let report = executor.execute(y, &stop).await.unwrap();
    assert_eq!(statuses(&report), named(&[("A", NotSent)]));
    assert!(report.orders[0].reason.as_deref().unwrap().ends_with("plan anew"));
    // A plan that knows of them buys the rest.
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Filled)]));
    assert_eq!(desk.held().await, [("A".to_owned(), 2849)]);
}

#[tokio::test(start_paused = true)]
async fn what_an_unknown_buy_may_still_take_is_not_spent() {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LostBeforeArrival);
    assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Unknown)]));
    // The account has all of its 30,000, and 2,849 A may still come for 28,490 and a fee of 2.85.
    let report = desk.trade(&["B"]).await;
    assert_eq!(statuses(&report), named(&[("B", NotSent)]));
    let reason = report.orders[0].reason.as_deref().unwrap();
    let expected = "the cash is 30000.00, of which open orders may take 28492.85";
    assert!(reason.ends_with(expected), "{reason}");
    // Tomorrow it can't come any more.
    desk.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(desk.executor().resolve().await.unwrap().lapsed.len(), 1);
    let attempts = decile_trade::Attempts::replay(&*desk.journal).unwrap();
    assert_eq!(attempts.unresolved().count(), 0);
}

fn trouble() -> impl Strategy<Value = Option<Trouble>> {
    let partial = (0_i64..2_000, any::<bool>()).prop_map(|(quantity, works)| {
        let then = if works { Remainder::Works } else { Remainder::Cancelled };
        Trouble::PartialFill { quantity: Shares::new(quantity), then }
    });
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Trouble::NotSent)),
        1 => Just(Some(Trouble::Reject { reason: "no".to_owned() })),
        1 => Just(Some(Trouble::DropAfterSend)),
        1 => Just(Some(Trouble::LostBeforeArrival)),
        1 => Just(Some(Trouble::DuplicateStatus)),
        1 => (0_u32..10).prop_map(|polls| Some(Trouble::LateStatus { polls })),
        2 => partial.prop_map(Some),
    ]
}

/// Runs with trouble, and returns what was bought and sold by the broker's own books.
async fn run_with(troubles: Vec<Option<Trouble>>) -> Result<(), TestCaseError> {
    let desk = Desk::new();
    for (turn, trouble) in troubles.into_iter().enumerate() {
        if let Some(trouble) = trouble {
            desk.broker.trouble_at(turn, trouble);
        }
    }
    let mut sent = BTreeSet::new();
    let mut reported: BTreeMap<Symbol, i64> = BTreeMap::new();
    for wanted in [vec!["A", "B"], vec!["B", "C"], vec!["A", "B", "C"]] {
        desk.executor().resolve().await.unwrap();
        let before = desk.journal.replay().unwrap().len();
        let report = desk.trade(&wanted).await;
        for record in &desk.journal.replay().unwrap()[before..] {
            if let JournalRecord::Intent { id, .. } = record {
                prop_assert!(sent.insert(id.clone()), "{id} was sent twice");
            }
        }
        let executions = desk.broker.executions(DateTime::UNIX_EPOCH).await.unwrap();
        for order in report.orders {
            // What is withheld goes by the id of the attempt in its way.
            if order.reason.as_deref().is_some_and(|it| it.starts_with("filled earlier")) {
                prop_assert_eq!(order.status, NotSent);
                continue;
            }
            let own = executions.iter().filter(|execution| execution.id == order.id);
            let executed: i64 = own.map(|execution| execution.quantity.get()).sum();
            prop_assert!(order.filled.get() <= executed);
            // Whoever says for certain says what the broker's books say.
            if order.status != Unknown {
                prop_assert_eq!(order.filled.get(), executed);
            }
            prop_assert_eq!(order.status == Filled, order.filled == order.quantity);
        }
    }
    for execution in desk.broker.executions(DateTime::UNIX_EPOCH).await.unwrap() {
        let total = reported.entry(execution.symbol).or_default();
        *total += execution.side.signed(execution.quantity).get();
    }
    reported.retain(|_, total| *total != 0);
    let held = desk.broker.positions().await.unwrap();
    let held: BTreeMap<_, _> =
        held.into_iter().map(|held| (held.symbol, held.quantity.get())).collect();
    prop_assert_eq!(held, reported);
    prop_assert!(!desk.broker.account().await.unwrap().cash.is_negative());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_trouble_makes_an_id_go_out_twice_or_loses_a_share(
        troubles in prop::collection::vec(trouble(), 8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run_with(troubles))?;
    }
}
