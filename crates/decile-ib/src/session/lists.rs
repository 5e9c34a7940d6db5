//! What the gateway remembers of orders.

use super::Session;
use crate::book::{Book, News};
use crate::{Error, wire};
use chrono::{DateTime, TimeDelta, Utc};
use decile_trade::{ClientOrderId, Execution, OrderName, OrderSnapshot, OrderState};
use ibapi::orders::{ExecutionFilter, Executions, OrderData, Orders};
use std::collections::HashMap;
use std::sync::Arc;

/// How far back executions are asked for. Gateways remember a week at most, and by default only the
/// current day.
const DAYS: i32 = 7;

/// What the gateway's lists say, in the terms of the client library.
struct Lists {
    open: Vec<Orders>,
    completed: Vec<Orders>,
    executions: Vec<Executions>,
}

impl Session {
    pub(crate) async fn find(
        self: &Arc<Self>,
        id: &ClientOrderId,
    ) -> Result<Option<OrderSnapshot>, Error> {
        let found = self.find_all(std::slice::from_ref(id)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Looks orders up among the open orders of all clients, the completed ones, and the executions of
    /// the last days; all three must answer.
    pub(crate) async fn find_all(
        self: &Arc<Self>,
        ids: &[ClientOrderId],
    ) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        let Lists { open, completed, executions } = self.lists().await?;
        // What this session has heard of them is as true as what the lists say.
        let mut book = self.orders().book.extract(&ids.iter().collect());
        self.read_open(&mut book, open);
        self.read_completed(&mut book, completed);
        self.read_executions(&mut book, executions)?;
        let known = book.snapshots().into_iter();
        let known: HashMap<_, _> = known.map(|order| (order.id.clone(), order)).collect();
        Ok(ids.iter().map(|id| known.get(&OrderName::from(id.clone())).cloned()).collect())
    }

    pub(crate) async fn open_orders(self: &Arc<Self>) -> Result<Vec<OrderSnapshot>, Error> {
        let mut book = Book::default();
        let open = self.open_list().await?;
        self.read_open(&mut book, open);
        book.learn_names(&self.orders().book);
        let mut orders = book.snapshots();
        orders.retain(|order| !order.state.is_final());
        Ok(orders)
    }

    /// Completed orders bear neither prices nor commissions; the executions do.
    pub(crate) async fn completed_orders(self: &Arc<Self>) -> Result<Vec<OrderSnapshot>, Error> {
        let (completed, executions) =
            tokio::try_join!(self.completed_list(), self.execution_list(DAYS))?;
        let mut book = Book::default();
        self.read_completed(&mut book, completed);
        self.read_executions(&mut book, executions)?;
        book.learn_names(&self.orders().book);
        let mut orders = book.snapshots();
        orders.retain(|order| order.state.is_final());
        Ok(orders)
    }

    pub(crate) async fn executions(
        self: &Arc<Self>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        let age = self.config.clock.now().signed_duration_since(since).max(TimeDelta::zero());
        // The day it is now and the one that it was then are both in part.
        let days = i32::try_from(age.num_days()).map_or(DAYS, |days| days.saturating_add(2));
        let mut book = Book::default();
        let rows = self.execution_list(days.min(DAYS)).await?;
        self.read_executions(&mut book, rows)?;
        book.learn_names(&self.orders().book);
        let mut executions = book.executions();
        executions.retain(|execution| execution.time >= since);
        executions.sort_by(|a, b| (a.time, &a.execution_id).cmp(&(b.time, &b.execution_id)));
        Ok(executions)
    }

    /// Notes the orders of the account: no order id must be given out that was used, for gateways
    /// forget, and count on from a lower one; and no name, even if the journal that knows of it is
    /// lost.
    pub(super) async fn note_earlier(self: &Arc<Self>) -> Result<(), Error> {
        let Lists { open, completed, executions } = self.lists().await?;
        let client_id = self.config.client_id;
        let mut earlier = HashMap::new();
        let mut note = |order_ref: &str| {
            earlier.extend(order_ref.parse::<ClientOrderId>().map(|id| (id, None)));
        };
        for row in open.iter().chain(&completed) {
            // A question about an order is none, and takes no name.
            if let Orders::OrderData(data) = row
                && !data.order.what_if
            {
                note(&data.order.order_ref);
            }
            match row {
                Orders::OrderData(data) if data.order.client_id == client_id => {
                    self.ids.used(data.order_id.max(data.order.order_id));
                }
                Orders::OrderStatus(status) if status.client_id == client_id => {
                    self.ids.used(status.order_id);
                }
                Orders::OrderData(_) | Orders::OrderStatus(_) => {}
            }
        }
        for row in &executions {
            if let Executions::ExecutionData(data) = row {
                note(&data.execution.order_reference);
                if data.execution.client_id == client_id {
                    self.ids.used(data.execution.order_id);
                }
            }
        }
        let mut book = Book::default();
        self.read_open(&mut book, open);
        self.read_completed(&mut book, completed);
        // Without all executions nobody can say that there was none.
        if self.read_executions(&mut book, executions).is_ok() {
            for order in book.snapshots() {
                if let OrderName::Ours(id) = &order.id {
                    earlier.insert(id.clone(), ended_unfilled(&order));
                }
            }
        }
        self.orders().earlier.extend(earlier);
        Ok(())
    }

    /// The three at once: their answers cannot be mistaken for each other. A gateway that has lost its
    /// line to Interactive Brokers meanwhile has not told all: what it does not show may be there.
    async fn lists(self: &Arc<Self>) -> Result<Lists, Error> {
        let (open, completed, executions) =
            tokio::try_join!(self.open_list(), self.completed_list(), self.execution_list(DAYS))?;
        Ok(Lists { open, completed, executions })
    }

    pub(super) async fn open_list(self: &Arc<Self>) -> Result<Vec<Orders>, Error> {
        self.writable()?;
        let ask = |session: Arc<Self>, within| async move {
            let mut rows = session.client().all_open_orders().await?;
            rows.collect_to_end_within(within).await
        };
        let rows = self.in_turn("open orders", |turns| &turns.open_orders, ask).await?;
        self.link.upstream().map(|()| rows)
    }

    async fn completed_list(self: &Arc<Self>) -> Result<Vec<Orders>, Error> {
        self.writable()?;
        let ask = |session: Arc<Self>, within| async move {
            let mut rows = session.client().completed_orders(false).await?;
            rows.collect_to_end_within(within).await
        };
        let rows = self.in_turn("completed orders", |turns| &turns.completed_orders, ask).await?;
        self.link.upstream().map(|()| rows)
    }

    async fn execution_list(self: &Arc<Self>, last_n_days: i32) -> Result<Vec<Executions>, Error> {
        let account_code = self.config.account.to_string();
        let filter = ExecutionFilter { account_code, last_n_days, ..ExecutionFilter::default() };
        let work = |session: Arc<Self>| async move {
            let rows = session.client().executions(filter).await;
            let mut rows = rows.map_err(Error::from_client)?;
            // They have a number of their own, so a late end is nobody else's.
            let within = session.config.request_timeout;
            rows.collect_to_end_within(within).await.map_err(Error::from_client)
        };
        let rows = self.request("executions", work).await?;
        self.link.upstream().map(|()| rows)
    }

    /// A read-only gateway refuses lists of orders under no request's number, so it would look as if
    /// it did not answer.
    fn writable(&self) -> Result<(), Error> {
        if self.link.is_read_only() { Err(Error::ReadOnly) } else { Ok(()) }
    }

    fn read_open(&self, book: &mut Book, rows: Vec<Orders>) {
        for row in rows {
            let news = match row {
                Orders::OrderData(data) => wire::open(&data, &self.config.account).map(News::Open),
                Orders::OrderStatus(status) => wire::status(&status).map(News::Status),
            };
            if let Some(news) = news {
                book.apply(self.config.client_id, news, &mut Vec::new());
            }
        }
    }

    fn read_completed(&self, book: &mut Book, rows: Vec<Orders>) {
        let data = |row| match row {
            Orders::OrderData(data) => Some(data),
            Orders::OrderStatus(_) => None,
        };
        let open = |data: OrderData| wire::open(&data, &self.config.account);
        rows.into_iter().filter_map(data).filter_map(open).for_each(|order| book.complete(order));
    }

    fn read_executions(&self, book: &mut Book, rows: Vec<Executions>) -> Result<(), Error> {
        for row in rows {
            let news = match row {
                Executions::ExecutionData(data) => {
                    wire::execution(&data, &self.config.account)?.map(News::Execution)
                }
                Executions::CommissionReport(report) => wire::commission(&report),
            };
            if let Some(news) = news {
                book.apply(self.config.client_id, news, &mut Vec::new());
            }
        }
        Ok(())
    }
}

/// Returns how an order ended of which nothing has filled, if it did.
fn ended_unfilled(order: &OrderSnapshot) -> Option<String> {
    let end = match order.state {
        OrderState::Cancelled => "cancelled",
        OrderState::Rejected => "refused",
        _ => return None,
    };
    let told = order.reason.clone().unwrap_or_else(|| end.to_owned());
    order.filled.is_zero().then_some(told)
}
