//! Orders that wait at the broker as they should.

use crate::fake::*;
use OrderStatus::{NotSent, Unknown, Working};
use decile_trade::{
    Executor, ExecutorConfig, MemoryJournal, OrderStatus, OrderStyle, StaleLimit, StopSignal,
};
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn orders_that_wait_as_they_should_do_not_stop_the_run() {
    use OrderStyle::{Adaptive, LimitOnClose, Market, MarketOnClose, MarketableLimit};
    // With how long the run may take: an auction is not waited for.
    let cases = [
        (MarketOnClose, [Working, Working], 2),
        (LimitOnClose, [Working, Working], 2),
        (MarketableLimit, [Working, Working], 60),
        (Adaptive, [Working, Working], 60),
        (Market, [Unknown, NotSent], 30),
    ];
    for (style, expected, seconds) in cases {
        let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
        let approved = broker.approved(&ALL[..2], &[], "10000");
        let journal = Arc::new(MemoryJournal::default());
        let began = tokio::time::Instant::now();
        let executor = executor(&broker, &journal);
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), expected, "{style:?}");
        assert_eq!(began.elapsed().as_secs(), seconds, "{style:?}");
        assert_eq!(report.orders[0].reason.as_deref(), Some("still open at the broker"));
        assert!(report.orders[0].is_open && !report.is_complete());
        // The next run says the same, and buys none of it twice.
        let earlier = executor.resolve().await.unwrap();
        assert_eq!(earlier.unknown[0].status, expected[0], "{style:?}");
        assert!(!earlier.is_clear());
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_for_the_auction_that_the_broker_no_longer_shows_is_unknown() {
    let style = OrderStyle::MarketOnClose;
    let broker = Arc::new(Fake { fate: Fate::WorkUnseen, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Unknown, NotSent]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_whose_cancel_does_nothing_is_not_called_working() {
    let style = OrderStyle::MarketableLimit;
    let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    let stale_limit = Some(StaleLimit::default());
    let config = ExecutorConfig { stale_limit, ..ExecutorConfig::default() };
    let clock = broker.clock.clone();
    let executor = Executor::new(broker, Arc::<MemoryJournal>::default(), clock, config);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(statuses(&report), [Unknown, NotSent]);
}
