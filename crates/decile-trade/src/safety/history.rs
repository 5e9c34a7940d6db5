use super::Lots;
use crate::journal::Trade;
use crate::{Attempts, ClientOrderId, Day, Error, Journal, JournalRecord, PlanId, Side};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use decile_core::{ActionKind, Calendar, CorporateAction, Holding, Money, Shares, Symbol};
use std::collections::{BTreeMap, BTreeSet};

/// What a journal tells of the runs before this one, as far as it limits the next.
///
/// The default is that of a journal without records: nothing was traded, lost or shown.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{History, Journal, JournalRecord, MemoryJournal};
///
/// let journal = MemoryJournal::default();
/// for equity in ["100000", "120000", "110000"] {
///     journal.append(&[JournalRecord::Equity { equity: money(equity), at: now() }])?;
/// }
/// let history = History::replay(&journal)?;
/// assert_eq!(history.peak(), Some(money("120000")));
/// assert_eq!(history.equity_before(session()), Some((session(), money("100000"))));
/// assert_eq!(history.latched(), None);
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    days: BTreeMap<NaiveDate, Day>,
    /// What came to be the strategy's, by stock and day: in the shares of that day.
    lots: BTreeMap<(Symbol, NaiveDate), Shares>,
    /// What was bought in a session, wholly or without proof of how that ended.
    taken: BTreeSet<(NaiveDate, Symbol)>,
    /// The orders that may still fill.
    open: BTreeSet<ClientOrderId>,
    /// Since the last reset.
    peak: Option<Money>,
    /// The first and the last look of each date in New York since the last reset.
    looks: BTreeMap<NaiveDate, (Money, Money)>,
    latch: Option<String>,
    /// What changed hands, by time.
    trades: Vec<Trade>,
    proposals: BTreeMap<PlanId, Proposal>,
    /// The months in which a run was compared with what is held, as a year and a month.
    months: BTreeSet<(i32, u32)>,
    breaks: usize,
}

/// How a plan was shown last.
#[derive(Debug, Clone, PartialEq)]
struct Proposal {
    at: DateTime<Utc>,
    orders: Option<BTreeMap<Symbol, Shares>>,
}

impl History {
    /// Reads a journal.
    ///
    /// # Errors
    /// As [`Attempts::replay`].
    pub fn replay(journal: &dyn Journal) -> Result<Self, Error> {
        Self::of(journal.replay()?)
    }

    /// Takes the records of a journal, the oldest first.
    ///
    /// # Errors
    /// As [`Attempts::replay`], but for what reading could give.
    pub fn of(records: Vec<JournalRecord>) -> Result<Self, Error> {
        let (mut history, mut attempts) = (Self::default(), Attempts::none());
        let mut sessions = BTreeSet::new();
        // What was adopted, less what had been traded by then.
        let mut base: BTreeMap<(Symbol, NaiveDate), Shares> = BTreeMap::new();
        for record in records {
            sessions.extend(record.order_id().map(ClientOrderId::session));
            match &record {
                JournalRecord::Equity { equity, at } => history.see(*equity, *at),
                JournalRecord::LossReset { .. } => {
                    history.peak = None;
                    history.looks.clear();
                }
                JournalRecord::Proposed { plan, orders, at } => {
                    history
                        .proposals
                        .insert(plan.clone(), Proposal { at: *at, orders: orders.clone() });
                }
                JournalRecord::Adopted { positions, at, .. } => {
                    let day = Calendar::nyse().local_date(*at);
                    let lot = |(symbol, held): (&Symbol, &Shares)| ((symbol.clone(), day), *held);
                    base = positions.iter().map(lot).collect();
                    for (lot, traded) in attempts.net() {
                        let quantity = base.entry(lot).or_default();
                        *quantity = *quantity - traded;
                    }
                }
                JournalRecord::Reconciled { breaks, at } => {
                    let day = Calendar::nyse().local_date(*at);
                    history.months.insert((day.year(), day.month()));
                    history.breaks += breaks.len();
                }
                _ => {}
            }
            attempts.learn(record)?;
        }
        for (lot, traded) in attempts.net() {
            let quantity = base.entry(lot).or_default();
            *quantity = *quantity + traded;
        }
        base.retain(|_, quantity| !quantity.is_zero());
        history.lots = base;
        let buys = attempts.taken().filter(|id| id.side() == Side::Buy);
        history.taken = buys.map(|id| (id.session(), id.symbol().clone())).collect();
        history.open = attempts.unresolved().cloned().collect();
        history.trades = attempts.trades();
        history.latch = attempts.latched().map(str::to_owned);
        history.days = sessions.into_iter().map(|day| (day, attempts.day(day))).collect();
        Ok(history)
    }

    /// Takes in what the account is worth.
    pub(super) fn see(&mut self, equity: Money, at: DateTime<Utc>) {
        self.peak = self.peak.max(Some(equity));
        let date = Calendar::nyse().local_date(at);
        self.looks.entry(date).and_modify(|(_, last)| *last = equity).or_insert((equity, equity));
    }

    /// Returns what has gone out for a session, or may have.
    #[must_use]
    pub fn day(&self, session: NaiveDate) -> Day {
        self.days.get(&session).copied().unwrap_or_default()
    }

    /// Tells whether a buy of the session has filled, or nobody knows whether it has: it counts already,
    /// and the same is not bought again.
    #[must_use]
    pub fn is_taken(&self, session: NaiveDate, symbol: &Symbol) -> bool {
        self.taken.contains(&(session, symbol.clone()))
    }

    /// Tells whether an order is known to have been intended, and not how it ended.
    #[must_use]
    pub fn is_open(&self, id: &ClientOrderId) -> bool {
        self.open.contains(id)
    }

