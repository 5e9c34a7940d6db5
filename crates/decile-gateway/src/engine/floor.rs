//! The stocks that are traded, with what they trade at.

use super::notice::Refusal;
use super::request::ContractQuery;
use crate::venue::{Listed, Listing, Sessions, Venue, exchange, sessions_before};
use crate::{HaltKind, MarketRules, Tick};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{CorporateAction, Currency, Money, Price, Quote, Shares, Symbol};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Floor {
    listings: BTreeMap<Symbol, Arc<Listing>>,
    by_wire_symbol: HashMap<Arc<str>, Symbol>,
    by_con_id: HashMap<i32, Symbol>,
    tapes: HashMap<Symbol, Tape>,
    sessions: Sessions,
    actions: Vec<CorporateAction>,
    shares_per_quote: Option<Shares>,
}

/// The size that is shown where nothing limits what can be dealt.
const SIZE: i64 = 100;

/// What a stock trades at, and did in this session.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    pub(crate) quote: Quote,
    pub(crate) open: Option<Price>,
    pub(crate) high: Option<Price>,
    pub(crate) low: Option<Price>,
    /// Shares that changed hands here.
    pub(crate) volume: i64,
    /// Shares that can still be dealt at the quote, if they have an end.
    pub(crate) liquidity: Option<Shares>,
    /// Shares that are shown at every price.
    pub(crate) size: i64,
    pub(crate) halt: Option<HaltKind>,
}

impl Floor {
    pub(crate) fn open(venue: &Venue, rules: &MarketRules, now: DateTime<Utc>) -> Self {
        let mut floor = Self {
            listings: BTreeMap::new(),
            by_wire_symbol: HashMap::new(),
            by_con_id: HashMap::new(),
            tapes: HashMap::new(),
            sessions: venue.sessions.clone(),
            actions: venue.actions.clone(),
            shares_per_quote: rules.shares_per_quote,
        };
        let past = sessions_before(floor.sessions.at(now));
        for (symbol, listed) in &venue.stocks {
            floor.list(symbol, listed, past);
            if let Some(price) = listed.reference {
                let (symbol, currency) = (symbol.clone(), Currency::USD);
                floor.set_quote(Quote::centred(symbol, price, rules.half_spread, currency, now));
            }
        }
        floor
    }

    fn list(&mut self, symbol: &Symbol, listed: &Listed, past: &[NaiveDate]) {
        let mut listing = Listing::new(symbol, listed, past);
        while self.by_con_id.contains_key(&listing.con_id) {
            listing.con_id += 1;
        }
        self.by_con_id.insert(listing.con_id, symbol.clone());
        self.by_wire_symbol.insert(listing.wire_symbol.clone(), symbol.clone());
        self.listings.insert(symbol.clone(), Arc::new(listing));
    }

    /// Sets what a stock trades at. One that is not listed is, from then on.
    pub(crate) fn set_quote(&mut self, quote: Quote) {
        self.list_if_new(&quote.symbol);
        let last = quote.last;
        let tape = self.tapes.entry(quote.symbol.clone()).or_insert_with(|| Tape::new(&quote));
        tape.quote = quote;
        tape.deepen(self.shares_per_quote);
        if let Some(last) = last {
            tape.open = tape.open.or(Some(last));
            tape.high = tape.high.max(Some(last));
            tape.low = Some(tape.low.map_or(last, |low| low.min(last)));
        }
    }

    /// Moves what a stock trades at; what is not told stays as it was.
    pub(crate) fn move_quote(&mut self, tick: &Tick) {
        let known = self.quote(&tick.symbol);
        self.set_quote(Quote {
            symbol: tick.symbol.clone(),
            bid: tick.bid.or(known.and_then(|quote| quote.bid)),
            ask: tick.ask.or(known.and_then(|quote| quote.ask)),
            last: tick.last.or(known.and_then(|quote| quote.last)),
            previous_close: known.and_then(|quote| quote.previous_close),
            currency: Currency::USD,
            time: tick.time,
        });
        let (Some(tape), Some(size)) = (self.tapes.get_mut(&tick.symbol), tick.size) else {
            return;
        };
        tape.deepen(Some(size));
        if tick.last.is_some() {
            self.traded_elsewhere(&tick.symbol, size);
        }
    }

    /// Counts shares that others have traded.
    pub(crate) fn traded_elsewhere(&mut self, symbol: &Symbol, shares: Shares) {
        if let Some(tape) = self.tapes.get_mut(symbol) {
            tape.volume = tape.volume.saturating_add(shares.get());
        }
    }

