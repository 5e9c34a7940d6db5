//! What stops a strategy from trading, beyond the checks of one plan.

mod kill;

pub use kill::KillSwitch;