    /// Returns what the strategy holds on a session by its own fills, and by what a person said is its
    /// own, in the shares of that session: the splits among the actions make more or fewer of them, and a
    /// fraction of a share that is left over is paid out. A journal does not know of splits, so one that is
    /// not among the actions is not in it.
    ///
    /// # Errors
    /// [`InvalidAction`](decile_core::Error::InvalidAction) for a ratio that cannot be.
    pub fn owned_with(
        &self,
        actions: &[CorporateAction],
        session: NaiveDate,
    ) -> Result<BTreeMap<Symbol, Shares>, decile_core::Error> {
        let mut owned: BTreeMap<Symbol, (NaiveDate, Shares)> = BTreeMap::new();
        for ((symbol, day), added) in &self.lots {
            let (reached, held) = owned.entry(symbol.clone()).or_insert((*day, Shares::ZERO));
            *held = split(*held, (actions, symbol), (*reached, *day))? + *added;
            *reached = *day;
        }
        let carried = owned.into_iter().map(|(symbol, (reached, held))| {
            let held = split(held, (actions, &symbol), (reached, session))?;
            Ok((symbol, held))
        });
        let held: Result<BTreeMap<_, _>, _> = carried.collect();
        held.map(|held| held.into_iter().filter(|(_, quantity)| !quantity.is_zero()).collect())
    }

    /// Returns the stocks that were bought and then sold again in one session, from one session to
    /// another, once for each time.
    ///
    /// To sell what was held before and to buy it back is none: FINRA's rule 4210(f)(8)(B) has it so.
    #[must_use]
    pub fn round_trips(&self, from: NaiveDate, until: NaiveDate) -> Vec<(NaiveDate, Symbol)> {
        let mut sides = BTreeMap::new();
        let trades = self.trades.iter().filter(|trade| (from..=until).contains(&trade.session));
        let of_trade = |trade: &Trade| {
            let what = (trade.session, trade.symbol.clone());
            let before = sides.insert(what.clone(), trade.side);
            (before == Some(Side::Buy) && trade.side == Side::Sell).then_some(what)
        };
        trades.filter_map(of_trade).collect()
    }

    /// Tells whether the last that was done to a stock in a session was to buy it.
    pub(crate) fn is_bought_last(&self, session: NaiveDate, symbol: &Symbol) -> bool {
        let is_it = |trade: &&Trade| trade.session == session && trade.symbol == *symbol;
        self.trades.iter().rfind(is_it).is_some_and(|trade| trade.side == Side::Buy)
    }

    /// Returns what was bought and sold of a stock, with the splits among the actions.
    ///
    /// # Errors
    /// As [`History::owned_with`].
    pub(crate) fn lots<'a>(
        &self,
        symbol: &'a Symbol,
        actions: &'a [CorporateAction],
    ) -> Result<Lots<'a>, decile_core::Error> {
        let trades = self.trades.iter().filter(|trade| trade.symbol == *symbol);
        Lots::of(symbol, trades, actions)
    }

    /// Returns the most that the account was worth since the last reset; `None` if it was not looked at.
    #[must_use]
    pub fn peak(&self) -> Option<Money> {
        self.peak
    }

    /// Returns what a loss on a date in New York is measured from: what the account was worth at the last
    /// look of an earlier date, else at the first of the date itself, and when that was. Looks before the
    /// last reset do not count.
    #[must_use]
    pub fn equity_before(&self, date: NaiveDate) -> Option<(NaiveDate, Money)> {
        let earlier = self.looks.range(..date).next_back();
        let earlier = earlier.map(|(date, (_, last))| (*date, *last));
        earlier.or_else(|| self.looks.get(&date).map(|(first, _)| (date, *first)))
    }

    /// Returns why nothing may be bought, if too much was lost and nobody has lifted it.
    #[must_use]
    pub fn latched(&self) -> Option<&str> {
        self.latch.as_deref()
    }

    /// Returns when a plan was last shown to a person.
    #[must_use]
    pub fn proposed(&self, plan: &PlanId) -> Option<DateTime<Utc>> {
        self.proposals.get(plan).map(|shown| shown.at)
    }

    /// Returns what a plan was to trade when it was shown last, below 0 what it was to sell; `None` if the
    /// journal does not know.
    #[must_use]
    pub fn proposed_orders(&self, plan: &PlanId) -> Option<&BTreeMap<Symbol, Shares>> {
        self.proposals.get(plan)?.orders.as_ref()
    }

    /// Returns in how many months a run was compared with what is held, and how often that did not
    /// agree.
    #[must_use]
    pub fn reconciled(&self) -> (usize, usize) {
        (self.months.len(), self.breaks)
    }
}

/// Returns what the splits of a stock after one day and up to another make of its shares.
fn split(
    held: Shares,
    of: (&[CorporateAction], &Symbol),
    span: (NaiveDate, NaiveDate),
) -> Result<Shares, decile_core::Error> {
    let holding = Holding { quantity: held, cost: Money::ZERO };
    Ok(carried(holding, of, span)?.quantity)
}

/// The same with what a share cost.
pub(super) fn carried(
    holding: Holding,
    (actions, symbol): (&[CorporateAction], &Symbol),
    (reached, day): (NaiveDate, NaiveDate),
) -> Result<Holding, decile_core::Error> {
    let due = CorporateAction::due(actions, reached, day).into_iter();
    let mut splits =
        due.filter(|action| action.kind == ActionKind::Split && action.symbol == *symbol);
    splits.try_fold(holding, |holding, action| Ok(holding.after(action, None)?.0))
}
