//! What a key of Alpha Vantage allows, the same for every program that uses one cache.

use decile::data::{BudgetLedger, Limiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// A day of a free key.
const FREE_CALLS: u32 = 25;
/// A second of a free key.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN;

/// Whose calls are counted, and how many there may be on a day.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    account: String,
    calls: u32,
    paced: bool,
}

impl Budget {
    /// The budget of calls to Alpha Vantage, or to a server of one's own: that has no rules of its
    /// own, so that its calls count only where a number is given, and never on the key's account.
    pub(crate) fn new(base_url: Option<&str>, daily_calls: Option<u32>) -> Option<Self> {
        match (base_url, daily_calls) {
            (None, calls) => Some(Self {
                account: "alphavantage".to_owned(),
                calls: calls.unwrap_or(FREE_CALLS),
                paced: true,
            }),
            (Some(url), Some(calls)) => {
                Some(Self { account: format!("alphavantage at {url}"), calls, paced: false })
            }
            (Some(_), None) => None,
        }
    }

    /// Holds the calls that pass the limiter to the budget.
    pub(crate) fn limit(&self, limiter: Limiter, ledger: Arc<dyn BudgetLedger>) -> Limiter {
        let limiter = if self.paced { limiter.per_second(CALLS_PER_SECOND) } else { limiter };
        limiter.daily(&self.account, self.calls, ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_ones_own_never_uses_up_the_key() {
        let of = |base_url, calls| Budget::new(base_url, calls).map(|it| (it.account, it.calls));
        let key = "alphavantage".to_owned();
        assert_eq!(of(None, None), Some((key.clone(), 25)));
        assert_eq!(of(None, Some(75)), Some((key, 75)));
        let url = "http://127.0.0.1:8080";
        assert_eq!(of(Some(url), None), None);
        assert_eq!(of(Some(url), Some(2)), Some((format!("alphavantage at {url}"), 2)));
    }
}
