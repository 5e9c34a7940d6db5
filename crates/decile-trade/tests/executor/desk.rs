//! A broker, a journal and what to trade.

use crate::bad_line::{BadLine, Fault};
use crate::line::Behind;
use crate::live::{Looked, proposed};
use crate::market::{self, clock, money, quotes, session, targets};
use decile_core::{Clock, Decimal, ManualClock, Shares, Weight};
use decile_trade::{
    ApprovedPlan, Broker, Circumstances, Consent, ExecutionReport, Executor, ExecutorConfig,
    History, MemoryJournal, OrderStatus, PaperBroker, PaperConfig, PlanRules, Position, Remainder,
    RiskInputs, RiskLimits, StockFacts, StopSignal, Trouble,
};
use std::sync::Arc;

pub(crate) const PRICES: [(&str, &str); 3] = [("A", "10"), ("B", "20"), ("C", "30")];

/// A broker, a journal and what to trade.
pub(crate) struct Desk {
    pub(crate) broker: Arc<PaperBroker>,
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) config: ExecutorConfig,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::of("DU1234567")
    }

    pub(crate) fn of(account: &str) -> Self {
        let (journal, clock) = (Arc::default(), clock());
        let config = PaperConfig::new(account.parse().unwrap(), money("30000"), session());
        let broker = Arc::new(PaperBroker::new(config, clock.clone()));
        broker.set_quotes(quotes(&PRICES).into_values());
        let config = ExecutorConfig { unknown_max: 9, ..ExecutorConfig::default() };
        Self { broker, journal, clock, config }
    }

    pub(crate) fn executor(&self) -> Executor {
        self.executor_at(self.broker.clone())
    }

    pub(crate) fn executor_at(&self, broker: Arc<dyn Broker>) -> Executor {
        Executor::new(broker, self.journal.clone(), self.clock.clone(), self.config.clone())
    }

    /// The broker behind a bad line.
    pub(crate) fn behind(&self, fault: Fault) -> Arc<Behind<BadLine>> {
        Arc::new(Behind { paper: self.broker.clone(), line: BadLine::new(fault) })
    }

    /// A plan within the limits; to one for real money a person has agreed.
    pub(crate) async fn approved(&self, wanted: &[&str]) -> ApprovedPlan {
        let (account, positions) =
            (self.broker.account().await.unwrap(), self.broker.positions().await.unwrap());
        let (quotes, targets, rules) = (quotes(&PRICES), targets(wanted), PlanRules::default());
        let plan = market::plan_toward(&targets, (&account, &positions), &quotes, &rules);
        let limits = RiskLimits {
            name_weight_max: Some(Weight::new(Decimal::ONE).unwrap()),
            ..market::wide_limits()
        };
        let (looked, now) = (Looked::at(&plan, &targets, (&rules, &limits)), self.clock.now());
        let history = History::of(vec![proposed(&looked.id, &plan, now)]).unwrap();
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &quotes,
            now,
            known: &Circumstances { history, ..known() },
        };
        let approved = limits.approve(plan, &inputs).unwrap();
        if account.id.is_paper() {
            return approved;
        }
        let consent = Consent::given(&approved, &looked.inputs(true, now)).unwrap();
        approved.with_consent(consent).unwrap()
    }

    pub(crate) async fn trade(&self, wanted: &[&str]) -> ExecutionReport {
        let approved = self.approved(wanted).await;
        self.executor().execute(approved, &StopSignal::new()).await.unwrap()
    }

    /// Trades A, of which so much fills before the rest is cancelled.
    pub(crate) async fn cut(&self, quantity: Shares) -> ExecutionReport {
        let trouble = Trouble::PartialFill { quantity, then: Remainder::Cancelled };
        self.broker.trouble_for(market::symbol("A"), trouble);
        let report = self.trade(&["A"]).await;
        assert_eq!(statuses(&report), named(&[("A", OrderStatus::Partial)]));
        report
    }

    pub(crate) async fn held(&self) -> Vec<(String, i64)> {
        let positions = self.broker.positions().await.unwrap();
        let told = |held: &Position| (held.symbol.to_string(), held.quantity.get());
        positions.iter().map(told).collect()
    }
}

/// Enough is known of the stocks to trade them with real money.
fn known() -> Circumstances {
    let facts = StockFacts {
        average_daily_volume: Some(Shares::new(1_000_000_000)),
        market_cap: Some(money("1000000000000")),
        ..StockFacts::default()
    };
    let stocks = PRICES.map(|(name, _)| (market::symbol(name), facts.clone()));
    Circumstances { stocks: stocks.into(), ..Circumstances::default() }
}

pub(crate) fn statuses(report: &ExecutionReport) -> Vec<(String, OrderStatus)> {
    report.orders.iter().map(|order| (order.symbol.to_string(), order.status)).collect()
}

pub(crate) fn named(statuses: &[(&str, OrderStatus)]) -> Vec<(String, OrderStatus)> {
    statuses.iter().map(|(name, status)| ((*name).to_owned(), *status)).collect()
}
