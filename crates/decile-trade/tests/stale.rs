//! Limits that rest for too long.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/line.rs"]
mod line;
#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::source::{QuoteSource, SourceError};
use decile_core::{ManualClock, Money, Quote, Shares, Symbol};
use decile_trade::{
    ApprovedOrder, ApprovedPlan, Broker, BrokerEvent, Circumstances, ClientOrderId, Error,
    Execution, ExecutionReport, Executor, ExecutorConfig, Journal, JournalRecord, MemoryJournal,
    OrderAck, OrderStatus, OrderStyle, PaperBroker, PaperConfig, PlanRules, Remainder, RiskInputs,
    RiskLimits, StaleLimit, StopSignal, SubmitError, Trouble,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::{self, BoxStream};
use line::{Behind, Line};
use market::{account, clock, money, now, quote, quotes, session, symbol, targets};
use std::future::pending;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// What becomes of a request to cancel.
#[derive(Debug, Clone)]
enum Cancel {
    Works,
    /// It is lost, and nobody says so.
    Lost,
    NoAnswer,
    /// It works, and then somebody stops the run.
    Stops(StopSignal),
}

/// When a fill comes late.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Late {
    /// With the rest, which does not leave.
    WithRest,
    /// Once it is proven how much is left, and before it is sent.
    BeforeRest,
}

/// A paper broker with a market that moves on with each order.
#[derive(Debug)]
struct Desk {
    paper: Arc<PaperBroker>,
    /// What KO costs when the next order comes, the first one first; the last one stays.
    prices: Mutex<Vec<&'static str>>,
    /// How many prices the market is ahead of its quotes.
    lead: usize,
    cancel: Cancel,
    shows_executions: bool,
    knows_quotes: bool,
    journal: Arc<MemoryJournal>,
    stop: StopSignal,
    /// A second passes with each order.
    clock: Arc<ManualClock>,
    /// When the line is lost, behind which an order that was cancelled turns out to have filled in part.
    fills_late: Option<Late>,
    late: Mutex<Vec<Execution>>,
    teller: Mutex<Option<UnboundedSender<BrokerEvent>>>,
}

impl Desk {
    fn new(prices: &[&'static str]) -> Self {
        let config = PaperConfig::new("DU1234567".parse().unwrap(), money("10000"), session());
        let prices = prices.iter().rev().copied().collect();
        Self {
            paper: Arc::new(PaperBroker::new(config, clock())),
            prices: Mutex::new(prices),
            lead: 0,
            cancel: Cancel::Works,
            shows_executions: true,
            knows_quotes: true,
            journal: Arc::default(),
            stop: StopSignal::new(),
            clock: clock(),
            fills_late: None,
            late: Mutex::default(),
            teller: Mutex::default(),
        }
    }

    fn price(&self, ahead: usize) -> &'static str {
        let prices = self.prices.lock().unwrap();
        prices[(prices.len() - 1).saturating_sub(ahead)]
    }

    /// Executes a plan to buy 189 KO at 50 and no more; the limit is 50.
    async fn trade(self, reprices_max: usize) -> (Arc<Self>, ExecutionReport) {
        let desk = Arc::new(self);
        let stale_limit = StaleLimit { reprices_max, ..StaleLimit::default() };
        let config = ExecutorConfig { stale_limit: Some(stale_limit), ..Default::default() };
        let executor =
            Executor::new(behind(&desk), desk.journal.clone(), desk.clock.clone(), config);
        let executor = executor.with_quotes(desk.clone());
        let report = executor.execute(approved(), &desk.stop).await.unwrap();
        (desk, report)
    }

    /// Loses the line, behind which the first order fills in part.
    fn lose(&self) {
        let id: ClientOrderId = self.intents()[0].parse().unwrap();
        self.late.lock().unwrap().push(Execution {
            execution_id: "late".to_owned(),
            symbol: symbol("KO"),
            side: id.side(),
            id: id.into(),
            quantity: Shares::new(40),
            price: "50".parse().unwrap(),
            commission: Some(money("1")),
            time: now(),
        });
        let teller = self.teller.lock().unwrap().clone().unwrap();
        teller.unbounded_send(BrokerEvent::Disconnected).unwrap();
    }

    fn intents(&self) -> Vec<String> {
        let intent = |record| match record {
            JournalRecord::Intent { id, .. } => Some(id.to_string()),
            _ => None,
        };
        self.journal.replay().unwrap().into_iter().filter_map(intent).collect()
    }
}

