//! Where faults happen: between what the gateway does and what its clients hear of it.

use super::book::Book;
use super::life::Life;
use super::notice::FARMS;
use super::reply::Reply;
use super::request::Request;
use super::{ConnectionId, Engine, Notice};
use crate::faults::{Fault, Faults, Message, Trouble};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
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
        self.faulty =
            Faulty { known: old.known, wake: old.wake, lost: old.lost, ..Faulty::new(faults) };
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

    /// Lets a gateway that has stalled go on: it says what it had to say, and takes what was sent.
    fn go_on(&mut self) {
        self.faulty.is_stalled = false;
        for (at, reply) in std::mem::take(&mut self.faulty.unsent) {
            self.send(at, &reply);
        }
        // The first has had its chance of a fault: that is why it has waited.
        self.faulty.has_survived = true;
        for (at, request) in std::mem::take(&mut self.faulty.stalled) {
            self.handle(at, vec![request]);
            self.faulty.has_survived = false;
        }
        self.faulty.has_survived = false;
    }

    /// Keeps a request if nobody is answered; else gives it back.
    pub(super) fn stall(&mut self, at: ConnectionId, request: Request) -> Option<Request> {
        if !self.faulty.is_stalled {
            return Some(request);
        }
        if self.faulty.stalled.len() < STALLED_MAX {
            self.faulty.stalled.push((at, request));
        }
        None
    }

    /// Lets happen what is to happen before an order is taken; tells whether it still is.
    pub(super) fn survives(&mut self, at: ConnectionId, order: i32) -> bool {
        if self.faulty.is_nothing() || self.faulty.has_survived {
            return true;
        }
        let sudden: Vec<Trouble> = self
            .faulty
            .rules
            .iter()
            .map(|rule| rule.fault.what)
            .filter(|what| what.is_sudden())
            .collect();
        for what in sudden {
            let Some(fault) = self.faulty.happening(what, Some(order)) else { continue };
            let end = fault.lasting.map(|time| (Instant::now() + time, what));
            self.faulty.ending.extend(end);
            self.happen(what);
        }
        if self.faulty.happens(Trouble::Disconnect, Some(order)) {
            self.cut_off(at);
            return false;
        }
        !self.faulty.is_stalled
            && self.clients.contains_key(&at)
            && !self.faulty.happens(Trouble::SwallowOrder, Some(order))
    }

    /// Ends a connection after what has been told, without what has not.
    pub(super) fn cut_off(&mut self, at: ConnectionId) {
        self.outgoing.retain(|(other, _)| *other != at);
        self.with_client(at, |client| client.line.close());
        self.disconnect(at);
    }

    /// Makes a trouble happen that needs no occasion; others are none of its business.
    pub(crate) fn cause(&mut self, what: Trouble) {
        if self.failure.is_none() {
            self.happen(what);
            self.finish();
        }
    }

    fn happen(&mut self, what: Trouble) {
        match what {
            Trouble::Stall => {
                // What was done before it is told.
                self.finish();
                self.faulty.is_stalled = true;
            }
            Trouble::Restart => self.restart(),
            Trouble::RestartEmpty => {
                if self.state.is_some() {
                    log::warn!("the account stays: it has a state file");
                } else {
                    let (session, known) = (self.book.session(), self.book.known());
                    let life = self.next_life();
                    self.book = Book::new(self.opening_cash, *self.book.commission(), life);
                    self.commit(super::Event::Session { session, known });
                }
                self.restart();
            }
            Trouble::LoseConnection => {
                self.faulty.lost = Some(Instant::now());
                self.tell_lost();
            }
            Trouble::RestoreConnection => self.restore_connection(
                1102,
                "Connectivity between IBKR and Trader Workstation has been restored - data \
                 maintained. All data farms are connected: usfarm; ushmds; secdefnj.",
            ),
            Trouble::RestoreWithoutData => {
                self.clients.values_mut().for_each(|client| client.tickers.clear());
                self.restore_connection(
                    1101,
                    "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
                );
            }
            Trouble::FlapFarm => {
                self.tell_everybody(2103, "Market data farm connection is broken:usfarm");
                let (code, text) = FARMS[0];
                self.tell_everybody(code, text);
            }
            Trouble::Liquidate => self.liquidate(),
            other => log::warn!("{other:?} needs an occasion: make it a fault"),
        }
    }

    fn next_life(&mut self) -> Life {
        let Some(next) = self.next_life else { return Life::begin(self.now()) };
        self.next_life = Some(next.wrapping_add(1));
        Life::numbered(next)
    }

    fn restart(&mut self) {
        self.staged = super::staged::Staged::default();
        let all: Vec<ConnectionId> = self.clients.keys().copied().collect();
        for at in all {
            self.cut_off(at);
        }
    }

    fn tell_lost(&mut self) {
        self.tell_everybody(
            1100,
            "Connectivity between IBKR and Trader Workstation has been lost.",
        );
    }

    fn restore_connection(&mut self, code: i32, text: &str) {
        // What has happened before is not told any more.
        self.finish();
        self.faulty.lost = None;
        self.tell_everybody(code, text);
    }

    fn tell_everybody(&mut self, code: i32, text: &str) {
        let here: Vec<ConnectionId> = self.by_client_id.values().copied().collect();
        for at in here {
            self.notify(at, Notice::system(code, text));
        }
    }

    /// Says again that the connection is lost, and sends what was to come later.
    pub(super) fn pass_faults(&mut self) {
        let now = Instant::now();
        if self.faulty.lost.is_some_and(|told| now.duration_since(told) >= LOST_AGAIN) {
            self.faulty.lost = Some(now);
            self.tell_lost();
        }
        let ending = std::mem::take(&mut self.faulty.ending);
        let (over, later) = ending.into_iter().partition(|(end, _)| *end <= now);
        self.faulty.ending = later;
        let over: Vec<(Instant, Trouble)> = over;
        for (_, what) in over {
            match what {
                Trouble::Stall => self.go_on(),
                _ => self.happen(Trouble::RestoreConnection),
            }
        }
        if self.faulty.is_stalled {
            return;
        }
        let delayed = std::mem::take(&mut self.faulty.delayed);
        let (due, later) = delayed.into_iter().partition(|(at, _, _)| *at <= now);
        self.faulty.delayed = later;
        let due: Vec<(Instant, ConnectionId, Reply)> = due;
        for (_, at, reply) in due {
            self.send(at, &reply);
        }
    }

    /// Returns when the next message that is held back is to come.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.faulty.delayed.iter().map(|(due, _, _)| *due).min()
    }

    pub(crate) fn wake(&self) -> Arc<Notify> {
        self.faulty.wake.clone()
    }

    /// Sends a message, or what a fault makes of it.
    pub(super) fn deliver(&mut self, at: ConnectionId, reply: Reply) {
        if self.faulty.is_stalled {
            if self.faulty.unsent.len() < STALLED_MAX {
                self.faulty.unsent.push((at, reply));
            }
            return;
        }
        if self.faulty.is_nothing() {
            return self.send(at, &reply);
        }
        if self.faulty.lost.is_some() && reply.order().is_some() {
            return;
        }
        let overtaken = self.faulty.overtaken.remove(&at).unwrap_or_default();
        match self.faulty.fault_of(&reply) {
            None => self.send(at, &reply),
            Some(fault) => match fault.what {
                Trouble::Delay => {
                    let due = Instant::now() + Duration::from_millis(fault.delay_ms);
                    self.faulty.delayed.push((due, at, reply));
                    self.faulty.wake.notify_one();
                }
                Trouble::Duplicate => {
                    self.send(at, &reply);
                    self.send(at, &reply);
                }
                Trouble::Reorder => self.faulty.overtaken.entry(at).or_default().push(reply),
                Trouble::Garble => self.with_client(at, |client| client.line.garble(&reply)),
                // Lost.
                _ => {}
            },
        }
        for reply in overtaken {
            self.send(at, &reply);
        }
    }
}

