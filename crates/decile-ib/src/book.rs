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
use decile_trade::{BrokerEvent, ClientOrderId, Execution, OrderName, OrderSnapshot};
use dossier::Dossier;
use fills::{Commissions, Fill};
use smol_str::SmolStr;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The orders of a session, or of one look at the gateway's lists.
#[derive(Debug, Default)]
pub(crate) struct Book {
    dossiers: Vec<Dossier>,
    by_perm_id: HashMap<i64, usize>,
    by_slot: HashMap<(i32, i32), usize>,
    by_sent: HashMap<ClientOrderId, usize>,
    commissions: Commissions,
    /// Which order an execution belongs to, for commissions that come later.
    by_execution: HashMap<SmolStr, usize>,
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

/// The order id of an order of this session, and what was shown of it.
pub(crate) type Shown = Option<(i32, Sign)>;

impl Book {
    /// Takes in an order that is about to be sent; `false` if its id was sent before.
    pub(crate) fn send(&mut self, id: &ClientOrderId, slot: (i32, i32), facts: Facts) -> bool {
        let index = self.dossiers.len();
        let Entry::Vacant(vacant) = self.by_sent.entry(id.clone()) else { return false };
        vacant.insert(index);
        self.add(Dossier::sent(id.clone(), facts));
        let (client_id, order_id) = slot;
        self.bind(index, Key { client_id, order_id, perm_id: 0 });
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
    /// Adds to the events what is news to those who listen.
    pub(crate) fn apply(
        &mut self,
        client_id: i32,
        news: News,
        events: &mut Vec<BrokerEvent>,
    ) -> Shown {
        match news {
            News::Open(open) => {
                let index = self.resolve(open.key, &open.facts.order_ref);
                self.order(index, |dossier| dossier.open(open), events)
            }
            News::Status(status) => {
                let index = self.resolve(status.key, "");
                self.order(index, |dossier| dossier.status(&status), events)
            }
            News::Execution(executed) => self.execution(executed, events),
            News::Commission(commission) => self.commission(commission, events),
            News::Notice(notice) => self.notice(client_id, notice, events),
        }
    }

    /// Takes in an order that the gateway counts among the completed ones.
    pub(crate) fn complete(&mut self, open: Open) {
        let index = self.resolve(open.key, &open.facts.order_ref);
        self.order(index, |dossier| dossier.completed(open), &mut Vec::new());
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
            let key = Key { client_id, order_id, perm_id };
            let order_ref = dossier.order_ref().unwrap_or_default();
            if let Some(index) = session.find(key, order_ref) {
                dossier.learn_name(&session.dossiers[index]);
            }
        }
    }

    /// Returns a book of the orders of these names only, to add to it what the gateway's lists say.
    pub(crate) fn extract(&self, ids: &HashSet<&ClientOrderId>) -> Self {
        let mut book = Self::default();
        let is_wanted = |name: OrderName| name.ours().is_some_and(|id| ids.contains(id));
        for dossier in self.dossiers.iter().filter(|dossier| is_wanted(dossier.name())) {
            let Dossier { client_id, order_id, perm_id, .. } = *dossier;
            let index = book.add(dossier.unnumbered());
            book.bind(index, Key { client_id, order_id, perm_id });
            for fill in dossier.fills.iter() {
                let name = &fill.executed.execution_id;
                let known = self.commissions.get(name).copied();
                book.commissions.extend(known.map(|amount| (name.clone(), amount)));
            }
        }
        book
    }

    fn order(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut Dossier) -> bool,
        events: &mut Vec<BrokerEvent>,
    ) -> Shown {
        if change(&mut self.dossiers[index]) {
            self.tell(index, events);
        }
        self.shown(index)
    }

    fn execution(&mut self, executed: Executed, events: &mut Vec<BrokerEvent>) -> Shown {
        let index = self.resolve(executed.key, &executed.order_ref);
        let Self { dossiers, commissions, by_execution, .. } = self;
        let dossier = &mut dossiers[index];
        if let Some(name) = dossier.execution(executed).map(|fill| fill.name.clone()) {
            events.extend(execution_event(dossier, &name, commissions));
            by_execution.insert(name, index);
            self.tell(index, events);
        }
        self.shown(index)
    }

    fn commission(&mut self, commission: Commission, events: &mut Vec<BrokerEvent>) -> Shown {
        let Commission { execution_id, amount } = commission;
        let name = fills::split(&execution_id).0;
        let index = self.by_execution.get(name).copied();
        let name = index.map(|index| (index, SmolStr::new(name)));
        let before = self.commissions.insert(execution_id, amount);
        if let Some((index, name)) = name
            && before != Some(amount)
        {
            events.extend(execution_event(&self.dossiers[index], &name, &self.commissions));
            self.tell(index, events);
        }
        None
    }

