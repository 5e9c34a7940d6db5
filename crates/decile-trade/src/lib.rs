//! From targets to orders.

mod account;
mod broker;
mod commission;
mod error;
mod exact;
mod journal;
mod order;
mod paper;
mod plan;
mod risk;

pub use account::{Account, AccountId, Position};
pub use broker::{
    Broker, BrokerEvent, Execution, OrderAck, OrderSnapshot, OrderState, SubmitError,
};
pub use commission::FixedCommission;
pub use error::Error;
pub use journal::{Attempts, FileJournal, Journal, JournalRecord, MemoryJournal};
pub use order::{ClientOrderId, OrderKind, PlannedOrder, Side, StrategyId, TimeInForce};
pub use paper::{AppliedAction, PaperBroker, PaperConfig, Remainder, Trouble};
pub use plan::{Note, NoteKind, Plan, PlanInputs, PlanRules};
pub use risk::{
    ApprovedOrder, ApprovedPlan, Check, CheckName, Denied, Released, RiskInputs, RiskLimits,
    Withheld,
};
