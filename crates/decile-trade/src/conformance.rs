//! Checks that a broker keeps its promises (feature `conformance`).
//!
//! [`PaperBroker`](crate::PaperBroker) and decile's adapter to Interactive Brokers are put through
//! this suite, and so should a broker of your own be, at a paper account:
//!
//! ```
//! # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
//! # use market::*;
//! use decile_trade::conformance::Suite;
//! use decile_trade::{PaperBroker, PaperConfig};
//! use std::sync::Arc;
//!
//! # block_on(async {
//! let config = PaperConfig::new("DU1234567".parse()?, money("10000"), session());
//! let broker = Arc::new(PaperBroker::new(config, clock()));
//! broker.set_quotes([quote("KO", "50")]);
//! Suite::new(broker, clock()).check(&quote("KO", "50")).await?;
//! # Ok::<(), decile_trade::Error>(())
//! # }).expect("a broker that keeps its promises");
//! ```
//!
//! [`Rule`] lists what is checked. What happens when a wire breaks is not: that needs a wire which
//! breaks to order, as the tests of the adapter have.

mod rule;
mod trade;

pub use rule::Rule;

use crate::{
    Account, AccountId, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, OrderSnapshot,
    OrderState, Position, Side, StrategyId,
};
use chrono::TimeDelta;
use decile_core::{Clock, Quote, Shares, Symbol};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How many shares are bought, and sold again.
const SHARES: i64 = 2;
/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(20);

/// The checks, at a broker of your choice.
///
/// It trades: two shares are bought and sold again, so it takes paper accounts only. See
/// [the module](self) for an example.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::conformance::Suite;
/// use decile_trade::{Error, PaperBroker, PaperConfig};
/// use std::sync::Arc;
///
/// # block_on(async {
/// let config = PaperConfig::new("U1234567".parse()?, money("10000"), session());
/// let broker = Arc::new(PaperBroker::new(config, clock()));
/// let checked = Suite::new(broker, clock()).check(&quote("KO", "50")).await;
/// assert!(matches!(checked, Err(Error::UnfitBroker { .. })));
/// # Ok::<(), decile_trade::Error>(())
/// # }).expect("a refusal");
/// ```
#[derive(Debug)]
pub struct Suite {
    broker: Arc<dyn Broker>,
    clock: Arc<dyn Clock>,
    strategy: Option<StrategyId>,
    patience: Duration,
}

/// What the account had before an order.
struct Before {
    account: Account,
    held: Shares,
}

