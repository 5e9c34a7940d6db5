//! Orders that have not ended and are where they should be: they wait for their auction or their price.

use super::Executor;
use super::window::Sent;
use crate::OrderKind;
use std::time::Duration;

/// How long an order for an auction is watched: a broker that refuses it does so at once, and it does
/// not end before its auction.
const TAKEN_WITHIN: Duration = Duration::from_secs(1);

impl Executor {
    /// Returns for how long the ends of orders are waited for.
    pub(super) fn patience(&self, sent: &[&Sent]) -> Duration {
        let is_for_auction = |sent: &&Sent| match sent.order.kind {
            OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. } => true,
            OrderKind::Market | OrderKind::Limit { .. } | OrderKind::Adaptive => false,
        };
        match sent.iter().all(is_for_auction) {
            true => TAKEN_WITHIN.min(self.config.fill_timeout),
            false => self.config.fill_timeout,
        }
    }

    /// Tells whether an order may be open when its time is up without anything being wrong. A market
    /// order fills at once, and a limit that is to be cancelled if it rests should be cancelled.
    pub(super) fn may_wait(&self, kind: OrderKind) -> bool {
        match kind {
            OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. } | OrderKind::Adaptive => true,
            OrderKind::Limit { .. } => self.config.stale_limit.is_none(),
            OrderKind::Market => false,
        }
    }
}
