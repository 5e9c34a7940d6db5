//! What can be traded, at which prices, and when.

mod large_us;
mod listing;
mod sessions;

pub(crate) use listing::{EXCHANGES, Listing, exchange, sessions_before};
pub(crate) use sessions::Sessions;

use crate::Error;
use chrono::NaiveDate;
use decile_core::{Bar, CorporateAction, Currency, Market, Price, Stock, Symbol};
use std::collections::BTreeMap;

/// The stocks of a gateway: what they are, what they traded at, and what they trade at now.
///
/// Quotes are centred on a reference price, with half a spread of 2 basis points rounded outwards
/// to the cent, and stand still until [`Gateway::set_quotes`](crate::Gateway::set_quotes) or
/// [`Ticks`](crate::Ticks) move them. Trading is possible at any hour: an order belongs to the session under way or, after its
/// close, to the next one.
///
/// ```
/// use decile_gateway::Venue;
///
/// let venue = Venue::prices([("AAPL".parse()?, "185".parse()?)]);
/// assert_eq!(venue.symbols().count(), 1);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Venue {
    pub(crate) stocks: BTreeMap<Symbol, Listed>,
    pub(crate) sessions: Sessions,
    pub(crate) actions: Vec<CorporateAction>,
}

/// One stock of a venue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    /// What quotes are centred on; without one the stock has no quote.
    pub(crate) reference: Option<Price>,
    pub(crate) history: History,
    pub(crate) sector: Option<String>,
    pub(crate) name: Option<String>,
}

/// The past of a stock.
#[derive(Debug, Clone)]
pub(crate) enum History {
    /// Bars as they were traded, up to the session before the one that is traded.
    Bars(Vec<Bar>),
    /// Bars without their dates: the last belongs to the session before the one that is traded.
    Undated(Vec<Bar>),
}

impl Default for History {
    fn default() -> Self {
        Self::Bars(Vec::new())
    }
}

impl Venue {
    /// Trades a market on the session after `as_of`, whose close is the last thing that is known.
    ///
    /// That session is the market's own next one, beyond its end the NYSE's, and it stays the
    /// session of this venue whatever the clock says. A stock without a close in its last
    /// [`Stock::PRICE_AGE_SESSIONS_MAX`] sessions is listed without a quote. Stocks that trade in
    /// another currency than US dollars are left out. Bars are given as Interactive Brokers gives
    /// trades: adjusted for splits up to `as_of`, not for dividends.
    ///
    /// # Errors
    /// [`Error::NotASession`] if `as_of` is not one of the market's sessions, and
    /// [`Error::NoSession`] if no calendar knows a session after it.
    pub fn market(market: &Market, as_of: NaiveDate) -> Result<Self, Error> {
        let sessions = Sessions::after(market.calendar(), as_of)?;
        let in_dollars = |stock: &&Stock| stock.security().trade_currency == Currency::USD;
        let stocks = market.stocks().iter().filter(in_dollars);
        let listed = |stock: &Stock| {
            let price = stock.price_at(market.calendar(), as_of);
            let security = stock.security();
            let listed = Listed {
                reference: price.and_then(|price| Price::from_f64(price).ok()),
                history: History::Bars(split_adjusted(stock, as_of)),
                sector: Some(security.sector.to_string()),
                name: Some(security.issuer.to_string()),
            };
            (stock.symbol().clone(), listed)
        };
        let actions = market.stocks().iter().flat_map(Stock::actions);
        Ok(Self {
            stocks: stocks.map(listed).collect(),
            actions: actions.cloned().collect(),
            sessions,
        })
    }

    /// Trades at fixed prices, on the NYSE session of the clock. There is no history. Of a symbol
    /// that is given twice the last price counts.
    #[must_use]
    pub fn prices(prices: impl IntoIterator<Item = (Symbol, Price)>) -> Self {
        let listed =
            |(symbol, price)| (symbol, Listed { reference: Some(price), ..Listed::default() });
        Self {
            stocks: prices.into_iter().map(listed).collect(),
            sessions: Sessions::Exchange,
            actions: Vec::new(),
        }
    }

    /// Trades thirty large US stocks at round reference prices, on the NYSE session of the clock.
    ///
    /// The symbols are real and nothing else is: the prices are invented, and the two years of
    /// daily bars before them are a random path of the seed that ends at the reference price.
    #[must_use]
    pub fn large_us(seed: u64) -> Self {
        Self { stocks: large_us::stocks(seed), sessions: Sessions::Exchange, actions: Vec::new() }
    }

    /// Lets the sessions of a market come as the clock passes those before them, for a clock that
    /// runs from the first of them. Nothing later of the market becomes known by it: prices go on
    /// as they are told to, and there are no splits or payouts.
    #[must_use]
    pub fn following_the_clock(mut self) -> Self {
        self.sessions.follow();
        self
    }

    /// Returns the stocks that can be traded, in the order of their symbols.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.stocks.keys()
    }
}

/// Returns the bars up to a session on the share basis of that session.
fn split_adjusted(stock: &Stock, as_of: NaiveDate) -> Vec<Bar> {
    let splits = stock.actions().iter().filter(|action| action.ex_date <= as_of);
    let splits: Vec<_> =
        splits.filter_map(|split| Some((split.ex_date, split.split_ratio()?))).collect();
    let known = stock.bars().iter().take_while(|bar| bar.date <= as_of);
    let adjusted = known.map(|bar| {
        let later = splits.iter().filter(|(ex_date, _)| *ex_date > bar.date);
        let ratio: f64 = later.map(|(_, ratio)| ratio).product();
        if ratio == 1.0 { *bar } else { on_basis(bar, ratio) }
    });
    adjusted.collect()
}

fn on_basis(bar: &Bar, ratio: f64) -> Bar {
    Bar {
        date: bar.date,
        open: bar.open.map(|price| price / ratio),
        high: bar.high.map(|price| price / ratio),
        low: bar.low.map(|price| price / ratio),
        close: bar.close / ratio,
        volume: bar.volume.map(|volume| volume * ratio),
    }
}
