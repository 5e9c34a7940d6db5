//! What must still hold before an order goes out: a broker that lives, the account, cash, shares, hours.

use super::run::Run;
use crate::error::in_full;
use crate::{Account, AccountKind, ApprovedOrder, Day, Error, PlannedOrder, Position, Side};
use decile_core::{Money, Shares, Symbol};
use futures::future::join;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often it is looked whether the account shows what sales have brought.
const PROCEEDS_LOOK: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Asks for a sign of life, unless there was one a moment ago. In silence nothing is sent: what is
    /// sent into a connection that is half open may arrive, or not, or hours later. And nothing is sent
    /// before all is known that a loss of the connection has kept back.
    pub(super) async fn probe(&mut self) {
        let executor = self.executor;
        self.watch.drain();
        if self.watch.missed().is_some() {
            self.recover(None).await;
            return;
        }
        let stands = |at: Instant| at.elapsed() < executor.config.probe_interval;
        if self.alive_at.is_some_and(stands) {
            return;
        }
        match executor.ask("sign of life", executor.broker.ping()).await {
            Ok(()) => {
                self.alive_at = Some(Instant::now());
                if let Some(error) = executor.skewed() {
                    self.halt = Some(in_full(&error));
                }
            }
            Err(error) => {
                self.recover(Some(error)).await;
            }
        }
    }

    /// Looks at the account as it is now, which the plan has not seen, and for sells at what is
    /// held. What cannot be known, once more after the connection is back, or is another account, stops
    /// everything.
    pub(super) async fn look(&mut self, side: Side) -> BTreeMap<Symbol, Shares> {
        self.probe().await;
        for is_last in [false, true] {
            if self.halt.is_some() {
                break;
            }
            match self.ask_for_holdings(side).await {
                Ok((account, held)) if account.id == self.terms.account => {
                    self.take_cash(side, &account).await;
                    return held;
                }
                Ok((account, _)) => {
                    self.halt = Some(format!("the broker is at account {}", account.id));
                }
                Err((what, error)) if is_last => {
                    self.halt = Some(format!("{what} not known: {}", in_full(&error)));
                }
                Err((_, error)) => {
                    self.recover(Some(error)).await;
                }
            }
        }
        BTreeMap::new()
    }

    /// Asks for the account, and for sells for what is held; what is not known is an error.
    async fn ask_for_holdings(
        &self,
        side: Side,
    ) -> Result<(Account, BTreeMap<Symbol, Shares>), (&'static str, Error)> {
        let executor = self.executor;
        let account = executor.ask("account", executor.broker.account());
        let positions = async {
            let sells = side == Side::Sell;
            let positions = executor.ask("positions", executor.broker.positions());
            if sells { positions.await.map(summed) } else { Ok(BTreeMap::new()) }
        };
        let (account, positions) = join(account, positions).await;
        let account = account.map_err(|error| ("the account is", error))?;
        let positions = positions.map_err(|error| ("the positions are", error))?;
        Ok((account, positions))
    }

    /// Takes in what buys may be paid with: of a cash account what is settled, for which no sale of the
    /// session is waited for.
    async fn take_cash(&mut self, side: Side, account: &Account) {
        match (side, self.terms.account_kind) {
            // Sells come first, and what they bring is not there before the first buy.
            (Side::Sell, AccountKind::Margin) => self.purse.begin(account.cash),
            (Side::Sell, AccountKind::Cash) => {}
            (Side::Buy, AccountKind::Margin) => {
                let cash = self.confirmed(account.cash).await;
                self.purse.read(cash);
            }
            (Side::Buy, AccountKind::Cash) => match account.spendable(AccountKind::Cash) {
                Some(settled) => self.purse.read(settled),
                None => self.halt = Some("the broker does not tell the settled cash".to_owned()),
            },
        }
    }

    /// Waits for the account to show what the sales have brought, since brokers may take some seconds to
    /// add it up; but not for ever, for somebody else may have spent it.
    async fn confirmed(&mut self, mut cash: Money) -> Money {
        let executor = self.executor;
        let deadline = Instant::now() + executor.config.request_timeout;
        while self.purse.lacks_proceeds(cash) && Instant::now() < deadline {
            sleep(PROCEEDS_LOOK).await;
            match executor.ask("account", executor.broker.account()).await {
                Ok(account) if account.id == self.terms.account => cash = account.cash,
                Ok(account) => {
                    self.halt = Some(format!("the broker is at account {}", account.id));
                    break;
                }
                // It may answer the next time.
                Err(_) => {}
            }
        }
        cash
    }

    /// Returns why this order must not be sent, if it must not; else its cash or shares are spoken for.
    /// A buy that the cash does not pay for is made smaller if that will do.
    pub(super) fn allow(
        &mut self,
        order: &mut ApprovedOrder,
        held: &mut BTreeMap<Symbol, Shares>,
    ) -> Result<(), String> {
        let PlannedOrder { symbol, side, quantity, .. } = order.order().clone();
        let now = self.executor.clock.now();
        self.terms.hours(order.order(), now).map_or(Ok(()), Err)?;
        self.outgrown(order).map_or(Ok(()), Err)?;
        if self.day.orders >= self.terms.day_caps.orders {
            return Err(format!("{} orders of the session are out: the limit", self.day.orders));
        }
        if side == Side::Buy {
            if let Some(latched) = &self.latched {
                return Err(latched.clone());
            }
            if let Some(objection) = self.purse.objection(order.cash_needed()) {
                if !order.shrink_to(self.purse.free_at_worst()) {
                    return Err(objection);
                }
                let sent = order.order().quantity;
                let remark = format!("{sent} of {quantity} were sent: {objection}");
                self.remark(order.id(), &remark);
            }
            let (bought, most) =
                (self.day.bought + order.order().notional, self.terms.day_caps.bought);
            if bought > most {
                return Err(format!("{bought} would be bought in the session, of at most {most}"));
            }
            self.purse.hold(order.cash_needed());
            self.day = Day { orders: self.day.orders + 1, bought };
            return Ok(());
        }
        let left = held.entry(symbol.clone()).or_default();
        if quantity > *left {
            return Err(format!("{quantity} {symbol} to sell and {left} held"));
        }
        *left = *left - quantity;
        self.day.orders += 1;
        Ok(())
    }

    /// Returns why a further attempt at an order would trade more than the plan asked for, if it would:
    /// since it was made, a connection may have been lost and come back, and with it the word that more of
    /// an earlier attempt has filled.
    fn outgrown(&self, order: &ApprovedOrder) -> Option<String> {
        let (id, quantity) = (order.id(), order.order().quantity);
        if id.attempt() == 1 {
            return None;
        }
        let first = self.entries.iter().find(|entry| entry.id.is_same_order(id));
        let planned = first.map_or(quantity, |entry| entry.order.quantity);
        let filled = self.watch.tracker.filled(id);
        (filled + quantity > planned)
            .then(|| format!("{filled} of {planned} have filled, and {quantity} more are too many"))
    }
}

fn summed(positions: Vec<Position>) -> BTreeMap<Symbol, Shares> {
    let mut held: BTreeMap<_, Shares> = BTreeMap::new();
    for position in positions {
        let quantity = held.entry(position.symbol).or_default();
        *quantity = *quantity + position.quantity;
    }
    held
}
