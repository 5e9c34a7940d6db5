//! What is known of the orders of an account, from whatever was told, in whatever order.
//!
//! Nothing here waits, asks or knows the time: news in, events out.

mod dossier;
mod fills;
mod merge;
mod news;
#[cfg(test)]
mod tests;

pub(crate) use news::{Commission, Executed, Facts, Key, News, Notice, Open, Stage, Status};

use crate::codes::Meaning;
use decile_core::Money;
use decile_trade::{BrokerEvent, ClientOrderId, Execution, OrderName, OrderSnapshot};
use dossier::Dossier;
use fills::Commissions;
use std::collections::{BTreeMap, HashMap};

/// The orders of a session, or of one look at the gateway's lists.
#[derive(Debug, Default)]
pub(crate) struct Book {
    dossiers: Vec<Dossier>,
    by_perm_id: HashMap<i64, usize>,
    by_slot: HashMap<(i32, i32), usize>,
    by_sent: HashMap<ClientOrderId, usize>,
    commissions: Commissions,
    /// Which order an execution belongs to, for commissions that come later.
    by_execution: BTreeMap<String, usize>,
}

/// What a piece of news shows of an order that this session sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The gateway has it; with its permanent number, once it has one.
    Shown(i64),
    /// The gateway has it and does nothing with it. Why may follow.
    Inactive(i64),
    /// It was refused, and nothing was heard of it before.
    Refused(String),
    /// Something was said that proves nothing.
    Doubt(String),
}

/// What follows from a piece of news.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) events: Vec<BrokerEvent>,
    /// The order id of an order of this session, and what was shown of it.
    pub(crate) sign: Option<(i32, Sign)>,
}

impl Book {
    /// Takes in an order that is about to be sent; `false` if its id was sent before.
    pub(crate) fn send(&mut self, id: &ClientOrderId, slot: (i32, i32), facts: Facts) -> bool {
        if self.by_sent.contains_key(id) {
            return false;
        }
        let index = self.add(Dossier::sent(id.clone(), facts));
        let (client_id, order_id) = slot;
        self.bind(index, Key { client_id, order_id, perm_id: 0 });
        self.by_sent.insert(id.clone(), index);
        true
    }

    /// Forgets an order that was proven not to have left.
    pub(crate) fn unsend(&mut self, id: &ClientOrderId) {
        if let Some(index) = self.by_sent.remove(id) {
            let dossier = &mut self.dossiers[index];
            self.by_slot.remove(&(dossier.client_id, dossier.order_id));
            *dossier = Dossier::default();
        }
    }

    /// Takes in what was told of an order that `client_id` is told of; notices name only its number.
    pub(crate) fn apply(&mut self, client_id: i32, news: News) -> Effects {
        match news {
            News::Open(open) => self.order(open.key, |dossier| dossier.open(open)),
            News::Status(status) => self.order(status.key, |dossier| dossier.status(&status)),
            News::Execution(executed) => self.execution(executed),
            News::Commission(commission) => self.commission(commission),
            News::Notice(notice) => self.notice(client_id, notice),
        }
    }

    /// Takes in an order that the gateway counts among the completed ones.
    pub(crate) fn complete(&mut self, open: Open) {
        self.order(open.key, |dossier| dossier.completed(open));
    }

    /// Returns the number by which an order of this session can be cancelled.
    pub(crate) fn order_id(&self, id: &ClientOrderId) -> Option<i32> {
        self.by_sent.get(id).map(|index| self.dossiers[*index].order_id)
    }

    /// Returns every order, by name.
    pub(crate) fn snapshots(&self) -> Vec<OrderSnapshot> {
        let mut snapshots = merge::by_name(&self.dossiers, &self.commissions);
        snapshots.sort_by(|a, b| a.id.cmp(&b.id));
        snapshots
    }

    /// Returns the order of a name, or all that bear it as one.
    pub(crate) fn snapshot(&self, id: &ClientOrderId) -> Option<OrderSnapshot> {
        let named = self.dossiers.iter().filter(|dossier| dossier.name() == *id);
        merge::one(named, &self.commissions)
    }

    /// Returns every execution.
    pub(crate) fn executions(&self) -> Vec<Execution> {
        let dossiers = self.dossiers.iter();
        dossiers.flat_map(|dossier| executions(dossier, &self.commissions)).collect()
    }

    /// Names the orders of this book that another one has sent: recorded gateways do not always
    /// echo the name.
    pub(crate) fn learn_names(&mut self, session: &Self) {
        for dossier in &mut self.dossiers {
            let Dossier { client_id, order_id, perm_id, .. } = *dossier;
            if let Some(index) = session.find(Key { client_id, order_id, perm_id }) {
                dossier.learn_name(&session.dossiers[index]);
            }
        }
    }

    /// Returns a book of the orders of one name only, to add to it what the gateway's lists say.
    pub(crate) fn extract(&self, id: &ClientOrderId) -> Self {
        let mut book = Self { commissions: self.commissions.clone(), ..Self::default() };
        for dossier in self.dossiers.iter().filter(|dossier| dossier.name() == *id) {
            let Dossier { client_id, order_id, perm_id, .. } = *dossier;
            let index = book.add(dossier.clone());
            book.bind(index, Key { client_id, order_id, perm_id });
        }
        book
    }

    fn order(&mut self, key: Key, change: impl FnOnce(&mut Dossier) -> bool) -> Effects {
        let index = self.resolve(key);
        let is_new = change(&mut self.dossiers[index]);
        let mut effects = Effects { events: Vec::new(), sign: self.shown(index) };
        if is_new {
            effects.events.extend(self.news_of(index));
        }
        effects
    }

