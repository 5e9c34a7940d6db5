//! What befalls the gateway all at once.

use crate::Trouble;
use crate::engine::book::Book;
use crate::engine::life::Life;
use crate::engine::notice::FARMS;
use crate::engine::{ConnectionId, Engine, Event, Notice, staged};
use std::time::Instant;

impl Engine {
    /// Lets happen what is to happen before an order is taken; tells whether it still is.
    pub(in crate::engine) fn survives(&mut self, at: ConnectionId, order: i32) -> bool {
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
    pub(in crate::engine) fn cut_off(&mut self, at: ConnectionId) {
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

    pub(super) fn happen(&mut self, what: Trouble) {
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
                    self.commit(Event::Session { session, known });
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
        self.staged = staged::Staged::default();
        self.under_way.clear();
        let all: Vec<ConnectionId> = self.clients.keys().copied().collect();
        for at in all {
            self.cut_off(at);
        }
    }

    pub(super) fn tell_lost(&mut self) {
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
}
