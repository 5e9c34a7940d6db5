//! What a paper account has, holds and did.

use super::{PaperConfig, Remainder};
use crate::plan::reference;
use crate::{
    Account, AccountId, AccountKind, ApprovedOrder, BrokerEvent, ClientOrderId, Error, Execution,
    OrderKind, OrderSnapshot, OrderState, PlannedOrder, Position, Side,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use decile_core::{
    AppliedAction, Calendar, CorporateAction, Currency, Decimal, FixedCommission, Money, Price,
    Quote, Shares, Symbol,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Book {
    account: AccountId,
    currency: Currency,
    session: NaiveDate,
    cash: Money,
    positions: BTreeMap<Symbol, Position>,
    orders: BTreeMap<ClientOrderId, OrderSnapshot>,
    executions: Vec<Execution>,
}

/// How much of an order fills.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fill {
    All,
    Part(Shares, Remainder),
}

/// Shares that change hands, worked out before anything is changed.
struct Deal {
    side: Side,
    quantity: Shares,
    price: Price,
    notional: Money,
    commission: Money,
}

impl Book {
    pub(super) fn new(config: &PaperConfig) -> Self {
        Self {
            account: config.account.clone(),
            currency: config.currency,
            session: config.session,
            cash: config.cash,
            positions: BTreeMap::new(),
            orders: BTreeMap::new(),
            executions: Vec::new(),
        }
    }

    /// Returns the book if it is that of the account.
    pub(super) fn of(self, config: &PaperConfig, path: &Path) -> Result<Self, Error> {
        let is_same = self.account == config.account && self.currency == config.currency;
        is_same.then_some(()).ok_or_else(|| Error::StateAccount {
            path: path.to_owned(),
            found: format!("{} in {}", self.account, self.currency),
            expected: format!("{} in {}", config.account, config.currency),
        })?;
        Ok(self)
    }

    pub(super) fn account(
        &self,
        quotes: &BTreeMap<Symbol, Quote>,
        now: DateTime<Utc>,
    ) -> Result<Account, Error> {
        let mut equity = self.cash;
        for (symbol, position) in &self.positions {
            let quote = quotes.get(symbol);
            let price = reference(quote).or_else(|| quote?.previous_close).map(Price::get);
            // A holding without any price counts with what it cost.
            let price = Money::new(price.unwrap_or(position.average_cost.get()));
            equity += price.times(Decimal::from(position.quantity.get()))?;
        }
        let (id, currency, cash) = (self.account.clone(), self.currency, self.cash);
        let settled_cash = Some(cash - self.unsettled(now)?);
        Ok(Account { id, currency, cash, equity, settled_cash })
    }

    /// Returns what the sales have brought since the last session began, by the clock: it is settled in
    /// the next.
    fn unsettled(&self, now: DateTime<Utc>) -> Result<Money, decile_core::Error> {
        let calendar = Calendar::nyse();
        let last = calendar.session_on_or_before(calendar.local_date(now));
        // Before the first session that the calendar knows, nothing is known to have settled.
        let began = last.and_then(|last| calendar.at(last, NaiveTime::MIN));
        let recent = self.executions.iter().rev();
        let recent = recent.take_while(|execution| began.is_none_or(|it| execution.time >= it));
        recent.filter(|execution| execution.side == Side::Sell).try_fold(
            Money::ZERO,
            |sum, sale| {
                let value = sale.price.notional(sale.quantity)?;
                Ok(sum + value - sale.commission.unwrap_or_default())
            },
        )
    }

    pub(super) fn session(&self) -> NaiveDate {
        self.session
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = &Position> {
        self.positions.values()
    }

    pub(super) fn order(&self, id: &ClientOrderId) -> Option<&OrderSnapshot> {
        self.orders.get(id)
    }

    pub(super) fn orders(&self) -> impl Iterator<Item = &OrderSnapshot> {
        self.orders.values()
    }

    pub(super) fn executions(&self) -> impl Iterator<Item = &Execution> {
        self.executions.iter()
    }

    /// Returns an order as it was when it had just arrived.
    pub(super) fn as_submitted(order: &OrderSnapshot) -> OrderSnapshot {
        OrderSnapshot {
            state: OrderState::Submitted,
            filled: Shares::ZERO,
            average_price: None,
            commission: None,
            reason: None,
            ..order.clone()
        }
    }

    /// Takes and fills an order; the error says why it is refused, and then nothing has changed.
    pub(super) fn take(
        &mut self,
        order: &ApprovedOrder,
        quote: Option<&Quote>,
        (kind, commission, now): (AccountKind, &FixedCommission, DateTime<Utc>),
        fill: Fill,
    ) -> Result<Vec<BrokerEvent>, String> {
        let (id, order) = (order.id(), order.order());
        self.refuse(id, order)?;
        let price = self.fill_price(order, quote)?;
        let is_marketable = order.kind.limit().is_none_or(|limit| match order.side {
            Side::Buy => price <= limit,
            Side::Sell => price >= limit,
        });
        let quantity = match fill {
            // It rests, and never fills.
            _ if !is_marketable => Shares::ZERO,
            Fill::All => order.quantity,
            Fill::Part(quantity, _) => quantity.clamp(Shares::ZERO, order.quantity),
        };
        let deal = self.deal(order, quantity, price, commission)?;
        self.refuse_unpaid(order, &deal, (kind, now))?;
        let submitted = OrderSnapshot::unfilled(id, order, OrderState::Submitted);
        let mut events = vec![BrokerEvent::Order(submitted.clone())];
        if !quantity.is_zero() {
            events.push(BrokerEvent::Execution(self.settle(id, order, &deal, now)?));
        }
        let state = match fill {
            _ if quantity == order.quantity => OrderState::Filled,
            Fill::Part(_, Remainder::Cancelled) => OrderState::Cancelled,
            _ if quantity.is_zero() => OrderState::Working,
            _ => OrderState::PartiallyFilled,
        };
        let snapshot = OrderSnapshot {
            state,
            filled: quantity,
            average_price: (!quantity.is_zero()).then_some(price),
            commission: Some(deal.commission),
            ..submitted
        };
        self.orders.insert(id.clone(), snapshot.clone());
        events.push(BrokerEvent::Order(snapshot));
        Ok(events)
    }

    fn refuse(&self, id: &ClientOrderId, order: &PlannedOrder) -> Result<(), String> {
        if self.orders.contains_key(id) {
            return Err(format!("the id {id} was used before"));
        }
        if matches!(order.kind, OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. }) {
            return Err("a paper account has no closing auction".to_owned());
        }
        if *id.account() != self.account {
            return Err(format!("the order is for account {}, not {}", id.account(), self.account));
        }
        if order.side == Side::Sell {
            let held = self.positions.get(&order.symbol);
            let held = held.map_or(Shares::ZERO, |position| position.quantity);
            // Shares that an open order may still sell are not there for another one.
            let is_sale = |open: &&OrderSnapshot| {
                open.symbol == order.symbol && open.side == Side::Sell && !open.state.is_final()
            };
            let open = self.orders().filter(is_sale);
            let promised = open.fold(Shares::ZERO, |sum, open| sum + open.quantity - open.filled);
            if order.quantity > held - promised {
                let (quantity, symbol) = (order.quantity, &order.symbol);
                return Err(format!("{quantity} {symbol} to sell and {} held", held - promised));
            }
        }
        Ok(())
    }

    fn fill_price(&self, order: &PlannedOrder, quote: Option<&Quote>) -> Result<Price, String> {
        let symbol = &order.symbol;
        let quote = quote.ok_or_else(|| format!("{symbol} has no quote"))?;
        if quote.currency != self.currency {
            return Err(format!("{symbol} is quoted in {}, not {}", quote.currency, self.currency));
        }
        match order.side {
            Side::Buy => quote.ask.ok_or_else(|| format!("{symbol} has no ask")),
            Side::Sell => quote.bid.ok_or_else(|| format!("{symbol} has no bid")),
        }
    }

    fn deal(
        &self,
        order: &PlannedOrder,
        quantity: Shares,
        price: Price,
        commission: &FixedCommission,
    ) -> Result<Deal, String> {
        let told = |error: decile_core::Error| error.to_string();
        let commission = match quantity.is_zero() {
            true => Money::ZERO,
            false => commission.of(price, quantity).map_err(|error| error.to_string())?,
        };
        let notional = price.notional(quantity).map_err(told)?;
        Ok(Deal { side: order.side, quantity, price, notional, commission })
    }

    /// Refuses a buy for the whole of which there is not the cash.
    fn refuse_unpaid(
        &self,
        order: &PlannedOrder,
        deal: &Deal,
        (kind, now): (AccountKind, DateTime<Utc>),
    ) -> Result<(), String> {
        if order.side == Side::Sell {
            return Ok(());
        }
        let told = |error: decile_core::Error| error.to_string();
        let needed = deal.price.notional(order.quantity).map_err(told)? + deal.commission;
        let (cash, what) = match kind {
            AccountKind::Margin => (self.cash, "in cash"),
            AccountKind::Cash => (self.cash - self.unsettled(now).map_err(told)?, "settled"),
        };
        if needed > cash {
            return Err(format!("{needed} needed with commission and {cash} {what}"));
        }
        Ok(())
    }

    /// Moves the shares and the cash.
    fn settle(
        &mut self,
        id: &ClientOrderId,
        order: &PlannedOrder,
        deal: &Deal,
        now: DateTime<Utc>,
    ) -> Result<Execution, String> {
        self.move_shares(&order.symbol, deal)?;
        match deal.side {
            Side::Buy => self.cash -= deal.notional + deal.commission,
            Side::Sell => self.cash += deal.notional - deal.commission,
        }
        let execution = Execution {
            execution_id: format!("paper-{:06}", self.executions.len() + 1),
            id: id.clone().into(),
            symbol: order.symbol.clone(),
            side: deal.side,
            quantity: deal.quantity,
            price: deal.price,
            commission: Some(deal.commission),
            time: now,
        };
        self.executions.push(execution.clone());
        Ok(execution)
    }

    fn move_shares(&mut self, symbol: &Symbol, deal: &Deal) -> Result<(), String> {
        let old = self.positions.get(symbol).map(Position::holding).transpose();
        let holding = old.map(Option::unwrap_or_default).and_then(|old| match deal.side {
            Side::Buy => Ok(old.bought(deal.quantity, deal.notional + deal.commission)),
            Side::Sell => old.sold(deal.quantity),
        });
        let holding = holding.map_err(|error| error.to_string())?;
        match holding.quantity.is_zero() {
            true => self.positions.remove(symbol),
            false => self.positions.insert(symbol.clone(), Position::of(symbol.clone(), holding)),
        };
        Ok(())
    }

    /// Cancels an order; returns its new state, or `None` if it was final before.
    pub(super) fn cancel(&mut self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        let unknown = || Error::UnknownOrder { id: id.clone() };
        let order = self.orders.get_mut(id).ok_or_else(unknown)?;
        if order.state.is_final() {
            return Ok(None);
        }
        order.state = OrderState::Cancelled;
        Ok(Some(order.clone()))
    }

    /// Ends what is open, and moves on to a later session.
    pub(super) fn begin(&mut self, session: NaiveDate) {
        for order in self.orders.values_mut().filter(|order| !order.state.is_final()) {
            order.state = OrderState::Cancelled;
            order.reason = Some("expired at the end of its session".to_owned());
        }
        self.session = session;
    }

    /// Applies a split or payout to what is held, if anything is.
    pub(super) fn apply(
        &mut self,
        action: &CorporateAction,
        close: Option<Price>,
    ) -> Result<Option<AppliedAction>, Error> {
        let Some(position) = self.positions.get_mut(&action.symbol) else { return Ok(None) };
        let mut holding = position.holding()?;
        let applied = AppliedAction::apply(action, &mut holding, close)?;
        *position = Position::of(action.symbol.clone(), holding);
        self.cash += applied.cash;
        Ok(Some(applied))
    }

    pub(super) fn drop_empty_positions(&mut self) {
        self.positions.retain(|_, position| !position.quantity.is_zero());
    }

    pub(super) fn id(&self) -> &AccountId {
        &self.account
    }
}