    /// Returns what the path of each stock goes around that has a price, with the number of its path.
    pub(crate) fn middles(&self) -> BTreeMap<Symbol, (u64, f64)> {
        let middle = |symbol: &Symbol| Some((symbol.clone(), self.middle(symbol)?));
        self.listings.keys().filter_map(middle).collect()
    }

    pub(crate) fn middle(&self, symbol: &Symbol) -> Option<(u64, f64)> {
        let listing = self.listings.get(symbol)?;
        let price = self.quote(symbol)?.reference()?;
        let price = f64::try_from(price.get()).ok()?;
        Some((u64::try_from(listing.con_id).unwrap_or_default(), price))
    }

    /// Begins a session: what was last traded is the close before it.
    pub(crate) fn begin_session(&mut self) {
        for tape in self.tapes.values_mut() {
            tape.quote.previous_close = tape.quote.last.or(tape.quote.previous_close);
            let Tape { liquidity, size, halt, .. } = *tape;
            *tape = Tape { liquidity, size, halt, ..Tape::new(&tape.quote) };
        }
    }

    pub(crate) fn traded(&mut self, symbol: &Symbol, shares: i64) {
        if let Some(tape) = self.tapes.get_mut(symbol) {
            tape.volume = tape.volume.saturating_add(shares);
            let left = tape.liquidity.map(|there| (there - Shares::new(shares)).max(Shares::ZERO));
            tape.liquidity = left;
        }
    }

    /// Halts a stock, or lets it trade again; tells whether that is new.
    pub(crate) fn halt(&mut self, symbol: &Symbol, halt: Option<HaltKind>) -> bool {
        let Some(tape) = self.tapes.get_mut(symbol) else { return false };
        std::mem::replace(&mut tape.halt, halt) != halt
    }

    pub(crate) fn is_halted(&self, symbol: &Symbol) -> bool {
        self.tape(symbol).is_some_and(|tape| tape.halt.is_some())
    }

    pub(crate) fn tape(&self, symbol: &Symbol) -> Option<&Tape> {
        self.tapes.get(symbol)
    }

    pub(crate) fn quote(&self, symbol: &Symbol) -> Option<&Quote> {
        self.tapes.get(symbol).map(|tape| &tape.quote)
    }

    /// Returns what a share of a holding is worth: the last price or the middle, else the close
    /// before, else what it cost.
    pub(crate) fn mark(&self, symbol: &Symbol, average_cost: Money) -> Money {
        let quote = self.quote(symbol);
        let price = quote.and_then(|quote| quote.reference().or(quote.previous_close));
        price.map_or(average_cost, |price| Money::new(price.get()))
    }

    /// Returns what is listed of a stock that has an order, a position or a quote.
    pub(crate) fn listing(&self, symbol: &Symbol) -> &Arc<Listing> {
        let listing = self.listings.get(symbol);
        listing.expect("orders are checked to be of a listed stock, and a state lists its own")
    }

    /// Lists a stock of a state file that this venue does not have: the file may come from
    /// another one.
    pub(crate) fn list_if_new(&mut self, symbol: &Symbol) {
        if !self.listings.contains_key(symbol) {
            self.list(symbol, &Listed::default(), &[]);
        }
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn actions(&self) -> &[CorporateAction] {
        &self.actions
    }

    /// Finds a stock by its ISIN. They are known of few.
    fn of_isin(&self, isin: &str) -> Option<&Symbol> {
        let listing = self.listings.values().find(|listing| listing.isin == Some(isin));
        listing.map(|listing| &listing.symbol)
    }

    /// Finds the one stock that a contract describes.
    pub(crate) fn resolve(&self, query: &ContractQuery) -> Result<&Arc<Listing>, Refusal> {
        let is_stock = matches!(query.sec_type.as_str(), "STK" | "");
        let by_id = match query.con_id {
            0 => None,
            id => Some(self.by_con_id.get(&id).ok_or_else(Refusal::unknown_contract)?),
        };
        let name = if query.symbol.is_empty() { &query.local_symbol } else { &query.symbol };
        let by_symbol = self.by_wire_symbol.get(name.as_str());
        let by_isin = (query.sec_id_type == "ISIN").then(|| self.of_isin(&query.sec_id)).flatten();
        let symbol = by_id.or(by_symbol).or(by_isin).ok_or_else(Refusal::unknown_contract)?;
        let listing = self.listings.get(symbol).ok_or_else(Refusal::unknown_contract)?;
        let agrees = |asked: &str, has: &str| asked.is_empty() || asked == has;
        let is_same = is_stock
            && agrees(&query.symbol, &listing.wire_symbol)
            && agrees(&query.local_symbol, &listing.wire_symbol)
            && agrees(&query.trading_class, &listing.trading_class)
            && agrees(&query.currency, "USD")
            && agrees(&query.primary_exchange, listing.exchange)
            && (query.sec_id.is_empty() || listing.isin == Some(&query.sec_id))
            && (agrees(&query.exchange, "SMART") || exchange(&query.exchange).is_some());
        match (is_same, by_id) {
            (true, _) => Ok(listing),
            (false, Some(_)) => Err(Refusal::conflicting_contract()),
            (false, None) => Err(Refusal::unknown_contract()),
        }
    }
}

impl Tape {
    fn new(quote: &Quote) -> Self {
        let last = quote.last;
        Self {
            quote: quote.clone(),
            open: last,
            high: last,
            low: last,
            volume: 0,
            liquidity: None,
            size: SIZE,
            halt: None,
        }
    }

