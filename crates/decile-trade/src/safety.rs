//! What stops a strategy from trading, beyond the checks of one plan.

mod circumstances;
mod history;
mod kill;
mod losses;
mod reconcile;

pub use circumstances::{Circumstances, StockFacts};
pub use history::History;
pub use kill::KillSwitch;
pub use losses::{LossLimits, LossState};
pub use reconcile::position_breaks;