impl Suite {
    /// Makes a suite for a broker and the clock that it goes by, in regular hours.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, clock: Arc<dyn Clock>) -> Self {
        Self { broker, clock, strategy: None, patience: Duration::from_secs(10) }
    }

    /// Names its orders otherwise than `conform`: an account takes each name once a session.
    #[must_use]
    pub fn strategy(self, strategy: StrategyId) -> Self {
        Self { strategy: Some(strategy), ..self }
    }

    /// Waits so long for a fill and its commission, instead of ten seconds.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Checks every rule, with orders in the stock of the quote, which is fresh.
    ///
    /// Needs a tokio runtime with time.
    ///
    /// # Errors
    /// [`Error::BrokerRuleBroken`] with the first rule that the broker breaks, [`Error::UnfitBroker`] for
    /// an account that is not a paper account or has too little, and whatever the broker answers.
    pub async fn check(&self, quote: &Quote) -> Result<(), Error> {
        let account = self.broker.account().await?;
        if !account.id.is_paper() {
            let found = format!("{} is not a paper account", account.id);
            return Err(Error::UnfitBroker { found });
        }
        self.steady(&account).await?;
        self.unknown(&account, quote).await?;
        for side in [Side::Buy, Side::Sell] {
            let [first, second, third] = self.orders(side, quote).await?;
            let filled = self.fill(&first, quote).await?;
            self.once(&second, &filled).await?;
            self.cancel(&third, &filled).await?;
        }
        self.dropped().await
    }

    async fn steady(&self, account: &Account) -> Result<(), Error> {
        let again = self.broker.account().await?;
        ensure(again == *account, Rule::Steady, || format!("{account:?}, then {again:?}"))?;
        let positions = self.broker.positions().await?;
        let is_sorted = positions.is_sorted_by(|a, b| a.symbol < b.symbol);
        let is_full = positions.iter().all(|position| !position.quantity.is_zero());
        ensure(is_sorted && is_full, Rule::Steady, || format!("the positions {positions:?}"))?;
        self.broker.ping().await?;
        self.broker.ping().await
    }

    async fn unknown(&self, account: &Account, quote: &Quote) -> Result<(), Error> {
        let id = self.never(&account.id, &quote.symbol)?;
        let found = self.broker.find(&id).await?;
        ensure(found.is_none(), Rule::Unknown, || format!("{found:?}"))?;
        let cancelled = self.broker.cancel(&id).await;
        let is_unknown = matches!(&cancelled, Err(Error::UnknownOrder { id: of }) if *of == id);
        ensure(is_unknown, Rule::Unknown, || format!("a cancel of {id} gives {cancelled:?}"))
    }

    /// The name of an order that nobody sends.
    fn never(&self, account: &AccountId, symbol: &Symbol) -> Result<ClientOrderId, Error> {
        let strategy: StrategyId = "unknown".parse()?;
        ClientOrderId::new((&strategy, account), self.session(), (symbol, Side::Buy), 1)
    }

    /// Sends an order and follows it everywhere.
    async fn fill(&self, order: &ApprovedOrder, quote: &Quote) -> Result<OrderSnapshot, Error> {
        let (id, symbol) = (order.id(), &quote.symbol);
        let account = self.broker.account().await?;
        let before = Before { account, held: held(&self.broker.positions().await?, symbol) };
        let mut listeners = [self.broker.events(), self.broker.events()];
        let ack = self.broker.submit(order).await;
        let is_named = matches!(&ack, Ok(ack) if ack.id == *id);
        ensure(is_named, Rule::Fills, || format!("the answer to {id} is {ack:?}"))?;
        let deadline = Instant::now() + self.patience;
        let filled = self.look_up(id, deadline).await?;
        let is_whole = filled.state == OrderState::Filled && filled.filled == filled.quantity;
        ensure(is_whole && filled.id == *id, Rule::Fills, || format!("{filled:?}"))?;
        for listener in &mut listeners {
            hear(listener, id, filled.filled, deadline).await?;
        }
        self.lists(&filled).await?;
        self.money(&before, &filled, deadline).await?;
        Ok(filled)
    }

    /// Asks for an order until it is final and its commission is known.
    async fn look_up(&self, id: &ClientOrderId, deadline: Instant) -> Result<OrderSnapshot, Error> {
        loop {
            let found = self.broker.find(id).await?;
            let is_whole =
                |found: &OrderSnapshot| found.state.is_final() && found.commission.is_some();
            match found {
                Some(found) if is_whole(&found) => return Ok(found),
                found if Instant::now() >= deadline => {
                    let found = format!("{id} ends as {found:?}");
                    return Err(Error::BrokerRuleBroken { rule: Rule::Fills, found });
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    async fn lists(&self, filled: &OrderSnapshot) -> Result<(), Error> {
        let open = self.broker.open_orders().await?;
        let is_open = open.iter().any(|order| order.id == filled.id);
        ensure(!is_open, Rule::Lists, || format!("{filled:?} among the open orders"))?;
        let completed = self.broker.completed_orders().await?;
        let listed = completed.iter().find(|order| order.id == filled.id);
        let is_same = listed.is_some_and(|listed| listed.filled == filled.filled);
        ensure(is_same, Rule::Lists, || format!("{filled:?}, and completed is {listed:?}"))?;
        let executions = self.broker.executions(self.clock.now() - TimeDelta::hours(1)).await?;
        let is_sorted = executions.is_sorted_by_key(|execution| execution.time);
        ensure(is_sorted, Rule::Lists, || "the executions are not sorted by time".to_owned())?;
        let own = executions.iter().filter(|execution| execution.id == filled.id);
        let sum = own.fold(Shares::ZERO, |sum, execution| sum + execution.quantity);
        ensure(sum == filled.filled, Rule::Lists, || format!("{filled:?} executed {sum}"))?;
        let own = filled.id.ours().cloned();
        let never = own.as_ref().map(|id| self.never(id.account(), &filled.symbol)).transpose()?;
        let ids: Vec<_> = never.into_iter().chain(own).collect();
        let together = self.broker.find_all(&ids).await?;
        let is_told = |found: &OrderSnapshot| found.filled == filled.filled;
        let is_right = matches!(&together[..], [None, Some(found)] if is_told(found));
        ensure(is_right, Rule::Lists, || {
            format!("what it never got and {filled:?} looked up together are {together:?}")
        })?;
        let later = self.broker.executions(self.clock.now() + TimeDelta::days(1)).await?;
        ensure(later.is_empty(), Rule::Lists, || format!("executions of tomorrow: {later:?}"))
    }

    /// Compares the account with what the executions say, once it shows them.
    async fn money(
        &self,
        before: &Before,
        filled: &OrderSnapshot,
        deadline: Instant,
    ) -> Result<(), Error> {
        let executions = self.broker.executions(self.clock.now() - TimeDelta::hours(1)).await?;
        let mut cash = before.account.cash;
        for execution in executions.iter().filter(|execution| execution.id == filled.id) {
            cash -= execution.price.notional(execution.side.signed(execution.quantity))?;
            cash -= execution.commission.unwrap_or_default();
        }
        let expected = (cash.to_cents(), before.held + filled.side.signed(filled.filled));
        loop {
            let account = self.broker.account().await?;
            let shares = held(&self.broker.positions().await?, &filled.symbol);
            let shown = (account.cash.to_cents(), shares);
            if shown == expected {
                return Ok(());
            }
            let told = || format!("{shown:?} after {filled:?}, where {expected:?} is right");
            ensure(Instant::now() < deadline, Rule::Money, told)?;
            sleep(PAUSE).await;
        }
    }

    async fn once(&self, again: &ApprovedOrder, filled: &OrderSnapshot) -> Result<(), Error> {
        let before = self.broker.positions().await?;
        let outcome = self.broker.submit(again).await;
        ensure(outcome.is_err(), Rule::Once, || format!("a second {} is taken", again.id()))?;
        sleep(PAUSE).await;
        self.lists(filled).await?;
        let after = self.broker.positions().await?;
        ensure(before == after, Rule::Once, || format!("{before:?} became {after:?}"))
    }

    async fn cancel(&self, order: &ApprovedOrder, filled: &OrderSnapshot) -> Result<(), Error> {
        self.broker.cancel(order.id()).await?;
        let found = self.broker.find(order.id()).await?;
        let is_same = found.as_ref().is_some_and(|found| {
            (found.state, found.filled) == (OrderState::Filled, filled.filled)
        });
        ensure(is_same, Rule::Cancel, || format!("{filled:?} became {found:?}"))
    }

    async fn dropped(&self) -> Result<(), Error> {
        let before = (self.broker.account().await?, self.broker.positions().await?);
        for _ in 0..3 {
            drop(self.broker.account().now_or_never());
            drop(self.broker.positions().now_or_never());
            drop(self.broker.open_orders().now_or_never());
            drop(self.broker.executions(self.clock.now()).now_or_never());
            drop(self.broker.events());
        }
        let after = (self.broker.account().await?, self.broker.positions().await?);
        ensure(before == after, Rule::Dropped, || format!("{before:?} became {after:?}"))
    }
}

fn held(positions: &[Position], symbol: &Symbol) -> Shares {
    let position = positions.iter().find(|position| position.symbol == *symbol);
    position.map_or(Shares::ZERO, |position| position.quantity)
}

fn ensure(holds: bool, rule: Rule, found: impl FnOnce() -> String) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::BrokerRuleBroken { rule, found: found() }) }
}

/// Listens until an order has filled, by its state or by its executions.
async fn hear(
    events: &mut BoxStream<'static, BrokerEvent>,
    id: &ClientOrderId,
    quantity: Shares,
    deadline: Instant,
) -> Result<(), Error> {
    let mut executed = std::collections::BTreeMap::new();
    loop {
        match timeout_at(deadline, events.next()).await {
            Ok(Some(BrokerEvent::Order(seen))) if seen.id == *id => {
                if seen.filled >= quantity {
                    return Ok(());
                }
            }
            Ok(Some(BrokerEvent::Execution(execution))) if execution.id == *id => {
                executed.insert(execution.execution_id, execution.quantity);
                let sum = executed.values().fold(Shares::ZERO, |sum, &shares| sum + shares);
                if sum >= quantity {
                    return Ok(());
                }
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => {
                let found = format!("a listener does not hear that {id} has filled");
                return Err(Error::BrokerRuleBroken { rule: Rule::Events, found });
            }
        }
    }
}
