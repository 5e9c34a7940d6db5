//! A cash account buys with what is settled, whatever it sells.

use crate::desk::PRICES;
use crate::line::{Behind, Line};
use crate::market::{clock, money, quote, session, strategy, symbol, wide_limits};
use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use decile_core::{Clock, Decimal, ManualClock, Money, Quote, Symbol, Targets, Weight};
use decile_trade::{
    Account, AccountKind, Broker, Circumstances, Error, ExecutionReport, Executor, ExecutorConfig,
    MemoryJournal, OrderStatus, PaperBroker, PaperConfig, Plan, PlanInputs, PlanRules, RiskInputs,
    RiskLimits, StopSignal,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A cash account over some sessions, of a broker that refuses what is not settled.
struct Days {
    paper: Arc<PaperBroker>,
    /// The paper broker, or that behind a line.
    at: Arc<dyn Broker>,
    journal: Arc<MemoryJournal>,
    clock: Arc<ManualClock>,
}

impl Days {
    fn new() -> Self {
        let clock = clock();
        let config = PaperConfig {
            kind: AccountKind::Cash,
            ..PaperConfig::new("DU1234567".parse().unwrap(), money("30000"), session())
        };
        let paper = Arc::new(PaperBroker::new(config, clock.clone()));
        paper.set_quotes(PRICES.map(|(name, price)| quote(name, price)));
        Self { at: paper.clone(), paper, journal: Arc::default(), clock }
    }

    fn behind(self, line: Told) -> Self {
        Self { at: Arc::new(Behind { paper: self.paper.clone(), line }), ..self }
    }

    fn next(&self) {
        self.clock.advance(TimeDelta::days(1));
    }

    fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// Trades toward equal weights by what the paper account shows.
    async fn trade(&self, wanted: &[&str]) -> ExecutionReport {
        let (account, positions) =
            (self.paper.account().await.unwrap(), self.paper.positions().await.unwrap());
        let now = self.clock.now();
        let quoted = |(name, price)| (symbol(name), Quote { time: now, ..quote(name, price) });
        let quotes: BTreeMap<Symbol, Quote> = PRICES.map(quoted).into();
        let names: Vec<_> = wanted.iter().map(|name| symbol(name)).collect();
        let inputs = PlanInputs {
            strategy: &strategy(),
            session: self.today(),
            targets: &Targets::equal_weight(self.today().pred_opt().unwrap(), &names).unwrap(),
            account: &account,
            positions: &positions,
            quotes: &quotes,
            average_daily_volume: None,
        };
        let rules = PlanRules { account_kind: AccountKind::Cash, ..PlanRules::default() };
        let plan = Plan::toward(&inputs, &rules).unwrap();
        let limits = RiskLimits {
            account_kind: AccountKind::Cash,
            name_weight_max: Some(Weight::new(Decimal::ONE).unwrap()),
            ..wide_limits()
        };
        let known = Circumstances::default();
        let (account, positions, quotes) = (&account, &positions[..], &quotes);
        let inputs = RiskInputs { account, positions, quotes, now, known: &known };
        let approved = limits.approve(plan, &inputs).unwrap();
        let (broker, config) = (self.at.clone(), ExecutorConfig::default());
        let executor = Executor::new(broker, self.journal.clone(), self.clock.clone(), config);
        executor.execute(approved, &StopSignal::new()).await.unwrap()
    }

    async fn held(&self) -> Vec<String> {
        let positions = self.paper.positions().await.unwrap();
        positions.iter().map(|held| format!("{} {}", held.quantity, held.symbol)).collect()
    }
}

/// What became of each order, with its shares and why.
fn told(report: &ExecutionReport) -> Vec<String> {
    let of = |order: &decile_trade::OrderReport| {
        let why = order.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        format!("{} {} {} {}{why}", order.status, order.id.side(), order.filled, order.id.symbol())
    };
    report.orders.iter().map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn a_cash_account_is_changed_over_two_sessions() {
    let days = Days::new();
    assert_eq!(told(&days.trade(&["A"]).await), ["filled buy 2849 A"]);
    days.next();
    // What A brings is not there yet, and what is settled is less than the buffer.
    assert_eq!(told(&days.trade(&["B"]).await), ["filled sell 2849 A"]);
    let account = days.paper.account().await.unwrap();
    assert_eq!(account.settled_cash, Some(money("1495.75")));
    assert_eq!(account.cash, money("29971.50"));
    // Neither has a second run of the day anything to buy with.
    assert_eq!(told(&days.trade(&["B"]).await), [""; 0]);
    days.next();
    assert_eq!(told(&days.trade(&["B"]).await), ["filled buy 1423 B"]);
    assert_eq!(days.held().await, ["1423 B"]);
}

#[tokio::test(start_paused = true)]
async fn a_cash_account_that_is_half_in_cash_buys_with_that_half() {
    let days = Days::new();
    // Nothing is known of X, so half of the cash stays.
    assert_eq!(told(&days.trade(&["A", "X"]).await), ["filled buy 1425 A"]);
    days.next();
    let report = told(&days.trade(&["B"]).await);
    assert_eq!(report, ["filled sell 1425 A", "filled buy 712 B"]);
    // 15,742.87 less 712 at 20 and 3.56: what A has brought is not touched.
    assert_eq!(days.paper.account().await.unwrap().settled_cash, Some(money("1499.31")));
    days.next();
    assert_eq!(told(&days.trade(&["B"]).await), ["filled buy 712 B"]);
}

/// Tells another amount of settled cash than there is, once the plan is approved.
#[derive(Debug)]
struct Told(Option<Money>);

#[async_trait]
impl Line for Told {
    async fn account(&self, paper: &PaperBroker) -> Result<Account, Error> {
        Ok(Account { settled_cash: self.0, ..paper.account().await? })
    }
}

#[tokio::test(start_paused = true)]
async fn a_buy_is_made_as_small_as_what_has_settled() {
    let days = Days::new().behind(Told(Some(money("10000"))));
    // 424 at 20 and 2.12 of 10,000, of which a buffer of 1,500 stays.
    let expected = "partial buy 424 B: fewer shares were ordered: 424 of 1424 were sent: it needs \
                    28487.12 and the cash is 10000.00";
    assert_eq!(told(&days.trade(&["B"]).await), [expected]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_bought_if_what_has_settled_is_not_told() {
    let report = Days::new().behind(Told(None)).trade(&["B"]).await;
    assert_eq!(report.orders[0].status, OrderStatus::NotSent);
    assert_eq!(told(&report), ["not_sent buy 0 B: the broker does not tell the settled cash"]);
}
