//! What stops a strategy from trading, beyond the checks of one plan.

mod circumstances;
mod consent;
mod history;
mod kill;
mod losses;
mod lots;
mod reconcile;

pub use circumstances::{Circumstances, StockFacts};
pub use consent::{Consent, ConsentError, ConsentInputs};
pub use history::History;
pub use kill::KillSwitch;
pub use losses::{LossLimits, LossState};
pub(crate) use lots::{Lots, Sold};
pub use reconcile::position_breaks;