fn behind(desk: &Arc<Desk>) -> Arc<Behind<Arc<Desk>>> {
    Arc::new(Behind { paper: desk.paper.clone(), line: desk.clone() })
}

fn approved() -> ApprovedPlan {
    let (account, quotes) = (account("10000"), quotes(&[("KO", "50")]));
    let rules = PlanRules { order: OrderStyle::MarketableLimit, ..PlanRules::default() };
    let plan = market::plan_toward(&targets(&["KO"]), (&account, &[]), &quotes, &rules);
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    RiskLimits::default().approve(plan, &inputs).unwrap()
}

/// What was asked for and filled by each attempt, and how it ended.
fn told(report: &ExecutionReport) -> Vec<(i64, i64, OrderStatus)> {
    let told = |order: &decile_trade::OrderReport| {
        (order.quantity.get(), order.filled.get(), order.status)
    };
    report.orders.iter().map(told).collect()
}

fn reason(report: &ExecutionReport) -> &str {
    report.orders[0].reason.as_deref().unwrap()
}

#[async_trait]
impl QuoteSource for Desk {
    async fn quotes(&self, symbols: &[Symbol]) -> Result<Vec<Quote>, SourceError> {
        let is_late = !self.late.lock().unwrap().is_empty();
        if self.fills_late == Some(Late::BeforeRest) && self.intents().len() == 1 && !is_late {
            self.lose();
        }
        let known = if self.knows_quotes { symbols } else { &[] };
        let quote = |symbol: &Symbol| Quote {
            previous_close: Some("50".parse().unwrap()),
            ..quote(symbol.as_str(), self.price(0))
        };
        Ok(known.iter().map(quote).collect())
    }
}

#[async_trait]
impl Line for Arc<Desk> {
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        self.clock.advance(TimeDelta::seconds(1));
        if self.fills_late == Some(Late::WithRest) && order.id().attempt() == 2 {
            self.lose();
            let source = "the line is lost".into();
            return Err(SubmitError::NotSent { id: order.id().clone(), source });
        }
        paper.set_quotes([quote("KO", self.price(self.lead))]);
        let outcome = paper.submit(order).await;
        let mut prices = self.prices.lock().unwrap();
        if prices.len() > 1 {
            prices.pop();
        }
        outcome
    }
    async fn cancel(&self, paper: &PaperBroker, id: &ClientOrderId) -> Result<(), Error> {
        match &self.cancel {
            Cancel::Works => paper.cancel(id).await,
            Cancel::Lost => Ok(()),
            Cancel::NoAnswer => pending().await,
            Cancel::Stops(stop) => {
                stop.stop();
                paper.cancel(id).await
            }
        }
    }
    async fn executions(
        &self,
        paper: &PaperBroker,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        let executions = paper.executions(since).await?;
        let late = self.late.lock().unwrap().clone();
        Ok(executions.into_iter().chain(late).filter(|_| self.shows_executions).collect())
    }
    fn events(&self, paper: &PaperBroker) -> BoxStream<'static, BrokerEvent> {
        let (teller, told) = unbounded();
        *self.teller.lock().unwrap() = Some(teller);
        stream::select(paper.events(), told).boxed()
    }
}

use OrderStatus::{Filled, NotSent, Partial, Rejected, Unknown};

