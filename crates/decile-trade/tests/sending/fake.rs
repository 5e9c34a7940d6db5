//! A broker that does as it is told.

use crate::line::{Caught, Line, in_doubt, not_sent};
use crate::market::{self, account, money, now, quotes, targets};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{ManualClock, Money, Price};
use decile_trade::{
    Account, ApprovedOrder, ApprovedPlan, Broker, BrokerEvent, Circumstances, ClientOrderId, Error,
    Execution, ExecutionReport, Executor, ExecutorConfig, MemoryJournal, OrderAck, OrderName,
    OrderSnapshot, OrderState, OrderStatus, OrderStyle, PlanRules, Position, RiskInputs,
    StopSignal, SubmitError,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::stream::{self, BoxStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the stream of events says besides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Noise {
    None,
    /// Somebody else's order, so often.
    Foreign(Duration),
    /// That something was lost, so often.
    Gaps(Duration),
    /// Nothing, from the beginning: it ends at once, and must not be asked again.
    Ends,
}

/// What became of the orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fate {
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
pub(crate) struct Fake {
    pub(crate) account: Mutex<Account>,
    pub(crate) positions: Vec<Position>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) fate: Fate,
    /// What kind of orders is approved.
    pub(crate) style: OrderStyle,
    pub(crate) noise: Noise,
    /// At this price instead of the reference.
    pub(crate) price: Option<Price>,
    /// Known only when this has come, behind the fill.
    pub(crate) late_commission: Option<Money>,
    /// Whether the account shows what was paid.
    pub(crate) shows_cash: bool,
    /// What somebody else spends while an order is sent.
    pub(crate) spent_elsewhere: Money,
    /// How long an order takes, by the clock.
    pub(crate) takes: TimeDelta,
    pub(crate) tells_executions: Mutex<bool>,
    pub(crate) sent: Mutex<Vec<OrderSnapshot>>,
    pub(crate) finds: Mutex<usize>,
    pub(crate) pings: Mutex<usize>,
    /// How many signs of life it gives.
    pub(crate) pings_max: usize,
    /// What it says of its clock.
    pub(crate) skew: Option<TimeDelta>,
    pub(crate) line: Line,
    /// The stocks whose orders it refuses.
    pub(crate) refuses: &'static [&'static str],
    /// The number of the next order.
    pub(crate) next_number: Mutex<Option<u64>>,
    pub(crate) sender: UnboundedSender<BrokerEvent>,
    pub(crate) events: Mutex<Option<UnboundedReceiver<BrokerEvent>>>,
}

impl Fake {
    pub(crate) fn new(cash: &str) -> Self {
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
            line: Line::default(),
            refuses: &[],
            next_number: Mutex::default(),
            sender,
            events: Mutex::new(Some(events)),
        }
    }

    /// Approves a plan for an account that had this cash and held this.
    pub(crate) fn approved(
        &self,
        wanted: &[(&str, &str)],
        held: &[Position],
        cash: &str,
    ) -> ApprovedPlan {
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

    pub(crate) fn snapshot(&self, id: &ClientOrderId) -> Option<OrderSnapshot> {
        self.sent.lock().unwrap().iter().find(|sent| sent.id == *id).cloned()
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

pub(crate) fn of(id: OrderName, order: &ApprovedOrder, state: OrderState) -> OrderSnapshot {
    OrderSnapshot { id, ..OrderSnapshot::unfilled(order.id(), order.order(), state) }
}

pub(crate) fn foreign() -> OrderSnapshot {
    let order = market::approved_orders("10000", &[("A", "50")]).remove(0);
    of("typed by hand".to_owned().into(), &order, OrderState::Working)
}

#[async_trait]
impl Broker for Fake {
    async fn account(&self) -> Result<Account, Error> {
        self.line.reach("account")?;
        Ok(self.account.lock().unwrap().clone())
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        self.line.reach("positions")?;
        Ok(self.positions.clone())
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        let caught = self.line.carry(&self.sender);
        match caught {
            Some(Caught::Before) => return Err(not_sent(order)),
            Some(Caught::OnItsWay) => return Err(in_doubt(order)),
            Some(Caught::There | Caught::Taken | Caught::Denied) | None => {}
        }
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
        if caught == Some(Caught::Denied) {
            return Err(not_sent(order));
        }
        if caught == Some(Caught::There) {
            return Err(in_doubt(order));
        }
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
            return Err(in_doubt(order));
        }
        Ok(OrderAck { id, broker_order_id: Some("900001".to_owned()) })
    }
    async fn cancel(&self, _: &ClientOrderId) -> Result<(), Error> {
        Ok(())
    }
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        self.line.reach("order")?;
        *self.finds.lock().unwrap() += 1;
        Ok(self.snapshot(id).filter(|_| !matches!(self.fate, Fate::Lost | Fate::WorkUnseen)))
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.line.reach("open orders")?;
        let is_there = matches!(self.noise, Noise::Foreign(_));
        Ok(is_there.then(foreign).into_iter().collect())
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        Ok(Vec::new())
    }
    async fn executions(&self, _: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        match *self.tells_executions.lock().unwrap() {
            true => {
                self.line.reach("executions")?;
                Ok(self.line.executed_elsewhere.lock().unwrap().clone())
            }
            false => Err(Error::Broker { request: "executions", source: "not now".into() }),
        }
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        if self.noise == Noise::Ends {
            return stream::unfold((), |()| async { None }).boxed();
        }
        let told = self.events.lock().unwrap().take().unwrap();
        let every = |pause: Duration, event: BrokerEvent| {
            stream::repeat(event).then(move |event| async move {
                tokio::time::sleep(pause).await;
                event
            })
        };
        match self.noise {
            Noise::None | Noise::Ends => told.boxed(),
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
        self.line.reach("sign of life")?;
        let mut pings = self.pings.lock().unwrap();
        *pings += 1;
        let silence = Error::Timeout { request: "sign of life", after: Duration::from_secs(4) };
        if *pings > self.pings_max { Err(silence) } else { Ok(()) }
    }
}

pub(crate) const ALL: [(&str, &str); 4] = [("A", "50"), ("B", "50"), ("C", "50"), ("D", "50")];

pub(crate) fn executor(broker: &Arc<Fake>, journal: &Arc<MemoryJournal>) -> Executor {
    let clock = broker.clock.clone();
    Executor::new(broker.clone(), journal.clone(), clock, ExecutorConfig::default())
}

pub(crate) async fn execute(broker: &Arc<Fake>, approved: ApprovedPlan) -> ExecutionReport {
    let executor = executor(broker, &Arc::default());
    executor.execute(approved, &StopSignal::new()).await.unwrap()
}

pub(crate) fn statuses(report: &ExecutionReport) -> Vec<OrderStatus> {
    report.orders.iter().map(|order| order.status).collect()
}

pub(crate) fn reason(report: &ExecutionReport, index: usize) -> &str {
    report.orders[index].reason.as_deref().unwrap()
}