/// How often the loss of the connection is told again.
const LOST_AGAIN: Duration = Duration::from_secs(1);

impl Reply {
    /// Returns the name that clients have for a message.
    fn message(&self) -> Message {
        match self {
            Self::Notice(..) => Message::Error,
            Self::ManagedAccounts => Message::ManagedAccounts,
            Self::NextValidId(_) => Message::NextValidId,
            Self::OpenOrder(_) => Message::OpenOrder,
            Self::OrderStatus(_) => Message::OrderStatus,
            Self::OpenOrdersEnd => Message::OpenOrderEnd,
            Self::CompletedOrder(_) => Message::CompletedOrder,
            Self::CompletedOrdersEnd => Message::CompletedOrdersEnd,
            Self::Execution(..) => Message::ExecDetails,
            Self::ExecutionsEnd(_) => Message::ExecDetailsEnd,
            Self::Commission { .. } => Message::CommissionReport,
            Self::Position { .. } => Message::Position,
            Self::PositionsEnd => Message::PositionEnd,
            Self::AccountSummary(..) => Message::AccountSummary,
            Self::AccountSummaryEnd(_) => Message::AccountSummaryEnd,
            Self::AccountValue(_) => Message::UpdateAccountValue,
            Self::PortfolioValue(_) => Message::UpdatePortfolio,
            Self::AccountTime(_) => Message::UpdateAccountTime,
            Self::AccountDownloadEnd => Message::AccountDownloadEnd,
            Self::AccountMulti(..) => Message::AccountUpdateMulti,
            Self::AccountMultiEnd(_) => Message::AccountUpdateMultiEnd,
            Self::ContractDetails(..) => Message::ContractDetails,
            Self::ContractDetailsEnd(_) => Message::ContractDetailsEnd,
            Self::MarketDataType(..) => Message::MarketDataType,
            Self::TickParameters(..) => Message::TickReqParams,
            Self::TickPrice { .. } => Message::TickPrice,
            Self::TickSize { .. } => Message::TickSize,
            Self::TickString { .. } => Message::TickString,
            Self::SnapshotEnd(_) => Message::TickSnapshotEnd,
            Self::HistoricalBars { .. } => Message::HistoricalData,
            Self::HistoricalBarsEnd { .. } => Message::HistoricalDataEnd,
            Self::CurrentTime(_) | Self::CurrentTimeMillis(_) => Message::CurrentTime,
        }
    }

    /// Returns the order that a message is about, if it is about one.
    fn order(&self) -> Option<i32> {
        match self {
            Self::OpenOrder(view) | Self::CompletedOrder(view) => Some(view.id),
            Self::OrderStatus(view) => Some(view.id),
            Self::Execution(_, view) => Some(view.order),
            Self::Commission { order, .. } => Some(*order),
            Self::Notice(notice, _) if notice.id > 0 => Some(notice.id),
            _ => None,
        }
    }

    fn code(&self) -> Option<i32> {
        match self {
            Self::Notice(notice, _) => Some(notice.code),
            _ => None,
        }
    }
}