#[tokio::test(start_paused = true)]
async fn a_limit_that_rests_is_cancelled() {
    let began = Instant::now();
    let (desk, report) = Desk::new(&["50.10"]).trade(0).await;
    assert_eq!(began.elapsed().as_secs(), 20);
    assert_eq!(told(&report), [(189, 0, Rejected)]);
    assert_eq!(reason(&report), "cancelled: its limit rested for 20 s");
    assert_eq!(desk.intents().len(), 1);
    assert!(desk.paper.open_orders().await.unwrap().is_empty());
    assert_eq!(report.differences()[0].missing(), Shares::new(189));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_sent_anew_under_another_id() {
    let desk = Desk::new(&["50", "49.90"]);
    let partial = Trouble::PartialFill { quantity: Shares::new(80), then: Remainder::Works };
    desk.paper.trouble_for(symbol("KO"), partial);
    let (desk, report) = desk.trade(1).await;
    assert_eq!(told(&report), [(189, 80, Partial), (109, 109, Filled)]);
    let ids = ["q-core:DU1234567:20251201:KO:B:1", "q-core:DU1234567:20251201:KO:B:2"];
    assert_eq!(desk.intents(), ids);
    assert!(reason(&report).ends_with("KO:B:2 is for the rest"), "{}", reason(&report));
    assert!(report.is_complete());
    let difference = &report.differences()[0];
    assert_eq!((difference.planned.get(), difference.filled.get()), (189, 189));
    // 80 x 50 + 109 x 49.90
    assert_eq!(difference.filled_value, Some(money("9439.1")));
    assert_eq!(report.orders[1].arrival, Some("49.90".parse().unwrap()));
    assert_eq!(report.slippage().unwrap().cost, Money::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_dearer_rest_takes_no_more_cash_than_was_approved() {
    // Approved with 189 x 50 and a commission of 1: at 50.40, that pays for 187.
    let (_, report) = Desk::new(&["50.40"]).trade(1).await;
    assert_eq!(told(&report), [(189, 0, Rejected), (187, 187, Filled)]);
    assert_eq!(report.differences()[0].missing(), Shares::new(2));
    assert!(!report.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_market_that_runs_away_is_followed_only_so_far_and_so_often() {
    // 50.60 is more than 1 % from 50.
    let (desk, report) = Desk::new(&["50.60"]).trade(1).await;
    assert_eq!(told(&report), [(189, 0, Rejected)]);
    assert!(reason(&report).contains("50.6 is too far from 50"), "{}", reason(&report));
    assert_eq!(desk.intents().len(), 1);
    // Each time, the market is a step ahead when the order comes.
    let desk = Desk { lead: 1, ..Desk::new(&["50", "50.10", "50.20", "50.30", "50.40"]) };
    let (desk, report) = desk.trade(2).await;
    assert_eq!(told(&report).len(), 3);
    assert!(told(&report).iter().all(|(_, filled, status)| (*filled, *status) == (0, Rejected)));
    assert_eq!(desk.intents().len(), 3);
    assert!(desk.paper.open_orders().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_nobody_confirms_is_not_sent_anew() {
    for cancel in [Cancel::Lost, Cancel::NoAnswer] {
        let desk = Desk { cancel, ..Desk::new(&["50.10"]) };
        let (desk, report) = desk.trade(3).await;
        assert_eq!(told(&report), [(189, 0, Unknown)]);
        assert!(reason(&report).contains("not known to be cancelled"), "{}", reason(&report));
        assert_eq!(desk.intents().len(), 1);
        // Nor by a later run.
        let executor =
            Executor::new(behind(&desk), desk.journal.clone(), clock(), Default::default());
        assert_eq!(executor.resolve().await.unwrap().unknown.len(), 1);
        let again = executor.execute(approved(), &StopSignal::new()).await.unwrap();
        assert_eq!(again.orders[0].status, Unknown);
        assert_eq!(desk.intents().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn fills_that_do_not_add_up_are_no_proof() {
    let desk = Desk { shows_executions: false, ..Desk::new(&["50"]) };
    let partial = Trouble::PartialFill { quantity: Shares::new(80), then: Remainder::Works };
    desk.paper.trouble_for(symbol("KO"), partial);
    let (_, report) = desk.trade(1).await;
    assert_eq!(told(&report), [(189, 80, Partial)]);
    assert!(reason(&report).contains("executions of 0"), "{}", reason(&report));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_anew_after_the_stop_signal_or_without_a_quote() {
    let desk = Desk::new(&["50.10"]);
    let stops = Desk { cancel: Cancel::Stops(desk.stop.clone()), ..desk };
    let blind = Desk { knows_quotes: false, ..Desk::new(&["50.10"]) };
    for (desk, why) in [(stops, "stopped"), (blind, "KO has no quote")] {
        let (_, report) = desk.trade(1).await;
        assert_eq!(told(&report), [(189, 0, Rejected)]);
        assert!(reason(&report).ends_with(why), "{}", reason(&report));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rest_of_an_order_that_turns_out_to_have_filled_is_not_sent() {
    for (late, intents) in [(Late::WithRest, 2), (Late::BeforeRest, 1)] {
        let desk = Desk { fills_late: Some(late), ..Desk::new(&["50.10"]) };
        let (desk, report) = desk.trade(1).await;
        // What was cancelled with nothing filled has 40 after all: 188 more would be too many.
        assert_eq!(told(&report), [(189, 40, Partial), (188, 0, NotSent)], "{late:?}");
        assert_eq!(desk.intents().len(), intents, "{late:?}");
    }
}
