//! How often a provider is called, and what is kept of its replies.
//!
//! [`Limiter`] and [`Cached`] hold the rules; where counts and replies are kept is behind
//! [`BudgetLedger`] and [`ReplyCache`], in memory here and in a file in `decile-store`.

mod budget;
mod cached;
mod history;
mod limiter;
mod replies;
mod timer;

pub use budget::{BudgetLedger, MemoryLedger};
pub use cached::Cached;
pub use history::EstimateHistory;
pub use limiter::Limiter;
pub use replies::{MemoryCache, ReplyCache};
pub use timer::{ManualTimer, SystemTimer, Timer};

/// A call for tests.
#[cfg(test)]
fn example() -> decile_core::source::Call {
    decile_core::source::Call {
        provider: "example",
        endpoint: "quote",
        subject: "KO".to_owned(),
        request: "GET https://example.com/".to_owned(),
    }
}
