use super::reply::{DetailsView, Reply};
use super::request::ContractQuery;
use super::{ConnectionId, Engine};
use crate::venue::exchange;
use decile_core::Calendar;

impl Engine {
    /// Tells what a contract is. A description without an exchange is one of several, a row for
    /// each exchange.
    pub(super) fn details(&mut self, at: ConnectionId, request: i32, query: &ContractQuery) {
        let listing = match self.floor.resolve(query) {
            Ok(listing) => listing.clone(),
            Err(refusal) => return self.refuse(at, request, refusal),
        };
        let close = |session| {
            // Also for a session that a market made up.
            let is_short = Calendar::nyse().is_early_close(session);
            (session, if is_short { "1300" } else { "1600" }.to_owned())
        };
        let sessions = self.floor.sessions().upcoming(self.now()).into_iter().map(close).collect();
        let exchanges = match query.exchange.as_str() {
            "" if query.con_id == 0 => vec!["SMART", listing.exchange],
            name => vec![exchange(name).unwrap_or("SMART")],
        };
        let view = DetailsView { listing, exchange: "SMART", sessions };
        for exchange in exchanges {
            let view = DetailsView { exchange, ..view.clone() };
            self.tell(at, Reply::ContractDetails(request, Box::new(view)));
        }
        self.tell(at, Reply::ContractDetailsEnd(request));
    }
}
