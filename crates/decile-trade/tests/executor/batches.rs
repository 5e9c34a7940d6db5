//! So many orders in flight that their intents take more than one write.

use crate::line::{Behind, Line};
use crate::market::{self, account, clock, money, now, quote, session};
use async_trait::async_trait;
use decile_core::{Quote, Shares, Symbol, Targets};
use decile_trade::{
    ApprovedOrder, ApprovedPlan, Attempts, Broker, Circumstances, Error, ExecutionReport, Executor,
    ExecutorConfig, Journal, JournalRecord, MemoryJournal, OrderAck, OrderStatus, PaperBroker,
    PaperConfig, PlanRules, RiskInputs, RiskLimits, StopSignal, SubmitError,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const ORDERS: usize = 250;

/// A journal that remembers its writes, and fails from one of them on.
#[derive(Debug, Default)]
struct Watched {
    journal: MemoryJournal,
    /// The intents in each write, and all of its records.
    writes: Mutex<Vec<(usize, usize)>>,
    fails_at: Option<usize>,
    /// An intent that the first write behind so many of them finds there, of another run.
    taken: Option<(usize, JournalRecord)>,
}

impl Journal for Watched {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let mut writes = self.writes.lock().unwrap();
        if self.fails_at.is_some_and(|at| writes.len() >= at) {
            let source = std::io::Error::other("no space left");
            return Err(Error::File { operation: "write", path: "journal".into(), source });
        }
        if let Some((at, intent)) = &self.taken
            && writes.len() == *at
        {
            self.journal.append(std::slice::from_ref(intent))?;
        }
        let is_intent = |record: &&JournalRecord| matches!(record, JournalRecord::Intent { .. });
        writes.push((records.iter().filter(is_intent).count(), records.len()));
        self.journal.append(records)
    }
    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

/// A line that carries what the journal knows of, and else counts.
#[derive(Debug)]
struct Strict {
    journal: Arc<Watched>,
    carried: Mutex<usize>,
    unknown: Mutex<usize>,
}

#[async_trait]
impl Line for Strict {
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        let is_it = |record: &JournalRecord| matches!(record, JournalRecord::Intent { id, .. } if id == order.id());
        let is_known = self.journal.replay().unwrap().iter().any(is_it);
        *if is_known { self.carried.lock() } else { self.unknown.lock() }.unwrap() += 1;
        paper.submit(order).await
    }
}

struct Desk {
    broker: Arc<Behind<Strict>>,
    journal: Arc<Watched>,
}

fn stocks() -> BTreeMap<Symbol, Quote> {
    let names = (0..ORDERS).map(|number| format!("S{number}"));
    names.map(|name| (market::symbol(&name), quote(&name, "10"))).collect()
}

fn approved() -> ApprovedPlan {
    let (account, quotes) = (account("1000000"), stocks());
    let symbols: Vec<_> = quotes.keys().cloned().collect();
    let as_of = session().pred_opt().unwrap();
    let targets = Targets::equal_shares(as_of, &symbols, Shares::new(100)).unwrap();
    let plan = market::plan_toward(&targets, (&account, &[]), &quotes, &PlanRules::default());
    let limits = RiskLimits {
        order_count_max: ORDERS,
        day_order_count_max: ORDERS,
        ..market::wide_limits()
    };
    let known = Circumstances::default();
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: now(),
        known: &known,
    };
    limits.approve(plan, &inputs).unwrap()
}

impl Desk {
    fn new(journal: Watched) -> Self {
        let config = PaperConfig::new("DU1234567".parse().unwrap(), money("1000000"), session());
        let paper = Arc::new(PaperBroker::new(config, clock()));
        paper.set_quotes(stocks().into_values());
        let journal = Arc::new(journal);
        let (carried, unknown) = (Mutex::default(), Mutex::default());
        let line = Strict { journal: journal.clone(), carried, unknown };
        Self { broker: Arc::new(Behind { paper, line }), journal }
    }

    async fn trade(&self) -> ExecutionReport {
        let config = ExecutorConfig { in_flight_max: 1000, ..ExecutorConfig::default() };
        let executor = Executor::new(self.broker.clone(), self.journal.clone(), clock(), config);
        executor.execute(approved(), &StopSignal::new()).await.unwrap()
    }

    fn carried(&self) -> usize {
        assert_eq!(*self.broker.line.unknown.lock().unwrap(), 0);
        *self.broker.line.carried.lock().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn no_order_goes_out_before_its_intent_is_written() {
    let desk = Desk::new(Watched::default());
    let report = desk.trade().await;
    assert!(report.is_complete());
    assert_eq!(desk.carried(), ORDERS);
    let writes = desk.journal.writes.lock().unwrap();
    let intents: Vec<_> =
        writes.iter().map(|(intents, _)| *intents).filter(|count| *count > 0).collect();
    assert_eq!(intents, [100, 100, 50]);
    // The beginning with the first intents; an execution and an end for each order; the end.
    let records: usize = writes.iter().map(|(_, records)| records).sum();
    assert_eq!(records, 1 + 3 * ORDERS + 1);
    // In the order of the plan.
    let attempts = Attempts::replay(&*desk.journal).unwrap();
    assert_eq!(attempts.unresolved().count(), 0);
    let planned: Vec<_> = stocks().into_keys().collect();
    let reported: Vec<_> = report.orders.iter().map(|order| order.symbol.clone()).collect();
    assert_eq!(reported, planned);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_anywhere_stops_what_it_does_not_know_of() {
    let mut sent = Vec::new();
    // How many writes there are depends on how many ends come while others are waited for.
    for fails_at in 0.. {
        let desk = Desk::new(Watched { fails_at: Some(fails_at), ..Watched::default() });
        let report = desk.trade().await;
        if report.journal_failure.is_none() {
            assert!(report.is_complete());
            break;
        }
        assert!(!report.is_complete());
        let carried = desk.carried();
        assert_eq!(report.count(OrderStatus::Filled), carried, "after {fails_at} writes");
        assert_eq!(report.count(OrderStatus::NotSent), ORDERS - carried);
        sent.push(carried);
    }
    // Three batches of intents; then the ends, and that of the run.
    assert_eq!(sent[..4], [0, 100, 200, 250]);
    assert!(sent.len() >= 5 && sent[3..].iter().all(|count| *count == ORDERS), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_is_taken_stops_the_batches_from_there_on() {
    let orders = approved();
    let order = orders.plan().orders()[150].clone();
    let id = format!("q-core:DU1234567:20251201:{}:B:1", order.symbol).parse().unwrap();
    let intent = JournalRecord::Intent { id, order: order.clone(), arrival: None, at: now() };
    let desk = Desk::new(Watched { taken: Some((1, intent)), ..Watched::default() });
    let report = desk.trade().await;
    assert_eq!(desk.carried(), 100);
    assert_eq!(report.count(OrderStatus::Filled), 100);
    let unknown: Vec<_> =
        report.orders.iter().filter(|told| told.status == OrderStatus::Unknown).collect();
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].symbol, order.symbol);
    // The journal works: it knows how those ended that went out.
    assert_eq!(report.journal_failure, None);
    let attempts = Attempts::replay(&*desk.journal).unwrap();
    assert_eq!(attempts.unresolved().count(), 1);
}
