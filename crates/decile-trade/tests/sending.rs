//! What is looked at again when orders go out, at a broker that does as it is told.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use OrderStatus::{Filled, NotSent, Partial, Rejected, Unknown, Working};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Clock, ManualClock, Money, Price};
use decile_trade::{
    Account, ApprovedOrder, ApprovedPlan, Attempts, Broker, BrokerEvent, Circumstances,
    ClientOrderId, Error, Execution, ExecutionReport, Executor, ExecutorConfig, Journal,
    JournalRecord, MemoryJournal, OrderAck, OrderName, OrderSnapshot, OrderState, OrderStatus,
    OrderStyle, PlanRules, Position, RiskInputs, StaleLimit, StopSignal, SubmitError,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::stream::{self, BoxStream};
use market::{account, money, now, position, quotes, targets};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the stream of events says besides.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Noise {
    None,
    /// Somebody else's order, so often.
    Foreign(Duration),
    /// That something was lost, so often.
    Gaps(Duration),
}

/// What became of the orders.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// They fill, and the events say so.
    Fill,
    /// They work, whenever they are looked up, and say nothing.
    Work,
    /// They fill, and only a look-up says so.
    FillSilently,
    /// They work, and the broker no longer shows them when they are looked up.
    WorkUnseen,
    /// Nobody knows, and nothing is shown.
    Lost,
}

#[derive(Debug)]
struct Fake {
    account: Mutex<Account>,
    positions: Vec<Position>,
    clock: Arc<ManualClock>,
    fate: Fate,
    /// What kind of orders is approved.
    style: OrderStyle,
    noise: Noise,
    /// At this price instead of the reference.
    price: Option<Price>,
    /// Known only when this has come, behind the fill.
    late_commission: Option<Money>,
    /// Whether the account shows what was paid.
    shows_cash: bool,
    /// What somebody else spends while an order is sent.
    spent_elsewhere: Money,
    /// How long an order takes, by the clock.
    takes: TimeDelta,
    tells_executions: Mutex<bool>,
    sent: Mutex<Vec<OrderSnapshot>>,
    finds: Mutex<usize>,
    pings: Mutex<usize>,
    /// How many signs of life it gives.
    pings_max: usize,
    /// What it says of its clock.
    skew: Option<TimeDelta>,
    /// The stocks whose orders it refuses.
    refuses: &'static [&'static str],
    /// The number of the next order.
    next_number: Mutex<Option<u64>>,
    sender: UnboundedSender<BrokerEvent>,
    events: Mutex<Option<UnboundedReceiver<BrokerEvent>>>,
}

impl Fake {
    fn new(cash: &str) -> Self {
        let (sender, events) = unbounded();
        Self {
            account: Mutex::new(account(cash)),
            positions: Vec::new(),
            clock: market::clock(),
            fate: Fate::Fill,
            style: OrderStyle::Market,
            noise: Noise::None,
            price: None,
            late_commission: None,
            shows_cash: true,
            spent_elsewhere: Money::ZERO,
            takes: TimeDelta::zero(),
            tells_executions: Mutex::new(true),
            sent: Mutex::default(),
            finds: Mutex::default(),
            pings: Mutex::default(),
            pings_max: usize::MAX,
            skew: None,
            refuses: &[],
            next_number: Mutex::default(),
            sender,
            events: Mutex::new(Some(events)),
        }
    }

    /// Approves a plan for an account that had this cash and held this.
    fn approved(&self, wanted: &[(&str, &str)], held: &[Position], cash: &str) -> ApprovedPlan {
        let quotes = quotes(&[("A", "50"), ("B", "50"), ("C", "50"), ("D", "50")]);
        let worth: Money =
            held.iter().map(|held| money(&(held.quantity.get() * 50).to_string())).sum();
        let account = Account { equity: money(cash) + worth, ..account(cash) };
        let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
        let rules = PlanRules {
            cash_buffer: "0".parse().unwrap(),
            order: self.style,
            ..PlanRules::default()
        };
        let plan = market::plan_toward(&targets(&names), (&account, held), &quotes, &rules);
        let inputs = RiskInputs {
            account: &account,
            positions: held,
            quotes: &quotes,
            now: now(),
            known: &Circumstances::default(),
        };
        market::wide_limits().approve(plan, &inputs).unwrap()
    }

