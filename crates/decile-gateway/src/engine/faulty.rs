//! Where faults happen: between what the gateway does and what its clients hear of it.

mod held;
mod sudden;

use super::reply::Reply;
use super::request::Request;
use super::{ConnectionId, Engine};
use crate::faults::{Fault, Faults, Trouble};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// How many requests and replies a gateway that stalls keeps; what comes after them is lost.
const STALLED_MAX: usize = 100_000;

/// The faults of a gateway, and what they have in hand.
#[derive(Debug, Default)]
pub(super) struct Faulty {
    rules: Vec<Rule>,
    /// Messages that come later, and those that wait for the next one.
    delayed: Vec<(Instant, ConnectionId, Reply)>,
    overtaken: BTreeMap<ConnectionId, Vec<Reply>>,
    /// Requests that are not answered, and replies that are not sent.
    stalled: Vec<(ConnectionId, Request)>,
    unsent: Vec<(ConnectionId, Reply)>,
    is_stalled: bool,
    /// The next order has been through its faults.
    has_survived: bool,
    /// What ends by itself, and when.
    ending: Vec<(Instant, Trouble)>,
    /// When 1100 was last said, as long as the connection is lost.
    lost: Option<Instant>,
    /// Nothing is said of the order that is being taken.
    pub(super) is_mute: bool,
    /// Client ids that have been here.
    pub(super) known: BTreeSet<i32>,
    /// Tells the server that something comes later.
    pub(super) wake: Arc<Notify>,
}

#[derive(Debug)]
struct Rule {
    fault: Fault,
    seen: u32,
}

impl Rule {
    /// Takes a chance; tells whether the fault happens.
    fn happens(&mut self) -> bool {
        let seen = self.seen;
        self.seen = seen.saturating_add(1);
        let last = self.fault.times.map(|times| self.fault.skip.saturating_add(times));
        seen >= self.fault.skip && last.is_none_or(|last| seen < last)
    }
}

impl Faulty {
    pub(super) fn new(faults: Faults) -> Self {
        let rules = faults.0.into_iter().map(|fault| Rule { fault, seen: 0 }).collect();
        Self { rules, ..Self::default() }
    }

    /// Tells whether a trouble happens now, to an order if one is named.
    pub(super) fn happens(&mut self, what: Trouble, order: Option<i32>) -> bool {
        self.happening(what, order).is_some()
    }

    /// Returns the fault by which a trouble happens now, if it does.
    fn happening(&mut self, what: Trouble, order: Option<i32>) -> Option<&Fault> {
        let rule = self.rules.iter_mut().find(|rule| {
            rule.fault.what == what && (rule.fault.order.is_none() || rule.fault.order == order)
        })?;
        rule.happens().then_some(&rule.fault)
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.rules.is_empty() && self.overtaken.is_empty() && self.lost.is_none()
    }

    /// Returns what happens to a message.
    fn fault_of(&mut self, reply: &Reply) -> Option<Fault> {
        let (message, order, code) = (reply.message(), reply.order(), reply.code());
        let is_meant = |fault: &Fault| {
            fault.what.is_of_messages()
                && fault.message.is_none_or(|wanted| wanted == message)
                && (fault.order.is_none() || fault.order == order)
                && (fault.code.is_none() || fault.code == code)
        };
        let rule = self.rules.iter_mut().find(|rule| is_meant(&rule.fault))?;
        rule.happens().then(|| rule.fault.clone())
    }
}

impl Engine {
    /// Changes what goes wrong. What was held back comes now, and what was not answered is taken.
    pub(crate) fn set_faults(&mut self, faults: Faults) {
        let old = std::mem::take(&mut self.faulty);
        let Faulty { known, wake, lost, mut ending, .. } = old;
        // A connection that is lost stays so, for as long as it was to; a gateway that stalls goes on.
        ending.retain(|(_, what)| *what == Trouble::LoseConnection);
        self.faulty = Faulty { known, wake, lost, ending, ..Faulty::new(faults) };
        let held = old.overtaken.into_iter();
        let held = held.flat_map(|(at, replies)| replies.into_iter().map(move |reply| (at, reply)));
        let delayed = old.delayed.into_iter().map(|(_, at, reply)| (at, reply));
        for (at, reply) in old.unsent.into_iter().chain(delayed).chain(held).collect::<Vec<_>>() {
            self.send(at, &reply);
        }
        for (at, request) in old.stalled {
            self.handle(at, vec![request]);
        }
    }
}
