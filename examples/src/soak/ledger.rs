//! What the journals say was traded, to be held against the broker.

use chrono::DateTime;
use decile::core::{Money, Shares, Symbol};
use decile::trade::{Broker, ClientOrderId, Execution, JournalRecord, OrderSnapshot, Side};
use std::collections::BTreeMap;
use std::error::Error;

/// The cash and the holdings of an account, as its journals have them.
#[derive(Debug)]
pub(super) struct Ledger {
    cash: Money,
    held: BTreeMap<Symbol, Shares>,
    /// What has filled of each order.
    filled: BTreeMap<String, Shares>,
    drifts: Vec<String>,
}

/// What a journal has of an order.
#[derive(Default)]
struct Known {
    seen: Option<OrderSnapshot>,
    executions: BTreeMap<String, Execution>,
}

fn by_order(records: Vec<JournalRecord>) -> BTreeMap<ClientOrderId, Known> {
    let mut orders: BTreeMap<ClientOrderId, Known> = BTreeMap::new();
    for record in records {
        let Some(id) = record.order_id().cloned() else { continue };
        let known = orders.entry(id).or_default();
        match record {
            JournalRecord::Seen { snapshot, .. } => known.seen = Some(snapshot),
            JournalRecord::Executed { execution } => {
                known.executions.insert(execution.execution_id.clone(), execution);
            }
            _ => {}
        }
    }
    orders
}

/// Tells whether a journal has the commission of everything that filled.
pub(super) fn is_settled(records: Vec<JournalRecord>) -> bool {
    let is_settled = |seen: &OrderSnapshot| seen.filled.is_zero() || seen.commission.is_some();
    by_order(records).values().filter_map(|known| known.seen.as_ref()).all(is_settled)
}

impl Ledger {
    pub(super) fn new(cash: Money) -> Self {
        Self { cash, held: BTreeMap::new(), filled: BTreeMap::new(), drifts: Vec::new() }
    }

    /// Adds the orders of a journal.
    pub(super) fn add(&mut self, records: Vec<JournalRecord>) {
        for (id, known) in by_order(records) {
            if let Err(reason) = self.settle(&id, &known) {
                self.drifts.push(format!("{id}: {reason}"));
            }
        }
    }

    /// Moves shares and cash as the executions say, or the state of the order where it knows of more.
    fn settle(&mut self, id: &ClientOrderId, known: &Known) -> Result<(), String> {
        let Some(seen) = known.seen.as_ref().filter(|seen| !seen.filled.is_zero()) else {
            return Ok(());
        };
        let told = |error: decile::core::Error| error.to_string();
        let executed = known.executions.values();
        let sum = executed.clone().fold(Shares::ZERO, |sum, execution| sum + execution.quantity);
        let value = if sum == seen.filled {
            let values = executed.map(|execution| execution.price.notional(execution.quantity));
            values.collect::<Result<Vec<Money>, _>>().map_err(told)?.into_iter().sum()
        } else {
            let price = seen.average_price.ok_or("its price is not known")?;
            price.notional(seen.filled).map_err(told)?
        };
        let commission = seen.commission.ok_or("its commission is not known")?;
        match id.side() {
            Side::Buy => self.cash -= value + commission,
            Side::Sell => self.cash += value - commission,
        }
        let held = self.held.entry(id.symbol().clone()).or_default();
        *held = *held + id.side().signed(seen.filled);
        self.filled.insert(id.to_string(), seen.filled);
        Ok(())
    }

    /// Returns where a broker says something else.
    pub(super) async fn drifts(
        mut self,
        broker: &dyn Broker,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        let account = broker.account().await?;
        if account.cash.to_cents() != self.cash.to_cents() {
            let (told, known) = (account.cash, self.cash);
            self.drifts.push(format!("the account has {told} and the journals {known}"));
        }
        self.held.retain(|_, held| !held.is_zero());
        let positions = broker.positions().await?.into_iter();
        let held: BTreeMap<_, _> = positions.map(|held| (held.symbol, held.quantity)).collect();
        if held != self.held {
            self.drifts.push("the account does not hold what the journals say".to_owned());
        }
        let mut filled: BTreeMap<String, Shares> = BTreeMap::new();
        for execution in broker.executions(DateTime::UNIX_EPOCH).await? {
            let sum = filled.entry(execution.id.to_string()).or_default();
            *sum = *sum + execution.quantity;
        }
        let names = filled.keys().chain(self.filled.keys());
        let differ = names.filter(|name| filled.get(*name) != self.filled.get(*name));
        let told = differ.map(|name| {
            let (told, known) = (filled.get(name), self.filled.get(name));
            format!("{name}: the broker executed {told:?} and the journal has {known:?}")
        });
        let told: Vec<_> = told.collect();
        self.drifts.extend(told);
        Ok(self.drifts)
    }
}
