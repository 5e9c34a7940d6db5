//! What most programs need, for `use decile::prelude::*`.
//!
//! ```
//! use decile::prelude::*;
//!
//! let price: Price = "82.39".parse()?;
//! assert_eq!(price.notional(Shares::new(2))?, "164.78".parse()?);
//! # Ok::<(), decile::core::Error>(())
//! ```

pub use crate::strategy::Strategy;
pub use decile_core::source::{BarSource, QuoteSource};
pub use decile_core::{
    Calendar, Clock, Currency, ManualClock, Market, Money, Price, Quote, Shares, Symbol,
    SystemClock, Targets, Weight,
};
pub use decile_data::{
    SimulatedTime, StoredMarket, SyntheticMarket, average_daily_volume, read_folder, write_folder,
};
pub use decile_factor::{
    Consensus, Engine, Factor, FactorRegistry, Field, Grouping, Item, Panel, Scan, Series, Window,
    factor_fn,
};
pub use decile_rank::{Group, Model, RankedStock, Ranking, ResolvedModel, Scores, construct};
pub use decile_trade::{
    Account, AccountId, ApprovedPlan, Broker, Executor, ExecutorConfig, FileJournal, Journal,
    MemoryJournal, OrderStatus, PaperBroker, PaperConfig, Plan, PlanInputs, PlanRules, Position,
    RiskInputs, RiskLimits, Side, StopSignal,
};