    fn execution(&mut self, executed: Executed) -> Effects {
        let index = self.resolve(executed.key);
        let name = fills::split(&executed.execution_id).0.to_owned();
        let is_new = self.dossiers[index].execution(executed);
        self.by_execution.insert(name.clone(), index);
        let mut effects = Effects { events: Vec::new(), sign: self.shown(index) };
        if is_new {
            effects.events.extend(self.execution_event(index, &name));
        }
        effects.events.extend(self.news_of(index));
        effects
    }

    fn commission(&mut self, commission: Commission) -> Effects {
        let Commission { execution_id, amount } = commission;
        let name = fills::split(&execution_id).0.to_owned();
        let before = self.commissions.insert(execution_id, amount);
        let mut effects = Effects::default();
        if let Some(index) = self.by_execution.get(&name).copied()
            && before != Some(amount)
        {
            effects.events.extend(self.execution_event(index, &name));
            effects.events.extend(self.news_of(index));
        }
        effects
    }

    fn notice(&mut self, client_id: i32, notice: Notice) -> Effects {
        let order_id = notice.order_id;
        let Some(index) = self.by_slot.get(&(client_id, order_id)).copied() else {
            return Effects::default();
        };
        let (meaning, text) = (notice.meaning, notice.text.clone());
        let dossier = &mut self.dossiers[index];
        dossier.notice(notice);
        let is_shown = dossier.is_shown();
        let sign = match meaning {
            Meaning::Information | Meaning::CancelAnswer => None,
            Meaning::Refused if !is_shown || dossier.is_inactive() => Some(Sign::Refused(text)),
            Meaning::Cancelled => Some(Sign::Shown(dossier.perm_id)),
            _ => Some(Sign::Doubt(text)),
        };
        let is_sent = dossier.sent_as.is_some();
        let mut effects = Effects::default();
        effects.events.extend(self.news_of(index));
        let told = self.dossiers[index].told.as_ref();
        let is_final = told.is_some_and(|told| told.state.is_final());
        // What ends an order is its status. Where a message hints at an end that no status has told,
        // whoever waits for the order had better ask.
        let hints = !matches!(meaning, Meaning::Information | Meaning::CancelAnswer);
        if hints && !is_final {
            effects.events.push(BrokerEvent::Gap);
        }
        effects.sign = sign.filter(|_| is_sent).map(|sign| (order_id, sign));
        effects
    }

    fn shown(&self, index: usize) -> Option<(i32, Sign)> {
        let dossier = &self.dossiers[index];
        let sign = match dossier.is_inactive() {
            true => Sign::Inactive(dossier.perm_id),
            false => Sign::Shown(dossier.perm_id),
        };
        dossier.sent_as.as_ref().map(|_| (dossier.order_id, sign))
    }

    /// Returns what has changed in an order since it was last told of.
    fn news_of(&mut self, index: usize) -> Option<BrokerEvent> {
        let snapshot = self.dossiers[index].snapshot(&self.commissions)?;
        let told = &mut self.dossiers[index].told;
        (told.as_ref() != Some(&snapshot)).then(|| {
            *told = Some(snapshot.clone());
            BrokerEvent::Order(snapshot)
        })
    }

    fn execution_event(&self, index: usize, name: &str) -> Option<BrokerEvent> {
        let dossier = &self.dossiers[index];
        let (_, executed) = dossier.fills.iter().find(|(known, _)| *known == name)?;
        let execution = execution(dossier.name(), name, executed, &self.commissions);
        Some(BrokerEvent::Execution(execution))
    }

    /// Returns the order of a key, which is a new one if none is known.
    fn resolve(&mut self, key: Key) -> usize {
        let index = match self.find(key) {
            Some(index) => index,
            None => self.add(Dossier::default()),
        };
        self.bind(index, key);
        index
    }

    /// The permanent number comes first. Two orders may share a client's number after a gateway has
    /// lost count, and then only the permanent number tells them apart.
    fn find(&self, key: Key) -> Option<usize> {
        let Key { client_id, order_id, perm_id } = key;
        let by_perm_id = self.by_perm_id.get(&perm_id).copied();
        let by_slot = self.by_slot.get(&(client_id, order_id)).copied();
        by_perm_id.or_else(|| {
            by_slot.filter(|index| {
                let known = self.dossiers[*index].perm_id;
                perm_id == 0 || known == 0
            })
        })
    }

    fn add(&mut self, dossier: Dossier) -> usize {
        self.dossiers.push(dossier);
        self.dossiers.len() - 1
    }

    fn bind(&mut self, index: usize, key: Key) {
        let dossier = &mut self.dossiers[index];
        if key.perm_id != 0 {
            dossier.perm_id = key.perm_id;
            self.by_perm_id.entry(key.perm_id).or_insert(index);
        }
        if key.order_id > 0 {
            (dossier.client_id, dossier.order_id) = (key.client_id, key.order_id);
            self.by_slot.entry((key.client_id, key.order_id)).or_insert(index);
        }
    }
}

fn executions<'a>(
    dossier: &'a Dossier,
    commissions: &'a BTreeMap<String, Money>,
) -> impl Iterator<Item = Execution> + 'a {
    let name = dossier.name();
    let of_name = move |(id, executed): (&String, &Executed)| {
        execution(name.clone(), id, executed, commissions)
    };
    dossier.fills.iter().map(of_name)
}

fn execution(
    id: OrderName,
    execution_id: &str,
    executed: &Executed,
    commissions: &BTreeMap<String, Money>,
) -> Execution {
    Execution {
        execution_id: execution_id.to_owned(),
        id,
        symbol: executed.symbol.clone(),
        side: executed.side,
        quantity: executed.quantity,
        price: executed.price,
        commission: commissions.get(&executed.execution_id).copied(),
        time: executed.time,
    }
}