    fn snapshot(&self, id: &ClientOrderId) -> Option<OrderSnapshot> {
        self.sent.lock().unwrap().iter().find(|sent| sent.id == *id).cloned()
    }

    fn sent(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

fn of(id: OrderName, order: &ApprovedOrder, state: OrderState) -> OrderSnapshot {
    OrderSnapshot { id, ..OrderSnapshot::unfilled(order.id(), order.order(), state) }
}

fn foreign() -> OrderSnapshot {
    let order = market::approved_orders("10000", &[("A", "50")]).remove(0);
    of("typed by hand".to_owned().into(), &order, OrderState::Working)
}

#[async_trait]
impl Broker for Fake {
    async fn account(&self) -> Result<Account, Error> {
        Ok(self.account.lock().unwrap().clone())
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        Ok(self.positions.clone())
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        self.clock.advance(self.takes);
        self.account.lock().unwrap().cash -= self.spent_elsewhere;
        let (id, planned) = (order.id().clone(), order.order());
        if self.refuses.contains(&planned.symbol.as_str()) {
            self.sent.lock().unwrap().push(of(id.clone().into(), order, OrderState::Rejected));
            return Err(SubmitError::Rejected { id, source: "no trading permission".into() });
        }
        let price = self.price.unwrap_or(planned.reference);
        let fills = matches!(self.fate, Fate::Fill | Fate::FillSilently);
        let state = if fills { OrderState::Filled } else { OrderState::Working };
        let mut snapshot = of(id.clone().into(), order, state);
        if fills {
            snapshot.filled = planned.quantity;
            snapshot.average_price = Some(price);
            if self.shows_cash {
                let paid = price.notional(planned.side.signed(planned.quantity)).unwrap();
                self.account.lock().unwrap().cash -= paid;
            }
        }
        self.sent.lock().unwrap().push(snapshot.clone());
        if self.fate == Fate::Fill {
            let execution = |commission| Execution {
                execution_id: format!("of {id}"),
                id: id.clone().into(),
                symbol: planned.symbol.clone(),
                side: planned.side,
                quantity: planned.quantity,
                price,
                commission,
                time: now(),
            };
            let mut events =
                vec![BrokerEvent::Execution(execution(None)), BrokerEvent::Order(snapshot)];
            if self.late_commission.is_some() {
                events.push(BrokerEvent::Execution(execution(self.late_commission)));
            }
            events.into_iter().for_each(|event| self.sender.unbounded_send(event).unwrap());
        }
        if self.fate == Fate::WorkUnseen {
            let told = self.snapshot(&id).unwrap();
            self.sender.unbounded_send(BrokerEvent::Order(told)).unwrap();
        }
        if self.fate == Fate::Lost {
            return Err(SubmitError::InDoubt { id, source: "the line broke".into() });
        }
        Ok(OrderAck { id, broker_order_id: Some("900001".to_owned()) })
    }
    async fn cancel(&self, _: &ClientOrderId) -> Result<(), Error> {
        Ok(())
    }
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        *self.finds.lock().unwrap() += 1;
        Ok(self.snapshot(id).filter(|_| !matches!(self.fate, Fate::Lost | Fate::WorkUnseen)))
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        Ok(vec![foreign()])
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        Ok(Vec::new())
    }
    async fn executions(&self, _: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        match *self.tells_executions.lock().unwrap() {
            true => Ok(Vec::new()),
            false => Err(Error::Broker { request: "executions", source: "not now".into() }),
        }
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        let told = self.events.lock().unwrap().take().unwrap();
        let every = |pause: Duration, event: BrokerEvent| {
            stream::repeat(event).then(move |event| async move {
                tokio::time::sleep(pause).await;
                event
            })
        };
        match self.noise {
            Noise::None => told.boxed(),
            Noise::Foreign(pause) => {
                stream::select(told, every(pause, BrokerEvent::Order(foreign())).boxed()).boxed()
            }
            Noise::Gaps(pause) => {
                stream::select(told, every(pause, BrokerEvent::Gap).boxed()).boxed()
            }
        }
    }
    fn clock_skew(&self) -> Option<TimeDelta> {
        self.skew
    }
    fn number_from(&self, from: u64) -> Option<u64> {
        let mut next = self.next_number.lock().unwrap();
        *next = next.map(|next| next.max(from));
        *next
    }
    async fn ping(&self) -> Result<(), Error> {
        let mut pings = self.pings.lock().unwrap();
        *pings += 1;
        let silence = Error::Timeout { request: "sign of life", after: Duration::from_secs(4) };
        if *pings > self.pings_max { Err(silence) } else { Ok(()) }
    }
}

const ALL: [(&str, &str); 4] = [("A", "50"), ("B", "50"), ("C", "50"), ("D", "50")];

fn executor(broker: &Arc<Fake>, journal: &Arc<MemoryJournal>) -> Executor {
    let clock = broker.clock.clone();
    Executor::new(broker.clone(), journal.clone(), clock, ExecutorConfig::default())
}

async fn execute(broker: &Arc<Fake>, approved: ApprovedPlan) -> ExecutionReport {
    let executor = executor(broker, &Arc::default());
    executor.execute(approved, &StopSignal::new()).await.unwrap()
}

fn statuses(report: &ExecutionReport) -> Vec<OrderStatus> {
    report.orders.iter().map(|order| order.status).collect()
}

fn reason(report: &ExecutionReport, index: usize) -> &str {
    report.orders[index].reason.as_deref().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_old_approval_sends_nothing() {
    for (age, expected) in [(-301, NotSent), (-300, Filled), (300, Filled), (301, NotSent)] {
        let broker = Arc::new(Fake::new("10000"));
        let approved = broker.approved(&ALL[..1], &[], "10000");
        broker.clock.advance(TimeDelta::seconds(age));
        let report = execute(&broker, approved).await;
        assert_eq!(statuses(&report), [expected], "{age}");
        assert_eq!(broker.sent(), usize::from(expected == Filled));
        if age == 301 {
            let expected = "approved at 15:00:00 UTC, more than 300 s from 15:05:01 UTC";
            assert_eq!(reason(&report, 0), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_grows_old_between_two_orders_ends_there() {
    let broker = Fake { takes: TimeDelta::seconds(151), ..Fake::new("10000") };
    let approved = broker.approved(&ALL, &[], "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_late_for_its_session_is_not_sent_whatever_the_age() {
    let config = ExecutorConfig {
        approval_age_max: Duration::from_secs(1_000_000),
        ..ExecutorConfig::default()
    };
    // From 10:00 in New York on. Market orders go out until 15:55, and the broker may take ten seconds.
    let late = "buy A may go out from 14:35 to 20:55 UTC";
    let over = "the plan is for 2025-12-01 and the exchange is at 2025-12-02";
    let last = 6 * 3600 - 300 - 10;
    let times = [(last - 1, None), (last, Some(late)), (14 * 3600 - 1, Some(late))];
    for (seconds, expected) in times.into_iter().chain([(14 * 3600, Some(over))]) {
        let broker = Arc::new(Fake::new("10000"));
        let journal = Arc::new(MemoryJournal::default());
        let approved = broker.approved(&ALL[..1], &[], "10000");
        broker.clock.advance(TimeDelta::seconds(seconds));
        let clock = broker.clock.clone();
        let executor = Executor::new(broker, journal.clone(), clock, config.clone());
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), [expected.map_or(Filled, |_| NotSent)]);
        if let Some(expected) = expected {
            assert_eq!(reason(&report, 0), expected);
            let records = journal.replay().unwrap();
            assert!(records.iter().all(|record| record.order_id().is_none()), "{records:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sells_too_look_at_the_account_and_at_what_is_held_now() {
    let held = [position("A", 100), position("B", 100)];
    let broker = Fake { positions: held.to_vec(), ..Fake::new("10000") };
    broker.account.lock().unwrap().id = "U9999999".parse().unwrap();
    let approved = broker.approved(&[], &held, "10000");
    let broker = Arc::new(broker);
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [NotSent, NotSent]);
    assert_eq!(reason(&report, 0), "the broker is at account U9999999");
    assert_eq!(broker.sent(), 0);

    let left = vec![position("A", 99), position("B", 100)];
    let broker = Fake { positions: left, ..Fake::new("10000") };
    let approved = broker.approved(&[], &held, "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [NotSent, Filled]);
    assert_eq!(reason(&report, 0), "100 A to sell and 99 held");
}

#[tokio::test(start_paused = true)]
async fn cash_does_not_go_below_zero_when_fills_are_dear_and_commissions_late() {
    // 49 shares each were approved at 50. They fill at 53, and nobody names a commission.
    for shows_cash in [true, false] {
        let price = Some("53".parse().unwrap());
        let broker = Fake { price, shows_cash, ..Fake::new("10000") };
        let approved = broker.approved(&ALL, &[], "10000");
        let report = execute(&Arc::new(broker), approved).await;
        assert_eq!(statuses(&report), [Filled, Filled, Filled, Partial]);
        // 10,000 less 3 x 49 x 53, and 1 basis point of that. At 53 it pays for 41.
        let expected = "41 of 49 were sent: it needs 2451.00 and the cash is 2208.22";
        assert!(reason(&report, 3).ends_with(expected), "{}", reason(&report, 3));
        let bought: i64 = report.orders.iter().map(|order| order.filled.get()).sum();
        assert_eq!(bought, 3 * 49 + 41);
        assert!(bought * 53 < 10_000);
    }
    // The account knows of something that we do not: 10,000 less twice 2,450 and 3,000.
    let broker = Fake { spent_elsewhere: money("3000"), ..Fake::new("10000") };
    let approved = broker.approved(&ALL, &[], "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
    assert_eq!(reason(&report, 2), "it needs 2451.00 and the cash is -900.00");
}

#[tokio::test(start_paused = true)]
async fn a_commission_behind_the_last_fill_is_reported_and_journalled() {
    let broker = Fake { late_commission: Some(money("1.25")), ..Fake::new("10000") };
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let (broker, journal) = (Arc::new(broker), Arc::default());
    let executor = executor(&broker, &journal);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(report.orders[0].commission, Some(money("1.25")));
    let commissions: Vec<_> = journal
        .replay()
        .unwrap()
        .into_iter()
        .filter_map(|record| match record {
            JournalRecord::Executed { execution } => Some(execution.commission),
            _ => None,
        })
        .collect();
    assert_eq!(commissions, [None, Some(money("1.25"))]);
}

#[tokio::test(start_paused = true)]
async fn noise_about_others_does_not_put_off_the_look_up() {
    let noise = Noise::Foreign(Duration::from_millis(50));
    let broker = Fake { noise, fate: Fate::FillSilently, ..Fake::new("10000") };
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let began = tokio::time::Instant::now();
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled]);
    assert_eq!(report.orders.len(), 1); // and nothing of what was typed by hand
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn gap_after_gap_does_not_make_it_ask_without_pause() {
    let noise = Noise::Gaps(Duration::from_millis(10));
    let broker = Arc::new(Fake { noise, fate: Fate::Work, ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL[..1], &[], "10000")).await;
    assert_eq!(statuses(&report), [Unknown]);
    // At the first gap, every five of thirty seconds, at the end of the wait and of the run.
    assert_eq!(*broker.finds.lock().unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_order_lapses_by_the_clock_and_only_if_the_broker_has_answered() {
    let broker = Arc::new(Fake { fate: Fate::Lost, ..Fake::new("10000") });
    let journal = Arc::default();
    let executor = executor(&broker, &journal);
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown]);
    let resolve = async || {
        let resolution = executor.resolve().await.unwrap();
        (resolution.unknown.len(), resolution.lapsed.len())
    };
    // The last second of the day in New York, and the first of the next.
    broker.clock.advance(TimeDelta::hours(14) - TimeDelta::seconds(1));
    assert_eq!(resolve().await, (1, 0));
    broker.clock.advance(TimeDelta::seconds(1));
    *broker.tells_executions.lock().unwrap() = false;
    assert_eq!(resolve().await, (1, 0));
    *broker.tells_executions.lock().unwrap() = true;
    assert_eq!(resolve().await, (0, 1));
    assert_eq!(resolve().await, (0, 0));
    assert_eq!(broker.clock.now().to_rfc3339(), "2025-12-02T05:00:00+00:00");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_a_day_ahead_or_a_silent_broker_lets_no_order_lapse() {
    let (ahead, behind) = (Some(TimeDelta::days(1)), Some(TimeDelta::days(-1)));
    let near = Some(TimeDelta::seconds(5));
    for (skew, pings_max, lapsed) in
        [(behind, 9, 0), (ahead, 9, 0), (None, 1, 0), (near, 9, 1), (None, 9, 1)]
    {
        let broker = Fake { fate: Fate::Lost, pings_max, ..Fake::new("10000") };
        let mut broker = Arc::new(broker);
        let journal: Arc<MemoryJournal> = Arc::default();
        let approved = broker.approved(&ALL[..1], &[], "10000");
        let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await;
        assert_eq!(statuses(&report.unwrap()), [Unknown]);
        // What the broker tells from here on.
        Arc::get_mut(&mut broker).unwrap().skew = skew;
        broker.clock.advance(TimeDelta::days(1));
        let resolution = executor(&broker, &journal).resolve().await.unwrap();
        let told = (resolution.unknown.len(), resolution.lapsed.len());
        assert_eq!(told, (1 - lapsed, lapsed), "{skew:?} {pings_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_that_the_broker_gave_an_order_is_in_the_journal() {
    let (broker, journal) = (Arc::new(Fake::new("10000")), Arc::new(MemoryJournal::default()));
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    let records = journal.replay().unwrap();
    let mut behind = records.iter().skip_while(|it| !matches!(it, JournalRecord::Intent { .. }));
    // Behind the intent and before its end.
    let Some(JournalRecord::Acknowledged { numbers, .. }) = behind.nth(1) else {
        panic!("{records:?}");
    };
    assert_eq!(numbers[&report.orders[0].id], "900001");
    assert!(behind.any(|it| matches!(it, JournalRecord::Seen { .. })), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_gives_no_sign_of_life_gets_no_order() {
    let broker = Arc::new(Fake { pings_max: 0, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let journal = Arc::new(MemoryJournal::default());
    let report = executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!((statuses(&report), broker.sent()), (vec![NotSent], 0));
    assert!(reason(&report, 0).starts_with("the broker gives no sign of life: "));
    let records = journal.replay().unwrap();
    assert!(!records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_stands_for_a_while_and_not_after_a_pause() {
    // Each order takes its 30 seconds, as it does not fill, and then the sign is too old.
    let broker = Arc::new(Fake { fate: Fate::Work, pings_max: 2, ..Fake::new("10000") });
    let config = ExecutorConfig { unknown_max: 9, ..ExecutorConfig::default() };
    let approved = broker.approved(&ALL, &[], "10000");
    let clock = broker.clock.clone();
    let executor = Executor::new(broker.clone(), Arc::<MemoryJournal>::default(), clock, config);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown, Unknown, NotSent, NotSent]);
    assert_eq!(*broker.pings.lock().unwrap(), 3);
    // Orders that fill at once need one.
    let broker = Arc::new(Fake::new("10000"));
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Filled; 4]);
    assert_eq!(*broker.pings.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_has_lost_count_begins_above_what_the_journal_has() {
    let journal = Arc::new(MemoryJournal::default());
    let begun = |journal: &MemoryJournal| {
        let records = journal.replay().unwrap();
        let runs = records.iter().filter_map(|record| match record {
            JournalRecord::Began { run, .. } => Some(run.numbers_from),
            _ => None,
        });
        runs.collect::<Vec<_>>()
    };
    let attempts = |journal: &MemoryJournal| Attempts::replay(journal).unwrap().numbers_end();
    assert_eq!(attempts(&journal), None);
    // The second begins at 1 as the gateway has lost its state, and raises it by what the first sent.
    for (next, wanted, expected) in [(7, &ALL[..2], 7), (1, &ALL[2..3], 9)] {
        let broker = Arc::new(Fake { next_number: Mutex::new(Some(next)), ..Fake::new("10000") });
        let approved = broker.approved(wanted, &[], "10000");
        let executor = executor(&broker, &journal);
        executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(begun(&journal).last(), Some(&Some(expected)));
    }
    assert_eq!(attempts(&journal), Some(10));
    // A broker without numbers takes nothing back.
    let broker = Arc::new(Fake::new("10000"));
    let approved = broker.approved(&ALL[3..], &[], "10000");
    executor(&broker, &journal).execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!((begun(&journal).last(), attempts(&journal)), (Some(&None), Some(11)));
}

#[tokio::test(start_paused = true)]
async fn three_refusals_in_a_row_stop_the_run() {
    let broker = Arc::new(Fake { refuses: &["A", "B", "C"], ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Rejected, Rejected, Rejected, NotSent]);
    let expected = "3 orders in a row were refused, the last is q-core:DU1234567:20251201:C:B:1: ";
    assert!(reason(&report, 3).starts_with(expected), "{}", reason(&report, 3));
    assert!(reason(&report, 3).ends_with("no trading permission"), "{}", reason(&report, 3));
    assert_eq!(broker.sent(), 3);

    // One that fills between them shows that it is not all of them.
    let broker = Arc::new(Fake { refuses: &["A", "B", "D"], ..Fake::new("10000") });
    let report = execute(&broker, broker.approved(&ALL, &[], "10000")).await;
    assert_eq!(statuses(&report), [Rejected, Rejected, Filled, Rejected]);

    // Those in flight together are seen through, and then it stops as well.
    for (rejects_max, expected) in
        [(2, [Rejected, Rejected, NotSent, NotSent]), (3, [Rejected; 4]), (4, [Rejected; 4])]
    {
        let broker = Arc::new(Fake { refuses: &["A", "B", "C", "D"], ..Fake::new("10000") });
        let config = ExecutorConfig { in_flight_max: 2, rejects_max, ..ExecutorConfig::default() };
        let approved = broker.approved(&ALL, &[], "10000");
        let (clock, journal) = (broker.clock.clone(), Arc::<MemoryJournal>::default());
        let executor = Executor::new(broker, journal, clock, config);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), expected, "{rejects_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_whose_clock_is_far_from_ours_gets_no_order() {
    let skews = [Some(5_001), Some(-5_001), Some(5_000), Some(-5_000), None];
    let expected = [NotSent, NotSent, Filled, Filled, Filled];
    for (skew, expected) in skews.into_iter().zip(expected) {
        let skew = skew.map(TimeDelta::milliseconds);
        let broker = Arc::new(Fake { skew, ..Fake::new("10000") });
        let report = execute(&broker, broker.approved(&ALL[..1], &[], "10000")).await;
        assert_eq!((statuses(&report), skew), (vec![expected], skew));
        assert_eq!(broker.sent(), usize::from(expected == Filled));
        if skew < Some(TimeDelta::zero()) && expected == NotSent {
            let expected = "the broker's clock is 5.0 s behind ours, of at most 5 s: set the clock \
                            of this machine";
            assert_eq!(reason(&report, 0), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_wait_as_they_should_do_not_stop_the_run() {
    use OrderStyle::{Adaptive, LimitOnClose, Market, MarketOnClose, MarketableLimit};
    // With how long the run may take: an auction is not waited for.
    let cases = [
        (MarketOnClose, [Working, Working], 2),
        (LimitOnClose, [Working, Working], 2),
        (MarketableLimit, [Working, Working], 60),
        (Adaptive, [Working, Working], 60),
        (Market, [Unknown, NotSent], 30),
    ];
    for (style, expected, seconds) in cases {
        let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
        let approved = broker.approved(&ALL[..2], &[], "10000");
        let journal = Arc::new(MemoryJournal::default());
        let began = tokio::time::Instant::now();
        let executor = executor(&broker, &journal);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), expected, "{style:?}");
        assert_eq!(began.elapsed().as_secs(), seconds, "{style:?}");
        assert_eq!(report.orders[0].reason.as_deref(), Some("still open at the broker"));
        assert!(report.orders[0].is_open && !report.is_complete());
        // The next run says the same, and buys none of it twice.
        let earlier = executor.resolve().await.unwrap();
        assert_eq!(earlier.unknown[0].status, expected[0], "{style:?}");
        assert!(!earlier.is_clear());
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_for_the_auction_that_the_broker_no_longer_shows_is_unknown() {
    let style = OrderStyle::MarketOnClose;
    let broker = Arc::new(Fake { fate: Fate::WorkUnseen, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Unknown, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_whose_cancel_does_nothing_is_not_called_working() {
    let style = OrderStyle::MarketableLimit;
    let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    let stale_limit = Some(StaleLimit::default());
    let config = ExecutorConfig { stale_limit, ..ExecutorConfig::default() };
    let clock = broker.clock.clone();
    let executor = Executor::new(broker, Arc::<MemoryJournal>::default(), clock, config);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn cash_that_a_waiting_buy_may_take_and_proceeds_of_a_waiting_sale_are_not_there_for_others()
{
    let style = OrderStyle::MarketOnClose;
    let held = [position("A", 100)];
    let fake = Fake { fate: Fate::Work, style, positions: held.to_vec(), ..Fake::new("300") };
    let broker = Arc::new(fake);
    // For the 5,000 that A is worth, and for the cash.
    let approved = broker.approved(&[("B", "50")], &held, "300");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Working, Working]);
    // The cash alone pays for five.
    assert_eq!(broker.sent.lock().unwrap()[1].quantity.get(), 5);
    let told = reason(&report, 1);
    assert!(told.contains("5 of 105 were sent: it needs"), "{told}");

    // Each of two buys has its half of the cash; the account shows none of it as spent.
    let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    broker.account.lock().unwrap().cash = money("5400");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Working, Working]);
    let quantities: Vec<_> =
        broker.sent.lock().unwrap().iter().map(|sent| sent.quantity.get()).collect();
    assert!(quantities[0] > 90 && quantities[1] < 10, "{quantities:?}");
}

/// A journal whose disk stands still while an intent is written.
#[derive(Debug)]
struct Stalls {
    journal: MemoryJournal,
    clock: Arc<ManualClock>,
    by: TimeDelta,
}

impl Journal for Stalls {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        if records.iter().any(|record| matches!(record, JournalRecord::Intent { .. })) {
            self.clock.advance(self.by);
        }
        self.journal.append(records)
    }
    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_grown_old_while_its_intent_was_written_is_not_sent() {
    let day = Duration::from_secs(86_400);
    let old = "approved at 15:00:00 UTC, more than 300 s from 15:05:01 UTC";
    let late = "buy A may go out from 14:35 to 20:55 UTC";
    let over = "the plan is for 2025-12-01 and the exchange is at 2025-12-02";
    let minutes = Duration::from_secs(300);
    let cases = [
        (301, minutes, old),
        (6 * 3600 - 305, day, late),
        (14 * 3600, day, over),
        (300, minutes, ""),
    ];
    for (seconds, approval_age_max, expected) in cases {
        let broker = Arc::new(Fake::new("10000"));
        let approved = broker.approved(&ALL[..2], &[], "10000");
        let (clock, by) = (broker.clock.clone(), TimeDelta::seconds(seconds));
        let journal = Stalls { journal: MemoryJournal::default(), clock: clock.clone(), by };
        let journal = Arc::new(journal);
        let config =
            ExecutorConfig { approval_age_max, in_flight_max: 2, ..ExecutorConfig::default() };
        let executor = Executor::new(broker.clone(), journal.clone(), clock, config);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        if expected.is_empty() {
            assert_eq!(statuses(&report), [Filled, Filled]);
            continue;
        }
        assert_eq!(statuses(&report), [NotSent, NotSent], "{seconds}");
        assert!(reason(&report, 0).contains(expected), "{}", reason(&report, 0));
        assert_eq!(broker.sent(), 0);
        // The journal has it, too: both may go out another time.
        let records = journal.replay().unwrap();
        let is_not_sent = |record: &&JournalRecord| matches!(record, JournalRecord::NotSent { .. });
        assert_eq!(records.iter().filter(is_not_sent).count(), 2);
        assert!(executor.resolve().await.unwrap().is_clear());
    }
}
