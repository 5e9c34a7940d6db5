//! Open orders, completed orders and executions, for whoever asks.

use super::book::{Done, Order, Status};
use super::event::Fill;
use super::notice::Refusal;
use super::reply::Reply;
use super::request::ExecutionFilter;
use super::terms::Side;
use super::{ConnectionId, Engine, times};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeSet;

impl Engine {
    /// Tells the open orders of a client, or of all, and returns how many there are.
    pub(super) fn list_orders(&mut self, at: ConnectionId, client: Option<i32>) -> usize {
        let is_asked =
            |index: &usize| client.is_none_or(|client| self.book.order(*index).client == client);
        let orders: Vec<usize> = self.book.working().filter(is_asked).collect();
        for index in &orders {
            let status = self.status_name(*index);
            let view = self.view(*index, status, false);
            self.tell(at, Reply::OpenOrder(Box::new(view)));
            self.tell(at, Reply::OrderStatus(self.status_view(*index, status)));
        }
        orders.len()
    }

    pub(super) fn list_open_orders(&mut self, at: ConnectionId, client: Option<i32>) {
        self.list_orders(at, client);
        self.tell(at, Reply::OpenOrdersEnd);
    }

    /// Tells the orders that ended in this session or on this day, of every client. As recorded,
    /// the status of this client's own cancelled orders comes again before them.
    pub(super) fn list_completed_orders(&mut self, at: ConnectionId, client: i32) {
        let session = self.book.session();
        let today = times::local_date(self.now());
        let is_recent =
            |done: &Done| done.session == session || times::local_date(done.at) == today;
        let ended = |order: &Order| order.done.as_ref().is_some_and(is_recent);
        let orders = self.book.orders().iter().enumerate();
        let ended: Vec<usize> =
            orders.filter(|(_, order)| ended(order)).map(|(index, _)| index).collect();
        for index in &ended {
            let order = self.book.order(*index);
            if order.client == client && order.status == Status::Cancelled {
                self.tell(at, Reply::OrderStatus(self.status_view(*index, "Cancelled")));
            }
        }
        for index in ended {
            let status = self.status_name(index);
            let mut view = self.view(index, status, false);
            let done = self.book.order(index).done.as_ref();
            view.completed = done.map(|done| (times::local(done.at), done.how.clone()));
            self.tell(at, Reply::CompletedOrder(Box::new(view)));
        }
        self.tell(at, Reply::CompletedOrdersEnd);
    }

    /// Tells the executions that a filter lets through: all of them, then all commissions.
    pub(super) fn list_executions(
        &mut self,
        at: ConnectionId,
        request: i32,
        filter: &ExecutionFilter,
    ) {
        let wanted = match Wanted::of(filter, times::local_date(self.now())) {
            Ok(wanted) => wanted,
            Err(refusal) => return self.refuse(at, request, refusal),
        };
        let mut found = Vec::new();
        for (position, fill) in self.book.executions().iter().enumerate() {
            let Some(index) = self.book.by_perm_id(fill.perm_id) else { continue };
            if wanted.lets(self.book.order(index), fill) && self.is_of(index, filter) {
                found.push((position, index));
            }
        }
        for (position, index) in &found {
            let view = self.execution_view(*index, *position);
            self.tell(at, Reply::Execution(request, Box::new(view)));
        }
        for (position, index) in found {
            let order = self.book.order(index).id;
            let Fill { exec_id, commission, realized, .. } = &self.book.executions()[position];
            let (exec_id, amount, realized) = (exec_id.clone(), Some(*commission), *realized);
            self.tell(at, Reply::Commission { order, exec_id, amount, realized });
        }
        self.tell(at, Reply::ExecutionsEnd(request));
    }

    /// Tells whether the contract and account of an order are those of a filter.
    fn is_of(&self, index: usize, filter: &ExecutionFilter) -> bool {
        let terms = &self.book.order(index).terms;
        let listing = self.floor.listing(&terms.symbol);
        let exchange = terms.route.as_deref().unwrap_or(listing.exchange);
        let agrees = |asked: &str, has: &str| asked.is_empty() || asked == has;
        agrees(&filter.symbol, &listing.wire_symbol)
            && agrees(&filter.sec_type, "STK")
            && (agrees(&filter.exchange, exchange) || filter.exchange == "SMART")
            && agrees(&filter.account, &self.account)
    }
}

/// What a filter asks for, read.
struct Wanted {
    client: Option<i32>,
    side: Option<Side>,
    since: Option<DateTime<Utc>>,
    days: Span,
}

/// The days of New York whose executions are wanted.
enum Span {
    Since(NaiveDate),
    These(BTreeSet<NaiveDate>),
}

impl Wanted {
    fn of(filter: &ExecutionFilter, today: NaiveDate) -> Result<Self, Refusal> {
        let invalid = |what: &str, text: &str| Refusal::invalid(format!("Invalid {what} {text}"));
        let since = match filter.time.as_str() {
            "" => None,
            text => Some(times::read(text).ok_or_else(|| invalid("time", text))?),
        };
        let side = match filter.side.as_str() {
            "" => None,
            "BUY" | "BOT" => Some(Side::Buy),
            "SELL" | "SLD" => Some(Side::Sell),
            text => return Err(invalid("side", text)),
        };
        let date = |number: &i32| {
            let date = NaiveDate::parse_from_str(&number.to_string(), "%Y%m%d");
            date.map_err(|_| invalid("date", &number.to_string()))
        };
        let days = match filter.last_days.filter(|days| (1..i32::MAX).contains(days)) {
            _ if !filter.dates.is_empty() => {
                Span::These(filter.dates.iter().map(date).collect::<Result<_, _>>()?)
            }
            Some(days) => {
                let first = today.checked_sub_days(Days::new(days as u64 - 1));
                Span::Since(first.unwrap_or(NaiveDate::MIN))
            }
            None => Span::Since(today),
        };
        let client = (filter.client != 0).then_some(filter.client);
        Ok(Self { client, side, since, days })
    }

    fn lets(&self, order: &Order, fill: &Fill) -> bool {
        let date = times::local_date(fill.at);
        let is_day = match &self.days {
            Span::Since(first) => date >= *first,
            Span::These(dates) => dates.contains(&date),
        };
        is_day
            && self.client.is_none_or(|client| client == order.client)
            && self.side.is_none_or(|side| side == order.terms.side)
            && self.since.is_none_or(|since| fill.at >= since)
    }
}