    /// Lets so many shares be dealt at the quote.
    fn deepen(&mut self, shares: Option<Shares>) {
        self.liquidity = shares;
        self.size = shares.map_or(SIZE, Shares::get);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor() -> Floor {
        let now = "2026-08-25T14:00:00Z".parse().unwrap();
        Floor::open(&Venue::large_us(1), &MarketRules::default(), now)
    }

    fn stock(symbol: &str) -> ContractQuery {
        ContractQuery {
            symbol: symbol.to_owned(),
            sec_type: "STK".to_owned(),
            exchange: "SMART".to_owned(),
            currency: "USD".to_owned(),
            ..ContractQuery::default()
        }
    }

    #[test]
    fn a_contract_is_found_by_symbol_and_by_number() {
        let floor = floor();
        assert_eq!(floor.resolve(&stock("BRK B")).unwrap().symbol, "BRK.B");
        let by_id = ContractQuery { con_id: 265_598, ..ContractQuery::default() };
        assert_eq!(floor.resolve(&by_id).unwrap().symbol, "AAPL");
        let both = ContractQuery { con_id: 265_598, ..stock("MSFT") };
        assert_eq!(floor.resolve(&both).unwrap_err().code, 478);
        let local = ContractQuery { local_symbol: "BRK B".to_owned(), ..stock("") };
        assert_eq!(floor.resolve(&local).unwrap().symbol, "BRK.B");
        let isin = |isin: &str, symbol| ContractQuery {
            sec_id_type: "ISIN".to_owned(),
            sec_id: isin.to_owned(),
            ..stock(symbol)
        };
        assert_eq!(floor.resolve(&isin("US0378331005", "")).unwrap().symbol, "AAPL");
        for unknown in [
            isin("US0378331005", "MSFT"),
            isin("US0000000000", ""),
            stock("BRK.B"),
            stock(""),
            stock("ZZZZNOSUCH"),
            ContractQuery { sec_type: "OPT".to_owned(), ..stock("AAPL") },
            ContractQuery { currency: "EUR".to_owned(), ..stock("AAPL") },
            ContractQuery { exchange: "LSE".to_owned(), ..stock("AAPL") },
            ContractQuery { con_id: 1, ..stock("AAPL") },
        ] {
            assert_eq!(floor.resolve(&unknown).unwrap_err().code, 200, "{unknown}");
        }
    }

    #[test]
    fn a_session_remembers_its_extremes() {
        let mut floor = floor();
        let symbol: Symbol = "KO".parse().unwrap();
        let quote = floor.quote(&symbol).unwrap().clone();
        let at = |last: &str| Quote { last: Some(last.parse().unwrap()), ..quote.clone() };
        floor.set_quote(at("61"));
        floor.set_quote(at("58.50"));
        let tape = floor.tape(&symbol).unwrap();
        let text = |price: Option<Price>| price.unwrap().to_string();
        assert_eq!([text(tape.open), text(tape.high), text(tape.low)], ["60", "61", "58.5"]);
        floor.begin_session();
        let tape = floor.tape(&symbol).unwrap();
        assert_eq!(text(tape.quote.previous_close), "58.5");
        assert_eq!(text(tape.high), "58.5");
    }

    #[test]
    fn a_quote_lists_a_stock_that_was_not_there() {
        let mut floor = floor();
        let quote = floor.quote(&"KO".parse().unwrap()).unwrap().clone();
        floor.set_quote(Quote { symbol: "NEW".parse().unwrap(), ..quote });
        assert_eq!(floor.resolve(&stock("NEW")).unwrap().symbol, "NEW");
    }
}