    fn notice(&mut self, client_id: i32, notice: Notice, events: &mut Vec<BrokerEvent>) -> Shown {
        let order_id = notice.order_id;
        let index = self.by_slot.get(&(client_id, order_id)).copied()?;
        let (meaning, text) = (notice.meaning, notice.text.clone());
        let dossier = &mut self.dossiers[index];
        dossier.notice(notice);
        let is_open = !dossier.is_shown() || dossier.is_inactive();
        let sign = match meaning {
            Meaning::Information | Meaning::CancelAnswer => None,
            Meaning::Refused if is_open => Some(Sign::Refused(text)),
            Meaning::Cancelled => Some(Sign::Shown(dossier.perm_id)),
            _ => Some(Sign::Doubt(text)),
        };
        self.tell(index, events);
        let dossier = &self.dossiers[index];
        // What ends an order is its status. Where a message hints at an end that no status has told,
        // whoever waits for the order had better ask.
        if sign.is_some() && !dossier.is_told_final() {
            events.push(BrokerEvent::Gap);
        }
        dossier.sent_as.as_ref()?;
        sign.map(|sign| (order_id, sign))
    }

    fn shown(&self, index: usize) -> Option<(i32, Sign)> {
        let dossier = &self.dossiers[index];
        let sign = match dossier.is_inactive() {
            true => Sign::Inactive(dossier.perm_id),
            false => Sign::Shown(dossier.perm_id),
        };
        dossier.sent_as.as_ref().map(|_| (dossier.order_id, sign))
    }

    /// Adds to the events what has changed in an order since it was last told of.
    fn tell(&mut self, index: usize, events: &mut Vec<BrokerEvent>) {
        let news = self.dossiers[index].news(&self.commissions);
        events.extend(news.map(BrokerEvent::Order));
    }

    /// Returns the order of a key and, where it was told, a reference; a new one if none is known.
    fn resolve(&mut self, key: Key, order_ref: &str) -> usize {
        let index = match self.find(key, order_ref) {
            Some(index) => index,
            None => self.add(Dossier::default()),
        };
        self.bind(index, key);
        index
    }

    /// Gateways that have lost count give numbers out again, so a reference that contradicts wins: it is
    /// another order than its numbers say.
    fn find(&self, key: Key, order_ref: &str) -> Option<usize> {
        let found = self.by_numbers(key)?;
        if !self.dossiers[found].contradicts(order_ref) {
            return Some(found);
        }
        let is_it = |dossier: &Dossier| {
            let is_same = |known: i64| known != 0 && known == key.perm_id;
            let may_be = dossier.perm_id == 0 || key.perm_id == 0 || is_same(dossier.perm_id);
            let is_told = dossier.bears(order_ref) || is_same(dossier.perm_id);
            may_be && is_told && !dossier.contradicts(order_ref)
        };
        self.dossiers.iter().position(is_it)
    }

    /// An order all of whose numbers are those of the key comes first. Then a number of an order that
    /// this session sent, if nothing contradicts it: gateways that have forgotten everything give
    /// permanent numbers out again. Then the permanent number: two orders may share a client's number
    /// after a gateway has lost count.
    fn by_numbers(&self, key: Key) -> Option<usize> {
        let Key { client_id, order_id, perm_id } = key;
        let by_perm_id = self.by_perm_id.get(&perm_id).copied();
        let is_whole = |index: &usize| {
            let dossier = &self.dossiers[*index];
            (dossier.client_id, dossier.order_id) == (client_id, order_id)
        };
        let by_slot = self.by_slot.get(&(client_id, order_id)).copied().filter(|index| {
            let known = self.dossiers[*index].perm_id;
            perm_id == 0 || known == 0 || known == perm_id
        });
        let own = by_slot.filter(|index| self.dossiers[*index].sent_as.is_some());
        by_perm_id.filter(is_whole).or(own).or(by_perm_id).or(by_slot)
    }

    fn add(&mut self, dossier: Dossier) -> usize {
        self.dossiers.push(dossier);
        self.dossiers.len() - 1
    }

    fn bind(&mut self, index: usize, key: Key) {
        let dossier = &mut self.dossiers[index];
        if key.perm_id != 0 && key.perm_id != dossier.perm_id {
            dossier.perm_id = key.perm_id;
            self.by_perm_id.entry(key.perm_id).or_insert(index);
        }
        let slot = (key.client_id, key.order_id);
        if key.order_id > 0 && slot != (dossier.client_id, dossier.order_id) {
            (dossier.client_id, dossier.order_id) = slot;
            self.by_slot.entry(slot).or_insert(index);
        }
    }
}

fn executions<'a>(
    dossier: &'a Dossier,
    commissions: &'a Commissions,
) -> impl Iterator<Item = Execution> + 'a {
    let name = dossier.name();
    dossier.fills.iter().map(move |fill| execution(name.clone(), fill, commissions))
}

fn execution_event(
    dossier: &Dossier,
    name: &str,
    commissions: &Commissions,
) -> Option<BrokerEvent> {
    let fill = dossier.fills.find(name)?;
    Some(BrokerEvent::Execution(execution(dossier.name(), fill, commissions)))
}

fn execution(id: OrderName, fill: &Fill, commissions: &Commissions) -> Execution {
    let Fill { name, executed, .. } = fill;
    Execution {
        execution_id: name.to_string(),
        id,
        symbol: executed.symbol.clone(),
        side: executed.side,
        quantity: executed.quantity,
        price: executed.price,
        commission: commissions.get(&executed.execution_id).copied(),
        time: executed.time,
    }
}
