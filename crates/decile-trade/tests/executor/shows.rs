//! An order of which nobody knows, and a broker that shows more of it than it did.

use crate::desk::{Desk, named, statuses};
use crate::line::{Behind, Line};
use crate::market::{money, session, symbol};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use decile_core::{Clock, Money, Shares};
use decile_trade::OrderStatus::Unknown;
use decile_trade::{
    Account, Attempts, Broker, Clearance, ClientOrderId, Error, Execution, Executor, History,
    OrderKind, OrderReport, OrderSnapshot, OrderState, PaperBroker, PlannedOrder, Side,
    TimeInForce, Trouble,
};
use std::sync::Arc;

/// A line behind which the broker shows more of an order than it did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shows {
    pub(crate) executions: Vec<Execution>,
    pub(crate) open: Vec<OrderSnapshot>,
    pub(crate) completed: Vec<OrderSnapshot>,
    pub(crate) found: Option<OrderSnapshot>,
    /// The request that is not answered.
    pub(crate) silent: Option<&'static str>,
}

impl Shows {
    async fn answer(&self, request: &'static str) {
        if self.silent == Some(request) {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Line for Shows {
    async fn account(&self, paper: &PaperBroker) -> Result<Account, Error> {
        self.answer("account").await;
        paper.account().await
    }
    async fn find(
        &self,
        paper: &PaperBroker,
        id: &ClientOrderId,
    ) -> Result<Option<OrderSnapshot>, Error> {
        self.answer("order").await;
        Ok(self.found.clone().or(paper.find(id).await?))
    }
    async fn open_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        self.answer("open orders").await;
        Ok([paper.open_orders().await?, self.open.clone()].concat())
    }
    async fn completed_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        self.answer("completed orders").await;
        Ok([paper.completed_orders().await?, self.completed.clone()].concat())
    }
    async fn executions(
        &self,
        paper: &PaperBroker,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        self.answer("executions").await;
        Ok([paper.executions(since).await?, self.executions.clone()].concat())
    }
    async fn ping(&self, paper: &PaperBroker) -> Result<(), Error> {
        self.answer("sign of life").await;
        paper.ping().await
    }
}

pub(crate) const WHY: (&str, &str) = ("ada", "TWS says so");
pub(crate) const QUANTITY: i64 = 2849;

pub(crate) fn ended(filled: i64, price: Option<&str>) -> Clearance {
    let average_price = price.map(|price| price.parse().unwrap());
    Clearance::Ended { filled: Shares::new(filled), average_price }
}

/// A desk with an order for 2,849 A at about 10 that the broker does not have, and its name.
pub(crate) async fn unknown() -> (Desk, ClientOrderId) {
    let desk = Desk::new();
    desk.broker.trouble_for(symbol("A"), Trouble::LostBeforeArrival);
    let report = desk.trade(&["A"]).await;
    assert_eq!(statuses(&report), named(&[("A", Unknown)]));
    assert_eq!(report.orders[0].quantity, Shares::new(QUANTITY));
    (desk, report.orders[0].id.clone())
}

pub(crate) fn behind(desk: &Desk, shows: &Shows) -> Executor {
    desk.executor_at(Arc::new(Behind { paper: desk.broker.clone(), line: shows.clone() }))
}

pub(crate) async fn clear(
    desk: &Desk,
    id: &ClientOrderId,
    clearance: Clearance,
) -> Result<OrderReport, Error> {
    desk.executor().clear(id, clearance, WHY).await
}

pub(crate) fn execution(desk: &Desk, id: &ClientOrderId, name: &str, quantity: i64) -> Execution {
    Execution {
        execution_id: name.to_owned(),
        id: id.clone().into(),
        symbol: id.symbol().clone(),
        side: Side::Buy,
        quantity: Shares::new(quantity),
        price: "10.5".parse().unwrap(),
        commission: Some(money("1")),
        time: desk.clock.now(),
    }
}

pub(crate) fn snapshot(id: &ClientOrderId, state: OrderState, filled: i64) -> OrderSnapshot {
    let order = PlannedOrder {
        symbol: id.symbol().clone(),
        side: Side::Buy,
        quantity: Shares::new(QUANTITY),
        kind: OrderKind::Market,
        time_in_force: TimeInForce::Day,
        reference: "10".parse().unwrap(),
        notional: money("28490"),
    };
    OrderSnapshot { filled: Shares::new(filled), ..OrderSnapshot::unfilled(id, &order, state) }
}

pub(crate) fn is_open(desk: &Desk) -> bool {
    Attempts::replay(&*desk.journal).unwrap().unresolved().next().is_some()
}

/// What the strategy has of A by its journal, how many orders the session had and what they bought.
pub(crate) fn known(desk: &Desk) -> (i64, usize, Money) {
    let history = History::replay(&*desk.journal).unwrap();
    let owned = history.owned_with(&[], session()).unwrap();
    let day = history.day(session());
    let held = owned.get(&symbol("A")).map_or(0, |held| held.get());
    (held, day.orders, day.bought)
}
