use crate::{BrokerEvent, ClientOrderId, OrderName};
use decile_core::{Shares, Symbol};
use std::collections::{BTreeMap, VecDeque};

/// What becomes of the part of an order that does not fill.
///
/// ```
/// assert_ne!(decile_trade::Remainder::Works, decile_trade::Remainder::Cancelled);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remainder {
    /// It stays open until it is cancelled or its session ends. It never fills.
    Works,
    /// It is cancelled at once.
    Cancelled,
}

/// What goes wrong with one order at a [`PaperBroker`](crate::PaperBroker).
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Broker, PaperBroker, PaperConfig, SubmitError, Trouble};
///
/// # block_on(async {
/// let config = PaperConfig::new("DU1234567".parse()?, money("10000"), session());
/// let broker = PaperBroker::new(config, clock());
/// broker.set_quotes([quote("KO", "50")]);
/// broker.trouble_for(symbol("KO"), Trouble::DropAfterSend);
/// let [order] = &approved_orders("10000", &[("KO", "50")])[..] else { panic!("one order") };
/// assert!(matches!(broker.submit(order).await, Err(SubmitError::InDoubt { .. })));
/// // It did arrive.
/// assert_eq!(broker.find(order.id()).await?.expect("known").filled.get(), 189);
/// # Ok::<(), decile_trade::Error>(())
/// # }).expect("a paper account");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// It never leaves.
    NotSent,
    /// It is refused.
    Reject {
        /// In these words.
        reason: String,
    },
    /// Only some of it fills.
    PartialFill {
        /// How many shares do, at most all.
        quantity: Shares,
        /// And the rest.
        then: Remainder,
    },
    /// It arrives and fills; the answer and the events are lost.
    DropAfterSend,
    /// It is lost on its way, and nobody says so.
    LostBeforeArrival,
    /// It fills, but its state stays "submitted" until it has been looked up so many times, and
    /// the events come only then. Holdings and executions show it at once, as they do at real
    /// brokers, whose parts know different things.
    LateStatus {
        /// How many times a look-up finds the old state.
        polls: u32,
    },
    /// Every event comes three times, the last time in the wrong order.
    DuplicateStatus,
}

/// The troubles to come, and the orders whose state is not shown yet.
#[derive(Debug, Default)]
pub(super) struct Script {
    by_symbol: BTreeMap<Symbol, VecDeque<Trouble>>,
    by_turn: BTreeMap<usize, Trouble>,
    turn: usize,
    concealed: BTreeMap<ClientOrderId, (u32, Vec<BrokerEvent>)>,
}

impl Script {
    pub(super) fn add_for(&mut self, symbol: Symbol, trouble: Trouble) {
        self.by_symbol.entry(symbol).or_default().push_back(trouble);
    }

    pub(super) fn add_at(&mut self, turn: usize, trouble: Trouble) {
        self.by_turn.insert(self.turn.saturating_add(turn), trouble);
    }

    /// Returns what goes wrong with the next order.
    pub(super) fn take(&mut self, symbol: &Symbol) -> Option<Trouble> {
        let by_turn = self.by_turn.remove(&self.turn);
        self.turn = self.turn.saturating_add(1);
        by_turn.or_else(|| self.by_symbol.get_mut(symbol)?.pop_front())
    }

    pub(super) fn conceal(&mut self, id: &ClientOrderId, polls: u32, events: Vec<BrokerEvent>) {
        self.concealed.insert(id.clone(), (polls, events));
    }

    pub(super) fn is_concealed(&self, id: &ClientOrderId) -> bool {
        self.concealed.contains_key(id)
    }

    pub(super) fn conceals(&self, name: &OrderName) -> bool {
        name.ours().is_some_and(|id| self.is_concealed(id))
    }

    /// Counts a look-up, and returns the events that the last one sets free.
    pub(super) fn poll(&mut self, id: &ClientOrderId) -> Vec<BrokerEvent> {
        if let Some((polls, _)) = self.concealed.get_mut(id) {
            *polls = polls.saturating_sub(1);
            if *polls > 0 {
                return Vec::new();
            }
        }
        self.concealed.remove(id).map(|(_, events)| events).unwrap_or_default()
    }
}
