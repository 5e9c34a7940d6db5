mod attempts;
mod clearance;
mod file;
mod intents;
mod memory;
mod owner;
mod run;

pub use attempts::{Attempts, Day};
pub(crate) use attempts::{Blocked, Standing, Trade, learn};
pub use clearance::Clearance;
pub use file::FileJournal;
pub(crate) use file::{file_error, sync_folder};
pub use memory::MemoryJournal;
pub(crate) use owner::{check_account, check_owner};
pub use run::RunRecord;

use crate::{
    AccountId, ClientOrderId, Error, Execution, OrderReport, OrderSnapshot, PlanId, PlannedOrder,
    StrategyId,
};
use chrono::{DateTime, Utc};
use decile_core::{Money, Price, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One thing that happened to a run or to an order, in the order in which it became known.
///
/// ```
/// use decile_trade::JournalRecord;
///
/// let text = r#"{"not_sent": {"id": "q:DU1:20251201:KO:B:1", "reason": "stopped",
///     "at": "2025-12-01T15:00:00Z"}}"#;
/// let record: JournalRecord = serde_json::from_str(text)?;
/// assert!(record.order_id().is_some_and(|id| id.symbol().as_str() == "KO"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JournalRecord {
    /// A plan was approved and is about to be executed. Nothing is sent before this is written.
    Began {
        /// The plan and what the checks said.
        run: Box<RunRecord>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The order is about to be sent. Written, durably, before it is.
    Intent {
        /// The order.
        id: ClientOrderId,
        /// What it asks for.
        order: PlannedOrder,
        /// What the stock traded at; `None` if it was not asked for, or nobody knew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrival: Option<Price>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The broker took orders, and gave them numbers. For people, who look for them there.
    Acknowledged {
        /// The broker's own number of each.
        numbers: BTreeMap<ClientOrderId, String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// It is proven that the order never left.
    NotSent {
        /// The order.
        id: ClientOrderId,
        /// Why.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Nobody knows whether the order arrived.
    Unknown {
        /// The order.
        id: ClientOrderId,
        /// Why.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// What the broker says about the order.
    Seen {
        /// Its word.
        snapshot: OrderSnapshot,
        /// When.
        at: DateTime<Utc>,
    },
    /// Shares changed hands.
    Executed {
        /// What and at what price.
        execution: Execution,
    },
    /// The order was still unknown after its session. It can no longer fill, and whether it did
    /// shows in the positions; it is not looked up again.
    Lapsed {
        /// The order.
        id: ClientOrderId,
        /// When.
        at: DateTime<Utc>,
    },
    /// In a run, the connection was lost, or news of orders was, and all is known again: what was out has
    /// been looked up.
    Recovered {
        /// What had happened.
        reason: String,
        /// When all was known again.
        at: DateTime<Utc>,
    },
    /// A person said what became of an order of which nobody knew. It counts as ended, until the broker
    /// says more of it.
    Cleared {
        /// The order.
        id: ClientOrderId,
        /// What became of it.
        clearance: Clearance,
        /// Who says so.
        by: String,
        /// Why they know.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The run is over, as far as it knew then.
    Ended {
        /// What became of each order of the plan.
        orders: Vec<OrderReport>,
        /// When.
        at: DateTime<Utc>,
    },
    /// A plan was shown to a person, and nothing was sent.
    Proposed {
        /// The plan.
        plan: PlanId,
        /// What it was to trade, below 0 what it was to sell; `None` in journals that did not say so yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        orders: Option<BTreeMap<Symbol, Shares>>,
        /// When.
        at: DateTime<Utc>,
    },
    /// A run ended without sending anything, because something denied it or failed.
    Refused {
        /// What.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// What the account was worth.
    Equity {
        /// Cash and holdings at market value.
        equity: Money,
        /// When.
        at: DateTime<Utc>,
    },
    /// Too much was lost: nothing more is bought until a person lifts it.
    LossLatched {
        /// How much of what.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A person allowed to buy again. Losses count anew from here.
    LossReset {
        /// Why.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A person said that the strategy owns what the account holds, however it came there.
    Adopted {
        /// What it holds, by symbol.
        positions: BTreeMap<Symbol, Shares>,
        /// Why.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// What is held was compared with what was held before the run and what filled in it.
    Reconciled {
        /// What does not agree; nothing if all of it does.
        breaks: Vec<String>,
        /// When.
        at: DateTime<Utc>,
    },
}

impl JournalRecord {
    /// Returns the order, if the record is about one of ours.
    #[must_use]
    pub fn order_id(&self) -> Option<&ClientOrderId> {
        match self {
            Self::Intent { id, .. }
            | Self::NotSent { id, .. }
            | Self::Unknown { id, .. }
            | Self::Lapsed { id, .. }
            | Self::Cleared { id, .. } => Some(id),
            Self::Seen { snapshot, .. } => snapshot.id.ours(),
            Self::Executed { execution } => execution.id.ours(),
            Self::Began { .. }
            | Self::Acknowledged { .. }
            | Self::Recovered { .. }
            | Self::Ended { .. }
            | Self::Proposed { .. }
            | Self::Refused { .. }
            | Self::Equity { .. }
            | Self::LossLatched { .. }
            | Self::LossReset { .. }
            | Self::Adopted { .. }
            | Self::Reconciled { .. } => None,
        }
    }

    /// Returns the strategy and the account that the record is of, if it says so.
    ///
    /// ```
    /// use decile_trade::JournalRecord;
    ///
    /// let id = "q:DU1:20251201:KO:B:1".parse()?;
    /// let lapsed = JournalRecord::Lapsed { id, at: "2025-12-02T15:00:00Z".parse()? };
    /// let (strategy, account) = lapsed.owner().expect("it is of an order");
    /// assert_eq!((strategy.as_str(), account.as_str()), ("q", "DU1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owner(&self) -> Option<(&StrategyId, &AccountId)> {
        match self {
            Self::Began { run, .. } => Some((&run.strategy, &run.account)),
            other => other.order_id().map(|id| (id.strategy(), id.account())),
        }
    }

    /// Tells whether the record is about an order: one of ours, or one that should be.
    pub(crate) fn is_of_order(&self) -> bool {
        self.order_id().is_some() || matches!(self, Self::Seen { .. } | Self::Executed { .. })
    }
}

/// Keeps what was intended and what became of it, so that a run that dies can be resumed.
///
/// The methods block on purpose: when `append` returns, the records are durable, and only then may
/// the order go out. A batch costs one flush to disk. One journal belongs to one account and
/// strategy, and to one process at a time.
///
/// It is also the last guard against sending twice: an intent is taken once. Two executors on one
/// journal may both believe that an id is free, but only one of them gets its intent in.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Journal, JournalRecord, MemoryJournal};
///
/// let journal = MemoryJournal::default();
/// let lapsed = JournalRecord::Lapsed { id: "q:DU1:20251201:KO:B:1".parse()?, at: now() };
/// journal.append(&[lapsed.clone()])?;
/// assert_eq!(journal.replay()?, [lapsed]);
/// # Ok::<(), decile_trade::Error>(())
/// ```
pub trait Journal: fmt::Debug + Send + Sync {
    /// Adds records at the end. They are durable when this returns.
    ///
    /// # Errors
    /// [`Error::DuplicateIntent`] if one of them is an [`Intent`](JournalRecord::Intent) whose id
    /// has one already, here or earlier in the batch: then none of them was written, and the
    /// journal goes on. Else whatever keeps the records from being durable. Some of them may have
    /// been written; an implementation that failed once takes no more records.
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error>;

    /// Returns all records, the oldest first.
    ///
    /// # Errors
    /// Whatever keeps the records from being read; never fewer records than there are.
    fn replay(&self) -> Result<Vec<JournalRecord>, Error>;
}
