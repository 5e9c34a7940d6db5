//! From targets to orders, and what became of them.
//!
//! ```text
//! Targets ─▶ Plan ─▶ RiskLimits ─▶ ApprovedPlan ─▶ Executor ─▶ ExecutionReport
//!            pure       pure     (only way in)    Journal, Broker
//! ```
//!
//! A [`Plan`] is a pure function of targets, account, positions and quotes, in exact arithmetic.
//! [`RiskLimits::approve`] is the only door from a plan to orders that a [`Broker`] takes. The
//! [`Executor`] journals each intent before it is sent, and never sends an order twice: an outcome
//! that is not proven is unknown, and is looked up. [`PaperBroker`] is a whole broker in memory. Orders
//! for real money go out with a person's [`Consent`] only.
//!
//! ```
//! use chrono::{DateTime, NaiveDate, Utc};
//! use decile_core::{Currency, ManualClock, Quote, Symbol, Targets};
//! use decile_trade::{
//!     Broker, Circumstances, Executor, ExecutorConfig, MemoryJournal, PaperBroker, PaperConfig, Plan,
//!     PlanInputs, PlanRules, RiskInputs, RiskLimits, StopSignal,
//! };
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//!
//! async fn trade() -> Result<(), Box<dyn std::error::Error>> {
//!     let as_of: NaiveDate = "2025-11-28".parse()?;
//!     let session: NaiveDate = "2025-12-01".parse()?;
//!     let now: DateTime<Utc> = "2025-12-01T15:00:00Z".parse()?;
//!     let clock = Arc::new(ManualClock::new(now));
//!
//!     // What the ranking wants, and what the stocks trade at.
//!     let symbols: [Symbol; 2] = ["KO".parse()?, "PEP".parse()?];
//!     let targets = Targets::equal_weight(as_of, &symbols)?;
//!     let mut quotes = BTreeMap::new();
//!     for (symbol, [bid, ask]) in symbols.iter().zip([["61.20", "61.22"], ["149.90", "150.10"]]) {
//!         let quote = Quote {
//!             symbol: symbol.clone(),
//!             bid: Some(bid.parse()?),
//!             ask: Some(ask.parse()?),
//!             last: None,
//!             previous_close: Some(ask.parse()?),
//!             currency: Currency::USD,
//!             time: now,
//!         };
//!         quotes.insert(symbol.clone(), quote);
//!     }
//!
//!     // A paper account with a journal.
//!     let config = PaperConfig::new("DU1234567".parse()?, "100000".parse()?, session);
//!     let broker = Arc::new(PaperBroker::new(config, clock.clone()));
//!     broker.set_quotes(quotes.values().cloned());
//!     let journal = Arc::new(MemoryJournal::default());
//!     let executor = Executor::new(broker.clone(), journal, clock, ExecutorConfig::default());
//!
//!     // What earlier runs left open comes first: its fills are part of the positions.
//!     assert!(executor.resolve().await?.is_clear());
//!     let (account, positions) = (broker.account().await?, broker.positions().await?);
//!
//!     let strategy = "q-core".parse()?;
//!     let plan = Plan::toward(
//!         &PlanInputs {
//!             strategy: &strategy,
//!             session,
//!             targets: &targets,
//!             account: &account,
//!             positions: &positions,
//!             quotes: &quotes,
//!             average_daily_volume: None,
//!         },
//!         &PlanRules::default(),
//!     )?;
//!     // Half of 95,000 dollars each: 776 x 61.21 = 47,498.96 and 316 x 150 = 47,400.
//!     assert_eq!(plan.orders()[0].to_string(), "buy 776 KO at about 61.21");
//!     assert_eq!(plan.orders()[1].to_string(), "buy 316 PEP at about 150");
//!
//!     let inputs =
//!         RiskInputs {
//!             account: &account,
//!             positions: &positions,
//!             quotes: &quotes,
//!             now,
//!             known: &Circumstances::default(),
//!         };
//!     let approved = RiskLimits::default().approve(plan, &inputs)?;
//!     let report = executor.execute(approved, &StopSignal::new()).await?;
//!
//!     assert!(report.is_complete());
//!     // 776 x 61.22 at 0.005 a share, and 316 x 150.10 at 0.005 a share.
//!     let after = broker.account().await?;
//!     assert_eq!(after.cash, "5056.22".parse()?); // 100000 - 47506.72 - 3.88 - 47431.60 - 1.58
//!     Ok(())
//! }
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
//! # runtime.expect("a runtime").block_on(trade()).expect("a trade");
//! ```

mod account;
mod broker;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod exact;
mod executor;
mod journal;
mod order;
mod paper;
mod plan;
mod risk;
mod safety;

pub use account::{Account, AccountId, AccountKind, AccountLock, Position};
pub use broker::{
    Broker, BrokerEvent, Execution, MarginEffect, Margins, OrderAck, OrderSnapshot, OrderState,
    SubmitError,
};
pub use error::Error;
pub use executor::{
    Difference, ExecutionReport, Executor, ExecutorConfig, OrderReport, OrderStatus, Resolution,
    Slippage, StaleLimit, StopSignal,
};
pub use journal::{
    Attempts, Clearance, Day, FileJournal, Journal, JournalRecord, MemoryJournal, RunRecord,
};
pub use order::{ClientOrderId, OrderKind, OrderName, PlannedOrder, Side, StrategyId, TimeInForce};
pub use paper::{PaperBroker, PaperConfig, Remainder, Trouble};
pub use plan::{Classification, Note, NoteKind, OrderStyle, Plan, PlanId, PlanInputs, PlanRules};
pub use risk::{
    ApprovedOrder, ApprovedPlan, Check, CheckName, Denied, Released, RiskInputs, RiskLimits,
    Withheld,
};
pub use safety::{
    Circumstances, Consent, ConsentError, ConsentInputs, History, KillSwitch, LossLimits,
    LossState, StockFacts, position_breaks,
};
