//! Prices: one answer, or one and then another whenever the quote moves.

use super::floor::Tape;
use super::notice::Refusal;
use super::reply::{Reply, TickParameters};
use super::request::ContractQuery;
use super::{Client, ConnectionId, Engine};
use crate::HaltKind;
use decile_core::{Price, Symbol};

/// The numbers of the ticks: those of live data, or of delayed ones.
struct Ticks {
    bid: i32,
    ask: i32,
    last: i32,
    high: i32,
    low: i32,
    volume: i32,
    close: i32,
    open: i32,
    time: i32,
    halted: i32,
    /// The kind of data that `marketDataType` tells.
    kind: i32,
    permissions: i32,
}

const LIVE: Ticks = Ticks {
    bid: 1,
    ask: 2,
    last: 4,
    high: 6,
    low: 7,
    volume: 8,
    close: 9,
    open: 14,
    time: 45,
    halted: 49,
    kind: 1,
    permissions: 3,
};

const DELAYED: Ticks = Ticks {
    bid: 66,
    ask: 67,
    last: 68,
    high: 72,
    low: 73,
    volume: 74,
    close: 75,
    open: 76,
    time: 88,
    halted: 90,
    kind: 3,
    permissions: 4,
};

impl Engine {
    pub(super) fn market_data(
        &mut self,
        at: ConnectionId,
        request: i32,
        query: &ContractQuery,
        snapshot: bool,
    ) {
        let Some(client) = self.clients.get(&at) else { return };
        let is_delayed = matches!(client.market_data_type, 3 | 4);
        if client.tickers.contains_key(&request) {
            return self.refuse(at, request, Refusal::new(102, "Duplicate ticker id"));
        }
        let listing = match self.floor.resolve(query) {
            Ok(listing) => listing.clone(),
            Err(refusal) => return self.refuse(at, request, refusal),
        };
        let ticks = self.ticks();
        let bbo_exchange = listing.bbo_exchange;
        let parameters = TickParameters { bbo_exchange, permissions: ticks.permissions };
        if !self.live_data && !is_delayed {
            self.tell(at, Reply::TickParameters(request, parameters));
            let text = format!(
                "Requested market data requires additional subscription for API. See link in \
                 'Market Data Connections' dialog for more details.Delayed market data is \
                 available.{} {}.{}/TOP/ALL",
                listing.wire_symbol, listing.exchange, listing.trading_class
            );
            return self.refuse(at, request, Refusal::new(10089, text));
        }
        self.tell(at, Reply::MarketDataType(request, ticks.kind));
        self.tell(at, Reply::TickParameters(request, parameters));
        self.tell_ticks(at, request, &listing.symbol);
        // That a stock is not halted is not told unless it was: recordings differ.
        if self.floor.is_halted(&listing.symbol) {
            self.tell_halt(at, request, &listing.symbol);
        }
        if snapshot {
            return self.tell(at, Reply::SnapshotEnd(request));
        }
        self.with_client(at, |client| drop(client.tickers.insert(request, listing.symbol.clone())));
    }

    pub(super) fn cancel_market_data(&mut self, at: ConnectionId, request: i32) {
        let known = self.clients.get_mut(&at).and_then(|client| client.tickers.remove(&request));
        if known.is_none() {
            let text = format!("Can't find EId with tickerId:{request}");
            self.refuse(at, request, Refusal::new(300, text));
        }
    }

    /// Tells everybody who watches a stock what it trades at.
    pub(super) fn tick(&mut self, symbol: &Symbol) {
        for (at, request) in self.watching(symbol) {
            self.tell_ticks(at, request, symbol);
        }
    }

    /// Tells everybody who watches a stock whether it is halted.
    pub(super) fn show_halt(&mut self, symbol: &Symbol) {
        for (at, request) in self.watching(symbol) {
            self.tell_halt(at, request, symbol);
        }
    }

    fn watching(&self, symbol: &Symbol) -> Vec<(ConnectionId, i32)> {
        let of_client = |(at, client): (&ConnectionId, &Client)| {
            let tickers = client.tickers.iter().filter(|(_, watched)| *watched == symbol);
            tickers.map(|(request, _)| (*at, *request)).collect::<Vec<_>>()
        };
        self.clients.iter().flat_map(of_client).collect()
    }

    fn tell_halt(&mut self, at: ConnectionId, request: i32, symbol: &Symbol) {
        let Some(tape) = self.floor.tape(symbol) else { return };
        let (tick, value) = (self.ticks().halted, HaltKind::told(tape.halt));
        self.tell(at, Reply::TickGeneric { request, tick, value });
    }

    fn ticks(&self) -> &'static Ticks {
        if self.live_data { &LIVE } else { &DELAYED }
    }

    /// Tells what is known of a stock's prices, in the recorded order; what is not known is left
    /// out.
    fn tell_ticks(&mut self, at: ConnectionId, request: i32, symbol: &Symbol) {
        let Some(tape) = self.floor.tape(symbol) else { return };
        let Tape { quote, open, high, low, volume, size, halt, .. } = tape.clone();
        let ticks = self.ticks();
        let price = |tick, price: Option<Price>, size| {
            price.map(|price| Reply::TickPrice { request, tick, price, size })
        };
        // What trades here does so all the time, at what was last.
        let trades = self.is_trading() && halt.is_none();
        let traded_at = if trades { self.now() } else { quote.time };
        let time = quote.last.map(|_| Reply::TickString {
            request,
            tick: ticks.time,
            value: traded_at.timestamp().to_string(),
        });
        let replies = [
            price(ticks.last, quote.last, size),
            time,
            price(ticks.high, high, 0),
            price(ticks.low, low, 0),
            Some(Reply::TickSize { request, tick: ticks.volume, size: volume }),
            price(ticks.close, quote.previous_close, 0),
            price(ticks.open, open, 0),
            price(ticks.bid, quote.bid, size),
            price(ticks.ask, quote.ask, size),
        ];
        replies.into_iter().flatten().for_each(|reply| self.tell(at, reply));
    }
}
