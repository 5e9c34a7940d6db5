//! From one session to the next, and from one run of the gateway to the next.

use super::Engine;
use super::event::{Event, VERSION};
use super::place::NOT_AT_ONCE;
use super::terms::Tif;
use super::view::quarter_end;
use crate::state::StateFile;
use crate::{Error, GatewayConfig};
use chrono::NaiveDate;
use decile_core::{ActionKind, AppliedAction, CorporateAction, Currency, Symbol};
use std::collections::BTreeSet;
use std::path::Path;

/// How an order ends whose time is over.
pub(super) const EXPIRED: &str = "Cancelled by System:\nOrder expired";

impl Engine {
    /// Reads the state file, if there is one to be kept, and carries the account to the session
    /// of the clock. Returns the splits and payouts on the way.
    pub(super) fn restore(&mut self, config: &GatewayConfig) -> Result<Vec<AppliedAction>, Error> {
        if let Some(path) = &config.state {
            let (mut file, events) = StateFile::open(path)?;
            if events.is_empty() {
                let (account, cash) = (self.account.to_string(), self.book.cash());
                file.record(&Event::Begin {
                    version: VERSION,
                    account,
                    currency: Currency::USD,
                    cash,
                });
            }
            self.replay(path, events)?;
            self.state = Some(file);
        }
        let session = self.floor.sessions().at(self.now());
        let since = self.carry_to(session, config.state.as_deref().unwrap_or(Path::new("")))?;
        self.end_dated();
        // An order ends with its parent, and the file may stand between the two.
        let orphans: Vec<usize> =
            self.book.working().filter(|index| self.is_orphaned(*index)).collect();
        orphans.into_iter().for_each(|index| self.end(index, "Cancelled by System:\nNo parent"));
        // A market order whose fill was not written before the end is dealt now; nobody has heard
        // of either.
        let working = self.book.working().map(|index| self.book.order(index).terms.symbol.clone());
        let symbols: BTreeSet<Symbol> = working.collect();
        symbols.iter().for_each(|symbol| self.cross(symbol));
        let at_once =
            |index: &usize| matches!(self.book.order(*index).terms.tif, Tif::Ioc | Tif::Fok);
        let late: Vec<usize> = self.book.working().filter(at_once).collect();
        late.into_iter().for_each(|index| self.end(index, NOT_AT_ONCE));
        self.outgoing.clear();
        self.state.as_mut().map_or(Ok(()), StateFile::write)?;
        Ok(since)
    }

    fn replay(&mut self, path: &Path, events: Vec<Event>) -> Result<(), Error> {
        let path = || path.to_owned();
        let mut events = events.into_iter();
        match events.next() {
            None => {}
            Some(Event::Begin { version, account, cash, .. }) => {
                if version != VERSION {
                    let expected = VERSION;
                    return Err(Error::FormatVersion { path: path(), version, expected });
                }
                if *account != *self.account {
                    let expected = self.account.to_string();
                    return Err(Error::StateAccount { path: path(), found: account, expected });
                }
                self.book.set_cash(cash);
            }
            Some(_) => {
                let fault = "is not the beginning of a state";
                return Err(Error::StateBroken { path: path(), line: 1, fault });
            }
        }
        for (index, event) in events.enumerate() {
            let broken = |fault| Error::StateBroken { path: path(), line: index + 2, fault };
            self.book.apply(&event).map_err(broken)?;
        }
        // The state may come from a venue that had other stocks.
        let held = self.book.positions().keys();
        let ordered = self.book.orders().iter().map(|order| &order.terms.symbol);
        let symbols: BTreeSet<Symbol> = held.chain(ordered).cloned().collect();
        symbols.iter().for_each(|symbol| self.floor.list_if_new(symbol));
        Ok(())
    }

    /// Begins the session of the clock, if it is a later one.
    pub(super) fn begin_session_if_due(&mut self) {
        let session = self.floor.sessions().at(self.now());
        if session <= self.book.session() {
            return;
        }
        log::info!("session {session} begins");
        if let Err(error) = self.carry_to(session, Path::new("")) {
            // Only a market has actions, and none of later sessions is known.
            log::error!("{error}");
        }
        self.floor.begin_session();
        self.money_moved = true;
    }

    fn carry_to(&mut self, session: NaiveDate, path: &Path) -> Result<Vec<AppliedAction>, Error> {
        let (reached, reached_known) = (self.book.session(), self.book.known());
        if session < reached {
            return Err(Error::SessionPassed { path: path.to_owned(), reached, session });
        }
        if session == reached {
            return Ok(Vec::new());
        }
        self.expire(session);
        let known = self.floor.sessions().known(session);
        let applied = self.apply_actions(reached_known, known)?;
        self.commit(Event::Session { session, known });
        Ok(applied)
    }

    /// Cancels the open orders that are not good for a session.
    fn expire(&mut self, session: NaiveDate) {
        let is_over = |index: &usize| {
            let order = self.book.order(*index);
            let last = match order.terms.tif {
                Tif::Gtc => quarter_end(order.session),
                // It ends when its time comes.
                Tif::Gtd => return false,
                _ => order.session,
            };
            last < session
        };
        let over: Vec<usize> = self.book.working().filter(is_over).collect();
        for index in over {
            self.end(index, EXPIRED);
        }
    }

    /// Cancels the open orders that were good till an instant that has come.
    pub(super) fn end_dated(&mut self) {
        for index in self.book.ended_by(self.now()) {
            self.end(index, EXPIRED);
        }
    }

    /// Applies the splits and payouts after one close and up to another to what is held. Orders
    /// in a stock that splits or hands out another company are cancelled first, as Interactive
    /// Brokers cancels them.
    fn apply_actions(
        &mut self,
        reached: NaiveDate,
        known: NaiveDate,
    ) -> Result<Vec<AppliedAction>, Error> {
        let actions = self.floor.actions().to_vec();
        let mut all = Vec::new();
        for action in CorporateAction::due(&actions, reached, known) {
            if action.kind != ActionKind::Dividend {
                for index in self.book.working_in(&action.symbol) {
                    self.end(index, "Cancelled by System:\nCorporate action");
                }
            }
            let mut holding = self.book.position(&action.symbol).holding;
            if holding.quantity.is_zero() {
                continue;
            }
            let close = self.floor.quote(&action.symbol).and_then(|quote| quote.previous_close);
            let applied = AppliedAction::apply(action, &mut holding, close)?;
            all.push(applied.clone());
            self.commit(Event::Action { applied, holding });
        }
        Ok(all)
    }
}
