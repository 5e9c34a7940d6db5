//! The numbers that orders are sent under.

use crate::Error;
use std::sync::atomic::{AtomicI64, Ordering};

/// The client library numbers its requests from here; an order there would be taken for one.
const END: i64 = 1_500_000_000;

/// Counts up and never back. A gateway that restarts may ask for ids again that were used; two orders
/// under one number could not be told apart.
#[derive(Debug)]
pub(super) struct OrderIds(AtomicI64);

impl OrderIds {
    pub(super) fn new() -> Self {
        Self(AtomicI64::new(1))
    }

    /// Makes sure that no id below this one is given out.
    pub(super) fn raise(&self, next: i64) {
        self.0.fetch_max(next.min(END), Ordering::SeqCst);
    }

    /// Returns the id that is given out next.
    pub(super) fn next(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Makes sure that this one, which was used, is not given out.
    pub(super) fn used(&self, order_id: i32) {
        // Numbers of other ranges belong to orders that were not placed through a socket.
        if i64::from(order_id) < END {
            self.raise(i64::from(order_id) + 1);
        }
    }

    /// Gives out an id.
    pub(super) fn take(&self) -> Result<i32, Error> {
        let order_id = self.0.fetch_add(1, Ordering::SeqCst);
        match i32::try_from(order_id) {
            Ok(id) if order_id < END => Ok(id),
            _ => Err(Error::OrderIds { order_id }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_only_rise() {
        let ids = OrderIds::new();
        ids.raise(418);
        assert_eq!(ids.take().unwrap(), 418);
        ids.raise(1);
        assert_eq!(ids.take().unwrap(), 419);
        ids.used(600);
        ids.used(7);
        ids.used(-5);
        assert_eq!(ids.take().unwrap(), 601);
    }

    #[test]
    fn the_range_of_requests_is_not_entered() {
        let ids = OrderIds::new();
        ids.used(i32::MAX);
        assert_eq!(ids.take().unwrap(), 1);
        ids.used(1_499_999_998);
        assert_eq!(ids.take().unwrap(), 1_499_999_999);
        assert!(matches!(ids.take(), Err(Error::OrderIds { order_id: 1_500_000_000 })));
        assert!(ids.take().is_err());
    }
}
