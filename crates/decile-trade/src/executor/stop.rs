use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks an executor to send nothing more. Clones share one signal, which cannot be taken back.
///
/// ```
/// use decile_trade::StopSignal;
///
/// let signal = StopSignal::new();
/// signal.clone().stop();
/// assert!(signal.is_stopped());
/// ```
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Makes a signal that is not given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Tells whether it was given.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
