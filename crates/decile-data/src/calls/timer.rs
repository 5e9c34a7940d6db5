use async_trait::async_trait;
use chrono::TimeDelta;
use decile_core::ManualClock;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Waits. Everything here that has to wait is given one of these.
///
/// ```
/// use decile_core::{Clock, ManualClock};
/// use decile_data::{ManualTimer, Timer};
/// use std::{sync::Arc, time::Duration};
///
/// let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
/// futures::executor::block_on(ManualTimer(clock.clone()).sleep(Duration::from_secs(60)));
/// assert_eq!(clock.now().timestamp(), 60);
/// ```
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync {
    /// Returns after so long.
    async fn sleep(&self, duration: Duration);
}

/// Waits by the machine's clock, in a tokio runtime.
///
/// ```
/// use decile_data::{SystemTimer, Timer};
/// use std::time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// SystemTimer.sleep(Duration::from_millis(1)).await;
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTimer;

#[async_trait]
impl Timer for SystemTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Does not wait: it turns a clock by as much, so that a test sees hours go by at once.
///
/// ```
/// use decile_core::ManualClock;
/// use decile_data::ManualTimer;
///
/// let timer = ManualTimer(ManualClock::new(chrono::DateTime::UNIX_EPOCH).into());
/// assert!(format!("{timer:?}").starts_with("ManualTimer"));
/// ```
#[derive(Debug, Clone)]
pub struct ManualTimer(
    /// The clock that is turned.
    pub Arc<ManualClock>,
);

#[async_trait]
impl Timer for ManualTimer {
    async fn sleep(&self, duration: Duration) {
        self.0.advance(TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX));
    }
}
